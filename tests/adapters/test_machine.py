"""What the doctor says of the machine, by figures that are given to it and by this one's own."""

import json
import os
import resource
import socket
from pathlib import Path

import pytest

from tests.fixtures.scripted_wecom import raw_server
from wecom_bot import __version__
from wecom_bot.adapters import machine
from wecom_bot.domain.finding import State

MB, GB = 2**20, 2**30


@pytest.mark.parametrize(
    ("free", "total", "state"),
    [
        (199 * MB, 100 * GB, State.FAILED),
        (0, 0, State.FAILED),
        (201 * MB, GB, State.WARNING),
        (9 * GB, 100 * GB, State.WARNING),
        (11 * GB, 100 * GB, State.OK),
        (2 * GB, 10 * GB, State.OK),
    ],
)
def test_a_disk_is_warned_of_in_time(free: int, total: int, state: State) -> None:
    seen = machine.disk(Path("/var/lib/wecom-bot"), free, total)
    assert seen.state is state
    assert ("/var/lib/wecom-bot" in seen.mend) is (state is not State.OK)


def test_the_data_folder_is_looked_at_and_not_made(tmp_path: Path) -> None:
    disk, here = machine.data_folder(tmp_path)
    assert (disk.check, here.state) == ("machine.disk", State.OK)
    _, absent = machine.data_folder(tmp_path / "not" / "there")
    assert (absent.state, "WECOM_BOT_DATA" in absent.mend) == (State.WARNING, True)
    assert list(tmp_path.iterdir()) == []


def test_the_data_folder_of_another_user_is_warned_of(tmp_path: Path) -> None:
    somebodys = Path("/")
    if os.geteuid() == 0:
        somebodys = tmp_path
        os.chown(somebodys, 65534, 65534)
    _, seen = machine.data_folder(somebodys)
    assert (seen.state, "sudo -u" in seen.mend) == (State.WARNING, True)


@pytest.mark.parametrize(
    ("hard", "state"), [(1024, State.WARNING), (4096, State.OK), (resource.RLIM_INFINITY, State.OK)]
)
def test_few_open_files_are_warned_of(hard: int, state: State) -> None:
    assert machine.open_files(1024, hard).state is state


def test_this_machine_has_limits_and_versions() -> None:
    assert machine.limits().check == "machine.files"
    assert __version__ in machine.versions().seen


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_that_is_not_used_is_named_without_its_value(name: str) -> None:
    seen = machine.environment({name: "http://user:geheim@proxy:3128"})
    assert (seen.state, name in seen.seen, "WECOM_BOT_EGRESS_PROXY" in seen.mend) == (State.WARNING, True, True)
    assert "geheim" not in seen.seen + seen.mend


def test_no_proxy_and_one_that_is_set_for_us_are_well() -> None:
    assert machine.environment({"HTTPS_PROXY": ""}).state is State.OK
    assert machine.environment({"HTTPS_PROXY": "http://proxy"}, "http://proxy").state is State.OK


@pytest.mark.parametrize(
    ("said", "state", "words"),
    [
        ({"missing": [], "down": [], "circuits": []}, State.OK, "ready"),
        ({"missing": []}, State.OK, "ready"),  # of an earlier version
        ({"missing": ["redis"], "down": ["redis"]}, State.FAILED, "redis"),
        ({"missing": [], "down": ["sql"], "circuits": []}, State.WARNING, "sql"),
        (
            {"missing": [], "circuits": [{"neighbour": "Coze", "part": "host", "name": "x", "state": "open"}]},
            State.WARNING,
            "Coze host",
        ),
        (["what is this"], State.SKIPPED, "WECOM_BOT_WORKER_PORT"),
    ],
)
def test_the_worker_tells_of_itself(said: object, state: State, words: str) -> None:
    body = json.dumps(said).encode()

    def answer(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    with raw_server(answer) as url:
        found = machine.worker("0.0.0.0", int(url.rpartition(":")[2]))
    assert (found.check, found.state) == ("machine.worker", state)
    assert words in found.seen + found.mend


@pytest.mark.parametrize("port", [0, 1])
def test_no_worker_is_no_failure(port: int) -> None:
    assert machine.worker("127.0.0.1", port).state is State.SKIPPED
