"""What the tenant has written about it."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import WecomBotError
from wecom_bot.ports import SearchIndex
from wecom_bot.telemetry import logs

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class FindKnowledge:
    """Attach the passages that best match the customer's words; none if the index fails.

    A slot, an order or Coze may answer without them. Without words there is nothing to look for.
    """

    index: SearchIndex
    limit: int = 3

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if not turn.text.strip():
            return turn
        try:
            passages = tuple(self.index.search(tenant.corp_id, turn.text, self.limit))
        except WecomBotError as e:
            log.warning("knowledge.failed", corp_id=tenant.corp_id, error=type(e).__name__)
            passages = ()
        return replace(turn, passages=passages)
