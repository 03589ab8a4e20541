"""`wecom-bot doctor`: what is wrong with this installation, and what to do about it."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence

import click

from wecom_bot.bootstrap.doctor import examine
from wecom_bot.cli import terminal
from wecom_bot.domain.finding import Finding, State
from wecom_bot.settings import load
from wecom_bot.telemetry import logs

_SIGNS = {State.OK: "✓", State.WARNING: "!", State.FAILED: "✗", State.SKIPPED: "-"}
_PLAIN_SIGNS = {State.OK: "ok", State.WARNING: "!", State.FAILED: "X", State.SKIPPED: "-"}
_COLOURS = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "red", State.SKIPPED: None}
_COUNTED = (
    (State.FAILED, "失败 / failed"),
    (State.WARNING, "警告 / warnings"),
    (State.OK, "正常 / ok"),
    (State.SKIPPED, "没查 / skipped"),
)


@click.command()
@click.argument("corp_id", default="")
@click.option("--json", "as_json", is_flag=True, help="打印 JSON / print JSON")
def doctor(corp_id: str, *, as_json: bool) -> None:
    """体检：查 Redis、数据库、密钥、企业微信、扣子、回调、时钟、磁盘 / Say what is wrong, and what to do.

    只看不改。CORP_ID 只查一个租户（停用的也查）。退出码：0 没有失败，1 有失败，2 配置读不了。

    It changes nothing, and says what to do where something is not well.
    Exit status: 0 nothing failed, 1 something did, 2 the settings cannot be read.
    """
    settings = load()
    logs.configure("console", "critical")  # what the neighbours' adapters would say is said by the findings
    findings = examine(settings, corp_id)
    if as_json:
        click.echo(terminal.as_json(_document(findings), indent=2))
    else:
        for line in lines(findings):
            click.echo(line)
    sys.exit(any(each.state is State.FAILED for each in findings))


def _document(findings: Sequence[Finding]) -> dict[str, object]:
    counts = Counter(each.state for each in findings)
    return {
        "ok": not counts[State.FAILED],
        "counts": {state.value: counts[state] for state in State},
        "findings": [
            {
                "check": each.check,
                "about": each.about,
                "state": each.state.value,
                "seen": each.seen,
                "mend": each.mend,
                "docs": each.anchor,
            }
            for each in findings
        ],
    }


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """What a terminal is told: a line a finding, what to do beneath, and the counts."""
    is_utf8 = terminal.is_utf8(sys.stdout.encoding)
    signs, arrow = (_SIGNS, "→ ") if is_utf8 else (_PLAIN_SIGNS, "")
    for each in findings:
        yield _styled(_line(signs[each.state], each), each.state)
        if each.mend and each.state is not State.OK:
            yield f"    {arrow}{logs.one_line(each.mend)}"
        if each.state is State.FAILED:
            yield f"      {each.anchor}"
    counts = Counter(each.state for each in findings)
    yield "，".join(f"{counts[state]} {name}" for state, name in _COUNTED)


def _line(sign: str, found: Finding) -> str:
    about = f"  {found.about}" if found.about else ""
    return f"{sign} {found.check}{about}  {logs.one_line(found.seen)}"


def _styled(line: str, state: State) -> str:
    colour = _COLOURS[state]
    return click.style(line, fg=colour) if colour else line
