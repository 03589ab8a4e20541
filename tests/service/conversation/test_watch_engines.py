"""Which engines answer, and how connections are used, as Prometheus and /readyz are shown it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.fakes import no_limit
from wecom_bot.errors import TemporaryFailure, TookTooLong
from wecom_bot.outbound.circuit import Circuit, LocalCircuitBreaker, Trip
from wecom_bot.outbound.usage import Usage
from wecom_bot.service.conversation.watch_engines import LiveCondition, WatchEngine, WatchUsages
from wecom_bot.telemetry import exposition

HOUR = timedelta(hours=1)


@pytest.fixture
def name() -> str:
    """One that no other test has: a process's metrics are for good."""
    return uuid4().hex


def shown(name: str) -> dict[str, float]:
    text = exposition.render()[0].decode()
    found = re.findall(rf'^wecom_bot_(\w+){{[a-z]+="{name}"(?:,state="(\w+)")?}} (\S+)$', text, re.MULTILINE)
    now = [each for each in found if not each[0].endswith("_created")]
    return {each + (f" {state}" if state else ""): float(value) for each, state, value in now}


class Engine:
    away = False

    def ping(self) -> None:
        if self.away:
            raise TemporaryFailure("as told")


def test_an_engine_is_down_from_the_look_at_which_it_does_not_answer_to_that_at_which_it_does(name: str) -> None:
    engine = Engine()
    watch = WatchEngine(name, engine.ping, no_limit)
    for engine.away in (False, True, True, False):
        watch()
        assert watch.down == engine.away
        assert shown(name) == {"engine_up": not engine.away}


def test_an_engine_that_takes_too_long_is_down(name: str) -> None:
    @contextmanager
    def over(_span: timedelta) -> Iterator[None]:
        yield
        raise TookTooLong("as told")

    watch = WatchEngine(name, Engine().ping, over)
    watch()
    assert watch.down


def test_connections_are_shown_as_they_are_and_what_happened_to_them_is_added_up(name: str) -> None:
    now = Usage(3, 8, 2, 1)
    watch = WatchUsages({name: lambda: now})
    watch()
    watch()
    assert shown(name) == {
        "connections in_use": 3,
        "connections most": 8,
        "connection_waits_total": 2,
        "connection_failures_total": 1,
    }
    now = Usage(0, 8, 5, 0)  # as after services were forgotten
    watch()
    assert shown(name)["connection_waits_total"] == 5
    assert shown(name)["connection_failures_total"] == 1


def test_the_condition_names_engines_that_are_down_and_circuits_that_are_not_closed(name: str) -> None:
    engines = [WatchEngine(f"{name}{number}", Engine().ping, no_limit) for number in range(2)]
    breaker = LocalCircuitBreaker()
    condition = LiveCondition(engines, breaker)
    assert condition() == {"down": [], "circuits": []}
    engines[1].down = True
    breaker.failed(Circuit("Coze", "host", "api.coze.cn"), Trip(1, HOUR, HOUR))
    circuit = {"neighbour": "Coze", "part": "host", "name": "api.coze.cn", "state": "open"}
    assert condition() == {"down": [f"{name}1"], "circuits": [circuit]}
