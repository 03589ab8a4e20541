"""How much a file may say of a tenant: one more is refused, with its place and what to do."""

from typing import Any

import pytest

from wecom_bot.service.operation.tenant_limits import LONGEST_TEXT, MOST_CHARACTERS, MOST_ENTRIES, MOST_OF, excesses

TEXT = "很" * LONGEST_TEXT


def phrases(text: str) -> dict[str, Any]:
    return {"corp_id": "ww1", "phrases": {"unknown": text}}


def intents(number: int) -> dict[str, Any]:
    return {"intents": [{"name": f"i{each}"} for each in range(number)]}


def slots(number: int) -> dict[str, Any]:
    return {"intents": [{"name": "i", "slots": [{"name": f"s{each}"} for each in range(number)]}]}


def words(number: int) -> dict[str, Any]:
    return {"blocked_words": ["a"] * number}


def texts(number: int) -> dict[str, Any]:
    return {"blocked_words": [TEXT] * number}


@pytest.mark.parametrize(
    ("entry", "most", "place", "number"),
    [
        (lambda number: phrases("很" * number), LONGEST_TEXT, ".phrases.unknown", LONGEST_TEXT),
        (intents, MOST_OF["intents"], ".intents", MOST_OF["intents"]),
        (slots, MOST_OF["slots"], ".intents[0].slots", MOST_OF["slots"]),
        (words, MOST_ENTRIES, ".blocked_words", MOST_ENTRIES),
        (texts, MOST_CHARACTERS // LONGEST_TEXT, "", MOST_CHARACTERS),
    ],
)
def test_as_much_as_the_limit_is_taken_and_one_more_is_not(entry: Any, most: int, place: str, number: int) -> None:
    assert list(excesses(entry(most))) == []
    ((where, advice),) = excesses(entry(most + 1))
    assert where == place
    assert f"最多 {number}" in advice
    assert f"at most {number}" in advice
