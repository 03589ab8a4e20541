"""The tenant's blocked words."""

from dataclasses import dataclass

from wecom_bot.dialog.lexicon import lexicon
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant


@dataclass(frozen=True, slots=True)
class ScreenWords:
    """Answer a blocked word with the tenant's neutral phrase, which repeats nothing of what was said."""

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if lexicon(tenant.blocked_words).find(turn.text) is None:
            return turn
        return turn.say(Answerer.PHRASE, Reply(tenant.phrases.blocked))
