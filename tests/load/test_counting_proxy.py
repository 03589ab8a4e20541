"""What a round trip is, and that the proxy counts them without being in the way."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.load.counting_proxy import CountingProxy, Trips, command
from wecom_bot.adapters.redis import sockets
from wecom_bot.adapters.redis.embedded import EmbeddedValkey

GET = b"*2\r\n$3\r\nGET\r\n$1\r\nx\r\n"
SET = b"*3\r\n$3\r\nset\r\n$1\r\nx\r\n$1\r\ny\r\n"


def test_what_is_written_before_an_answer_is_one_trip() -> None:
    counted: list[str] = []
    trips = Trips(counted.append)
    trips.written(GET)
    trips.written(SET)  # a pipeline, or the rest of a long command
    trips.answered()
    trips.answered()  # the rest of a long answer
    trips.written(SET)
    trips.answered()
    assert counted == ["GET", "SET"]


@pytest.mark.parametrize(
    ("data", "name"), [(GET + SET, "GET"), (SET, "SET"), (b"", ""), (b"+OK\r\n", ""), (b"*1\r", "")]
)
def test_a_trip_is_named_by_its_first_command(data: bytes, name: str) -> None:
    assert command(data) == name


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[CountingProxy]:
    with EmbeddedValkey(tmp_path / "valkey"), CountingProxy(tmp_path / "s", sockets.path(tmp_path / "valkey")) as made:
        yield made


def counted(proxy: CountingProxy) -> dict[str, int]:
    """Without what redis-py says when it connects."""
    return {name: count for name, count in proxy.so_far().items() if name not in {"CLIENT", "HELLO", "SELECT", "AUTH"}}


def test_commands_pipelines_and_large_values_are_counted_and_pass_unchanged(proxy: CountingProxy) -> None:
    with redis.Redis.from_url(proxy.url) as client:
        large = b"x" * 3_000_000
        client.set("large", large)
        assert client.get("large") == large
        with client.pipeline(transaction=False) as pipeline:
            for number in range(100):
                pipeline.incrby("sum", number)
            pipeline.execute()
        assert client.get("sum") == b"4950"
    assert counted(proxy) == {"SET": 1, "GET": 2, "INCRBY": 1}


def test_connections_are_counted_together_and_one_that_waits_holds_up_no_other(proxy: CountingProxy) -> None:
    with redis.Redis.from_url(proxy.url) as waiting, redis.Redis.from_url(proxy.url) as other:
        popped: list[object] = []
        thread = threading.Thread(target=lambda: popped.append(waiting.blpop(["list"], timeout=60)))
        thread.start()
        other.lpush("list", "a")
        thread.join()
    assert popped == [(b"list", b"a")]
    assert counted(proxy) == {"BLPOP": 1, "LPUSH": 1}
