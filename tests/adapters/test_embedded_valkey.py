import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from tests.deadlines import wait_until
from tests.fixtures.processes import alive
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.errors import ConfigurationError

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc, and ends orphans")

STARTS_AND_WAITS = """
import sys, time
from pathlib import Path
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
server = EmbeddedValkey(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


def client_of(server: EmbeddedValkey) -> redis.Redis:
    return redis.Redis.from_url(server.url, socket_timeout=5)


def test_it_answers_keeps_everything_and_listens_on_no_port(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "valkey") as server, client_of(server) as client:
        assert client.ping()
        settings = client.config_get("*")
        assert {name: settings[name] for name in ("port", "appendonly", "appendfsync", "save", "maxmemory-policy")} == {
            "port": "0",
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        assert (tmp_path / "valkey" / "valkey.sock").stat().st_mode & 0o777 == 0o700


def test_it_leaves_only_its_data_and_log_behind(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "valkey"):
        pass
    assert sorted(path.name for path in (tmp_path / "valkey").iterdir()) == ["appendonlydir", "valkey.log"]


def test_its_folder_may_have_any_name(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "客服 \"data\" 'x' %20") as server, client_of(server) as client:
        assert client.ping()


def test_a_path_too_long_for_a_socket_gets_a_private_one_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    with EmbeddedValkey(folder) as server, client_of(server) as client:
        client.set("kept", "yes")
        socket = Path(server.url.removeprefix("unix://"))
        assert len(os.fsencode(socket)) <= 100
        assert socket.parent.stat().st_mode & 0o777 == 0o700
        assert (folder / "appendonlydir").is_dir()
    assert not socket.parent.exists()


def test_what_it_answered_survives_kill_9(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        with client_of(server) as client:
            for number in range(100):
                client.set(f"key-{number}", number)
        server.kill()
        wait_until(lambda: server.poll() is not None)
        assert (tmp_path / "valkey.sock").exists()
        server.start()
        with client_of(server) as client:
            assert client.dbsize() == 100


def test_half_a_command_at_the_end_of_its_file_is_no_obstacle(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        with client_of(server) as client:
            client.set("whole", "yes")
        server.kill()
        wait_until(lambda: server.poll() is not None)
        with next((tmp_path / "appendonlydir").glob("*.incr.aof")).open("ab") as file:
            file.write(b"*3\r\n$3\r\nSET\r\n$4\r\nha")
        server.start()
        with client_of(server) as client:
            assert client.keys() == [b"whole"]


def test_a_second_one_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        with pytest.raises(ConfigurationError, match=f"WECOM_BOT_DATA.*{tmp_path}"):
            EmbeddedValkey(tmp_path).start()
        with client_of(server) as client:
            assert client.ping()


def test_the_folder_is_free_again_after_a_stop(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path):
        pass
    with EmbeddedValkey(tmp_path) as server, client_of(server) as client:
        assert client.ping()


def test_a_file_it_cannot_read_is_reported_with_its_own_words(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server, client_of(server) as client:
        client.set("key", "value")
    next((tmp_path / "appendonlydir").glob("*.incr.aof")).write_bytes(b"nonsense\r\n" * 10)
    with pytest.raises(ConfigurationError, match=r"Bad file format.*valkey\.log"):
        EmbeddedValkey(tmp_path).start()


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="WECOM_BOT_DATA"):
        EmbeddedValkey(tmp_path / "file" / "valkey").start()


@on_linux
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_it_dies_with_the_process_that_started_it(tmp_path: Path, end: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_WAITS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(end)
    wait_until(lambda: not alive(pid))
    with EmbeddedValkey(tmp_path) as server, client_of(server) as client:  # whatever it left is no obstacle
        assert client.ping()


@on_linux
def test_it_sees_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECOM_BOT_MASTER_KEY", "very-secret")
    with EmbeddedValkey(tmp_path) as server:
        assert b"very-secret" not in Path(f"/proc/{server.pid}/environ").read_bytes()
