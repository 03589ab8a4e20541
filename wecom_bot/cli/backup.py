"""`wecom-bot backup`: one archive of all that must not be lost, while the bot goes on."""

from pathlib import Path

import click

from wecom_bot.bootstrap.backup import BackupOrder, back_up
from wecom_bot.settings import load


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", default=14, show_default=True, type=click.IntRange(min=1), help="留几份 / archives to keep")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="设置文件，一并存入，主密钥除外 / the settings' file, without the master key",
)
@click.option(
    "--master-key-to",
    type=click.Path(file_okay=False, path_type=Path),
    help="主密钥另存到这个目录，不能与备份同处 / copy the master key there, apart from the backup",
)
@click.option("--without-redis", is_flag=True, help="Redis 不在时：不存在途的工作 / leave out what waits in Redis")
def backup(
    folder: Path, keep: int, settings_file: Path | None, master_key_to: Path | None, *, without_redis: bool
) -> None:
    """数据库、在途的工作、图片、设置，写成 FOLDER 里的一个文件；机器人照常运行 / Back up while the bot goes on."""
    order = BackupOrder(folder, keep, settings_file, master_key_to, with_redis=not without_redis)
    done = back_up(load(), order)
    rows = sum(done.counts.values())
    click.echo(
        f"已备份并读回核对 / written and proved: {done.path}  ({done.path.stat().st_size:,} bytes, {rows:,} rows)"
    )
    for path in done.retired:
        click.echo(f"已删旧的 / an old one was deleted: {path.name}")
    if master_key_to is None:
        click.echo(
            f"主密钥不在里面（编号 {done.manifest.key_id}），请另外保存：没有它，恢复后要重新录入所有密钥"
            " / the master key is not in it: keep it elsewhere"
        )
