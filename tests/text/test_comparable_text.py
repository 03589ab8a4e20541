import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom_bot.text.folding import aligned_fold, aligned_width, fold, letters


@pytest.mark.parametrize(
    ("raw", "comparable"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("怎麼查物流", "怎么查物流"),
        ("了\u200b解", "了解"),
        ("办̶假̶证̶", "办假证"),
        ("①②", "12"),
        ("Cafe\u0301", "café"),
        ("1\ufe0f\u20e3", "1"),
        ("坏\ud800了", "坏了"),
        ("", ""),
    ],
)
def test_the_same_words_in_other_letters_fold_to_the_same_text(raw: str, comparable: str) -> None:
    assert fold(raw) == comparable
    assert aligned_fold(raw).text == comparable


def test_letters_are_what_is_left_without_signs() -> None:
    assert letters("怎麼，查 物流？！😀") == "怎么查物流"


def test_a_find_in_the_folded_text_points_into_the_raw_one() -> None:
    raw = "问\u200b辦̶假̶證̶吗"
    aligned = aligned_fold(raw)
    start = aligned.text.index("办假证")
    first, last = aligned.span(start, start + 3)
    assert raw[first:last] == "辦̶假̶證̶"


def test_a_character_that_widens_points_to_itself_from_each_of_its_letters() -> None:
    aligned = aligned_width("第㈱")
    assert aligned.text == "第(株)"
    assert aligned.span(2, 3) == (1, 2)


@given(st.text(max_size=40))
def test_every_comparable_character_has_its_place(raw: str) -> None:
    for aligned in (aligned_fold(raw), aligned_width(raw)):
        assert len(aligned.text) == len(aligned.starts) == len(aligned.ends)
        assert list(aligned.starts) == sorted(aligned.starts)
        assert all(0 <= start < end <= len(raw) for start, end in zip(aligned.starts, aligned.ends, strict=True))


@given(
    st.text(
        st.characters(max_codepoint=0x10FF) | st.characters(min_codepoint=0x3000, max_codepoint=0x9FFF), max_size=40
    )
)
def test_folding_is_the_same_with_and_without_places(raw: str) -> None:
    assert aligned_fold(raw).text == fold(raw)


@given(st.text(max_size=40) | st.text("Σİσ１Ａ㈱。，？ab\u200b\u3099怎麼", max_size=12))
def test_places_are_the_same_whether_or_not_a_mark_stands_anywhere(raw: str) -> None:
    for lower in (False, True):
        alone, beside = aligned_width(raw, lower=lower), aligned_width(f"{raw}。\u0336", lower=lower)
        assert (alone.text, alone.starts, alone.ends) == (beside.text[:-1], beside.starts[:-1], beside.ends[:-1])
