from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from wecom_bot.text.query_template import MOST_SAID, NotATemplate, NotTold, columns, names, told

ROW: dict[str, Any] = {
    "no": "1",
    "status": "已发货",
    "amount": Decimal("12.5"),
    "at": datetime(2026, 11, 20, 10, 5),  # noqa: DTZ001 - as drivers read a DATETIME
    "day": date(2026, 11, 20),
    "opens": time(9, 30),
    "note": None,
    "items": "列名",
}


def test_a_template_is_said_of_each_row() -> None:
    assert told("{{ no }} {{ status }}", [ROW, {**ROW, "no": "2"}]) == "1 已发货\n2 已发货"


def test_a_template_that_goes_through_the_rows_is_said_once() -> None:
    source = "共 {{ rows|length }} 单\n{% for row in rows %}\n{{ loop.index }}. {{ row.no }}\n{% endfor %}"
    assert told(source, [ROW, {**ROW, "no": "2"}]) == "共 2 单\n1. 1\n2. 2"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ at }}", "11月20日 10:05"),
        ("{{ day }}", "2026年11月20日"),
        ("{{ opens }}，{{ opens|date('%H:%M:%S') }}", "09:30，09:30:00"),
        ("{{ at|date('%Y/%m/%d %H:%M:%S%%') }}", "2026/11/20 10:05:00%"),
        ("{{ amount }} {{ amount|money }}", "12.5 12.50"),
        ("[{{ note }}]{{ note|default('无') }}{{ nothing|default('没有') }}", "[]无没有"),
        ("{% if status == '已发货' and amount > 10 %}是{% else %}否{% endif %}", "是"),
        ("{{ '有' if note is none else '无' }}", "有"),
        ("{{ items }}", "列名"),
        ("{{ rows[0].status|truncate(2) }}{{ no|tail(4) }}{{ note|default(0) }}", "已…10"),
        ("{{ rows }}{{ rows[0] }}", ""),
    ],
)
def test_values_are_said_as_customers_read_them(source: str, said: str) -> None:
    assert told(source, [ROW]) == said


def test_a_value_is_never_read_as_a_template() -> None:
    assert told("{{ status }}", [{"status": "{{ 7 * 7 }}{% for x in rows %}"}]) == "{{ 7 * 7 }}{% for x in rows %}"


def test_the_names_of_columns_are_known_however_they_are_written() -> None:
    assert {"a", "b", "c"} <= names("{{ a }}{% for row in rows %}{{ row.b }}{{ row['c'] }}{% endfor %}")


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ status.__class__.__mro__ }}",
        "{{ status['__class__'] }}",
        "{{ _private }}",
        "{{ status.upper() }}",
        "{{ range(999999999) }}",
        "{% for i in range(9) %}{% endfor %}",
        "{% for row in rows %}{% for other in rows %}{% endfor %}{% endfor %}",
        "{% for row in status %}{% endfor %}",
        "{% for row in rows recursive %}{% endfor %}",
        "{{ 'x' * 999999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 1 + 1 }}",
        "{{ 'a' ~ 'b' }}",
        "{{ 'a'|center(999999999) }}",
        "{{ 'a'|replace('a', 'aa') }}",
        "{{ status|attr('x') }}",
        "{{ '%999999999d'|format(1) }}",
        "{{ status|truncate(amount) }}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as x %}",
        "{% extends 'x' %}",
        "{% block x %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{{ lipsum() }}",
        "{{ cycler }} {{ self._x }}",
        "{{ rows[status] }}",
        "{{ {'a': 1} }}",
        "{{ status is callable }}",
        "{{ status is defined(1) }}",
        "{{ no|tail('x') }}",
        "{{ no|truncate('x') }}",
        "{{ no|truncate(length=3) }}",
        "{{ at|date(5) }}",
        "{{ amount|money(2) }}",
        "{{ note|default('无', true, 1) }}",
        "{% if x %}" * 9 + "{% endif %}" * 9,
        "{{ " + "(" * 990 + "1" + ")" * 990 + " }}",
        "{{ " + "not " * 490 + "1 }}",
        "x" * 2001,
        "{{ a",
        "{% if %}",
    ],
)
def test_what_calls_computes_or_grows_is_no_template(source: str) -> None:
    with pytest.raises(NotATemplate):
        names(source)


def test_what_jinja_would_offer_is_not_there() -> None:
    for name in ("lipsum", "cycler", "joiner", "namespace", "dict", "range", "request", "config", "self"):
        with pytest.raises(NotTold):
            told("{{ " + name + " }}", [{"a": 1}])


def test_a_column_that_is_not_there_is_no_hole_in_a_sentence() -> None:
    with pytest.raises(NotTold):
        told("{{ nothing }}", [ROW])
    with pytest.raises(NotTold):
        told("{{ rows[7].status }}", [ROW])


def test_values_of_other_kinds_than_thought_are_told_so() -> None:
    with pytest.raises(NotTold):
        told("{% if status > 3 %}x{% endif %}", [ROW])


def test_no_text_is_longer_than_anybody_reads() -> None:
    source = "{% for row in rows %}" + "{{ row.a }}" * 150 + "{% endfor %}"
    assert len(told(source, [{"a": "长" * 1_000_000}] * 50)) == MOST_SAID


def test_it_says_which_columns_it_cannot_do_without() -> None:
    source = (
        "{% for row in rows %}{{ loop.index }}. {{ row.order_no|upper }}{{ row['状态'] }}{% endfor %}{{ rows[0].at }}"
        "{{ note|default('') }}{% if carrier is defined %}{{ carrier }}{% endif %}{% if paid is none %}x{% endif %}"
    )
    assert columns(source) == {"order_no", "状态", "at", "paid"}


def test_who_named_a_column_wrong_is_told_so_and_what_there_is() -> None:
    with pytest.raises(NotTold, match=r"查出来的列 .*: statsu；.*selected are: order_no, status$"):
        told("{{ order_no }} {{ statsu }}", [{"order_no": "1", "status": "x"}])
