"""How many wishes are understood in any words; bars a little below what was measured."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.dialog.turns import Desk, RankedArticles, ShopOrders, tenant, turn
from tests.quality.questions import DATA
from wecom_bot.adapters.search.likeness import PhraseLikeness
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.dialog.pipeline import standard
from wecom_bot.dialog.wished import Wish, Wished, wish_phrases

SHOP = tenant()
Heard = Callable[[str], Wish | None]


@dataclass(frozen=True)
class Bar:
    """The least that is understood, and the most that is taken for what it is not, as shares."""

    understood: float
    mistaken: float


def through(likeness: PhraseLikeness | None) -> Heard:
    """What a tenant without articles and intents takes a text for; giving up only where a question is open."""
    think = standard(RankedArticles(), RulesRecognizer(), ShopOrders(), Desk(), likeness=likeness)
    reasons = {"asked": Wish.HUMAN, "complaint": Wish.COMPLAIN, "message": Wish.LEAVE_MESSAGE}

    def heard(text: str) -> Wish | None:
        done = think(SHOP, turn(text))
        return reasons.get(done.handoff.reason if done.handoff else done.request)

    return heard


@pytest.fixture(scope="module")
def heard(request: pytest.FixtureRequest) -> Callable[[str], Heard]:
    def made(mode: str) -> Heard:
        if mode == "lexical":
            return through(None)
        likeness = PhraseLikeness(request.getfixturevalue("embedder"))
        likeness.prepare(wish_phrases())
        return through(likeness)

    return made


def told(file: str) -> list[tuple[str, object]]:
    """Texts, and what each means: a kind of wish, or whether it is one for a human."""
    lines = [json.loads(line) for line in (DATA / file).read_text("utf-8").splitlines()]
    return [(line.get("text") or line["query"], line.get("kind") or line.get("wish")) for line in lines]


def check(said: list[tuple[str, object]], meant: object, takes: Callable[[str], bool], bar: Bar) -> None:
    understood = [takes(text) for text, wish in said if wish == meant]
    mistaken = [takes(text) for text, wish in said if wish != meant]
    assert sum(understood) >= len(understood) * bar.understood
    assert sum(mistaken) / len(mistaken) <= bar.mistaken


@pytest.mark.parametrize(
    ("mode", "file", "bar"),
    [
        ("lexical", "human_wishes.jsonl", Bar(0.50, 0.01)),
        ("lexical", "more_human_wishes.jsonl", Bar(0.60, 0.02)),
        ("hybrid", "human_wishes.jsonl", Bar(0.85, 0.02)),
        ("hybrid", "more_human_wishes.jsonl", Bar(0.92, 0.02)),
        ("hybrid", "far_questions.jsonl", Bar(0, 0.02)),
        ("hybrid", "retail_queries.jsonl", Bar(0, 0.02)),
    ],
)
def test_who_wants_a_human_is_heard(heard: Callable[[str], Heard], mode: str, file: str, bar: Bar) -> None:
    take = heard(mode)
    check(told(file), True, lambda text: take(text) is Wish.HUMAN, bar)  # noqa: FBT003 - the file's label


@pytest.mark.parametrize(
    ("file", "understood"), [("other_wishes.jsonl", 0.7), ("more_other_wishes.jsonl", 0.65), ("far_questions.jsonl", 0)]
)
def test_who_complains_or_leaves_a_message_is_heard(
    heard: Callable[[str], Heard], file: str, understood: float
) -> None:
    take, said = heard("hybrid"), told(file)
    taken = {text: take(text) for text, _ in said}
    for wish in (Wish.COMPLAIN, Wish.LEAVE_MESSAGE):
        check(said, wish.value, lambda text, wish=wish: taken[text] is wish, Bar(understood, 0.02))  # type: ignore[misc]


@pytest.mark.parametrize("file", ["other_wishes.jsonl", "more_other_wishes.jsonl"])
def test_who_gives_up_is_heard(request: pytest.FixtureRequest, heard: Callable[[str], Heard], file: str) -> None:
    heard("hybrid")  # learns the phrases
    wished = Wished(PhraseLikeness(request.getfixturevalue("embedder")))
    check(told(file), "cancel", lambda text: wished.expressed(SHOP, Wish.CANCEL, text), Bar(0.65, 0.02))
