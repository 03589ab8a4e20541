"""A tenant's orders: put a file of them into its book."""

from collections.abc import Iterable
from dataclasses import dataclass

from wecom_bot.domain.draft import BadLine, OrderDraft
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import InvalidInput
from wecom_bot.ports import Orders
from wecom_bot.service.operation.bad_lines import complaint
from wecom_bot.service.operation.order_proof import sorted_out


@dataclass(frozen=True, slots=True)
class ImportOrders:
    """Add or replace a tenant's orders by id."""

    orders: Orders

    def __call__(self, corp_id: CorpId, lines: Iterable[OrderDraft | BadLine]) -> int:
        """How many orders the file has. Raises InvalidInput with what is wrong in which line."""
        good, bad = sorted_out(lines)
        if bad:
            raise InvalidInput(complaint(bad, skippable=False))
        if not good:
            raise InvalidInput("文件里没有订单，什么都没有导入 / there is no order in the file")
        return self.orders.save(corp_id, good)
