"""What the tenant has written about it."""

from dataclasses import dataclass, replace

from wecom_bot.dialog.pursuit import is_exact
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import WecomBotError
from wecom_bot.ports import SearchIndex
from wecom_bot.telemetry import logs
from wecom_bot.text.folding import letters

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class FindKnowledge:
    """Attach the passages that best match what the customer's words are about; none if the index fails.

    The very words of a title go first, then what is left of them without courtesies, numbers and what is denied. A
    slot, an order or Coze may answer without passages. Without words there is nothing to look for.
    """

    index: SearchIndex
    limit: int = 3

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        words, about = turn.text, turn.reading.about
        if not words.strip():
            return turn
        if turn.reading.denies or letters(about) != letters(words):
            as_said = self._found(tenant, turn, words)
            if is_exact(as_said):
                return as_said
            turn = replace(as_said, passages=())
        if about and not turn.reading.denies:
            return self._found(tenant, turn, about)
        return replace(turn, passages=()) if turn.passages else turn

    def _found(self, tenant: Tenant, turn: Turn, words: str) -> Turn:
        try:
            return replace(turn, passages=tuple(self.index.search(tenant.corp_id, words, self.limit)))
        except WecomBotError as e:
            log.warning("knowledge.failed", corp_id=tenant.corp_id, error=type(e).__name__)
            return replace(turn, passages=(), makeshift=True)
