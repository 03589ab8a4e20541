"""A database that hangs or is away keeps a few waiting, and then nobody."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.fakes import Seconds
from wecom_bot.adapters.sql import gate
from wecom_bot.adapters.sql.engine import connect, ping, reading
from wecom_bot.errors import TemporaryFailure
from wecom_bot.outbound.circuit import Circuit, CircuitState, LocalCircuitBreaker

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def breaker(clock: Seconds) -> LocalCircuitBreaker:
    return LocalCircuitBreaker(clock)


@pytest.fixture
def silent_server() -> Iterator[tuple[str, list[socket.socket]]]:
    """A URL at which connections are taken and nothing is ever said, and those connections."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            with suppress(OSError):
                while True:
                    taken.append(server.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield f"mysql+pymysql://bot:hunter2@127.0.0.1:{server.getsockname()[1]}/db", taken
        server.shutdown(socket.SHUT_RDWR)
    for each in taken:
        each.close()


def refusals(engine: sa.Engine, count: int) -> list[str]:
    said = []
    for _ in range(count):
        with pytest.raises(TemporaryFailure) as failure:
            ping(engine)
        said.append(str(failure.value))
    return said


def test_a_server_that_is_away_is_left_alone_after_three_tries_and_the_reason_is_told(
    breaker: LocalCircuitBreaker,
) -> None:
    engine = connect("mysql+pymysql://root:hunter2@127.0.0.1:1/db", patience=SECOND, breaker=breaker)
    *tried, left_alone = refusals(engine, gate.AWAY.failures + 1)
    assert "left alone" not in " ".join(tried)
    assert "left alone" in left_alone
    assert "Can't connect" in left_alone
    assert "hunter2" not in left_alone
    assert [*breaker.states().values()] == [CircuitState.OPEN]
    assert gate.usage(engine).failed == gate.AWAY.failures


def test_who_is_left_alone_is_asked_by_one_and_by_all_when_it_answers(
    mysql_url: str, breaker: LocalCircuitBreaker, clock: Seconds
) -> None:
    engine = connect(mysql_url, breaker=breaker)
    (circuit,) = circuits(engine)
    for _ in range(gate.AWAY.failures):
        breaker.failed(circuit, gate.AWAY, "as told")
    assert "as told" in refusals(engine, 1)[0]
    clock.now += gate.AWAY.cool_down.total_seconds()
    ping(engine)
    ping(engine)
    assert breaker.states() == {}


def test_a_server_that_hangs_is_left_alone_too(
    silent_server: tuple[str, list[socket.socket]], breaker: LocalCircuitBreaker
) -> None:
    url, asked = silent_server
    engine = connect(url, patience=SECOND, breaker=breaker)
    together = [threading.Thread(target=refusals, args=(engine, 1)) for _ in range(gate.AWAY.failures)]
    for each in together:
        each.start()
    for each in together:
        each.join()
    assert "left alone" in refusals(engine, 1)[0]
    assert len(asked) == gate.AWAY.failures


def test_a_statement_that_is_refused_is_an_answer(mysql_url: str, breaker: LocalCircuitBreaker) -> None:
    engine = connect(mysql_url, breaker=breaker)
    for _ in range(gate.AWAY.failures + 1):
        with pytest.raises(TemporaryFailure), reading(engine) as connection:
            connection.execute(sa.text("SELECT nothing FROM nowhere"))
    assert breaker.states() == {}
    assert gate.usage(engine).failed == 0


def test_who_is_interrupted_was_kept_waiting_only_if_it_took_long(mysql_url: str, breaker: LocalCircuitBreaker) -> None:
    clock = Seconds()
    engine = connect(mysql_url)
    before = gate.Gate(breaker, Circuit("SQL", "host", "here"), clock)

    def wait(seconds: float) -> None:
        clock.now += seconds
        raise KeyboardInterrupt

    def interrupted(after: float) -> None:
        with pytest.raises(KeyboardInterrupt), before.passing(engine):
            wait(after)

    for _ in range(gate.AWAY.failures):
        interrupted(after=0.5)
    assert before.failed == 0
    for _ in range(gate.AWAY.failures):
        interrupted(after=2)
    assert [*breaker.states().values()] == [CircuitState.OPEN]


def test_it_is_told_how_the_connections_are_used(mysql_url: str, breaker: LocalCircuitBreaker) -> None:
    engine = connect(mysql_url, pool_size=1, patience=SECOND, breaker=breaker)
    ping(engine)
    assert gate.usage(engine) == (0, 1, 0, 0)
    with closing(engine.connect()):
        assert gate.usage(engine) == (1, 1, 0, 0)
        assert "free" in refusals(engine, 1)[0]
    assert gate.usage(engine) == (0, 1, 1, 1)


def test_a_file_has_no_gate(tmp_path: object, breaker: LocalCircuitBreaker) -> None:
    engine = connect(f"sqlite:///{tmp_path}/a.sqlite3", breaker=breaker)
    ping(engine)
    assert gate.usage(engine) == (0, 0, 0, 0)


def circuits(engine: sa.Engine) -> list[Circuit]:
    return [each.circuit for each in engine.get_execution_options().values() if isinstance(each, gate.Gate)]
