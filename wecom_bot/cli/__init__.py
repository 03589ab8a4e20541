"""The command line: `wecom-bot COMMAND`. Each command's module is imported only when the command is asked for."""

import importlib
from typing import Any

import click

from wecom_bot import __version__, startup
from wecom_bot.cli import terminal
from wecom_bot.errors import ConfigurationError, InvalidInput, WecomBotError
from wecom_bot.telemetry import logs

_COMMANDS = {
    # name: (module, attribute, what `--help` says); one line a command
    "articles": ("wecom_bot.cli.articles", "articles", "导入、查看、导出知识条目 / import and export articles"),
    "backup": ("wecom_bot.cli.backup", "backup", "备份，机器人照常运行 / back up while the bot goes on"),
    "calibrate": ("wecom_bot.cli.calibrate", "calibrate", "校准门槛 / calibrate thresholds"),
    "dead-letters": ("wecom_bot.cli.dead_letters", "dead_letters", "查看、重放死信 / work that was given up"),
    "callers": ("wecom_bot.cli.callers", "callers", "企业微信从哪来，写成名单 / WeCom's addresses, as an allow-list"),
    "demo": ("wecom_bot.cli.demo", "demo", "演示：两个示例租户 / the demo, with two sample companies"),
    "doctor": ("wecom_bot.cli.doctor", "doctor", "体检：哪里不对、怎么办 / what is wrong, and what to do"),
    "evaluate": ("wecom_bot.cli.evaluate", "evaluate", "测量搜索准不准 / measure the answers"),
    "migrate": ("wecom_bot.cli.migrate", "migrate", "建立或升级数据库表 / create or upgrade the database schema"),
    "model": ("wecom_bot.cli.model", "model", "安装、查看语义模型 / the model for meaning"),
    "orders": ("wecom_bot.cli.orders", "orders", "导入、查看、删除订单 / import, list and remove orders"),
    "queries": ("wecom_bot.cli.queries", "queries", "试业务查询 / try named queries on a tenant's own database"),
    "requests": ("wecom_bot.cli.tickets", "tickets", "查看、处理待人工处理的请求 / what waits for a human"),
    "restore": ("wecom_bot.cli.restore", "restore", "从备份恢复到空的地方 / bring all back from a backup"),
    "search": ("wecom_bot.cli.search", "search", "重建、迁移、退回搜索索引 / rebuild and move search indexes"),
    "serve": ("wecom_bot.cli.serve", "serve", "在本机运行整个机器人 / run the whole bot on this machine"),
    "settings": ("wecom_bot.cli.settings", "settings", "查看生效的配置 / show the effective settings"),
    "simulate": ("wecom_bot.cli.simulate", "simulate", "模拟企业微信或扣子 / simulate WeCom or Coze"),
    "tenants": ("wecom_bot.cli.tenants", "tenants", "导入、查看、启停租户 / import, show, switch tenants"),
    "turns": ("wecom_bot.cli.turns", "turns", "客户说了什么、哪些没答上 / what was said, and what not answered"),
    "worker": ("wecom_bot.cli.worker", "worker", "运行一个 worker 进程 / run one worker process"),
}


class Failure(click.ClickException):
    """What went wrong, for the operator, without a traceback."""


class Mistake(Failure):
    """What the operator can correct: click's own status for that is 2."""

    exit_code = 2


class Commands(click.Group):
    """The commands of the list above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        _ = ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        _ = ctx
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _help = _COMMANDS[cmd_name]
        with startup.importing():
            command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list for `--help`, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][2]) for name in self.list_commands(ctx)])

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run as a program, on whatever terminal there is."""
        terminal.forgive()
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command; what we raise on purpose becomes one clear message."""
        try:
            return super().invoke(ctx)
        except WecomBotError as e:
            kind = Mistake if isinstance(e, ConfigurationError | InvalidInput) else Failure
            raise kind(str(e)) from e


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="wecom-bot")
def main() -> None:
    """企业微信智能客服机器人 / A customer-service bot for WeCom.

    配置见 `wecom-bot settings --markdown` / All settings: `wecom-bot settings --markdown`.
    """
    # Commands print their results to stdout; only what is wrong goes to stderr. `serve` and `worker` say otherwise.
    logs.configure("console", "warning")
