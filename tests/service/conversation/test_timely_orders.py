"""Orders within a deadline."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.order import Order
from wecom_bot.errors import TemporaryFailure, TookTooLong
from wecom_bot.service.conversation.timely_orders import TimelyOrders

ACME = CorpId("ww_acme")
ORDER = Order("1", "c1", "已发货", "顺丰", datetime(2026, 11, 20, tzinfo=UTC))
DEADLINE = timedelta(seconds=2)


@dataclass
class Slow:
    """Orders that take so long, by a clock that is not real, under a limit that knows it."""

    takes: timedelta = timedelta(0)
    saved: list[Order] = field(default_factory=list)

    def find(self, corp_id: CorpId, customer: str, order_id: str) -> Order | None:  # noqa: ARG002
        return ORDER

    def save(self, corp_id: CorpId, orders: Iterable[Order]) -> int:  # noqa: ARG002
        self.saved += orders
        return len(self.saved)

    @contextmanager
    def limit(self, span: timedelta) -> Iterator[None]:
        yield
        if self.takes > span:
            raise TookTooLong("as told")


def test_an_order_that_is_found_in_time_is_told() -> None:
    slow = Slow()
    orders = TimelyOrders(slow, slow.limit, DEADLINE)
    assert orders.find(ACME, "c1", "1") == ORDER
    assert orders.save(ACME, [ORDER]) == 1


def test_a_look_up_that_outlasts_the_deadline_is_a_temporary_failure() -> None:
    slow = Slow(DEADLINE * 2)
    with pytest.raises(TemporaryFailure):
        TimelyOrders(slow, slow.limit, DEADLINE).find(ACME, "c1", "1")
