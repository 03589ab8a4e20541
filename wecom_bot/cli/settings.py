"""`wecom-bot settings`: what is set, and what may be set."""

import re
from collections.abc import Iterator
from datetime import timedelta

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from wecom_bot.environment import PREFIX
from wecom_bot.settings import Settings, load

# Passwords as people write them, so up to the last @, and with every / # ? that should have been a %2F %23 %3F
_SECRETS = (
    re.compile(r"://(?:[^:/?#@\[\]]*:)?(?P<secret>.*)@", re.DOTALL),
    re.compile(r"(?i)(?:passw(?:or)?d|secret|token)=(?P<secret>(?:(?!&\w+=).)+)", re.DOTALL),
)
_MASK = "******"

_INTRO = """\
# 配置 / Configuration

<!-- 由 `make settings` 生成，请勿手改；改动在 wecom_bot/settings.py / generated: change wecom_bot/settings.py -->

每项配置都是环境变量；也可写在工作目录的 `.env` 文件里，环境变量优先。
写错名字或值时程序不会启动，并说明哪一项、应是什么。
`wecom-bot settings` 显示当前生效的值（密码和密钥打码）。时长可写秒数（`15`、`0.5`）或 ISO 8601（`PT30M`）。

Every setting is an environment variable, or a line of `.env` in the working directory; the environment wins.
A wrong name or value stops the start and is named. `wecom-bot settings` shows what is in force.
Durations are seconds or ISO 8601.

| 配置 / setting | 默认 / default | 说明 / description |
|---|---|---|
"""
_EXAMPLE = """\
# 复制为 .env，去掉要改的行首的 # / Copy to .env and uncomment what you change.
# 由 `make settings` 生成 / generated: change wecom_bot/settings.py
"""


@click.command()
@click.option("--example", is_flag=True, help="打印 .env.example / print .env.example")
@click.option("--markdown", is_flag=True, help="打印 docs/configuration.md / print docs/configuration.md")
def settings(*, example: bool, markdown: bool) -> None:
    """显示生效的配置，密码和密钥打码 / Show the effective settings, with secrets masked."""
    if example and markdown:
        raise click.UsageError("--example 与 --markdown 只能选一个 / choose one of --example and --markdown")
    if example:
        click.echo("\n".join([_EXAMPLE, *_example()]))
    elif markdown:
        click.echo(_INTRO + "\n".join(_rows()))
    else:
        click.echo("\n".join(_effective(load())))


def _fields() -> list[tuple[str, FieldInfo]]:
    """What everybody sets first, then its parts, of which pydantic would show the last first."""
    return sorted(Settings.model_fields.items(), key=lambda named: named[0] not in Settings.__annotations__)


def _example() -> Iterator[str]:
    for name, field in _fields():
        yield f"# {field.description}"
        yield f"#{PREFIX}{name.upper()}={_written(field.default)}"
        yield ""


def _rows() -> Iterator[str]:
    for name, field in _fields():
        default = _written(field.default)
        description = (field.description or "").replace("|", "\\|")
        yield f"| `{PREFIX}{name.upper()}` | {f'`{default}`' if default else '（空 / empty）'} | {description} |"


def _effective(loaded: Settings) -> Iterator[str]:
    for name, field in _fields():
        value = getattr(loaded, name)
        yield f"{PREFIX}{name.upper()}={_masked(value)}{_origin(field, value)}"


def _origin(field: FieldInfo, value: object) -> str:
    return "  # 默认 / default" if value == field.default else ""


def _masked(value: object) -> str:
    if isinstance(value, SecretStr):
        return _MASK if value.get_secret_value() else ""
    text = _written(value)
    if text.startswith("sqlite:"):  # a path, and no password
        return text
    shown, end = "", 0
    for start, stop in sorted(found.span("secret") for pattern in _SECRETS for found in pattern.finditer(text)):
        if start >= end:  # else nobody can tell where the one begins and the other ends: all of it goes
            shown += text[end:start] + _MASK
        end = max(end, stop)
    return shown + text[end:]


def _written(value: object) -> str:
    """The value as it stands in the environment."""
    match value:
        case timedelta():
            return f"{value.total_seconds():g}"
        case SecretStr():
            return value.get_secret_value()
        case None:
            return ""
        case _:
            return str(value)
