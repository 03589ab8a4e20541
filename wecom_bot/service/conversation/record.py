"""Carry what is over from the outbox to the record: turns, messages, events, requests; nobody waits for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Outbox, Records


@dataclass(frozen=True, slots=True)
class Record:
    """Write what waits of these tenants; how many entries were written."""

    outbox: Outbox
    records: Records

    def __call__(self, corp_ids: Iterable[CorpId]) -> int:
        """Raises TemporaryFailure with SQL or Redis away; what is not written stays in the outbox."""
        written = 0
        for corp_id in corp_ids:
            while batch := self.outbox.take(corp_id):
                self.records.write(batch.records)
                self.outbox.drop(batch)
                written += len(batch.records)
        return written
