"""The demo's conversation: customers say their lines, and what they see is held against what they should."""

import re
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta

import click

from wecom_bot.cli.stage import Stage
from wecom_bot.domain.message import Channel, ConversationId, CorpId
from wecom_bot.simulators.samples import ScriptLine
from wecom_bot.simulators.wecom.schema import Seen
from wecom_bot.simulators.window.desk import Company, Desk

_PATIENCE = timedelta(seconds=15)  # for an answer
_SILENCE = timedelta(seconds=1.5)  # in which nothing has to come
_DOORS = {"kf": "微信客服", "app": "自建应用"}
_HAPPENS = {"coze_dies": "（扣子停机 / Coze dies）", "coze_returns": "（扣子恢复 / Coze returns）"}


def perform(desk: Desk, stage: Stage, lines: Sequence[ScriptLine]) -> bool:
    """Play a scripted conversation and print it; whether every answer was right."""
    known = {company.corp_id: company for company in desk.companies()}
    took: list[float] = []
    wrong = 0
    for line in lines:
        if line.first:
            stage.happens(line.first)
            click.secho(_HAPPENS[line.first] + "\n", fg="yellow")
        company = known[CorpId(line.tenant)]
        click.secho(f"{company.name}·{_DOORS[line.door]}　{line.shows}", dim=True)
        click.echo(f"  {line.customer}：{line.says}")
        seen, milliseconds, explained = _say(desk, line, _where(company, line))
        right = explained and len(seen) == len(line.sees) and all(map(_matches, line.sees, seen))
        wrong += not right
        took += milliseconds
        _show(line, seen, milliseconds, right=right)
    right_ones = len(lines) - wrong
    middle = f"，中位 {statistics.median(took):.0f} ms" if took else ""
    click.echo(f"{len(lines)} 句，{right_ones} 句答对{middle} / {right_ones} of {len(lines)} answered as they should")
    return not wrong


def _where(company: Company, line: ScriptLine) -> ConversationId:
    channel = Channel(line.door)
    account = next(each.account for each in company.accounts if each.channel is channel)
    return ConversationId(company.corp_id, channel, account, line.customer)


def _say(desk: Desk, line: ScriptLine, where: ConversationId) -> tuple[list[Seen], list[float], bool]:
    """What came of it, after how many milliseconds each, and whether the window can show the turn behind it."""
    before = desk.seen(where)
    after = before[-1].seq if before else 0
    said = time.time()
    message_id = desk.say(where, line.says)
    seen = list(desk.seen(where, after, _PATIENCE if line.sees else _SILENCE))
    while seen and len(seen) < len(line.sees) and (more := desk.seen(where, seen[-1].seq, _PATIENCE)):
        seen += more
    turn = desk.turn(where, message_id)
    return seen, [1000 * (each.at.timestamp() - said) for each in seen], turn is not None and turn.trace_id != ""


def _matches(expected: str, seen: Seen) -> bool:
    return re.search(expected, seen.text) is not None


def _show(line: ScriptLine, seen: list[Seen], took: list[float], *, right: bool) -> None:
    for each, milliseconds in zip(seen, took, strict=True):
        text = each.text + "".join(f"\n          [{option.text}]" for option in each.choices)
        click.echo(f"  机器人：{text}　({milliseconds:.0f} ms)", nl=False)
        _verdict(right=right)
    if not seen:
        click.echo("  机器人：（沉默）", nl=False)
        _verdict(right=right)
    if not right:
        click.secho(f"    应为 / should be: {line.sees or '沉默 / silence'}", fg="red")
    click.echo()


def _verdict(*, right: bool) -> None:
    click.secho(" ✓" if right else " ✗", fg="green" if right else "red")
