"""`wecom-bot dead-letters`: what was given up, and giving it another chance."""

import click

from wecom_bot.bootstrap import shared
from wecom_bot.domain.message import CorpId
from wecom_bot.settings import load


@click.group("dead-letters")
def dead_letters() -> None:
    """死信：多次失败后放弃的消息 / work that was given up."""


@dead_letters.command("list")
@click.argument("corp_id")
@click.option("--most", default=100, show_default=True, help="最多几条 / how many at most")
def list_(corp_id: str, most: int) -> None:
    """列出某租户的死信，新的在前 / a tenant's dead letters, newest first."""
    letters = shared.dead_letters(load()).dead_letters(CorpId(corp_id), most)
    for letter in letters:
        what = f"{letter.job.kind} {letter.job.mailbox}" if letter.job else "unreadable"
        when = letter.buried_at.astimezone().isoformat(timespec="seconds")
        click.echo(f"{letter.letter_id}  {when}  {what}  {letter.attempts}×  {letter.reason}")
    if not letters:
        click.echo("没有死信 / none")


@dead_letters.command()
@click.argument("corp_id")
@click.argument("letter_ids", nargs=-1, required=True)
def replay(corp_id: str, letter_ids: tuple[str, ...]) -> None:
    """重新处理 / put them back into their conversation's mailbox."""
    letters = shared.dead_letters(load())
    for letter_id in letter_ids:
        letters.replay(CorpId(corp_id), letter_id)
        click.echo(f"已放回 / replayed {letter_id}")


@dead_letters.command()
@click.argument("corp_id")
@click.argument("letter_ids", nargs=-1, required=True)
def drop(corp_id: str, letter_ids: tuple[str, ...]) -> None:
    """删除 / forget them."""
    letters = shared.dead_letters(load())
    for letter_id in letter_ids:
        letters.drop(CorpId(corp_id), letter_id)
        click.echo(f"已删除 / dropped {letter_id}")
