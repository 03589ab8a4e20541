"""What servicers of an own app are told when somebody needs them."""

from collections.abc import Sequence
from datetime import timedelta

from wecom_bot.adapters.wecom.api import limits
from wecom_bot.adapters.wecom.speaking import text
from wecom_bot.domain.order import CHINA
from wecom_bot.ports import Line

_LINES = 20  # ten turns: what was said, and what the bot answered
_LINE = 300  # bytes of a line's words: a hundred characters tell what it is about
_LEAST = 120  # bytes: where lines would have to be shorter to fit into one notice, a second one takes the older
_STEP = 6
_NAMES = {"customer": "成员", "bot": "机器人", "servicer": "客服"}
_REASONS = {
    "asked": "对方要求人工",
    "misses": "机器人连续几次没能答上",
    "rule": "按贵司设定的规则转人工",
    "complaint": "对方要投诉",
    "message": "对方留了言",
    "late": "对方的消息等得太久，没有及时答复",
    "promised": "扣子在回答里答应了转人工",
    "given_up": "机器人没能处理对方的消息",
}


def notices(member: str, app: str, reason: str, silence: timedelta, lines: Sequence[Line]) -> tuple[str, ...]:
    """Who asks and why, and the last ten turns, the newest at the end; each fits into one message.

    Long lines are cut, all at the same length. The first notice has the newest and can stand alone; where one cannot
    hold all, a second has the older ones.
    """
    minutes = max(1, round(silence / timedelta(minutes=1)))
    first = (
        f"【转人工】成员 {member} 在应用“{app}”里需要人工服务"
        f"（{_REASONS.get(reason, reason)}）。请直接联系对方，{minutes} 分钟内机器人不再回复。"
    )
    if not lines:
        return (first,)
    heads = (f"{first}\n\n最近的对话：", f"【转人工】成员 {member} 更早的对话：")
    filled: tuple[str, ...] = (first,)
    for allowed in (heads[:1], heads):
        for most in range(_LINE, _LEAST - 1, -_STEP):
            filled, left = _filled(allowed, [_said(line, most) for line in lines[-_LINES:]])
            if not left:
                return filled
    return filled


def _filled(heads: Sequence[str], said: Sequence[str]) -> tuple[tuple[str, ...], Sequence[str]]:
    """Under each head as many lines as fit, the newest under the first; and the lines that are left over."""
    texts, left = [], said
    for head in heads:
        room = limits.TEXT - _size(head)
        taken = 0
        while taken < len(left) and (room := room - 1 - _size(left[-taken - 1])) >= 0:
            taken += 1
        here = len(left) - taken
        texts.append("\n".join((head, *left[here:])))
        left = left[:here]
    return tuple(texts), left


def _said(line: Line, most: int) -> str:
    words = text.cut(line.text, most) or "（没有文字的消息）"
    return f"{line.at.astimezone(CHINA):%H:%M} {_NAMES[line.who]}：{words}"


def _size(words: str) -> int:
    return len(words.encode())
