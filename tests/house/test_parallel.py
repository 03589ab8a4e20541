"""How the suite is spread over processes, and that what they share is nobody's twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.parallel import FIRST, ROOT, rank, workers
from tests.fixtures.ports import free_port, free_ports

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_the_whole_suite_and_folders_are_shared_and_what_is_small_is_not() -> None:
    assert workers(["tests"], 2, narrowed=False) == 6
    assert workers([str(ROOT / "tests" / "service")], 2, narrowed=False) == 6
    assert workers([__file__], 2, narrowed=False) == 0
    assert workers([f"{__file__}::test_it"], 2, narrowed=False) == 0
    assert workers(["tests"], 2, narrowed=True) == 0
    assert workers(["tests"], 64, narrowed=False) == 8


def test_long_files_come_first() -> None:
    assert all((ROOT / each).exists() for each in FIRST)
    assert rank("tests/e2e/test_limits.py") < rank("tests/cli/test_serve.py") < rank("tests/domain/test_hours.py")


def test_processes_are_given_ports_of_their_own() -> None:
    program = (
        "import sys; from tests.fixtures.ports import free_ports; print(*free_ports(50), flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program]
    with (
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as two,
    ):
        given = [int(port) for each in (one, two) if each.stdout for port in each.stdout.readline().split()]
        given += free_ports(50)
        for each in (one, two):
            each.communicate()
    assert len(given) == 150
    assert len(given) == len(set(given))


@pytest.mark.skipif(not _EPHEMERAL.exists(), reason="only Linux says so")
def test_the_kernel_gives_such_a_port_to_nobody() -> None:
    least, _ = map(int, _EPHEMERAL.read_text().split())
    assert free_port() < least
