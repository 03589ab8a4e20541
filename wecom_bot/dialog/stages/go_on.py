"""What of the last reply did not fit."""

import re
from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text.folding import letters

_MORE = re.compile(
    r"[请那你您就嗯好的呀啊麻烦帮我]*+"
    r"(?:继续[说讲发看显示下去]*+|接着[说讲发看来]*+|往下[说讲发看]*+|[说讲发]下去|还有呢|还有吗|然后呢|后面呢|下文呢?"
    r"|下一[页条段]|(?:查?看|显示|要)?(?:更多|全文|余下|剩下|其余)(?:的|部分|内容)*+|goon|continue|more|next(?:page)?)"
    r"(?:[吧呀啊呢哦谢了]|please)*+"
)


@dataclass(frozen=True, slots=True)
class GoOn:
    """Say the rest of a reply that did not fit to who asks for it and says nothing else; else nobody wants it any more.

    What the dialog was after stays as it is: this is no turn of it, but the end of the last.
    """

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:  # noqa: ARG002 - every stage is called with the tenant
        rest = turn.state.rest
        if not rest:
            return turn
        turn = replace(turn, state=replace(turn.state, rest=""))
        return turn.say(Answerer.ARTICLE, Reply(rest)) if _asks_for_more(turn) else turn


def _asks_for_more(turn: Turn) -> bool:
    only_words = all(message.text and not message.menu_id for message in turn.messages)
    return only_words and all(_MORE.fullmatch(letters(message.text)) for message in turn.messages)
