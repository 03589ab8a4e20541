"""`wecom-bot model`: what lets the search understand meaning beside words."""

from pathlib import Path

import click

from wecom_bot.bootstrap import search
from wecom_bot.errors import ConfigurationError
from wecom_bot.settings import load


@click.group()
def model() -> None:
    """语义模型：装了它，换了说法的问题也找得到 / The embedding model: questions in other words are found, too."""


@model.command()
@click.argument("source", metavar="FILE", type=click.Path(exists=True, path_type=Path))
def install(source: Path) -> None:
    """从 jar，或放着两个文件的目录安装 / Install it from the jar, or from a folder with both files.

    在源码目录里 `make model` 会取来并安装。装好后重启 worker 生效；模型只在本机运行，不向外发送任何内容。
    `make model` fetches and installs it. Restart the workers then. It runs here: nothing leaves the machine.
    """
    try:
        folder = search.install_model(load(), source)
    except OSError as e:
        raise ConfigurationError(f"模型写不进去 / cannot be written: {e}") from e
    click.echo(f"已安装 / installed: {folder}；重启 worker 后生效 / restart the workers")


@model.command()
def show() -> None:
    """看模型在不在、能不能用 / Whether it is there, and works."""
    settings = load()
    folder = search.model_folder(settings)
    if damaged := search.damaged_model(settings):
        click.echo(f"{folder}: 没有可用的模型，只按字词搜索 / no model, searching by words alone: {', '.join(damaged)}")
        return
    found = search.embedder(settings)
    if found is None:
        click.echo(
            f"{folder}: 模型在，运行库不在 / the model is there, its runtime is not: pip install 'wecom-bot[semantic]'"
        )
        return
    click.echo(f"{folder}: 可用 / works, {found.identity}")
