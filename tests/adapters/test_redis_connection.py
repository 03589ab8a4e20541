import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import redis
from structlog.testing import capture_logs

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.ports import free_port, free_ports
from tests.fixtures.redis_servers import TIMEOUT, redis_server_binary, start_server
from wecom_bot.adapters.redis.connection import Client, check, connect, translated
from wecom_bot.adapters.redis.pools import usage
from wecom_bot.errors import ConfigurationError, InboxFull, TemporaryFailure


def opened(url: str, *, timeout: timedelta = TIMEOUT, most: int = 4) -> Any:
    return connect(url, timeout=timeout, most=most)


@contextmanager
def server(folder: Path, *options: str, port: int = 0) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Redis of our own, to be treated badly; its URL has a port if one is given."""
    where = ("--port", str(port), "--unixsocket", str(folder / "redis.sock"))
    process = start_server(redis_server_binary(), folder, (*where, *options))
    try:
        wait_until((folder / "redis.sock").exists)
        yield (f"redis://127.0.0.1:{port}/0" if port else f"unix://{folder / 'redis.sock'}"), process
    finally:
        process.kill()
        process.wait()
        (folder / "redis.sock").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://localhost", "unknown scheme 'http'"),
        ("redis://", "no host"),
        ("redis://localhost:port", "wrong host or port"),
        ("redis://one,two", "several hosts need sentinel or cluster"),
        ("redis://localhost/main", "the database should be a number"),
        ("redis://localhost/0/1", "too many parts"),
        ("redis://localhost?decode_responses=yes", "unknown option decode_responses"),
        ("unix://relative.sock", "an absolute path is needed"),
        ("redis+sentinel://localhost:26379", "the master's name is missing"),
        ("redis+cluster://localhost/1", "database 0 only"),
        ("redis://[::1:6379", "IPv6"),
        ("redis://[::1]:port", "wrong host or port"),
        ("redis+sentinel://localhost,localhost:99999/main", "第 2 个主机.*wrong host or port"),
    ],
)
def test_a_wrong_url_is_refused_with_the_setting_and_the_reason(url: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"WECOM_BOT_REDIS_URL: .*{complaint}"):
        opened(url)


@pytest.mark.parametrize(
    "url",
    [
        "redis://user:geh/eim@localhost/0",
        "redis://:geh#eim@localhost/0",
        "redis://:geh?eim=geheim@localhost/0",
        "redis://:1/geh/eim@localhost/0",
        "redis://:a@geh/eim@localhost/0",
        "redis://:geh[eim@localhost/0",
        "redis://:geh\u2100eim@localhost/0",
        "redis://:geheim",
        "redis://:geheim?geheim=1",
        "redis://localhost:geheim/0",
        "redis+sentinel://localhost/main?sentinel_password=geh@eim",
        "redis+sentinel://localhost/main?sentinel_password=x&geheim=1",
    ],
)
def test_a_password_that_is_not_encoded_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(ConfigurationError, match="WECOM_BOT_REDIS_URL") as caught:
        opened(url)
    assert "geh" not in str(caught.value)
    assert "eim" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "url",
    [
        "redis://user:geheim@127.0.0.1:1/0",
        "rediss://user:geheim@127.0.0.1:1/0",
        "unix://user:geheim@/nowhere/redis.sock",
        "redis+sentinel://user:geheim@127.0.0.1:1/mymaster/0?sentinel_password=geheim",
        "redis+cluster://user:geheim@127.0.0.1:1,127.0.0.1:2",
    ],
)
def test_a_server_that_is_away_is_a_temporary_failure_that_names_the_setting_and_no_password(url: str) -> None:
    with pytest.raises(TemporaryFailure, match="WECOM_BOT_REDIS_URL") as caught:
        check(opened(url))
    assert "geheim" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_every_server_is_checked_and_used_with_bytes(redis_client: Client) -> None:
    client: Any = redis_client
    check(client)
    client.set("{a}key", "值")
    assert client.get("{a}key") == "值".encode()
    assert client.zadd("{a}set", {"member": 1.5}) == 1
    assert client.zrange("{a}set", 0, -1, withscores=True) == [(b"member", 1.5)]


def test_a_wrong_password_is_a_configuration_error(tmp_path: Path) -> None:
    with server(tmp_path, "--requirepass", "right") as (url, _):
        check(opened(url.replace("unix://", "unix://:right@")))
        for wrong in (url, url.replace("unix://", "unix://:wrong@")):
            with pytest.raises(ConfigurationError, match=r"WECOM_BOT_REDIS_URL.*password"):
                check(opened(wrong))


def test_a_server_that_evicts_keys_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    with (
        server(tmp_path, "--maxmemory-policy", "allkeys-lru") as (url, _),
        pytest.raises(ConfigurationError, match=r"WECOM_BOT_REDIS_URL.*CONFIG SET maxmemory-policy noeviction"),
    ):
        check(opened(url))


def test_where_config_is_forbidden_the_policy_is_read_elsewhere(tmp_path: Path) -> None:
    forbidden = ("--rename-command", "CONFIG", "")
    with (
        server(tmp_path, "--maxmemory-policy", "allkeys-lru", *forbidden) as (url, _),
        pytest.raises(ConfigurationError, match="allkeys-lru"),
    ):
        check(opened(url))


def test_where_nothing_may_be_asked_the_operator_is_told_what_to_look_at(tmp_path: Path) -> None:
    forbidden = ("--rename-command", "CONFIG", "", "--rename-command", "INFO", "")
    with server(tmp_path, "--appendonly", "yes", *forbidden) as (url, _), capture_logs() as lines:
        check(opened(url))
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("redis.eviction_unknown", "warning"),
        ("redis.durability_unknown", "warning"),
    ]
    assert "maxmemory-policy" in lines[0]["advice"]
    assert "appendonly" in lines[1]["advice"]


def test_a_server_that_keeps_nothing_on_disk_is_warned_of(tmp_path: Path) -> None:
    with server(tmp_path) as (url, _), capture_logs() as lines:
        check(opened(url))
    assert [line["event"] for line in lines] == ["redis.not_durable"]
    assert "CONFIG SET appendonly yes" in lines[0]["advice"]


def test_a_restart_between_two_commands_goes_unnoticed(tmp_path: Path) -> None:
    with server(tmp_path) as (url, _):
        client = opened(url)
        client.ping()
    with server(tmp_path):
        assert client.ping()


_COOPERATIVE = """
import sys
from gevent import monkey
monkey.patch_all()
from datetime import timedelta
from wecom_bot.adapters.redis.connection import connect
client = connect(sys.argv[1], timeout=timedelta(seconds=60), most=1)
for _ in sys.stdin:
    client.incr("counter")
    connection = client.connection_pool.get_connection()
    print(connection.is_ready(), flush=True)
    client.connection_pool.release(connection)
"""


def test_a_restart_between_two_commands_goes_unnoticed_in_a_process_of_greenlets(tmp_path: Path) -> None:
    url = f"unix://{tmp_path / 'redis.sock'}"
    with subprocess.Popen(
        [sys.executable, "-c", _COOPERATIVE, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        to, back = process.stdin, process.stdout
        assert to
        assert back

        def told() -> str:
            print("next", file=to, flush=True)
            return str(back.readline())

        with server(tmp_path):
            assert told() == told() == "True\n"
        with server(tmp_path):
            assert told() == "True\n"
            assert opened(url).get("counter") == b"1"
        to.close()


def test_a_restart_during_a_command_fails_it_and_it_is_not_sent_again(tmp_path: Path) -> None:
    with server(tmp_path) as (url, process):
        client, observer = opened(url, timeout=timedelta(seconds=PATIENCE)), opened(url)
        failures: list[TemporaryFailure] = []

        def wait_for_work() -> None:
            try:
                with translated():
                    client.blpop(["queue"], timeout=PATIENCE - 10)
            except TemporaryFailure as e:
                failures.append(e)

        waiter = Thread(target=wait_for_work)
        waiter.start()
        wait_until(lambda: observer.info("clients")["blocked_clients"] == 1)
        process.kill()
        process.wait()
        waiter.join(PATIENCE)
        assert len(failures) == 1


def test_an_idle_connection_that_died_without_a_word_is_replaced_before_a_command_is_sent(tmp_path: Path) -> None:
    with server(tmp_path) as (url, process):
        client = opened(url)
        client.ping()
        connection = client.connection_pool.get_connection("PING")
        connection.next_health_check = time.monotonic() - 1  # as if it had been idle for a while
        silent = connection._sock  # noqa: SLF001 - the socket of a peer that vanished
        process.kill()
        process.wait()
        with server(tmp_path):
            connection.send_command("INCR", "counter")
            assert connection.read_response() == 1
        assert connection._sock is not silent  # noqa: SLF001


def test_callers_wait_for_a_free_connection_and_not_forever(tmp_path: Path) -> None:
    with server(tmp_path) as (url, _):
        client = opened(url, timeout=timedelta(seconds=2), most=1)
        taken = client.connection_pool.get_connection("PING")
        with pytest.raises(TemporaryFailure), translated():
            client.ping()
        client.connection_pool.release(taken)
        assert client.ping()


def test_a_server_out_of_memory_is_a_full_inbox(tmp_path: Path) -> None:
    with server(tmp_path, "--maxmemory", "1") as (url, _):
        client = opened(url)
        writes: tuple[Callable[[], Any], ...] = (
            lambda: client.set("key", "value"),
            lambda: client.eval("return redis.call('SET', KEYS[1], 'value')", 1, "key"),
            lambda: client.pipeline().set("key", "value").execute(),
        )
        for write in writes:
            with pytest.raises(InboxFull), translated():
                write()


def test_an_error_never_repeats_what_was_to_be_stored(tmp_path: Path) -> None:
    with server(tmp_path) as (url, _):
        client = opened(url)
        calls: tuple[Callable[[], Any], ...] = (
            lambda: client.pipeline().set("key", "x").rpush("key", "customer's words").execute(),
            lambda: client.execute_command("NONSENSE", "customer's words"),
        )
        for call in calls:
            with pytest.raises(TemporaryFailure) as caught, translated():
                call()
            assert "customer" not in str(caught.value)
            assert caught.value.__suppress_context__


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_under_tls_the_certificate_is_checked_unless_the_url_says_otherwise(tmp_path: Path) -> None:
    key, certificate, port = tmp_path / "key.pem", tmp_path / "certificate.pem", free_port()
    request = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost")
    names = ("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate))
    subprocess.run(["openssl", *request, *names], check=True, capture_output=True)
    tls = ("--tls-port", str(port), "--tls-cert-file", str(certificate), "--tls-key-file", str(key))
    with server(tmp_path, *tls, "--tls-auth-clients", "no"):
        for good in (
            f"rediss://localhost:{port}?ssl_ca_certs={certificate}",
            f"rediss://127.0.0.1:{port}?ssl_ca_certs={certificate}&ssl_check_hostname=no",
            f"rediss://127.0.0.1:{port}?ssl_cert_reqs=none",
        ):
            check(opened(good))
        for bad in (f"rediss://localhost:{port}", f"rediss://127.0.0.1:{port}?ssl_ca_certs={certificate}"):
            with pytest.raises(TemporaryFailure, match="certificate"):
                check(opened(bad))


@pytest.mark.slow
def test_the_master_is_found_by_sentinel_and_followed_through_a_failover(tmp_path: Path) -> None:
    first, second, watch = free_ports(3)
    folders = [tmp_path / name for name in ("first", "second", "sentinel")]
    for folder in folders:
        folder.mkdir()
    conf = folders[2] / "sentinel.conf"
    conf.write_text(f"port {watch}\nsentinel monitor mymaster 127.0.0.1 {first} 1\n")
    with (
        server(folders[0], port=first) as (url, _),
        server(folders[1], "--replicaof", f"127.0.0.1 {first}", port=second) as (replica_url, _),
    ):
        replica, guard = opened(replica_url), opened(f"redis://127.0.0.1:{watch}")
        wait_until(lambda: replica.info("replication")["master_link_status"] == "up")
        with subprocess.Popen([redis_server_binary(), conf, "--sentinel"], stdout=subprocess.DEVNULL) as sentinel:
            try:
                wait_until(lambda: _knows_replica(guard))
                client = opened(f"redis+sentinel://127.0.0.1:1,127.0.0.1:{watch}/mymaster/0")
                check(client)
                client.set("written", "before")
                assert opened(url).get("written") == b"before"
                wait_until(lambda: replica.get("written") == b"before")
                wait_until(lambda: _fails_over(guard))
                wait_until(lambda: _sets(client, "written", "after") and replica.get("written") == b"after")
            finally:
                sentinel.kill()


def _knows_replica(guard: Any) -> bool:
    try:
        return bool(guard.sentinel_master("mymaster")["num-slaves"] == 1)
    except redis.RedisError:
        return False


def _fails_over(guard: Any) -> bool:
    try:
        return bool(guard.execute_command("SENTINEL", "FAILOVER", "mymaster"))
    except redis.ResponseError:  # it does not know enough of the replica yet
        return False


def _sets(client: Any, key: str, value: str) -> bool:
    try:
        with translated():
            return bool(client.set(key, value))
    except TemporaryFailure:
        return False


def test_it_is_told_how_the_connections_are_used(redis_url: str) -> None:
    client = opened(redis_url, timeout=timedelta(milliseconds=300), most=2)
    client.ping()
    assert usage(client)[:1] + usage(client)[2:] == (0, 0, 0)
    assert usage(client).most >= 2
    node = client if isinstance(client, redis.Redis) else client.get_nodes()[0].redis_connection
    held = [node.connection_pool.get_connection("PING") for _ in range(2)]
    assert usage(client).in_use == 2
    with pytest.raises(redis.ConnectionError):
        node.connection_pool.get_connection("PING")
    assert usage(client)[2:] == (1, 1)
    for each in held:
        node.connection_pool.release(each)
    assert usage(client).in_use == 0
    client.close()


def test_what_broke_is_counted(tmp_path: Path) -> None:
    with server(tmp_path) as (url, process):
        client = opened(url)
        client.ping()
        process.kill()
        process.wait()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        assert usage(client).failed >= 1
        client.close()
