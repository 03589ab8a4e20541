"""Orders in files, as a shop system or a person's spreadsheet gives them."""

from collections.abc import Iterator
from pathlib import Path

from wecom_bot.adapters.files import lines
from wecom_bot.adapters.files.form import Entry, Field, Form, Holds
from wecom_bot.adapters.files.text import Progress
from wecom_bot.domain.draft import BadLine, OrderDraft, Tally


def read_orders(path: Path, progress: Progress, tally: Tally | None = None) -> Iterator[OrderDraft | BadLine]:
    """What each line of a JSONL, CSV or XLSX file says; the tally is told what was changed. Raises InvalidInput."""
    return lines.read(path, _FORM, progress, tally)


def _draft(entry: Entry) -> OrderDraft:
    return OrderDraft(entry.line, **entry.texts, sheet=entry.sheet)


_FORM = Form(
    (
        Field("order_id", ("订单号", "订单编号"), Holds.SAID),
        Field("customer", ("客户", "客户编号"), Holds.SAID),
        Field("status", ("状态", "订单状态")),
        Field("logistics", ("物流", "物流信息"), needed=False),
        Field("updated_at", ("更新时间",), Holds.MOMENT),
    ),
    _draft,
)
