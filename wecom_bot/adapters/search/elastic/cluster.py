"""The cluster as everybody here calls it: within a deadline, behind a circuit breaker, with our errors for its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from http import HTTPStatus
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

_STARTING = timedelta(seconds=1)  # how long a new index may take to start its shards

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

        An index is red until its shards are started: one that was made this moment is waited for.
        """
        wait = f"{_STARTING.total_seconds():.0f}s"

        def look(es: Elasticsearch) -> str:
            patient = es.options(ignore_status=HTTPStatus.REQUEST_TIMEOUT)  # red for longer than that is an answer too
            return str(patient.cluster.health(index=pattern, wait_for_status="yellow", timeout=wait)["status"])

        return self.ask(look, self.timeout + _STARTING)

    def ping(self, pattern: str) -> None:
        """Return when it answers, and no shard of these indexes is missing. Raises what `ask` does."""
        if self.health(pattern) == "red":
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
