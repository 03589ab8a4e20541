"""`wecom-bot tenants`: take companies in, show them, switch them on and off."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from wecom_bot import private
from wecom_bot.bootstrap import stores
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Unknown
from wecom_bot.ports import StoredTenant
from wecom_bot.service.operation.tenant_proof import holds_secrets
from wecom_bot.service.operation.tenants import Change, ExportTenants, ImportTenants
from wecom_bot.settings import Settings, load

_DONE = {Change.ADDED: "新增 / added", Change.CHANGED: "已更新 / changed", Change.UNCHANGED: "无变化 / unchanged"}
_SOON = "各进程 2 秒内生效 / every process sees it within 2 seconds"


@click.group()
def tenants() -> None:
    """租户（所服务的企业）/ The companies that we serve."""


@tenants.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """从 TOML 文件导入：全部正确才生效；文件里没写的密钥保持原值 / Import from TOML, all or nothing."""
    store = stores.tenant_store(load())
    for corp_id, change in ImportTenants(store)(read(file)):
        click.echo(f"{corp_id}  {_DONE[change]}")
    click.echo(_SOON)


@tenants.command()
@click.argument("corp_ids", nargs=-1)
@click.option("--with-secrets", is_flag=True, help="连同密钥导出 / the secrets too")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="写入文件 / write to a file")
def export(corp_ids: tuple[str, ...], output: Path | None, *, with_secrets: bool) -> None:
    """导出为 TOML，默认不含密钥 / Export as TOML, by default without secrets."""
    document = ExportTenants(stores.tenant_store(load()))(corp_ids, with_secrets=with_secrets)
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
    stored = stores.tenant_store(load()).load_all()
    if not stored:
        click.echo("还没有租户，请用 `wecom-bot tenants import` 导入 / no tenants yet", err=True)
    for each in stored:
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
    store = stores.tenant_store(load())
    stored = _find(store.load_all(), corp_id)
    click.echo(stores.write_tenants(ExportTenants(store)([corp_id])), nl=False)
    click.echo()
    for app in stored.tenant.apps:
        secrets = "密钥已存 / secrets stored" if app.name in stored.credentials else "无可用密钥 / no usable secrets"
        click.echo(f"# 回调 / callback: /callback/{corp_id}/{app.name}  {secrets}")
    for name, token in (("扣子 / Coze", stored.secrets.coze_token), ("意图服务 / NLU", stored.secrets.nlu_token)):
        if token.get_secret_value():
            click.echo(f"# {name}: 令牌已存 / token stored")
    if stored.trouble:
        click.echo(f"# {stored.trouble}")


@tenants.command()
@click.argument("corp_id")
def on(corp_id: str) -> None:
    """启用租户 / Switch a tenant on."""
    stores.tenant_store(load()).set_active(CorpId(corp_id), active=True)
    click.echo(f"{corp_id}  已启用 / on；{_SOON}")


@tenants.command()
@click.argument("corp_id")
def off(corp_id: str) -> None:
    """停用租户：照常应答企业微信，但不回复客户 / Switch a tenant off: WeCom is answered, customers are not."""
    stores.tenant_store(load()).set_active(CorpId(corp_id), active=False)
    click.echo(f"{corp_id}  已停用 / off；{_SOON}")


@tenants.command()
@click.argument("corp_id")
@click.option("--yes", is_flag=True, help="不再确认 / do not ask")
def remove(corp_id: str, *, yes: bool) -> None:
    """删除租户及其密钥；条目、订单和会话记录保留 / Remove a tenant and its secrets; what else it has stays."""
    store = stores.tenant_store(load())
    stored = _find(store.load_all(), corp_id)
    if not yes:
        click.confirm(f"删除 / remove {corp_id} {stored.tenant.name}?", abort=True)
    store.remove(CorpId(corp_id))
    click.echo(f"{corp_id}  已删除 / removed；{_SOON}")


def read(file: Path) -> Mapping[str, object]:
    """The file's tenants; whoever left their secrets open to others is told. Raises InvalidInput."""
    document = stores.read_tenants(file)
    mode = private.readers(file)
    if mode is not None and holds_secrets(document):
        click.secho(
            f"警告：租户文件里有密钥，权限却是 {mode:04o}，别人也能读，请执行"
            f" / WARNING: there are secrets in it, and others can read it: `chmod 600 {file}`",
            fg="yellow",
            err=True,
        )
    return document


def check(settings: Settings, corp_id: str) -> Tenant:
    """The tenant: a corp ID with a slip in it must not come to own something. Raises Unknown."""
    for stored in stores.tenant_store(settings).load_all():
        if stored.tenant.corp_id == corp_id:
            return stored.tenant
    raise Unknown(f"没有租户 {corp_id}，请先用 `wecom-bot tenants import` 导入 / there is no tenant {corp_id}")


def _find(stored: Sequence[StoredTenant], corp_id: str) -> StoredTenant:
    for each in stored:
        if each.tenant.corp_id == corp_id:
            return each
    raise Unknown(f"没有这个租户 / there is no tenant {corp_id}")
