"""Whole conversations with the shop of the how-to: bars at what is reached, raised after a step forward."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.quality.questions import DATA, RETAIL
from wecom_bot.bootstrap import rehearsal, workbench
from wecom_bot.bootstrap.rehearsal import Rehearsal
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.service.evaluation.talk import EvaluateTalk, Talked
from wecom_bot.settings import Settings

HOWTO = Path(__file__).parents[2].joinpath("docs", "howto", "orders.md").read_text("utf-8")
EXAMPLE = HOWTO.partition("```toml\n")[2].partition("```")[0]
RIGHT = 39  # of 39
MORE_RIGHT = 405  # of 415, in which other words are used


@pytest.fixture(scope="module", params=SearchMode, ids=str)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """The bot of a shop that sells by the retail articles and looks orders up."""
    needs_model = request.param is SearchMode.HYBRID
    model = request.getfixturevalue("model_folder").absolute() if needs_model else None
    folder = tmp_path_factory.mktemp("talk")
    (folder / "tenant.toml").write_text(f'[[tenants]]\ncorp_id = "ww_shop"\n{EXAMPLE}', "utf-8")
    tenant = rehearsal.read_tenant(folder / "tenant.toml")
    settings = Settings(data=folder, embedding_model=model)
    with rehearsal.rehearsal(settings, tenant, workbench.read_articles(RETAIL), request.param) as bot:
        yield bot


def held_with(shop: Rehearsal, file: str) -> Talked:
    cases = rehearsal.read_cases(DATA / file)
    return EvaluateTalk(shop.mode, shop.tenant, shop.begin, shop.orders, shop.clock.now())(cases)


def test_conversations_end_as_they_should(shop: Rehearsal) -> None:
    held = held_with(shop, "talk.jsonl")
    assert (held.mode, held.n) == (shop.mode, 39)
    assert held.right >= RIGHT


def test_what_is_meant_is_understood_in_other_words(shop: Rehearsal) -> None:
    held = held_with(shop, "more_talk.jsonl")
    assert held.n == 415
    assert held.right >= MORE_RIGHT, [wrong.talk for wrong in held.wrong]
