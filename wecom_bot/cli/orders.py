"""`wecom-bot orders`: what customers ordered, so that the bot can tell them how it stands."""

from pathlib import Path

import click

from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli.machine_user import me
from wecom_bot.cli.reading import changes, lines_of
from wecom_bot.domain.draft import Tally
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.order import CHINA
from wecom_bot.settings import load


@click.group()
def orders() -> None:
    """订单：客户只能查到自己的 / Orders: a customer is told only of their own."""


@orders.command("import")
@click.argument("corp_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(corp_id: str, file: Path) -> None:
    """导入 JSONL、CSV 或 XLSX，按订单号新增或更新，全部正确才生效 / Import: add or replace by id, all or nothing.

    列 / columns: order_id,customer,status,logistics,updated_at（订单号、客户、状态、物流、更新时间）。
    客户填 external_userid（微信客服）或成员 userid（自建应用）；更新时间没写时区就按北京时间。
    """
    tally = Tally()
    lines = lines_of(file, stores.read_orders, tally)
    count = operation(load()).import_orders(me(), CorpId(corp_id), lines)
    click.echo(f"已导入 / imported {count}，立即生效 / effective now")
    for change in changes(tally):
        click.echo(change)


@orders.command("list")
@click.argument("corp_id")
@click.option("--customer", help="只看这个客户的 / of this customer only")
def list_(corp_id: str, customer: str | None) -> None:
    """列出订单：订单号、客户、状态、物流、更新时间 / List orders: id, customer, status, logistics, updated at."""
    for order in operation(load()).list_orders(me(), CorpId(corp_id), customer=customer).items:
        when = order.updated_at.astimezone(CHINA).isoformat(" ", "seconds")
        cells = (order.order_id, order.customer, order.status, order.logistics, when)
        click.echo("\t".join(" ".join(cell.split()) for cell in cells))


@orders.command()
@click.argument("corp_id")
@click.argument("order_ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="该租户的全部订单 / all of the tenant's")
@click.option("--yes", is_flag=True, help="不再确认 / do not ask")
def remove(corp_id: str, order_ids: tuple[str, ...], *, everything: bool, yes: bool) -> None:
    """按订单号删除订单 / Remove orders by id."""
    if bool(order_ids) == everything:
        raise click.UsageError("请给出订单号，或用 --all / give ids, or --all")
    verbs = operation(load())
    doomed = [order.order_id for order in verbs.list_orders(me(), CorpId(corp_id), only=order_ids).items]
    if not yes:
        click.confirm(f"删除 {corp_id} 的 {len(doomed)} 个订单 / remove {len(doomed)} orders?", abort=True)
    removed = verbs.remove_orders(me(), CorpId(corp_id), doomed)
    click.echo(f"已删除 / removed {removed}，立即生效 / effective now")
