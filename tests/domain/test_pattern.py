"""Tenants' patterns: what is taken in, and what a slow one costs that was taken in before."""

import re
from datetime import timedelta

import pytest
from pydantic import ValidationError

from wecom_bot.domain.intent import STORED, SlotSpec
from wecom_bot.domain.pattern import TEXT_MOST, NotAPattern, pattern
from wecom_bot.domain.pattern_trial import try_out
from wecom_bot.errors import PatternTooSlow

SLOW = (
    "[0-9]*[0-9]*[0-9]*[0-9]*x",
    r"\d*\d*\d*号",
    r"SN\d+\d+\d+\d+x",
    r"\w*\d*\w*\d*x",
    ".*.*.*x",
    "(?:[0-9]+)+x",
    "SN(?:[0-9]+)+x",
    "(a+)+",
    "([a-zA-Z]+)*!",
    r"((\d+)+)+A",
    r"(?:\w+\s?)+$",
    r"(\S+\s*)+:",
    r"([一-龥]+[,，]?)+。",
    r"(?i)(?:[a-f0-9]+:?)+z",
    r"(?:[\w.-]+)+@[\w.-]+",
    "(a|aa)+$",
    "(a|a?)+b",
    "(?:[0-9]|[0-9a-f])*x",
    "(?:一|二|一二)+三",
    "(?:订单|单号|订|单)+号x",
    "(?:(?:a|b)*(?:b|c)*)*d",
    "(a{1,30000}){1,30000}",
    r"(?:\d{1,5}){1,30000}x",
    "^(?:[0-9]{1,40}){1,40}$",
    "(((a{1,9}){1,9}){1,9}){1,9}x",
    r"(\d?){60}x",
    r"(?=(\d+)+x)\d",
    r"(?<![a-z])([a-z]+-?)+\d",
    r"^\s*(.+?)\s*$",
)
GREEDY = ("a{30000}", "(?:a{30000})?b", "((a{30000}){30000}){30000}", "a{4294967294}x", "(?:b?){30000}a")
GOOD = (
    "(?<![0-9])[0-9]{12,20}(?![0-9])",
    "(?<![A-Z])(X{0,2}[SL]|M)码",
    "(?<![0-9A-Za-z])[A-Z]{2}[0-9]{10,18}(?![0-9A-Za-z])",
    ".+",
    ".{2,}",
    "[0-9]+x",
    "[SML](?:码|号)?",
    "尾号([0-9]{4})",
    "(?:尾号)?([0-9]{4})$",
    "大|(小)",
    r"1[3-9]\d{9}",
    r"[\w.+-]+@[\w-]+\.[\w.-]+",
    r"\d{4}-\d{1,2}-\d{1,2}",
    r"(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]",
    "[一-龥]{2,4}(?:先生|女士)",
    "(?:[A-Z]+-)+[0-9]+",
    "(?:[0-9]{4}[ -]?){3}[0-9]{4}",
    r"(?i)sn[:：]?\s*([0-9a-z]{8,20})",
    "[0-9]{1,3}(?:,[0-9]{3})*(?:[.][0-9]+)?",
    r"\d+(?:\.\d+)?\s*(?:kg|斤|公斤)",
    r"(\d+(?:\.\d+)?)\s*(?:kg|KG|公斤|斤|g|克)",
    r"(?:大概|大约|差不多)?\s*\d+(?:[-~到至]\d+)?\s*(?:天|周|个月|年)",
    r"\w+([-+.]\w+)*@\w+([-.]\w+)*\.\w+([-.]\w+)*",
    r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?",
    "订单.*?([0-9]+).*",
    r"(\d+)\s*[*xX×]\s*(\d+)\s*[*xX×]\s*(\d+)",
    "(?:[^,，]+[,，])+[^,，]+",
    "[京津沪][A-Z]·?[A-Z0-9]{5,6}",
)
TEXTS = ("订单 202611200008，XL码", "SN:a1b2c3d4e5", "3.5 公斤", "a@b.example 13812345678", "a{e}b 一,二,三", "")


@pytest.mark.parametrize("source", SLOW)
def test_a_pattern_that_could_be_slow_is_refused_with_its_name_and_what_to_do(source: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SlotSpec(name="serial", pattern=source, ask="？")
    (error,) = refused.value.errors()
    assert "serial" in error["msg"]
    assert source in error["msg"]
    assert "不要嵌套重复" in error["msg"]


@pytest.mark.parametrize("source", GREEDY)
def test_a_pattern_that_would_fill_the_memory_is_refused_before_it_is_built(source: str) -> None:
    for read in (pattern, try_out):
        with pytest.raises(NotAPattern, match=str(TEXT_MOST)):
            read(source)


@pytest.mark.parametrize("source", ["(", "a**", "[", r"\p{Han}+", "(?V1)[a-z]", "(?R)", "(?<=a+)b", "(" * 250 + "a"])
def test_what_the_standard_library_does_not_read_is_no_pattern(source: str) -> None:
    with pytest.raises(NotAPattern):
        try_out(source)


@pytest.mark.parametrize("source", ["", "[0-9]*", "a?", "(?=a)|"])
def test_a_pattern_must_not_match_nothing(source: str) -> None:
    with pytest.raises(NotAPattern, match="must not match nothing"):
        try_out(source)


@pytest.mark.parametrize("source", GOOD)
def test_what_tenants_write_is_taken_and_means_what_it_means_to_the_standard_library(source: str) -> None:
    try_out(source)
    for text in TEXTS:
        ours = [(match.span(), match.groups()) for match in pattern(source).findall(text)]
        assert ours == [(match.span(), match.groups()) for match in re.finditer(source, text)]


@pytest.mark.parametrize(
    "source", ["a{e}b", r"a\{e}", "[{]e}", "a{e<=1}b", "a{2}", "b{1,}", r"\N{DIGIT ONE}", "x{,2}1"]
)
def test_a_brace_that_is_no_repetition_is_a_brace(source: str) -> None:
    for text in ("a{e}b", "ab", "aab", "1", "xx1", "a{e<=1}b", "{e}"):
        ours = [match.span() for match in pattern(source).findall(text)]
        assert ours == [match.span() for match in re.finditer(source, text)]


def test_a_stored_pattern_that_is_slow_gives_up_and_is_set_aside_for_a_while() -> None:
    now = [100.0]
    slow = pattern(r"(?:\w+\s?)+$x|^(?:\w+\s?)+$")
    slow.clock = lambda: now[0]
    told = []
    for _ in range(4):
        with pytest.raises(PatternTooSlow) as gave_up:
            slow.findall("a" * TEXT_MOST + "!")
        told.append(gave_up.value.aside)
    assert told == [None, None, timedelta(seconds=60), timedelta(0)]
    assert slow.search("short") is not None  # who wrote the long texts takes nothing from others
    with pytest.raises(PatternTooSlow):
        slow.search("b" * TEXT_MOST)
    now[0] += 61
    assert slow.fullmatch("a") is not None


def test_a_tenant_that_was_stored_with_a_slow_pattern_can_still_be_read() -> None:
    stored = {"name": "serial", "pattern": SLOW[0], "ask": "？"}
    assert SlotSpec.model_validate(stored, context=STORED).pattern == SLOW[0]
    with pytest.raises(ValidationError):
        SlotSpec.model_validate(stored)
