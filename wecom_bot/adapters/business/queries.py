"""Runs named queries on the tenants' databases."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from time import perf_counter

import sqlalchemy as sa
from sqlalchemy import exc

from wecom_bot.adapters.business.comparing import (
    CUT,
    compared_with_numbers,
    is_of_other_letters,
    no_numbers,
    taken_for_numbers,
)
from wecom_bot.adapters.business.connecting import limit
from wecom_bot.adapters.business.pools import Pools
from wecom_bot.adapters.business.trouble import QueryOutcome, Trouble
from wecom_bot.domain.business import QuerySpec, Row
from wecom_bot.domain.query_shape import CUSTOMER
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured, TookTooLong, WecomBotError
from wecom_bot.outbound.circuit import Circuit, CircuitOpen, Trip
from wecom_bot.ports import CircuitBreaker, TimeLimit
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)

SILENT = Trip(failures=3, within=timedelta(seconds=30), cool_down=timedelta(seconds=10))
BARRED = Trip(failures=1, within=timedelta(0), cool_down=timedelta(seconds=30))
_BESIDE = timedelta(seconds=1)  # beside the statement: to connect, to come and go
_NEIGHBOUR = "business"
_UNANSWERED = frozenset({QueryOutcome.LATE, QueryOutcome.AWAY, QueryOutcome.BUSY, QueryOutcome.LOGIN})


@dataclass(frozen=True, slots=True)
class SqlBusinessQueries:
    """Implements ports.BusinessQueries on MySQL and MariaDB.

    A login that is refused is not shown again for a while, a server that is silent is left alone, and so is one query
    that is slow: each by a circuit of its own, for each tenant and each DSN.
    """

    pools: Pools
    breaker: CircuitBreaker
    time_limit: TimeLimit

    def run(self, tenant: Tenant, query: QuerySpec, values: Mapping[str, str | int]) -> Sequence[Row]:
        dsn, engine = self.pools.of(tenant)
        circuits = _Circuits.of(tenant, dsn, query)
        self._admit(circuits)
        limit_of_all = timedelta(seconds=query.timeout) + _BESIDE
        with self._heard(tenant, query, circuits), self.time_limit(limit_of_all):
            rows, guessed = _rows(engine, query, values)
        if CUSTOMER in guessed:
            raise self._failed(tenant, query, circuits, Trouble(QueryOutcome.REFUSED, CUT))
        return [] if guessed else rows

    @contextmanager
    def _heard(self, tenant: Tenant, query: QuerySpec, circuits: "_Circuits") -> Iterator[None]:
        """Tells the circuits what became of it, and raises it as one of ours."""
        try:
            yield
        except exc.SQLAlchemyError as e:
            raise self._failed(tenant, query, circuits, Trouble.of(e)) from e
        except TookTooLong:
            self._failed(tenant, query, circuits, Trouble(QueryOutcome.LATE))
            raise
        except Exception as e:  # what the driver makes of a server that speaks another language, or lies
            kind, at = type(e).__name__, logs.place(e)
            log.warning("business.unreadable", corp_id=tenant.corp_id, query=query.name, error=kind, at=at)
            raise self._failed(tenant, query, circuits, Trouble(QueryOutcome.AWAY)) from e
        except BaseException:  # a limit on the whole turn
            self.breaker.undecided(*circuits.all)
            raise
        if self.breaker.succeeded(*circuits.all):
            log.info("business.circuit_closed", corp_id=tenant.corp_id, query=query.name)
        metrics.BUSINESS_QUERIES.labels(QueryOutcome.OK.value).inc()

    def _admit(self, circuits: "_Circuits") -> None:
        try:
            self.breaker.admit(*circuits.all)
        except CircuitOpen as e:
            metrics.BUSINESS_QUERIES.labels(QueryOutcome.OPEN.value).inc()
            if e.why:
                raise Misconfigured(e.why, e.code) from e
            raise

    def _failed(self, tenant: Tenant, query: QuerySpec, circuits: "_Circuits", trouble: Trouble) -> WecomBotError:
        """What the caller is told."""
        metrics.BUSINESS_QUERIES.labels(trouble.outcome.value).inc()
        self.pools.failed += trouble.outcome in _UNANSWERED
        log.warning(
            "business.failed",
            corp_id=tenant.corp_id,
            query=query.name,
            outcome=trouble.outcome.value,
            code=trouble.code,
        )
        match trouble.outcome:
            case QueryOutcome.LATE:
                self._count(tenant, circuits.query, SILENT)
            case QueryOutcome.AWAY:
                self._count(tenant, circuits.host, SILENT)
            case QueryOutcome.LOGIN:
                self._count(tenant, circuits.login, BARRED, str(trouble.error()), trouble.code)
            case QueryOutcome.REFUSED:
                self.breaker.succeeded(circuits.login, circuits.host)
        self.breaker.undecided(*circuits.all)
        return trouble.error()

    def _count(self, tenant: Tenant, circuit: Circuit, trip: Trip, why: str = "", code: int | None = None) -> None:
        if self.breaker.failed(circuit, trip, why, code):
            log.error("business.circuit_opened", corp_id=tenant.corp_id, of=circuit.part, code=code)


@dataclass(frozen=True, slots=True)
class _Circuits:
    login: Circuit
    host: Circuit
    query: Circuit

    @classmethod
    def of(cls, tenant: Tenant, dsn: str, query: QuerySpec) -> "_Circuits":
        """By a piece of the DSN's hash: a circuit's name may be shown, and another DSN is another circuit."""
        where = f"{tenant.corp_id} {sha256(dsn.encode()).hexdigest()[:12]}"
        asked = f"{where} {query.name}"
        return cls(
            Circuit(_NEIGHBOUR, "login", where), Circuit(_NEIGHBOUR, "host", where), Circuit(_NEIGHBOUR, "query", asked)
        )

    @property
    def all(self) -> tuple[Circuit, ...]:
        return self.login, self.host, self.query


def _rows(engine: sa.Engine, query: QuerySpec, values: Mapping[str, str | int]) -> tuple[list[Row], Collection[str]]:
    """The rows, and which of the values were taken for numbers that they are not."""
    began = perf_counter()
    bound = {name: _sendable(values[name]) for name in query.parameters}
    with _connected(engine) as connection:
        connected = perf_counter()
        metrics.BUSINESS_SECONDS.labels("wait").observe(connected - began)
        limit(connection, query.timeout)
        if (odd := no_numbers(bound)) and (guessed := odd & compared_with_numbers(connection, query.sql)):
            return [], guessed
        try:
            result = connection.execute(sa.text(query.sql), bound)
        except exc.DBAPIError as e:
            if is_of_other_letters(e, bound):
                return [], ()
            raise
        warned = getattr(result.cursor, "warning_count", 0)
        rows: list[Row] = [dict(row) for row in result.mappings().fetchmany(query.rows)]
        guessed = taken_for_numbers(connection, bound) if warned else frozenset()
        metrics.BUSINESS_SECONDS.labels("query").observe(perf_counter() - connected)
    return rows, guessed


def _sendable(value: str | int) -> str | int:
    """Without halves of a character, which no database has."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


@contextmanager
def _connected(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection of the pool; one that was interrupted half way through an answer is of no use to anybody."""
    with engine.connect() as connection:
        try:
            yield connection
        except exc.SQLAlchemyError:
            raise  # the pool has looked whether it can be used again
        except BaseException:
            connection.invalidate()
            raise
