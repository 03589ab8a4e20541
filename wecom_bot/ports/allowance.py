"""How often something may be done: what a neighbour allows us, counted for all our processes together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from wecom_bot.domain.message import CorpId


@dataclass(frozen=True, slots=True)
class Most:
    """At most `count` in any `span`, wherever it begins."""

    count: int
    span: timedelta

    def __post_init__(self) -> None:
        if self.count < 1 or self.span <= timedelta(0):
            raise ValueError("at least one in some time: what may never be done need not be asked for")


class Allowance(Protocol):
    """How often something may be done, counted for all our processes together; the tenant's, and no other's.

    It is counted when it is taken. Who counts at the other end counts later, by as long as a request is on its way:
    where even one too many does harm, ask for a span that is longer by that.
    """

    def take(self, corp_id: CorpId, what: str, most: Sequence[Most]) -> timedelta:
        """Zero, and counted, where it may be done now; else how long to wait, and nothing was counted."""

    def close(self, corp_id: CorpId, what: str, length: timedelta, longest: timedelta | None = None) -> timedelta:
        """Nobody does it for so long: `take` says so until then. How long it is closed now.

        With `longest`, who is refused again right after a closure (within as long as that lasted) waits twice as long
        as then, and at most `longest`. Refusals during a closure answer what was on its way: they double nothing.
        """
