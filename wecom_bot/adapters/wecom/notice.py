"""What servicers of an own app are told when somebody needs them."""

from collections.abc import Sequence
from datetime import timedelta

from wecom_bot.adapters.wecom import limits, text
from wecom_bot.domain.order import CHINA
from wecom_bot.ports import Line

_LINES = 10
_LINE = 300  # bytes: a hundred characters tell what it is about
_NAMES = {"customer": "成员", "bot": "机器人", "servicer": "客服"}
_REASONS = {
    "asked": "对方要求人工",
    "misses": "机器人连续几次没能答上",
    "rule": "按贵司设定的规则转人工",
    "late": "对方的消息等得太久，没有及时答复",
    "given_up": "机器人没能处理对方的消息",
}


def notice(member: str, app: str, reason: str, silence: timedelta, lines: Sequence[Line]) -> str:
    """Who asks, why, and the last that was said, the newest at the end: as much of it as fits."""
    minutes = max(1, round(silence / timedelta(minutes=1)))
    head = (
        f"【转人工】成员 {member} 在应用“{app}”里需要人工服务"
        f"（{_REASONS.get(reason, reason)}）。请直接联系对方，{minutes} 分钟内机器人不再回复。"
    )
    said = [_said(line) for line in lines[-_LINES:]]
    while said:
        whole = "\n".join((head, "", "最近的对话：", *said))
        if len(whole.encode()) <= limits.TEXT:
            return whole
        said = said[1:]
    return head


def _said(line: Line) -> str:
    words = text.cut(line.text, _LINE) or "（没有文字的消息）"
    return f"{line.at.astimezone(CHINA):%H:%M} {_NAMES[line.who]}：{words}"
