"""`wecom-bot requests`: the tickets; who asked for a human when none could come, and what they left for us to know."""

import click

from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli.machine_user import me
from wecom_bot.domain.message import CorpId
from wecom_bot.settings import load
from wecom_bot.telemetry.logs import one_line


@click.group("requests")
def tickets() -> None:
    """待处理请求：没转成人工的、留言、答晚了的 / what waits for a human."""


@tickets.command("list")
@click.argument("corp_id")
@click.option("--all", "everything", is_flag=True, help="连同已处理的 / the closed ones too")
@click.option("--full", is_flag=True, help="客户的话不打码，回电用 / the words unmasked, for who calls back")
@click.option("--most", default=100, show_default=True, type=click.IntRange(min=1), help="最多几条 / how many at most")
@click.option("--oldest", is_flag=True, help="等得最久的在前 / those who wait longest first")
@click.option("--after", metavar="ID", help="接着这一条往下列 / go on from this request")
def list_(corp_id: str, most: int, after: str | None, *, everything: bool, full: bool, oldest: bool) -> None:
    """新的在前：编号、时间、原因、会话、客户的话（打码）/ List them, newest first; words are masked without --full."""
    page = operation(load()).list_tickets(
        me(), CorpId(corp_id), open_only=not everything, most=most, oldest_first=oldest, after=after, whole=full
    )
    for each in page.items:
        when = each.opened_at.astimezone().isoformat(" ", "seconds")
        state = "  [已处理 / closed]" if each.closed_at else ""
        words = one_line(" ".join(each.words.split()))  # without what steers a terminal
        click.echo(f"{each.request_id}  {when}  {each.reason}  {each.conversation}{state}  {words}")
    if not page.items:
        click.echo("没有待处理请求 / none" if after is None else "后面没有了 / none after it")


@tickets.command()
@click.argument("corp_id")
@click.argument("request_ids", nargs=-1, required=True)
def close(corp_id: str, request_ids: tuple[str, ...]) -> None:
    """标为已处理 / somebody has seen to them."""
    close_ticket = operation(load()).close_ticket
    for request_id in request_ids:
        close_ticket(me(), CorpId(corp_id), request_id)
        click.echo(f"已处理 / closed {request_id}")
