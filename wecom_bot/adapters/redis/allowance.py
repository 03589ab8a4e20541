"""Rate limits (allowances) in Redis, each in its tenant's slot, by the server's clock: one script for each question.

What is done many times a second is counted some ahead, so that not each time costs a trip.
"""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from wecom_bot.adapters.redis import codec
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.scripting import Scripts
from wecom_bot.adapters.sharing import Most
from wecom_bot.domain.message import CorpId

_AT_ONCE = timedelta(0)
_GOOD_FOR = 1.0  # seconds, for what was counted ahead
_MOST_AHEAD = 16
_SHARE = 500  # what a process holds is lost to the others: so much less than a limit makes no difference


class Stock:
    """Leaves to do one thing that are counted already (a token bucket of the process' own).

    They are as many as were used in the last moment: who does it seldom holds none.
    """

    def __init__(self) -> None:
        self._left: list[int] = []  # each leaves it in one step, for all threads
        self._until, self._count = 0.0, 0

    def take(self, now: float) -> bool:
        """Whether there was one."""
        try:
            return now < self._until and bool(self._left.pop())
        except IndexError:
            return False

    def wanted(self, now: float, most: int) -> int:
        """How many to ask for now that there is none: twice as many where they were used up while they were good."""
        count = 2 * self._count if now < self._until else self._count - len(self._left)
        return max(1, min(most, count))

    def fill(self, now: float, count: int) -> None:
        """So many were counted, of which one is used at once."""
        self._left = [1] * (count - 1)
        self._until, self._count = now + _GOOD_FOR, count

    def empty(self) -> None:
        """What is left must not be used."""
        self._left.clear()


class RedisAllowance:
    """Implements sharing.Allowance. Lost keys do no harm: the count begins anew, and a closure is learned anew."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._scripts = Scripts(client)
        self._clock = clock
        self._stocks: dict[tuple[CorpId, str], Stock] = {}

    def take(self, corp_id: CorpId, what: str, most: Sequence[Most]) -> timedelta:
        ahead = min(_MOST_AHEAD, min((each.count for each in most), default=0) // _SHARE)
        if ahead <= 1:
            return timedelta(milliseconds=max(0, self._ask(corp_id, what, 1, most)))
        stock, now = self._stocks.get((corp_id, what)), self._clock()
        if stock is None:
            stock = self._stocks.setdefault((corp_id, what), Stock())
        if stock.take(now):
            return _AT_ONCE
        answer = self._ask(corp_id, what, stock.wanted(now, ahead), most)
        if answer > 0:
            return timedelta(milliseconds=answer)
        stock.fill(now, -answer)
        return _AT_ONCE

    def _ask(self, corp_id: CorpId, what: str, count: int, most: Sequence[Most]) -> int:
        """The milliseconds to wait; or how many were counted, below 0."""
        limits = [number for each in most for number in (each.count, codec.milliseconds(each.span))]
        return int(self._scripts.tenant("allow", corp_id, what, count, *limits))

    def close(self, corp_id: CorpId, what: str, length: timedelta, longest: timedelta | None = None) -> timedelta:
        if stock := self._stocks.get((corp_id, what)):
            stock.empty()
        bounds = codec.milliseconds(length), codec.milliseconds(longest or length)
        return timedelta(milliseconds=self._scripts.tenant("allow_close", corp_id, what, *bounds))
