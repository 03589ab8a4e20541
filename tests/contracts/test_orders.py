"""The contract of ports.Orders."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from tests.fixtures.nasty_text import INJECTIONS
from wecom_bot.adapters.sql.orders import SqlOrders
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.order import Order

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOW = datetime(2026, 11, 20, 2, 0, 0, 123456, tzinfo=UTC)
ORDER = Order("A100", "wm1", "已发货", "顺丰 SF123，预计明天送达 📦", NOW)


@pytest.fixture
def orders(sql_engine: sa.Engine) -> SqlOrders:
    return SqlOrders(sql_engine)


def test_a_saved_order_is_found_whole(orders: SqlOrders) -> None:
    assert orders.find(ACME, "wm1", "A100") is None
    assert orders.save(ACME, [ORDER]) == 1
    assert orders.find(ACME, "wm1", "A100") == ORDER


def test_a_customer_sees_only_their_own(orders: SqlOrders) -> None:
    orders.save(ACME, [ORDER, replace(ORDER, order_id="B200", customer="wm2")])
    assert orders.find(ACME, "wm2", "A100") is None
    assert orders.find(ACME, "wm2", "B200") is not None
    for other in ("WM1", "wm1 ", "wm", "%", ""):
        assert orders.find(ACME, other, "A100") is None


def test_ids_that_differ_only_by_case_or_spaces_are_different(orders: SqlOrders) -> None:
    lower = replace(ORDER, order_id="a100", status="小写")
    assert orders.save(ACME, [ORDER, lower]) == 2
    assert (orders.find(ACME, "wm1", "A100"), orders.find(ACME, "wm1", "a100")) == (ORDER, lower)
    assert orders.find(ACME, "wm1", "A100 ") is None


def test_no_slot_and_no_order_is_sql(orders: SqlOrders) -> None:
    orders.save(ACME, [ORDER])
    for each in INJECTIONS:
        assert (orders.find(ACME, "wm1", each), orders.find(ACME, each, "A100")) == (None, None)
        assert not orders.load(ACME, each)
    evil = {each: Order(each, each, each, each, NOW) for each in INJECTIONS}
    orders.save(ACME, evil.values())
    assert {each: orders.find(ACME, each, each) for each in INJECTIONS} == evil
    assert orders.remove(ACME, INJECTIONS) == len(INJECTIONS)
    assert orders.load(ACME) == [ORDER]


def test_saving_an_id_again_replaces_the_order_also_its_customer(orders: SqlOrders) -> None:
    orders.save(ACME, [ORDER])
    changed = Order("A100", "wm2", "已签收", "", NOW + timedelta(days=1))
    assert orders.save(ACME, iter([ORDER, changed])) == 1
    assert orders.find(ACME, "wm1", "A100") is None
    assert orders.find(ACME, "wm2", "A100") == changed


def test_instants_are_kept_whatever_their_zone(orders: SqlOrders) -> None:
    orders.save(ACME, [replace(ORDER, updated_at=NOW.astimezone(timezone(timedelta(hours=8))))])
    found = orders.find(ACME, "wm1", "A100")
    assert found is not None
    assert (found.updated_at, found.updated_at.tzinfo) == (NOW, UTC)


def test_a_batch_that_breaks_off_changes_nothing(orders: SqlOrders) -> None:
    def broken() -> Iterator[Order]:
        yield ORDER
        raise ValueError("the file ends here")

    with pytest.raises(ValueError, match="ends here"):
        orders.save(ACME, broken())
    assert orders.save(ACME, []) == 0
    assert orders.load(ACME) == []


def test_many_orders_fit_and_are_listed_by_id_or_customer(orders: SqlOrders) -> None:
    many = [Order(f"{number:05}", f"wm{number % 3}", "好" * 200, "递" * 1000, NOW) for number in range(1500)]
    assert orders.save(ACME, reversed(many)) == 1500
    assert orders.load(ACME) == many
    assert orders.load(ACME, "wm1") == many[1::3]
    assert orders.remove(ACME, [order.order_id for order in many[:1400]]) == 1400
    assert orders.remove(ACME, ["00000", "nothing"]) == 0
    assert orders.load(ACME) == many[1400:]


def test_writers_at_the_same_time_wait_for_each_other(orders: SqlOrders) -> None:
    failures: list[BaseException] = []

    def write(number: int) -> None:
        batch = [Order(f"{each:03}", f"wm{number}", str(number), "", NOW) for each in range(200)]
        try:
            for _ in range(3):
                orders.save(ACME, batch if number % 2 else batch[::-1])
        except Exception as e:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(e)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert len({order.status for order in orders.load(ACME)}) == 1  # the last one's, whole


def test_tenants_do_not_see_each_other(orders: SqlOrders) -> None:
    of_globex = replace(ORDER, status="已取消")
    orders.save(ACME, [ORDER])
    assert orders.find(GLOBEX, "wm1", "A100") is None
    orders.save(GLOBEX, [of_globex])
    assert (orders.find(ACME, "wm1", "A100"), orders.find(GLOBEX, "wm1", "A100")) == (ORDER, of_globex)
    assert orders.remove(GLOBEX, ["A100"]) == 1
    assert (orders.load(ACME), orders.load(GLOBEX)) == ([ORDER], [])
