"""Orders that never were, and how customers write their numbers."""

import pytest

from tests.fakes import tenant
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import InvalidInput
from wecom_bot.service.evaluation.order_numbers import filled, has_place, made_up, unknown_form

NUMBER = "202611200013"


def shop(pattern: str) -> Tenant:
    slots = [{"name": "size", "pattern": "[SML]码", "ask": "?"}, {"name": "order_id", "pattern": pattern, "ask": "?"}]
    return tenant(intents=[{"name": "greeting"}, {"name": "order", "slots": slots, "lookup": "order"}])


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("", "202611200013"),
        (":4 4 4", "2026 1120 0013"),
        (":4-4-4", "2026-1120-0013"),
        (":3,9", "202,611200013"),
        (":6 - 3/3", "202611 - 200/013"),
        (":4 4", "2026 11200013"),
        (":6-6-6", "202611-200013"),
        (":han", "二零二六幺幺二零零零幺三"),
        (":wide", "２０２６１１２０００１３"),
        (":nbsp", "2026\xa01120\xa00013"),
        (":dots", "2026.1120.0013"),
        (":zwsp", "2026\u200b1120\u200b0013"),
    ],
)
def test_a_number_is_written_in_every_way_that_a_case_may_ask_for(form: str, written: str) -> None:
    asked = f"单号{{order{form}}}，{{order}}"
    assert unknown_form(asked) is None
    assert has_place(asked)
    assert filled(asked, NUMBER) == f"单号{written}，{NUMBER}"


@pytest.mark.parametrize("form", [":", ":roman", "s", " ", ":4 ", ":-4", ":0 4", ":12", ":han ", "4 4 4"])
def test_another_way_is_refused_by_its_name(form: str) -> None:
    asked = f"{{order}} {{order{form}}}"
    assert unknown_form(asked) == f"{{order{form}}}"
    with pytest.raises(InvalidInput, match="unknown form"):
        filled(asked, NUMBER)


def test_other_braces_are_just_words() -> None:
    assert not has_place("{nickname} {}")
    assert filled("{nickname} {} order", NUMBER) == "{nickname} {} order"


@pytest.mark.parametrize(
    ("pattern", "shape"),
    [
        ("(?<![0-9A-Za-z])[0-9]{12,19}(?![0-9A-Za-z])", "202611" + 6 * "9"),
        ("(?<![0-9A-Za-z])[0-9]{8}(?![0-9A-Za-z])", 8 * "9"),
        ("(?<![0-9A-Za-z])[A-Z]{2}[0-9]{10,18}(?![0-9A-Za-z])", "AA" + 12 * "9"),
    ],
)
def test_a_made_up_number_fits_the_tenants_pattern_and_is_the_same_for_the_same_seed(pattern: str, shape: str) -> None:
    number = made_up(shop(pattern), "f001")
    assert number == made_up(shop(pattern), "f001")
    assert number != made_up(shop(pattern), "f002")
    assert [each.isdigit() for each in number] == [each.isdigit() for each in shape]


@pytest.mark.parametrize(
    ("seller", "complaint"),
    [(shop("[0-9]{3}-x-[0-9]{40}"), "no made-up order number fits"), (tenant(), "looks orders up")],
)
def test_where_no_number_fits_that_is_said(seller: Tenant, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        made_up(seller, "f001")
