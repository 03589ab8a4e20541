"""The tenant's blocked words."""

from dataclasses import dataclass

from wecom_bot.dialog.lexicon import lexicon
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant


@dataclass(frozen=True, slots=True)
class ScreenWords:
    """Answer a blocked word with the tenant's neutral phrase, which repeats nothing of what was said.

    In a message to humans it is answered so, too, but the humans get the message: who swears may still leave a number.
    Our offer stands, for the customer was not told that anything was taken.
    """

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if lexicon(tenant.blocked_words).find(turn.text) is None:
            return turn
        request = "message" if turn.state.takes_message(turn.began_at) else ""
        return turn.say(Answerer.PHRASE, Reply(tenant.phrases.blocked), request=request)
