"""The demo's conversation: customers say their lines, and what they see is held against what they should."""

import re
import signal
import statistics
import sys
import time
from typing import Any

import click

from wecom_bot.simulators import samples
from wecom_bot.simulators.samples import Line
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import Seen

_PATIENCE = 15.0  # seconds for an answer
_SILENCE = 1.5  # seconds in which nothing has to come
_DOORS = {"kf": "微信客服", "app": "自建应用"}


def perform(wecom: SimulatorClient, document: dict[str, Any], names: dict[str, str]) -> bool:
    """Play the scripted conversation and print it; whether every answer was right."""
    accounts = {(tenant["corp_id"], door): _account(tenant, door) for tenant in document["tenants"] for door in _DOORS}
    took: list[float] = []
    wrong = 0
    for line in samples.conversation():
        account = accounts[line.tenant, line.door]
        click.secho(f"{names[line.tenant]}·{_DOORS[line.door]}　{line.shows}", dim=True)
        click.echo(f"  {line.customer}：{line.says}")
        seen, seconds = _say(wecom, line, account)
        right = len(seen) == len(line.sees) and all(map(_matches, line.sees, seen))
        wrong += not right
        took += seconds
        _show(line, seen, seconds, right=right)
    total = len(samples.conversation())
    middle = f"，中位 {statistics.median(took):.0f} ms" if took else ""
    click.echo(f"\n{total} 句，{total - wrong} 句答对{middle} / {total - wrong} of {total} answered as they should")
    return not wrong


def _say(wecom: SimulatorClient, line: Line, account: str) -> tuple[list[Seen], list[float]]:
    """What came of it, and after how many milliseconds each."""
    before = wecom.seen(line.tenant, account, line.customer)
    after = before[-1].seq if before else 0
    said = time.time()
    wecom.say(line.tenant, account, line.customer, line.says, line.door)
    count, patience = (len(line.sees), _PATIENCE) if line.sees else (1, _SILENCE)
    seen = wecom.seen(line.tenant, account, line.customer, after=after, count=count, timeout=patience)
    return seen, [1000 * (each.at.timestamp() - said) for each in seen]


def _matches(expected: str, seen: Seen) -> bool:
    return re.search(expected, seen.text) is not None


def _show(line: Line, seen: list[Seen], took: list[float], *, right: bool) -> None:
    for each, milliseconds in zip(seen, took, strict=True):
        click.echo(f"  机器人：{_read(each)}　({milliseconds:.0f} ms)", nl=False)
        click.secho(" ✓" if right else " ✗", fg="green" if right else "red")
    if not seen:
        click.echo("  机器人：（沉默）", nl=False)
        click.secho(" ✓" if right else " ✗", fg="green" if right else "red")
    if not right:
        click.secho(f"    应为 / should be: {line.sees or '沉默 / silence'}", fg="red")
    click.echo()


def _read(seen: Seen) -> str:
    return seen.text + "".join(f"\n          [{option.text}]" for option in seen.choices)


def chat(wecom: SimulatorClient, tenant: dict[str, Any]) -> None:
    """Let a person be the customer until Ctrl-C or the end of the input."""
    account, corp_id = _account(tenant, "kf"), tenant["corp_id"]
    if not sys.stdin.isatty():
        click.echo("演示环境保持运行，Ctrl-C 退出 / it keeps running; Ctrl-C ends it")
        signal.pause()
    click.echo(f"现在您是{tenant['name']}的客户，请输入问题；Ctrl-C 退出 / you are a customer now; Ctrl-C ends it")
    after = 0
    try:
        while True:
            click.echo("  您：", nl=False)
            words = sys.stdin.readline()
            if not words:
                break
            if not words.strip():
                continue
            wecom.say(corp_id, account, "您", words.strip())
            for each in wecom.seen(corp_id, account, "您", after=after, count=1, timeout=_PATIENCE):
                after = each.seq
                click.echo(f"  机器人：{_read(each)}")
    except KeyboardInterrupt:
        click.echo()


def _account(tenant: dict[str, Any], door: str) -> str:
    return str(tenant["kf_accounts"][0]["open_kfid"] if door == "kf" else tenant["apps"][0]["agent_id"])
