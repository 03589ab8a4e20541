"""A human for whom the bot cannot help."""

from dataclasses import dataclass

from wecom_bot.dialog.handing_off import hand_off_or_listen
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Duty


@dataclass(frozen=True, slots=True)
class CallAfterMisses:
    """Hand off instead of saying once more that we do not know, when that happened often enough in a row.

    A finishing stage, because several stages may say it.
    """

    duty: Duty

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        most = tenant.handoff.misses
        if not most or turn.state.misses < most or not _missed(tenant, turn):
            return turn
        return hand_off_or_listen(tenant, turn, "misses", self.duty)


def _missed(tenant: Tenant, turn: Turn) -> bool:
    """Whether the reply is that we do not know, or cannot read it."""
    if turn.answerer is not Answerer.PHRASE or turn.reply is None or turn.handoff or turn.request:
        return False
    return turn.reply.text in {tenant.phrases.unknown, tenant.phrases.unreadable}
