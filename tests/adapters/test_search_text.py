import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom_bot.adapters.search.text import normalise, sameness, tokens
from wecom_bot.adapters.search.words import VARIANTS


def test_chinese_is_cut_into_characters_and_pairs_and_the_rest_into_words() -> None:
    assert tokens("iPhone15 怎么退款") == ["iphone15", "怎", "么", "退", "款", "怎么", "么退", "退款"]


def test_width_case_script_and_invisible_characters_make_no_difference() -> None:
    assert tokens("ＷｉＦｉ連\u200b不上") == tokens("wifi连不上")


def test_signs_and_emoji_are_no_tokens_and_part_what_they_stand_between() -> None:
    assert tokens("退，款😀!") == ["退", "款"]
    assert tokens("😀…？！") == []


def test_long_numbers_ask_no_question() -> None:
    assert tokens("7878137872105389870到哪了") == tokens("到哪了")
    assert tokens("95588") == ["95588"]


@pytest.mark.parametrize(("one", "other"), [("咋办", "怎么办"), ("啥时候寄出", "什么时候发货"), ("邮费", "运费")])
def test_common_variants_of_a_word_are_one(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


def test_variants_lead_to_words_that_stay_as_they_are() -> None:
    assert all(normalise(head) == head for head in VARIANTS.values())


def test_sameness_is_of_the_words_and_not_of_their_variants() -> None:
    assert sameness("怎麼，查物流？") == sameness("怎么查 物流")
    assert sameness("咋办") != sameness("怎么办")
    assert sameness("？？？") == ""


@given(st.text(max_size=60))
def test_no_token_holds_a_sign_that_a_query_could_be_broken_with(text: str) -> None:
    assert all(token and not set(token) & set("\"'*()+-^:, \0") for token in tokens(text))
