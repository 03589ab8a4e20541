"""Deduplication by the record, of what was dealt with before: a loss of Redis must not answer three days again."""

from dataclasses import dataclass
from datetime import timedelta

from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import Channel, InboundMessage
from wecom_bot.ports import Clock, Records

# The ledger remembers message ids for 24 h; what is older, or from before the ledger was born, only the record knows.
_LEDGER_REMEMBERS = timedelta(hours=23)
_CLOCKS_DIFFER = timedelta(minutes=15)  # Redis's and WeCom's; in that time each message of a new tenant costs a query


@dataclass(frozen=True, slots=True)
class DealtWith:
    """Whether a message was answered, or kept as not ours to answer, without the ledger knowing."""

    records: Records
    clock: Clock

    def __call__(self, lease: Lease, message: InboundMessage) -> bool:
        """Ask the record, but only about what the ledger may have forgotten and WeCom may still bring again.

        That is what customers wrote to a kf account: after a loss of Redis it is pulled anew. What members write to
        an app comes by a live callback alone, known for a repeat at the door, and is never pulled: nobody asks SQL.
        """
        return self._forgotten(lease, message) and self.records.dealt_with(message.conversation, message.message_id)

    def _forgotten(self, lease: Lease, message: InboundMessage) -> bool:
        if message.conversation.channel is Channel.APP:
            return False
        born = lease.since + _CLOCKS_DIFFER
        return message.sent_at < born or self.clock.now() - message.sent_at >= _LEDGER_REMEMBERS
