"""What the doctor says of real servers, as they should be and as they should not."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BufferedIOBase
from pathlib import Path

import pytest
import redis

from tests.contracts.test_inbox import ACME, message
from tests.deadlines import wait_until
from tests.fixtures.ports import free_port
from tests.fixtures.redis_servers import redis_server_binary, start_server
from tests.fixtures.whole_inbox import WholeInbox
from wecom_bot.adapters.redis.checkup import look, look_at_cache, look_at_queue
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.system import SystemClock
from wecom_bot.domain.finding import Finding, State
from wecom_bot.domain.message import CorpId

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


@contextmanager
def server(folder: Path, *options: str) -> Iterator[str]:
    """A Redis of our own."""
    path = folder / "redis.sock"
    process = start_server(redis_server_binary(), folder, ("--port", "0", "--unixsocket", str(path), *options))
    try:
        wait_until(path.exists)
        yield f"unix://{path}"
    finally:
        process.kill()
        process.wait()
        path.unlink(missing_ok=True)


def found(url: str) -> dict[str, Finding]:
    return {each.check: each for each in look(url, SystemClock())}


def test_each_server_that_we_support_is_well(redis_url: str) -> None:
    seen = found(redis_url)
    states = {name: each.state for name, each in seen.items()}
    lasting = states.pop("redis.durability")
    assert set(states.values()) == {State.OK}, states
    assert set(states) == {"redis", "redis.eviction", "redis.memory", "redis.clock"}
    assert lasting in {State.OK, State.WARNING}  # those of the tests that write once a second are said to


@pytest.mark.parametrize(
    ("options", "check", "state", "mend"),
    [
        (
            ("--maxmemory-policy", "allkeys-lru"),
            "redis.eviction",
            State.FAILED,
            "CONFIG SET maxmemory-policy noeviction",
        ),
        (("--appendonly", "no"), "redis.durability", State.WARNING, "CONFIG SET appendonly yes"),
        (("--appendfsync", "everysec"), "redis.durability", State.WARNING, "CONFIG SET appendfsync always"),
        (("--maxmemory", "500kb"), "redis.memory", State.WARNING, "raise maxmemory"),
        (("--rename-command", "CONFIG", ""), "redis.eviction", State.OK, ""),  # INFO tells it, too
        (("--requirepass", "geheim"), "redis", State.FAILED, "check them"),
        (("--replicaof", "127.0.0.1", "1"), "redis.role", State.FAILED, "WECOM_BOT_REDIS_URL"),
    ],
)
def test_what_is_not_as_it_should_be_is_said(
    tmp_path: Path, options: tuple[str, ...], check: str, state: State, mend: str
) -> None:
    with server(tmp_path, *DURABLE, *options) as url:
        seen = found(url)
    assert (seen[check].state, mend in seen[check].mend) == (state, True)


def test_a_wrong_password_is_told_from_none_and_never_repeated(tmp_path: Path) -> None:
    with server(tmp_path, *DURABLE, "--requirepass", "right-one") as url:
        (seen,) = look(url.replace("unix://", "unix://:wrong-one@"), SystemClock())
        assert found(url.replace("unix://", "unix://:right-one@"))["redis"].state is State.OK
    assert (seen.check, seen.state) == ("redis", State.FAILED)
    assert "wrong-one" not in seen.seen + seen.mend


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:{}", "redis+cluster://127.0.0.1:{}", "redis+sentinel://127.0.0.1:{}/m"]
)
def test_one_that_is_away_is_said(url: str) -> None:
    (seen,) = look(url.format(free_port()), SystemClock())
    assert (seen.check, seen.state, "systemctl" in seen.mend) == ("redis", State.FAILED, True)


def test_of_a_cache_it_is_only_said_whether_it_answers(redis_url: str) -> None:
    (seen,) = look_at_cache(redis_url)
    assert (seen.check, seen.state) == ("redis.cache", State.OK)
    (seen,) = look_at_cache(f"redis://:pa55word@127.0.0.1:{free_port()}")
    assert seen.state is State.WARNING, "answers go on without"
    assert "pa55word" not in f"{seen}"
    (seen,) = look_at_cache("redis://:pa55word@")
    assert seen.state is State.FAILED
    assert "WECOM_BOT_CACHE_URL" in seen.seen


def test_a_user_who_may_not_ask_is_no_reason_to_fail(tmp_path: Path) -> None:
    with server(tmp_path, *DURABLE) as url:
        with redis.Redis.from_url(url) as client:
            client.execute_command("ACL", "SETUSER", "bot", "on", ">pw", "~*", "+@all", "-config", "-info")
        seen = found(url.replace("unix://", "unix://bot:pw@"))
    assert {name: each.state for name, each in seen.items()} == {
        "redis": State.WARNING,
        "redis.eviction": State.WARNING,
        "redis.durability": State.WARNING,
        "redis.memory": State.OK,
        "redis.clock": State.OK,
    }


@dataclass(frozen=True)
class Apart:
    """A clock that is so far from this machine's, which is the server's."""

    by: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.mark.parametrize(
    ("seconds", "state"), [(1.5, State.OK), (-1.5, State.OK), (600, State.WARNING), (-600, State.WARNING)]
)
def test_clocks_may_be_two_seconds_apart(bundled_valkey_url: str, seconds: float, state: State) -> None:
    clock = Apart(timedelta(seconds=seconds))
    seen = {each.check: each for each in look(bundled_valkey_url, clock)}["redis.clock"]
    assert seen.state is state


def test_a_redis_that_is_too_old_is_said() -> None:
    """Nothing so old can be installed any more: what it says of itself is said for it."""
    info = b"redis_version:6.2.14\r\nrole:master\r\nused_memory:1\r\nmaxmemory:0\r\n"

    class Old(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while words := _command(self.rfile):
                match words[0].upper():
                    case b"INFO":
                        self.wfile.write(b"$%d\r\n%s\r\n" % (len(info), info))
                    case b"TIME":
                        self.wfile.write(b"*2\r\n$1\r\n0\r\n$1\r\n0\r\n")
                    case b"CONFIG":
                        self.wfile.write(b"-ERR unknown command\r\n")
                    case _:
                        self.wfile.write(b"+OK\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", free_port()), Old) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        seen = found(f"redis://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
    assert (seen["redis"].state, "6.2.14" in seen["redis"].seen) == (State.FAILED, True)
    assert seen["redis.clock"].state is State.WARNING


def _command(lines: BufferedIOBase) -> list[bytes]:
    """The words of a command, none at the end."""
    head = lines.readline()
    words = []
    for _ in range(int(head[1:] or b"0")):
        size = int(lines.readline()[1:])
        words.append(lines.read(size + 2)[:size])
    return words


def test_a_queue_that_no_worker_empties_is_named(redis_url: str, redis_client: Client) -> None:
    WholeInbox(redis_client, 100).put(ACME, [message(1)])
    corp_ids = [ACME, CorpId("wwidle")]
    usual = {each.about: each.state for each in look_at_queue(redis_url, corp_ids)}
    assert usual == dict.fromkeys(corp_ids, State.OK)
    late = {each.about: each for each in look_at_queue(redis_url, corp_ids, patience=-timedelta(milliseconds=1))}
    assert {each.state for each in late.values()} == {State.FAILED}
    assert "1 件" in late[ACME].seen
    assert "wecom-bot-worker@" in late[ACME].mend
