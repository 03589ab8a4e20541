"""What the tenant wants no bot to answer, by what is said or sent."""

from dataclasses import dataclass

from wecom_bot.dialog.clicks import Clicks
from wecom_bot.dialog.handing_off import hand_off_or_listen
from wecom_bot.dialog.lexicon import lexicon
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Duty, SearchIndex


@dataclass(frozen=True, slots=True)
class HandOffTopic:
    """Hand off a turn that touches one of the tenant's topics, or holds a kind of message that is for humans.

    What was clicked in a menu of ours are our words, not the customer's.
    """

    duty: Duty
    index: SearchIndex

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        rules = tenant.handoff
        said = "\n".join(Clicks(self.index).customers(tenant, turn))
        is_kind = any(message.kind in rules.kinds for message in turn.messages)
        if not is_kind and lexicon(rules.words).find(said) is None:
            return turn
        return hand_off_or_listen(tenant, turn, "rule", self.duty)
