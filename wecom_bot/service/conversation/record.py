"""The outbox's relay: carry what is over (turns, messages, events, tickets) to the record; nobody waits for it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Batch, Outbox, Records

_AT_ONCE = 400  # entries after which a transaction takes no further tenant's


@dataclass(frozen=True, slots=True)
class Record:
    """Write what waits of these tenants, several tenants' in one transaction (group commit)."""

    outbox: Outbox
    records: Records
    most: int = 200
    """Entries of one tenant in one trip."""

    def __call__(self, corp_ids: Iterable[CorpId]) -> int:
        """How many entries were written.

        Raises TemporaryFailure with SQL or Redis away; what is not written stays in the outbox.
        """
        written, waiting = 0, deque(corp_ids)
        while batches := self._take(waiting):
            entries = [entry for batch in batches for entry in batch.records]
            self.records.write(entries)
            for batch in batches:
                self.outbox.drop(batch)
            written += len(entries)
            # what comes into the others' outboxes now is told of by who puts it there
            waiting.extend(batch.corp_id for batch in batches if batch.taken >= self.most)
        return written

    def _take(self, waiting: deque[CorpId]) -> list[Batch]:
        """What one transaction shall hold, of the first of those who wait; none if nothing is over."""
        batches: list[Batch] = []
        while waiting and sum(len(batch.records) for batch in batches) < _AT_ONCE:
            try:
                batch = self.outbox.take(waiting[0], self.most)
            except TemporaryFailure:
                if not batches:
                    raise
                break  # what was taken is written first
            waiting.popleft()
            if batch:
                batches.append(batch)
        return batches
