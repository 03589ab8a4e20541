"""The gate before a database: its circuit breaker, and the count of those who wait or fail there.

A database that hangs keeps whoever asks until a deadline, and its few connections with them. After three such waits it
is asked by one call at a time (the probe), and everybody else is told at once.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from sqlalchemy import Engine, QueuePool, exc

from wecom_bot.errors import TemporaryFailure
from wecom_bot.outbound.circuit import Circuit, CircuitOpen, Trip
from wecom_bot.outbound.usage import NOTHING, Usage
from wecom_bot.ports import CircuitBreaker
from wecom_bot.telemetry import logs

log = logs.get(__name__)

# Short: every process looks once a second whether its tenants have changed, so that there is always a probe
AWAY = Trip(failures=3, within=timedelta(seconds=30), cool_down=timedelta(seconds=2))
_OPTION = "wecom_bot_gate"  # execution option: an engine has its gate there
_LONG = 1.0  # seconds without an answer: who is interrupted after so long was kept waiting by the database
# MySQL: no connection, too many of them, gone, lost in the middle; a server that shuts down
_NO_ANSWER = {2002, 2003, 2006, 2013, 2014, 2055, 1040, 1053, 1203}


@dataclass(slots=True)
class Gate:
    """Where everybody passes who asks one database."""

    breaker: CircuitBreaker
    circuit: Circuit
    clock: Callable[[], float] = monotonic
    waited: int = field(default=0, init=False)
    failed: int = field(default=0, init=False)

    @contextmanager
    def passing(self, engine: Engine) -> Iterator[None]:
        """A block that asks. Raises TemporaryFailure without asking where the circuit is open, and what it raises."""
        try:
            self.breaker.admit(self.circuit)
        except CircuitOpen as e:
            raise TemporaryFailure(f"SQL is left alone for {e.left.total_seconds():.1f} s: {e.why}") from None
        in_use, most = _connections(engine)
        self.waited += in_use >= most
        began = self.clock()
        try:
            yield
        except exc.TimeoutError:  # every connection was kept by somebody, and none came back
            self._silent("no connection became free in time")
            raise
        except exc.DBAPIError as e:
            if _unanswered(e):
                self._silent(f"{type(e.orig).__name__}: {e.orig}")  # of the connection: no statement is quoted in it
            else:
                self._answered()
            raise
        except BaseException:
            if self.clock() - began >= _LONG:
                self._silent("no answer in time")
            else:
                self.breaker.undecided(self.circuit)
            raise
        else:
            self._answered()

    def _silent(self, why: str) -> None:
        self.failed += 1
        if self.breaker.failed(self.circuit, AWAY, why):
            log.error("sql.circuit_opened", reason=why)

    def _answered(self) -> None:
        if self.breaker.succeeded(self.circuit):
            log.info("sql.circuit_closed")


def guard(engine: Engine, breaker: CircuitBreaker) -> None:
    """Put a gate before the engine's server."""
    place = engine.url.host or str(engine.url.query.get("unix_socket", "localhost"))
    engine.update_execution_options(**{_OPTION: Gate(breaker, Circuit("SQL", "host", place))})


def passing(engine: Engine) -> AbstractContextManager[None]:
    """A block that asks: through the gate, where there is one."""
    found = _of(engine)
    return found.passing(engine) if found else nullcontext()


def usage(engine: Engine) -> Usage:
    """How the engine's connections are used; nothing where there is no gate."""
    found = _of(engine)
    return Usage(*_connections(engine), found.waited, found.failed) if found else NOTHING


def _of(engine: Engine) -> Gate | None:
    found: Gate | None = engine.get_execution_options().get(_OPTION)
    return found


def _connections(engine: Engine) -> tuple[int, int]:
    """How many are in use, and the most there may be."""
    pool = engine.pool
    return (pool.checkedout(), pool.size()) if isinstance(pool, QueuePool) else (0, 1)


def _unanswered(error: exc.DBAPIError) -> bool:
    number = error.orig.args[0] if error.orig is not None and error.orig.args[:1] else None
    return error.connection_invalidated or number in _NO_ANSWER
