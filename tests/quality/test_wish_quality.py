"""How many wishes are understood in any words; bars a little below what was measured."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.dialog.turns import Desk, RankedArticles, tenant, turn
from tests.quality.questions import DATA
from wecom_bot.adapters.search.likeness import PhraseLikeness
from wecom_bot.dialog.stages.ask_for_human import AskForHuman
from wecom_bot.dialog.wished import Wish, Wished, wish_phrases

SHOP = tenant()
OTHERS = (Wish.LEAVE_MESSAGE, Wish.CANCEL, Wish.COMPLAIN)


@dataclass(frozen=True)
class Bar:
    """The least that is understood, and the most that is taken for what it is not, as shares."""

    understood: float
    mistaken: float


@pytest.fixture(scope="module")
def wished(request: pytest.FixtureRequest) -> Callable[[str], Wished]:
    def made(mode: str) -> Wished:
        if mode == "lexical":
            return Wished()
        likeness = PhraseLikeness(request.getfixturevalue("embedder"))
        likeness.prepare(wish_phrases())
        return Wished(likeness)

    return made


def told(file: str) -> list[tuple[str, object]]:
    lines = [json.loads(line) for line in (DATA / file).read_text("utf-8").splitlines()]
    return [(line["text"], line.get("kind", line.get("wish"))) for line in lines]


def check(said: list[tuple[str, object]], meant: object, takes: Callable[[str], bool], bar: Bar) -> None:
    understood = [takes(text) for text, wish in said if wish == meant]
    mistaken = [takes(text) for text, wish in said if wish != meant]
    assert sum(understood) / len(understood) >= bar.understood
    assert sum(mistaken) / len(mistaken) <= bar.mistaken


@pytest.mark.parametrize(
    ("mode", "file", "bar"),
    [
        ("lexical", "human_wishes.jsonl", Bar(0.50, 0.01)),
        ("lexical", "more_human_wishes.jsonl", Bar(0.60, 0.02)),
        ("hybrid", "human_wishes.jsonl", Bar(0.85, 0.02)),
        ("hybrid", "more_human_wishes.jsonl", Bar(0.92, 0.02)),
    ],
)
def test_who_wants_a_human_is_heard(wished: Callable[[str], Wished], mode: str, file: str, bar: Bar) -> None:
    ask = AskForHuman(Desk(), RankedArticles(), wished(mode))
    check(told(file), True, lambda text: ask(SHOP, turn(text)).settled, bar)  # noqa: FBT003 - the file's label


@pytest.mark.parametrize("said", ["我想留个言，回头联系我", "没人在的话我就先留言了", "想给你们留个言，可以吗"])
def test_who_wants_to_be_called_back_is_not_handed_to_a_human_now(wished: Callable[[str], Wished], said: str) -> None:
    assert not AskForHuman(Desk(), RankedArticles(), wished("hybrid"))(SHOP, turn(said)).settled


@pytest.mark.parametrize("file", ["other_wishes.jsonl", "more_other_wishes.jsonl"])
def test_other_wishes_are_heard(wished: Callable[[str], Wished], file: str) -> None:
    by_meaning = wished("hybrid")
    said = told(file)
    heard = {text: {wish for wish in OTHERS if by_meaning.expressed(SHOP, wish, text)} for text, _ in said}
    for wish in OTHERS:
        check(said, wish.value, lambda text: wish in heard[text], Bar(0.70, 0.02))  # noqa: B023 - called at once
