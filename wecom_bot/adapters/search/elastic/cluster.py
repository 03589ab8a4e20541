"""The cluster as everybody here calls it: within a deadline, behind a circuit breaker, with our errors for its own."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import add
from typing import TypeVar

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from wecom_bot.adapters.search.elastic.node import PooledNode, within
from wecom_bot.adapters.search.elastic.refusals import LoginRefused, NotThere, lost, refused
from wecom_bot.errors import Misconfigured, Rejected, TemporaryFailure, WecomBotError
from wecom_bot.outbound.circuit import Circuit, CircuitOpen, Trip
from wecom_bot.outbound.deadline import Deadline
from wecom_bot.outbound.usage import NOTHING, Usage
from wecom_bot.ports import CircuitBreaker
from wecom_bot.telemetry import logs

log = logs.get(__name__)

SILENT = Trip(failures=5, within=timedelta(seconds=30), cool_down=timedelta(seconds=10))
BARRED = Trip(failures=1, within=timedelta(0), cool_down=timedelta(seconds=30))

_RED = "red"
_STARTING = 1.0  # seconds: how long a new index may take to start its shards

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Cluster:
    """An Elasticsearch, which may be away, slow or wrong; `place` is what its circuits are called."""

    client: Elasticsearch
    breaker: CircuitBreaker
    place: str
    timeout: timedelta

    def ask(self, call: Callable[[Elasticsearch], Answer], deadline: timedelta | None = None) -> Answer:
        """What the call answers, which ends by the deadline, whatever nodes are tried meanwhile.

        Raises TemporaryFailure (away, slow, overloaded, garbage), RateLimited, NotThere, Misconfigured (login,
        permission, certificate: says what to do), Rejected (any other refusal).
        """
        self._admit()
        try:
            with within(Deadline.after(deadline or self.timeout)):
                answer = call(self.client)
        except (ApiError, TransportError) as e:
            failure: WecomBotError = refused(e) if isinstance(e, ApiError) else lost(e)
        except WecomBotError as e:  # of what came back
            failure = e
        except (LookupError, TypeError, ValueError, AttributeError) as e:  # an answer of another shape than asked for
            failure = TemporaryFailure(f"Elasticsearch answered what makes no sense ({type(e).__name__})")
        except BaseException:
            self.breaker.undecided(self._host, self._login)
            raise
        else:
            self._well(self._host, self._login)
            return answer
        self._note(failure)
        raise failure

    def health(self, pattern: str) -> str:
        """Of the indexes that the pattern names: green, yellow or red; green if there are none.

        An index is red until its shards are started: one that was made this moment is looked at again.
        """

        def look(es: Elasticsearch) -> str:
            return str(es.cluster.health(index=pattern)["status"])

        found = self.ask(look)
        if found != _RED:
            return found
        time.sleep(_STARTING)  # here: a server that waits in vain answers 408, for which the client takes it for dead
        return self.ask(look)

    def ping(self, pattern: str) -> None:
        """Return when it answers, and no shard of these indexes is missing. Raises what `ask` does."""
        if self.health(pattern) == _RED:
            raise TemporaryFailure("Elasticsearch is red: shards are missing")

    def usage(self) -> Usage:
        """How the connections to all its nodes are used."""
        nodes = self.client.transport.node_pool.all()
        return reduce(add, (node.usage() for node in nodes if isinstance(node, PooledNode)), NOTHING)

    @property
    def _host(self) -> Circuit:
        return Circuit("elasticsearch", "host", self.place)

    @property
    def _login(self) -> Circuit:
        return Circuit("elasticsearch", "login", self.place)

    def _admit(self) -> None:
        try:
            self.breaker.admit(self._host, self._login)
        except CircuitOpen as e:
            if e.why:
                raise Misconfigured(f"{e.why} (not asked again for {e.left.total_seconds():.0f} s)") from None
            raise

    def _note(self, failure: WecomBotError) -> None:
        match failure:
            case LoginRefused():
                self._well(self._host)
                if self.breaker.failed(self._login, BARRED, str(failure)):
                    log.error("search.login_refused", place=self.place, reason=str(failure))
            case NotThere() | Rejected():  # it lives
                self._well(self._host, self._login)
            case TemporaryFailure():
                self.breaker.undecided(self._login)
                if self.breaker.failed(self._host, SILENT):
                    log.error("search.circuit_opened", place=self.place, reason=str(failure))

    def _well(self, *circuits: Circuit) -> None:
        if self.breaker.succeeded(*circuits):
            log.info("search.circuit_closed", place=self.place)
