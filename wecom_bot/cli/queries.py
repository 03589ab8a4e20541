"""`wecom-bot queries`: named queries on a tenant's own database, tried out."""

import click

from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli.machine_user import me
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.query_shape import CUSTOMER
from wecom_bot.errors import InvalidInput
from wecom_bot.settings import load


@click.group()
def queries() -> None:
    """业务查询：租户自己库里的数据 / Named queries on a tenant's own database."""


@queries.command("try")
@click.argument("corp_id")
@click.argument("name")
@click.option("--set", "pairs", multiple=True, metavar="SLOT=VALUE", help="槽位的值，可多次 / a slot's value")
@click.option("--customer", help="客户 external_userid 或 userid / the customer who asks")
@click.option("--full", is_flag=True, help="不打码 / unmasked")
def try_(corp_id: str, name: str, pairs: tuple[str, ...], customer: str | None, *, full: bool) -> None:
    """照客户来问那样查一次：不发送，不计核对次数 / Look up as if a customer asked: nothing is sent or counted."""
    values = dict(map(_pair, pairs)) | ({CUSTOMER: customer} if customer is not None else {})
    tried = operation(load()).try_query(me(), CorpId(corp_id), name, values, whole=full)
    click.echo(f"查到 / found {tried.found} 行 rows，可以告诉客户 / may be told {tried.told}\n")
    click.echo(tried.text)


def _pair(said: str) -> tuple[str, str]:
    name, separator, value = said.partition("=")
    if not separator:
        raise InvalidInput(f"--set 应写成 名字=值 / should look like name=value: {said}")
    return name.strip(), value
