"""`wecom-bot tenants`: take companies in, show them, switch them on and off."""

import os
from pathlib import Path

import click

from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli.machine_user import me
from wecom_bot.cli.reading import tenants_of
from wecom_bot.domain.message import CorpId
from wecom_bot.service.operation.tenants import TenantChange
from wecom_bot.settings import load

_DONE = {
    TenantChange.ADDED: "新增 / added",
    TenantChange.CHANGED: "已更新 / changed",
    TenantChange.UNCHANGED: "无变化 / unchanged",
}
_SOON = "各进程 2 秒内生效 / every process sees it within 2 seconds"


@click.group()
def tenants() -> None:
    """租户（所服务的企业）/ The companies that we serve."""


@tenants.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """从 TOML 文件导入：全部正确才生效；文件里没写的密钥保持原值 / Import from TOML, all or nothing."""
    for corp_id, change in operation(load()).import_tenants(me(), tenants_of(file)):
        click.echo(f"{corp_id}  {_DONE[change]}")
    click.echo(_SOON)


@tenants.command()
@click.argument("corp_ids", nargs=-1)
@click.option("--with-secrets", is_flag=True, help="连同密钥导出 / the secrets too")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="写入文件 / write to a file")
def export(corp_ids: tuple[str, ...], output: Path | None, *, with_secrets: bool) -> None:
    """导出为 TOML，默认不含密钥 / Export as TOML, by default without secrets."""
    document = operation(load()).export_tenants(me(), corp_ids, with_secrets=with_secrets)
    text = stores.write_tenants(document)
    if with_secrets:
        click.secho("警告：导出内容含明文密钥，请妥善保管 / WARNING: there are secrets in it", fg="yellow", err=True)
    if output is None:
        click.echo(text.encode(), nl=False)  # a file to be, and TOML is UTF-8 whatever the terminal is
        return
    output.unlink(missing_ok=True)  # an old file keeps its old mode
    with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    click.echo(f"已写入 / written: {output}", err=True)


@tenants.command("list")
def list_() -> None:
    """列出全部租户 / List all tenants."""
    shown = operation(load()).list_tenants(me()).items
    if not shown:
        click.echo("还没有租户，请用 `wecom-bot tenants import` 导入 / no tenants yet", err=True)
    for each in shown:
        tenant = each.tenant
        state = "启用 / on " if tenant.active else "停用 / off"
        trouble = "  密钥不可读 / secrets unreadable" if each.trouble else ""
        click.echo(
            f"{tenant.corp_id}  {state}  应用 / apps {len(tenant.apps)}"
            f"  客服 / kf {len(tenant.kf_accounts)}  {tenant.name}{trouble}"
        )


@tenants.command()
@click.argument("corp_id")
def show(corp_id: str) -> None:
    """显示一个租户（不含密钥）及其回调路径 / Show a tenant, without secrets, and its callback paths."""
    verbs = operation(load())
    shown = verbs.show_tenant(me(), CorpId(corp_id))
    click.echo(stores.write_tenants(verbs.export_tenants(me(), [corp_id])), nl=False)
    click.echo()
    for app in shown.tenant.apps:
        secrets = "密钥已存 / secrets stored" if app.name in shown.sealed_apps else "无可用密钥 / no usable secrets"
        click.echo(f"# 回调 / callback: /callback/{corp_id}/{app.name}  {secrets}")
    for name, table in (("扣子 / Coze", "coze"), ("意图服务 / NLU", "nlu")):
        if table in shown.sealed_tables:
            click.echo(f"# {name}: 令牌已存 / token stored")
    if "business" in shown.sealed_tables:
        click.echo("# 业务库 / business database: dsn 已存 / stored")
    if shown.trouble:
        click.echo(f"# {shown.trouble}")


@tenants.command()
@click.argument("corp_id")
def on(corp_id: str) -> None:
    """启用租户 / Switch a tenant on."""
    operation(load()).switch_tenant(me(), CorpId(corp_id), active=True)
    click.echo(f"{corp_id}  已启用 / on；{_SOON}")


@tenants.command()
@click.argument("corp_id")
def off(corp_id: str) -> None:
    """停用租户：照常应答企业微信，但不回复客户 / Switch a tenant off: WeCom is answered, customers are not."""
    operation(load()).switch_tenant(me(), CorpId(corp_id), active=False)
    click.echo(f"{corp_id}  已停用 / off；{_SOON}")


@tenants.command()
@click.argument("corp_id")
@click.option("--yes", is_flag=True, help="不再确认 / do not ask")
def remove(corp_id: str, *, yes: bool) -> None:
    """删除租户及其密钥；条目、订单和会话记录保留 / Remove a tenant and its secrets; what else it has stays."""
    verbs = operation(load())
    shown = verbs.show_tenant(me(), CorpId(corp_id))
    if not yes:
        click.confirm(f"删除 / remove {corp_id} {shown.tenant.name}?", abort=True)
    verbs.remove_tenant(me(), CorpId(corp_id))
    click.echo(f"{corp_id}  已删除 / removed；{_SOON}")
