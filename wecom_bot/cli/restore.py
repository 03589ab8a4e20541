"""`wecom-bot restore`: bring everything back from an archive, and say what was lost."""

from datetime import datetime
from pathlib import Path

import click

from wecom_bot.bootstrap import restore as restoring
from wecom_bot.settings import load

_LOST = """\
备份于 / taken at      {taken}
旧机器最后回答 / lost at  {lost}
这中间 / between the two:
- 客户说了、记录里没有的话，不知道答过没有：机器人不再答，客服消息重新拉取后列入待处理请求（restored），
  请按 `wecom-bot requests list` 联系；应用里应答过的消息企业微信不再送来，已丢
  What customers said then may have been answered: it is not answered again. That of kf accounts is pulled anew and
  becomes open requests (restored); that of apps is lost.
- 改过的租户、知识、订单要重新导入，关掉的请求又开着 / import again what was changed, close again what was closed
死信、说到一半的槽位、应用转人工后的沉默，不在备份里 / dead letters, half-told slots and an app's silence are gone
"""


@click.command()
@click.argument("archive", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--lost-at",
    required=True,
    metavar="WHEN",
    help="旧机器最后回答的时间，宁晚勿早：2026-11-29T14:05（本地时间，可带时区）或 now"
    " / when the lost machine answered for the last time, rather late than early",
)
def restore(archive: Path | None, lost_at: str) -> None:
    """从备份恢复到空的地方 / Bring everything back, into empty places.

    没有 ARCHIVE：数据库是用别的办法（云盘快照）恢复的，只记下 --lost-at
    / Without ARCHIVE: the database was brought back by other means, and only --lost-at is noted.
    """
    settings, lost = load(), _moment(lost_at)
    if archive is None:
        restoring.note(settings, lost)
        click.echo(f"已记下 / noted: {lost.astimezone().isoformat(' ', 'seconds')}")
        return
    done = restoring.restore(settings, archive, lost)
    for name, rows in done.rows.items():
        click.echo(f"{name:14} {rows:,}")
    click.echo(f"还没写进 SQL 的记录 / records that had not reached SQL: {done.entries:,}")
    click.echo(f"当时在等的消息，列入待处理请求 / waited then, now open requests: {done.owed:,}")
    click.echo(f"图片 / pictures: {done.pictures:,}")
    taken, lost_text = (each.astimezone().isoformat(" ", "seconds") for each in (done.manifest.taken_at, lost))
    click.echo(_LOST.format(taken=taken, lost=lost_text), nl=False)
    click.echo("现在可以启动了 / now start the bot")


def _moment(text: str) -> datetime:
    if text == "now":
        return datetime.now().astimezone()
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise click.BadParameter("应形如 / should look like 2026-11-29T14:05, or now", param_hint="--lost-at") from None
