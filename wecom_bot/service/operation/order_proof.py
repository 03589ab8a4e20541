"""What is wrong with an operator's orders, line by line."""

import re
from collections.abc import Iterable, Iterator

from wecom_bot.domain.draft import BadLine, OrderDraft, place
from wecom_bot.domain.order import CHINA, Order
from wecom_bot.errors import InvalidInput
from wecom_bot.service.operation.bad_lines import complaint, unshowable
from wecom_bot.service.operation.moments import moment

LONGEST_ID = 64  # characters: what WeCom allows itself for an external_userid or a userid
LONGEST_STATUS = 200
LONGEST_LOGISTICS = 1000

_ROUNDED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)  # what Excel makes of a long number in a CSV file

_NO_MOMENT = "更新时间应形如 2026-11-20 10:00 / updated_at should look like 2026-11-20 10:00 or 2026-11-20T10:00+08:00"


def proved(lines: Iterable[OrderDraft | BadLine]) -> list[Order]:
    """The orders to keep. Raises InvalidInput with what is wrong in which line."""
    good, bad = _sort(lines)
    if bad:
        raise InvalidInput(complaint(bad, skippable=False))
    if not good:
        raise InvalidInput("文件里没有订单，什么都没有导入 / there is no order in the file")
    return good


def _sort(lines: Iterable[OrderDraft | BadLine]) -> tuple[list[Order], list[BadLine]]:
    good: dict[str, tuple[str, Order]] = {}  # each with its place
    bad: list[BadLine] = []
    for line in lines:
        if isinstance(line, BadLine):
            bad.append(line)
            continue
        updated_at, problems = moment(line.updated_at, CHINA), list(_flaws(line))
        if updated_at is None:
            problems.append(_NO_MOMENT)
        if line.order_id in good:
            problems.append(f"订单号 {line.order_id} 与{good[line.order_id][0]}重复 / the order stands twice")
        if updated_at is None or problems:
            bad.append(BadLine(line.line, "；".join(problems), line.sheet))
        else:
            order = Order(line.order_id, line.customer, line.status, line.logistics, updated_at)
            good[line.order_id] = place(line), order
    return [order for _, order in good.values()], bad


def _flaws(draft: OrderDraft) -> Iterator[str]:
    for name, english, value, most in (
        ("订单号", "the order id", draft.order_id, LONGEST_ID),
        ("客户", "the customer", draft.customer, LONGEST_ID),
        ("状态", "the status", draft.status, LONGEST_STATUS),
    ):
        if not value:
            yield f"{name}为空 / {english} is empty"
        elif len(value) > most:
            yield f"{name}超过 {most} 字 / {english} is too long"
    if len(draft.logistics) > LONGEST_LOGISTICS:
        yield f"物流超过 {LONGEST_LOGISTICS} 字 / the logistics are too long"
    if any(map(str.isspace, draft.order_id + draft.customer)):
        yield "订单号或客户里有空格或换行 / there is a space in an id"
    if _ROUNDED.fullmatch(draft.order_id):
        yield f"订单号 {draft.order_id} 已被 Excel 改成科学计数法，请把该列设为文本 / Excel has rounded the order id"
    if unshowable(draft.order_id, draft.customer, draft.status, draft.logistics):
        yield "含有无法显示的字符，请删去 / it holds characters that nobody can be shown"
