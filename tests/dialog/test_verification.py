"""What a try at proving who one is is counted under."""

import pytest

from wecom_bot.dialog.verification import Guess, matching
from wecom_bot.domain.business import QuerySpec

QUERY = QuerySpec.model_validate(
    {
        "name": "by_phone",
        "sql": "SELECT no, phone FROM orders WHERE no = :order_id",
        "verify": {"slot": "phone_last4", "column": "phone"},
        "template": "{{ no }}",
    }
)


def guess(order_id: str, said: str = "0000") -> Guess:
    assert QUERY.verify
    return Guess.of(QUERY, QUERY.verify, "wm1", {"order_id": order_id}, said)


@pytest.mark.parametrize(
    ("spelled", "record"),
    [
        ("000123", "123"),
        ("１２３", "123"),
        (" 123 ", "123"),
        ("+123", "123"),
        ("123.000", "123"),
        ("12300e-2", "123"),
        (".123E3", "123"),
        ("1e2", "100"),
        ("AB12", "ab12"),
        ("ÀB12", "ab12"),
        ("9" * 190, "9" * 190 + ".0"),
    ],
)
def test_a_record_is_the_same_however_mysql_lets_it_be_written(spelled: str, record: str) -> None:
    assert guess(spelled) == guess(record)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("123", "124"),
        ("1" * 40, "1" * 39 + "2"),
        ("20261120-0001", "20261120-0002"),
        ("1e999999999999", "1e999999999998"),
    ],
)
def test_another_record_is_another(one: str, another: str) -> None:
    assert guess(one).names[1] != guess(another).names[1]
    assert guess(one).names[0] == guess(another).names[0]


def test_a_customer_has_no_more_tries_where_there_are_more_queries() -> None:
    other = QUERY.model_copy(update={"name": "refund_by_phone"})
    assert other.verify
    one, another = guess("123"), Guess.of(other, other.verify, "wm1", {"order_id": "123"}, "0000")
    assert one.names[0] == another.names[0]
    assert one.names[1] != another.names[1]
    assert one.guess != another.guess


@pytest.mark.parametrize(
    "kept", ["138-0000-8866", 13800008866, 13800008866.0, b"13800008866", "138****8866", "８８６６"]
)
def test_what_is_kept_matches_in_whatever_kind_of_column_it_is(kept: object) -> None:
    row = {"no": "1", "phone": kept}
    assert matching(QUERY, [row], "8866") == [{"no": "1"}]
    assert matching(QUERY, [row], "8660") == []
    assert matching(QUERY, [row], "") == []
