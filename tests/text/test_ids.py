"""Ids: what people and programs put around them is no part of them."""

import pytest

from wecom_bot.text.ids import bare, said


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("202611200101", "202611200101"),
        ("'202611200101", "202611200101"),
        ("‘202611200101", "202611200101"),
        ('="202611200101"', "202611200101"),
        ('= "202611200101"', "202611200101"),
        ('"202611200101"', "202611200101"),
        ("＝＂２０２６＂", "2026"),
        ("２０２６１１２０ＡＢ", "20261120AB"),
        ("\u202d2026\u202c", "2026"),
        ("\ufeff20\u200b26", "2026"),
        ("\u00a02026\u3000", "2026"),
        ("\t2026\t", "2026"),
        ("000202611", "000202611"),
        ("wmAbC_-d", "wmAbC_-d"),
        ("O'Neill", "O'Neill"),
        ("'", "'"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_guards_blanks_and_unseen_marks_are_taken_off(written: str, meant: str) -> None:
    assert (bare(written), said(written)) == (meant, meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("202611200101.0", "202611200101"),
        ("202611200101.00", "202611200101"),
        ("'202611200101.0", "202611200101"),
        ("２０２６．０", "2026"),
        ("202,611,200,101", "202611200101"),
        ("202,611,200,101.00", "202611200101"),
        ("①②", "12"),
        ("V1.0", "V1.0"),
        ("1.5", "1.5"),
        ("12,34", "12,34"),
        ("1,234.50", "1,234.50"),
        ("2.02611E+17", "2.02611E+17"),
        ("12 34", "12 34"),
    ],
)
def test_what_a_customer_says_has_no_decimals_and_no_thousands(written: str, meant: str) -> None:
    assert said(written) == meant


def test_an_articles_id_keeps_its_decimals() -> None:
    assert bare("1.0") == "1.0"
