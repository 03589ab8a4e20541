"""The tenant's own business data: what its database says, and how often somebody may try to prove who they are."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from wecom_bot.domain.business import QuerySpec, Row
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant


class BusinessQueries(Protocol):
    """Asks the tenant's own database by its named queries; nothing is written there."""

    def run(self, tenant: Tenant, query: QuerySpec, values: Mapping[str, str | int]) -> Sequence[Row]:
        """At most `query.rows` rows, with every parameter of the query bound; it ends within the query's timeout.

        Raises TemporaryFailure where the database is away, slow, or left alone for a while (circuit breaker);
        Misconfigured where it refuses us or the query.
        """


class Tries(Protocol):
    """Counts tries to prove something (rate limit): a few an hour under each name, in all processes together."""

    def begin(self, corp_id: CorpId, names: Sequence[str], guess: str) -> bool:
        """Count this guess under each of the names; where one of them has no try left, no: then none is counted.

        The same guess again is no other try: whoever thinks twice about a message counts it once. Raises
        TemporaryFailure.
        """

    def give_back(self, corp_id: CorpId, names: Sequence[str], guess: str) -> None:
        """Take that try back: a right answer is none, nor is one that nobody looked at. Raises TemporaryFailure."""
