"""`wecom-bot callers`: WeCom's addresses, as an allow-list for what stands in front of the gateway."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli.machine_user import me
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError
from wecom_bot.ports import Network
from wecom_bot.settings import load

_HEAD = (
    "# 企业微信从这些地址回调：由 `wecom-bot callers` 写，改了会被覆盖"
    " / where WeCom calls from: written by a command, and over what you change\n"
)
_MODE = 0o644  # nothing of it is secret, and another user's nginx reads it


@click.command()
@click.argument("corp_id", required=False)
@click.argument("app", required=False)
@click.option("--nginx/--plain", default=True, help="nginx 的 geo 表，或一行一个网段 / for nginx, or a network a line")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="写入文件 / write to a file")
def callers(corp_id: str | None, app: str | None, output: Path | None, *, nginx: bool) -> None:
    """企业微信从哪些地址回调，写成 nginx 的名单 / Where WeCom calls from, as an allow-list.

    不写租户时，挨个问，问到一个为止：企业微信的地址对谁都一样。每天跑一次；取不到以 1 退出，文件不动。
    Without a tenant the first that may ask is asked. Run it daily: when it fails it exits with 1, and the file stays.

    wecom-bot callers --output /etc/nginx/callers.conf && nginx -t && nginx -s reload
    """
    found = operation(load()).find_callers(me(), CorpId(corp_id) if corp_id else None, app)
    for corp, name, reason in found.failed:
        click.secho(f"没问到 / not told: {corp} {name}: {reason}", fg="yellow", err=True)
    text = _for_nginx(found.networks) if nginx else _plain(found.networks)
    if output is None:
        click.echo(text, nl=False)
        return
    done = "已更新 / changed" if _replace(output, text) else "无变化 / unchanged"
    click.echo(f"{done}: {output}（{len(found.networks)} 段 / networks，{found.corp_id} {found.app}）")


def _for_nginx(networks: Sequence[Network]) -> str:
    """The inside of the `geo $caller` of deploy/nginx/nginx.conf."""
    return _HEAD + "default stranger;\n" + "".join(f"{each} wecom;\n" for each in networks)


def _plain(networks: Sequence[Network]) -> str:
    return "".join(f"{each}\n" for each in networks)


def _replace(path: Path, text: str) -> bool:
    """Put the text in the place of a file, whole or not at all; whether it is another. Raises ConfigurationError."""
    path = path.resolve()  # a link stays one
    try:
        if path.exists() and path.read_text("utf-8") == text:
            return False
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        new = Path(name)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
                os.fchmod(number, _MODE)
                file.flush()
                os.fsync(number)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigurationError(f"写不进去 / cannot be written: {e}") from e
    return True
