"""Careful articles, and `wecom-bot articles try`, as an operator uses them."""

from tests.cli.test_articles_cli import POST, REFUND, acme, exported, jsonl
from tests.fixtures.command_line import CommandLine

__all__ = ["acme"]


def test_a_question_is_tried_without_a_customer(acme: CommandLine) -> None:
    acme("articles", "import", "ww_acme", acme.write("a.jsonl", jsonl(REFUND, {**POST, "careful": True})))
    tried = acme("articles", "try", "ww_acme", "我要退货！").output
    assert "lexical；门槛 / thresholds: answer 0.45, careful 0.7, suggest 0.18" in tried
    assert "1. 1.000  字词 / words 1.00  r1 怎么退货（我要退货）" in tried
    assert tried.endswith("the customer would see:\n七天内可以退。\n请保留包装。\n")
    careful = acme("articles", "try", "ww_acme", "几天能到货呢").output
    assert "谨慎 / careful  p1 几天到货" in careful
    assert careful.endswith("您是想问下面哪一个？\n  [几天到货]\n  [怎么退货]\n  [都不是]\n")
    assert "handed to a human: asked" in acme("articles", "try", "ww_acme", "转人工").output
    assert "no article has anything in common" in acme("articles", "try", "ww_acme", "鲸鱼").output
    assert acme("articles", "try", "ww_acmee", "我要退货").status != 0


def test_an_old_sheet_without_the_column_takes_no_care_away(acme: CommandLine) -> None:
    sheet = "id,question,answer,careful\np1,几天到货,四天,{}\n"
    for said, careful in (("是", True), ("", True), ("否", False)):
        acme("articles", "import", "ww_acme", acme.write("b.csv", sheet.format(said)))
        assert ("careful" in exported(acme)[0]) is careful
