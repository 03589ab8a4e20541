"""Cutting text to what WeCom carries."""

import re
import unicodedata
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wecom_bot.adapters.wecom.speaking.text import clean, cut, split

FAMILY = "👨‍👩‍👧‍👦"
CHARACTERS = ["好", "a", "e\u0301", FAMILY, "🇨🇳", "🇫🇷", "👍🏽", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "。", "，"]  # as readers count them
STOPS = ["。", "！？", "? ", "; ", "\n", "，", ", ", " ", "…", "。”", "\r\n", "\u3000"]
LINKS = ['<a href="https://x.cn/?a=1&b=2">去看看</a>', "https://x.cn/?a=1;b=2 "]
BROKEN = ["\x00", "\x1b", "\ud83d", "\ufffe", "\u200d"]
TEXTS = st.lists(st.sampled_from(CHARACTERS + STOPS + LINKS + BROKEN) | st.text(max_size=5), max_size=120).map("".join)


def without_space(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(TEXTS, st.integers(4, 80))
@example("好" * 700, 2048)
@example("e" + "\u0301" * 100, 20)
@example(" " * 100, 4)
@example(FAMILY * 10, 4)
@example("\U0001f600", 4)
def test_every_part_fits_and_nothing_is_lost_but_space_at_the_cuts(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(part.strip() and len(part.encode()) <= most for part in parts)
    assert without_space("".join(parts)) == without_space(clean(text))
    assert all(part in clean(text) for part in parts)


@given(TEXTS)
def test_a_text_that_fits_is_left_as_it_is(text: str) -> None:
    assert split(text, 100_000) == ((clean(text),) if clean(text).strip() else ())


@given(st.lists(st.sampled_from(CHARACTERS), max_size=80), st.integers(30, 80))
def test_what_readers_see_as_one_character_is_not_torn(characters: list[str], most: int) -> None:
    joints = set(accumulate((len(character) for character in characters), initial=0))
    ends = accumulate(len(part) for part in split("".join(characters), most))
    assert set(ends) <= joints


@given(st.lists(st.sampled_from(["好", "的。", " ", LINKS[0]]), max_size=40), st.integers(100, 200))
def test_a_link_is_not_torn(pieces: list[str], most: int) -> None:
    text = "".join(pieces)
    assert sum(part.count(LINKS[0]) for part in split(text, most)) == text.count(LINKS[0])


@given(TEXTS)
def test_a_cleaned_text_can_be_sent_and_stays_clean(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.encode().decode() == cleaned
    assert {character for character in cleaned if unicodedata.category(character) in {"Cc", "Cs"}} <= {"\n", "\t"}
    assert clean(cleaned) == cleaned


@given(TEXTS, st.integers(10, 60))
def test_a_cut_line_fits_and_is_one_line(text: str, most: int) -> None:
    line, whole = cut(text, most), " ".join(clean(text).split())
    assert len(line.encode()) <= most
    assert "\n" not in line
    assert line == whole or (line.endswith("…") and whole.startswith(line.removesuffix("…")))


@pytest.mark.parametrize(
    ("text", "most", "parts"),
    [
        ("好的。请稍候，马上来", 21, ("好的。", "请稍候，马上来")),
        ("他说：“好的！”我就走了", 27, ("他说：“好的！”", "我就走了")),
        ("第一句，第二句没有完", 21, ("第一句，", "第二句没有完")),
        ("Is it? See https://x.cn/?a=1 now", 22, ("Is it? See", "https://x.cn/?a=1 now")),
        ("costs 3.14 each. Then more", 20, ("costs 3.14 each.", "Then more")),
        ("one two three", 8, ("one two", "three")),
        ("第一行\n\n  第二行", 12, ("第一行", "第二行")),
        ("abcdefgh", 4, ("abcd", "efgh")),
    ],
)
def test_it_cuts_where_a_reader_would(text: str, most: int, parts: tuple[str, ...]) -> None:
    assert split(text, most) == parts


def test_a_stop_too_near_the_beginning_wastes_no_message() -> None:
    first, *_ = split("好。" + "长" * 1000, 2048)
    assert len(first.encode()) > 2000


def test_a_long_text_without_any_stop_fills_its_parts() -> None:
    assert [len(part.encode()) for part in split("退" * 2000, 2048)] == [2046, 2046, 1908]


def test_white_space_alone_is_nothing_to_say() -> None:
    assert split("") == split(" \n\u3000\x00") == ()


def test_a_size_that_cannot_hold_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        split("好", 3)
