"""Who worded the reply, where the tenant wants that said."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text.plain import MOST_BYTES, cut


@dataclass(frozen=True, slots=True)
class MarkAsAi:
    """Put the tenant's mark below what Coze worded, as whoever offers such replies to the public has to.

    A finishing stage, after the words are plain: the mark is the tenant's own and always shown whole.
    """

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        mark, reply = tenant.coze.mark.strip(), turn.reply
        if not mark or reply is None or turn.answerer is not Answerer.COZE:
            return turn
        below = f"\n\n{mark}"
        text = cut(reply.text, MOST_BYTES - len(below.encode()))
        return replace(turn, reply=replace(reply, text=text + below))
