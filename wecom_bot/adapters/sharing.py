"""What adapters share with each other, promised as ports are: what all our processes know of WeCom, kept in Redis.

No floor above the adapters uses it, so it is no port of the house. Whatever holds a tenant's data takes the corp ID
first, or within an ID. Unless said otherwise a method raises TemporaryFailure when the neighbour is away, and nothing
else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    where even one too many does harm, ask for a span that is longer by that. Of a large limit (more than 1,000) a
    process may count some ahead and use them within a second: ask for less than there is, as CALLS does.
    """

    def take(self, corp_id: CorpId, what: str, most: Sequence[Most]) -> timedelta:
        """Zero, and counted, where it may be done now; else how long to wait, and nothing was counted."""

    def close(self, corp_id: CorpId, what: str, length: timedelta, longest: timedelta | None = None) -> timedelta:
        """Nobody does it for so long (others' processes: from a second later on), `take` says so; how long it is now.

        With `longest`, who is refused again right after a closure (within as long as that lasted) waits twice as long
        as then, and at most `longest`. Refusals during a closure answer what was on its way: they double nothing.
        """


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Whose access token: an app of a corp, under one secret (`fingerprint` is a keyless hash of it, never a part)."""

    corp_id: CorpId
    app: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class FreshToken:
    """A token, and how long it is good for."""

    token: str
    left: timedelta


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no token is to be asked for before `until`, and how many times in a row that was so.

    `code` is WeCom's, where our configuration is to blame; None where it only asks for a pause.
    """

    message: str
    code: int | None
    until: datetime
    times: int = 1


class SharedTokens(Protocol):
    """Access tokens, shared by all our processes, and the right to fetch a new one, which only one has at a time."""

    def get(self, key: TokenKey) -> FreshToken | None:
        """The token, while it is fresh, and for how long it will be."""

    def claim(self, key: TokenKey, length: timedelta) -> bool:
        """Take the right to fetch, for at most `length`; false if somebody else has it."""

    def put(self, key: TokenKey, token: str, lifetime: timedelta) -> None:
        """Share a fetched token, and end the claim."""

    def release(self, key: TokenKey) -> None:
        """End the claim without a token."""

    def forget(self, key: TokenKey, token: str) -> None:
        """Drop the token if it still is this one."""

    def replace(self, key: TokenKey, refused: str, within: timedelta) -> bool:
        """Drop a refused token if it still is this one.

        False, and nothing dropped, if it had itself replaced one less than `within` ago, and was not confirmed since.
        """

    def confirm(self, key: TokenKey) -> None:
        """The token that replaced a refused one was taken."""

    def refuse(self, key: TokenKey, refusal: Refusal, keep: timedelta) -> None:
        """Share for `keep` that asking was refused, and end the claim: not everybody has to find it out."""

    def refusal(self, key: TokenKey) -> Refusal | None:
        """The last refusal, if no token was put since."""


class MediaIds(Protocol):
    """The media_ids of uploaded files by their digest, shared by all our processes."""

    def get(self, corp_id: CorpId, app: str, digest: str) -> str | None:
        """The one that all use, if there is one. Raises TemporaryFailure."""

    def put(self, corp_id: CorpId, app: str, digest: str, media_id: str, life: timedelta, lost: str) -> str:
        """Share it for so long, unless another than the `lost` one is shared already; which one all use now.

        Raises TemporaryFailure.
        """
