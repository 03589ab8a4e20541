"""Orders in files, as a shop system or a person's spreadsheet gives them."""

from collections.abc import Iterator
from pathlib import Path

from wecom_bot.adapters.files import lines
from wecom_bot.adapters.files.form import Entry, Field, Form, Holds
from wecom_bot.adapters.files.text import Progress
from wecom_bot.domain.draft import BadLine, OrderDraft


def read_orders(path: Path, progress: Progress) -> Iterator[OrderDraft | BadLine]:
    """What each line of a JSONL, CSV or XLSX file says. Raises InvalidInput."""
    return lines.read(path, _FORM, progress)


def _draft(entry: Entry) -> OrderDraft:
    return OrderDraft(entry.line, **entry.texts)


_FORM = Form(
    (
        Field("order_id", ("订单号", "订单编号"), Holds.ID),
        Field("customer", ("客户", "客户编号"), Holds.ID),
        Field("status", ("状态", "订单状态")),
        Field("logistics", ("物流", "物流信息"), needed=False),
        Field("updated_at", ("更新时间",)),
    ),
    _draft,
)
