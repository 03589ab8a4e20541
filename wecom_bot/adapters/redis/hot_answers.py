"""The cache of answers (cache-aside) in Redis: each for some minutes, in its tenant's slot, for all processes.

A near cache before it, in the process, spares the trip: the key says all that an answer depends on, so that what is
known under it cannot become wrong, only old. No turn ever depends on any of it: every call has a short deadline, and a
circuit breaker leaves a server alone that failed.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.domain.hot_answer import HotAnswer, Unkept
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import InboxFull, TemporaryFailure
from wecom_bot.outbound.circuit import Circuit, CircuitOpen, Trip
from wecom_bot.outbound.single_flight import SingleFlight
from wecom_bot.ports import CircuitBreaker, Clock, TimeLimit
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)

CIRCUIT = Circuit("Redis", "cache", "hot answers")
_TRIP = Trip(failures=3, within=timedelta(seconds=10), cool_down=timedelta(seconds=10))
_DEADLINE = timedelta(milliseconds=100)  # a question that is thought over takes less, as a rule
_PATIENCE = timedelta(milliseconds=200)  # for who makes the answer in this process
_FRESH = 0.8  # of its life: then one who asks thinks it over anew, while the others are given it still
_MOST_NEAR = 1000  # some 2 MB
_NEAREST = timedelta(minutes=1)  # of what others kept: how long that is fresh is told by their clock
_CLAIM = timedelta(seconds=10)  # that one's; who dies with it held up nobody, and at the end of its life all is new


class _Kept(NamedTuple):
    """An answer, and in milliseconds until when nobody is to make it anew."""

    answer: HotAnswer
    fresh_until: int


class _Near(NamedTuple):
    """What this process knows, and within which milliseconds of its clock: who sets that back starts anew."""

    answer: HotAnswer | Unkept
    since: int
    until: int


class RedisHotAnswers:
    """Implements ports.HotAnswers. `client` is asked for when it is first needed: its server may be away by then."""

    def __init__(
        self,
        client: Callable[[], Client],
        time_limit: TimeLimit,
        breaker: CircuitBreaker,
        clock: Clock,
        flights: SingleFlight | None = None,
    ) -> None:
        self._connect = client
        self._time_limit = time_limit
        self._breaker = breaker
        self._clock = clock
        self._flights = flights or SingleFlight(_PATIENCE)
        self._near: dict[str, _Near] = {}

    @cached_property
    def _client(self) -> Client:
        return self._connect()

    def recall(self, corp_id: CorpId, key: str) -> HotAnswer | Unkept:
        name = keys.hot_answer(corp_id, key)
        near = self._near.get(name)
        if near is not None and near.since <= self._now() < near.until:
            return near.answer
        try:
            kept = self._get(name)
            if kept is None and not self._flights.leads(name):
                kept = self._get(name)
            if kept is None or (self._is_old(kept) and self._claims(name)):
                return Unkept.MISSING
        except TemporaryFailure:  # which was said
            return Unkept.MISSING
        self._note(name, kept.answer, min(kept.fresh_until, self._now() + codec.milliseconds(_NEAREST)))
        return kept.answer

    def keep(self, corp_id: CorpId, key: str, answer: HotAnswer | None, life: timedelta) -> None:
        name = keys.hot_answer(corp_id, key)
        try:
            if answer is not None:
                self._put(name, answer, life)
            elif life:
                self._note(name, Unkept.OWN, self._now() + codec.milliseconds(life))
        except TemporaryFailure:  # which was said
            pass
        finally:
            self._flights.landed(name)

    def _get(self, name: str) -> _Kept | None:
        found: Any = self._asked(lambda: self._client.get(name))
        if not found:
            return None
        fresh_until, _, rest = found.partition(b" ")
        kept_as, _, answer = rest.partition(b" ")
        if kept_as != name.encode():  # nobody is ever told what was kept for something else, whatever went wrong
            return None
        try:
            return _Kept(codec.HOT_ANSWER.validate_json(answer), int(fresh_until))
        except ValueError:  # another version of us may have written it
            return None

    def _put(self, name: str, answer: HotAnswer, life: timedelta) -> None:
        kept = _Kept(answer, self._now() + int(_FRESH * codec.milliseconds(life)))
        self._note(name, answer, kept.fresh_until)
        whole = b"%d %s %s" % (kept.fresh_until, name.encode(), codec.HOT_ANSWER.dump_json(answer))
        self._asked(lambda: self._client.set(name, whole, px=codec.milliseconds(life)))

    def _note(self, name: str, answer: HotAnswer | Unkept, until: int) -> None:
        """First in, first out."""
        self._near.pop(name, None)
        if len(self._near) >= _MOST_NEAR:
            del self._near[next(iter(self._near))]
        self._near[name] = _Near(answer, self._now(), until)

    def _is_old(self, kept: _Kept) -> bool:
        return self._now() >= kept.fresh_until

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _claims(self, name: str) -> bool:
        """Whether it is for the caller to make it anew: for one of all processes, once in a while."""
        life = codec.milliseconds(_CLAIM)
        return bool(self._asked(lambda: self._client.set(f"{name}:claim", "", nx=True, px=life)))

    def _asked(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - redis-py's
        """What the server says. Raises TemporaryFailure if it says nothing in time, or is left alone."""
        try:
            self._breaker.admit(CIRCUIT)
            with self._time_limit(_DEADLINE), translated():
                found = ask()
        except TemporaryFailure as e:
            metrics.HOT_ANSWERS.labels("failed").inc()
            # without room what is there can be read
            if not isinstance(e, CircuitOpen | InboxFull) and self._breaker.failed(CIRCUIT, _TRIP):
                log.warning("hot_answers.away", error=type(e).__name__, reason=str(e))
            raise
        if self._breaker.succeeded(CIRCUIT):
            log.info("hot_answers.back")
        return found
