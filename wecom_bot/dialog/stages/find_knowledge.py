"""What the tenant has written about it."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import SearchIndex


@dataclass(frozen=True, slots=True)
class FindKnowledge:
    """Attach the passages that best match the customer's words."""

    index: SearchIndex
    limit: int = 3

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        return replace(turn, passages=tuple(self.index.search(tenant.corp_id, turn.text, self.limit)))
