"""What the tenant wants no bot to answer, by what is meant."""

from dataclasses import dataclass

from wecom_bot.dialog.handing_off import hand_off_or_listen
from wecom_bot.dialog.pursuit import recognised
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Duty


@dataclass(frozen=True, slots=True)
class HandOffIntent:
    """Hand off when the intent that was recognised is one for humans."""

    duty: Duty

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        spec = recognised(tenant, turn)
        if spec is None or not spec.handoff:
            return turn
        return hand_off_or_listen(tenant, turn, "rule", self.duty)
