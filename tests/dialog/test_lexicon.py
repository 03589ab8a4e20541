import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.quality.questions import DATA
from wecom_bot.dialog.lexicon import Hit, Lexicon, lexicon

SEEN_THROUGH = ("exact", "traditional", "symbol1", "symbol_each", "space_each", "zero_width", "emoji", "combining")
SEPARATORS = "*.·|/@_ \u3000\u200b😀。，\n-"


def found(text: str, *words: str) -> list[str]:
    return [hit.word for hit in Lexicon(words).hits(text)]


def test_a_hit_says_the_lists_word_and_where_it_stands_in_the_raw_text() -> None:
    text = "问下辦*假*證多少钱"
    hit = Lexicon(["办假证"]).find(text)
    assert hit == Hit("办假证", 2, 7)
    assert text[hit.start : hit.end] == "辦*假*證"


@pytest.mark.parametrize("kind", [*SEEN_THROUGH, "chinese_punct", "repeat"])
def test_disguises_of_a_word_are_seen_through(kind: str) -> None:
    rows = [json.loads(line) for line in (DATA / "word_evasions.jsonl").read_text("utf-8").splitlines()]
    words = sorted({row["word"] for row in rows})
    cases = [row for row in rows if row["type"] == kind]
    missed = [row["text"] for row in cases if row["word"] not in found(row["text"], *words)]
    assert len(missed) <= (1 if kind == "repeat" else 0)  # one is a plain reduplication


def test_characters_that_are_too_far_apart_are_no_word() -> None:
    assert found("办...假证", "办假证") == ["办假证"]
    assert found("办。。。。假证", "办假证") == []


def test_an_ordinary_reduplication_is_no_disguise() -> None:
    assert found("他妈妈的手机号", "他妈的") == []
    assert found("他妈妈妈的", "他妈的") == ["他妈的"]


def test_latin_words_are_found_as_whole_words_in_any_width_and_case() -> None:
    assert found("加ＶＸ聊", "vx") == ["vx"]
    assert found("QQ号", "QQ") == ["QQ"]
    assert found("small size", "sm") == []
    assert found("S/M/L 都有", "SM") == []
    assert found("f.u.c.k", "fuck") == ["fuck"]


def test_the_longest_word_wins_and_hits_do_not_overlap() -> None:
    assert found("信用卡套现和套现", "信用卡", "信用卡套现", "套现") == ["信用卡套现", "套现"]


def test_a_word_of_signs_only_is_found_as_it_is() -> None:
    assert found("呵呵🖕", "🖕") == ["🖕"]
    assert found("好👍", "🖕", "…", " ") == []


def test_the_same_list_is_built_once() -> None:
    assert lexicon(("甲", "乙")) is lexicon(("甲", "乙"))


def test_a_long_run_of_one_character_takes_no_time_worth_mentioning() -> None:
    assert found("哈" * 2000, "哈" * 30 + "嘿") == []


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=6), max_size=5))
def test_any_text_and_any_list_give_spans_within_the_text(text: str, words: list[str]) -> None:
    for hit in Lexicon(words).hits(text):
        assert hit.word in words
        assert 0 <= hit.start < hit.end <= len(text)


@given(
    st.sampled_from(["刷单兼职", "办假证", "海洛因"]), st.lists(st.text(SEPARATORS, max_size=3), min_size=3, max_size=3)
)
def test_up_to_three_separators_between_characters_hide_nothing(word: str, between: list[str]) -> None:
    hidden = "".join(character + gap for character, gap in zip(word, [*between, ""], strict=False)) + word[4:]
    assert Counter(found("问" + hidden + "吗", word)) == {word: 1}
