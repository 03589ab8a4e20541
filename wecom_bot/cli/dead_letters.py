"""`wecom-bot dead-letters`: what was given up, and giving it another chance."""

import click

from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli.machine_user import me
from wecom_bot.domain.message import CorpId
from wecom_bot.settings import load


@click.group("dead-letters")
def dead_letters() -> None:
    """死信：多次失败后放弃的消息 / work that was given up."""


@dead_letters.command("list")
@click.argument("corp_id")
@click.option("--most", default=100, show_default=True, type=click.IntRange(min=1), help="最多几条 / how many at most")
@click.option("--after", metavar="ID", help="接着这一封往前列 / go on from this letter")
def list_(corp_id: str, most: int, after: str | None) -> None:
    """列出某租户的死信，新的在前 / a tenant's dead letters, newest first."""
    page = operation(load()).list_dead_letters(me(), CorpId(corp_id), most=most, after=after)
    for letter in page.items:
        what = f"{letter.kind} {letter.mailbox}" if letter.kind else "unreadable"
        when = letter.buried_at.astimezone().isoformat(timespec="seconds")
        click.echo(f"{letter.letter_id}  {when}  {what}  {letter.attempts}×  {letter.reason}")
    if not page.items:
        click.echo("没有死信 / none" if after is None else "后面没有了 / none after it")


@dead_letters.command()
@click.argument("corp_id")
@click.argument("letter_ids", nargs=-1, required=True)
def replay(corp_id: str, letter_ids: tuple[str, ...]) -> None:
    """重新处理 / put them back into their conversation's mailbox."""
    replay_dead_letter = operation(load()).replay_dead_letter
    for letter_id in letter_ids:
        replay_dead_letter(me(), CorpId(corp_id), letter_id)
        click.echo(f"已放回 / replayed {letter_id}")


@dead_letters.command()
@click.argument("corp_id")
@click.argument("letter_ids", nargs=-1, required=True)
def drop(corp_id: str, letter_ids: tuple[str, ...]) -> None:
    """删除 / forget them."""
    drop_dead_letter = operation(load()).drop_dead_letter
    for letter_id in letter_ids:
        drop_dead_letter(me(), CorpId(corp_id), letter_id)
        click.echo(f"已删除 / dropped {letter_id}")
