"""`wecom-bot turns`: what customers said, for who looks back."""

import re
from datetime import UTC, date, datetime, time, timedelta

import click

from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli import terminal
from wecom_bot.cli.machine_user import me
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.order import CHINA
from wecom_bot.errors import InvalidInput
from wecom_bot.ports import ToldTurn
from wecom_bot.service.operation.misses import Missed, Misses
from wecom_bot.service.operation.page import Page
from wecom_bot.settings import load
from wecom_bot.telemetry.logs import one_line

_SPAN = re.compile(r"([1-9][0-9]{0,3})([dh])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}
_FIRST = date(2000, 1, 1)  # earlier nobody has kept anything
_SHOWN = 120  # characters of what was said, on a line


@click.group()
def turns() -> None:
    """回顾客户说过的话 / Look back at what customers said."""


@turns.command()
@click.argument("corp_id")
@click.option("--since", default="7d", show_default=True, help="7d、12h，或北京时间的日期 / or a date in Chinese time")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="最多几句 / how many at most")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def misses(corp_id: str, since: str, limit: int, *, as_json: bool) -> None:
    """没答上的话（打码）：问得多的在前，和现在最像的条目 / What was not answered, most asked first, masked.

    一行一句：次数、最近一次、话、最像的条目及分数、追踪号。同样的字算同一句；点“都不是”的，算菜单之前问的那句。
    """
    begin = _moment(since, datetime.now(UTC))
    found = operation(load()).list_misses(me(), CorpId(corp_id), begin, limit)
    click.echo(terminal.as_json(_as_json(found, begin)) if as_json else _table(found, begin))


@turns.command("list")
@click.argument("corp_id")
@click.option("--full", is_flag=True, help="客户的话不打码 / the words unmasked")
@click.option("--most", default=20, show_default=True, type=click.IntRange(min=1), help="最多几轮 / how many at most")
@click.option("--after", metavar="ID", help="接着这一轮往前列 / go on from this turn")
def list_(corp_id: str, most: int, after: str | None, *, full: bool) -> None:
    """新的在前：时间、会话、意图、客户的话和回答（打码）、追踪号 / List them, newest first; masked without --full."""
    _tell(operation(load()).list_turns(me(), CorpId(corp_id), most=most, after=after, whole=full))


@turns.command()
@click.argument("corp_id")
@click.argument("customer")
@click.option("--full", is_flag=True, help="客户的话不打码 / the words unmasked")
@click.option("--most", default=20, show_default=True, type=click.IntRange(min=1), help="最多几轮 / how many at most")
@click.option("--after", metavar="ID", help="接着这一轮往前列 / go on from this turn")
def customer(corp_id: str, customer: str, most: int, after: str | None, *, full: bool) -> None:
    """一位客户最近的回合，不论跟谁说的，样子同 list / List the turns of one customer, as `list` shows them.

    CUSTOMER：客户号，微信客服是 external_userid，应用是 userid / the customer's id.
    """
    list_turns = operation(load()).list_customer_turns
    _tell(list_turns(me(), CorpId(corp_id), customer, most=most, after=after, whole=full))


def _tell(page: Page[ToldTurn]) -> None:
    """A turn a line."""
    for each in page.items:
        when = f"{each.began_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
        what = "  ".join(filter(None, (each.intent, each.handoff and f"[转人工 / handed off: {each.handoff}]")))
        reply = _short(each.reply) if each.answered else "（没有说话 / silent）"
        click.echo(f"{when}  {each.conversation}  {what}  {_short(each.words)}  → {reply}  [{each.trace_id}]")
    if page.after:
        click.echo(f"往前还有 / there are more: --after {page.after}")
    if not page.items:
        click.echo("没有 / none")


def _short(text: str) -> str:
    """As much as fits on a line, without what steers a terminal."""
    line = one_line(" ".join(text.split()))
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _moment(since: str, now: datetime) -> datetime:
    """When a span like 7d began, or a day does in China. Raises InvalidInput."""
    if span := _SPAN.fullmatch(since):
        return now - int(span[1]) * _UNITS[span[2]]
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise InvalidInput(
            f"--since {since[:_SHOWN]}: 应形如 7d、12h 或 2026-11-20 / should look like 7d, 12h or 2026-11-20"
        ) from None
    begin = datetime.combine(max(day, _FIRST), time(), CHINA)
    if begin > now:
        raise InvalidInput(f"--since {since}: 这一天还没到 / that day is still to come")
    return begin


def _as_json(found: Misses, begin: datetime) -> dict[str, object]:
    said = [
        {
            "words": each.words,
            "count": each.count,
            "newest": each.newest.isoformat(),
            "trace_id": each.trace_id,
            "nearest": _nearest(each),
        }
        for each in found.said
    ]
    totals = {"since": begin.isoformat(), "turns": found.turns, "missed": found.missed}
    return {**totals, "said": said, "left_out": found.left_out}


def _nearest(missed: Missed) -> dict[str, object] | None:
    if (best := missed.nearest) is None:
        return None
    return {"article_id": best.article_id, "question": best.question, "score": round(best.score, 3)}


def _table(found: Misses, begin: datetime) -> str:
    lines = [_line(each) for each in found.said]
    if found.left_out:
        lines.append(f"……还有 {found.left_out} 句，见 --limit / and {found.left_out} more: --limit")
    since = f"{begin.astimezone(CHINA):%Y-%m-%d %H:%M}"
    total = f"自 {since} 起 {found.turns} 轮里 {found.missed} 轮没答上"
    return "\n".join([*lines, f"{total} / {found.missed} of {found.turns} turns missed since then"])


def _line(missed: Missed) -> str:
    best = missed.nearest
    near = f"{best.score:.3f} {best.article_id} {best.question}" if best else "没有 / none"
    when = f"{missed.newest.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return f"{missed.count:4}  {when}  {_short(missed.words)}  → {near}  [{missed.trace_id}]"
