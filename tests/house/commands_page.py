"""docs/commands.md, as the commands' own help has it: `make settings` writes it, a test compares it."""

from collections.abc import Iterator

import click

from wecom_bot.cli import main

_HEAD = """# 命令 / Commands

由命令自己的帮助生成（`make settings`），每条命令的选项见 `--help`。
*Made from the commands' own help; of each `--help` shows the options.*

| 命令 command | 做什么 what it does |
|---|---|
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(f"| `{path}` | {said} |\n" for path, said in _leaves(main, "wecom-bot"))


def _leaves(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(command, click.Group):
        yield path, " ".join((command.help or "").partition("\n\n")[0].replace("|", "\\|").split())
        return
    here = click.Context(command)
    for name in command.list_commands(here):
        if each := command.get_command(here, name):
            yield from _leaves(each, f"{path} {name}")


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - its output is the page
