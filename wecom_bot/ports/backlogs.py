"""Queue depth, how much waits: what is watched, and asked for often."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from wecom_bot.domain.message import CorpId


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for one tenant: `jobs` (leased ones included), `records` on their way to SQL, and `dead_letters`.

    `queue_age` is how long the oldest job that is due has waited since then, by the server's clock; 0 when none is due.
    A job put off is due when its time has come, one behind another in its mailbox when that one is done, and a leased
    one when its lease has run out.
    """

    jobs: int
    records: int
    dead_letters: int
    queue_age: timedelta


class Backlogs(Protocol):
    """Measures what waits for many tenants at once."""

    def measure(self, corp_ids: Collection[CorpId]) -> Mapping[CorpId, Backlog]:
        """Each tenant's backlog; who cannot be measured now is left out.

        One trip to the server (of a cluster: to each of its nodes) for some hundred tenants. Raises TemporaryFailure
        when the server, or a node, is away, and when none could be measured.
        """
