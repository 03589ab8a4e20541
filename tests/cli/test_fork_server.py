"""What the fork server forks is a child like any other, and shares what was imported."""

import ctypes
import errno
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from tests.deadlines import wait_until
from tests.fixtures.processes import alive
from wecom_bot import processes
from wecom_bot.cli import fork_server
from wecom_bot.cli.children import Running
from wecom_bot.cli.fork_server import ForkServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has child subreapers")

# Tells what it is, or does what it was told to.
PROGRAM = """
import atexit, os, sys, time
from pathlib import Path
if sys.argv[1] == "says goodbye":
    atexit.register(Path(sys.argv[2]).write_text, "goodbye")
if sys.argv[1] == "fails":
    sys.exit(7)
if sys.argv[1] == "writes":
    os.write(int(sys.argv[2]), f"{os.getpid()} {os.getppid()} {os.getpgid(0)} {os.environ['SAID']} {len(os.environ)}".encode())
if sys.argv[1] == "stays":
    time.sleep(600)
if sys.argv[1] == "lists":
    Path(sys.argv[2]).write_text(" ".join(os.listdir("/proc/self/fd")))
"""  # noqa: E501


@pytest.fixture
def forks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkServer]:
    (tmp_path / "a_program.py").write_text(PROGRAM)
    monkeypatch.syspath_prepend(str(tmp_path))
    with closing(ForkServer()) as made:
        yield made


def program(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "a_program", *arguments)


def ended(running: Running) -> int | None:
    wait_until(lambda: running.poll() is not None)
    return running.poll()


def test_a_program_is_a_child_of_ours_in_a_group_of_its_own_with_its_environment_and_files(forks: ForkServer) -> None:
    here, there = socket.socketpair()
    with here, there:
        running = forks.start(program("writes", str(there.fileno())), {"SAID": "so"}, [there.fileno()])
        assert ended(running) == 0
        assert here.recv(1000).decode().split() == [str(running.pid), str(os.getpid()), str(running.pid), "so", "1"]


def test_it_has_no_file_of_ours_that_it_was_not_given(forks: ForkServer, tmp_path: Path) -> None:
    with (tmp_path / "ours").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)  # noqa: FBT003 - the name of the function says what it is
        assert ended(forks.start(program("lists", str(tmp_path / "seen")), {})) == 0
    assert len((tmp_path / "seen").read_text().split()) == 4, "three streams, and the folder that it looked into"


def test_nor_has_it_where_we_have_more_files_than_the_numbers_that_are_kept_free(
    forks: ForkServer, tmp_path: Path
) -> None:
    ours = [os.open(os.devnull, os.O_RDONLY) for _ in range(300)]
    try:
        assert ended(forks.start(program("lists", str(tmp_path / "seen")), {})) == 0
    finally:
        for file in ours:
            os.close(file)
    assert len((tmp_path / "seen").read_text().split()) == 4, "three streams, and the folder that it looked into"


_OPENED: list[int] = []


def _open_a_file() -> None:
    _OPENED.append(os.open(os.devnull, os.O_RDONLY))


def _close_it_and_write(line: int) -> None:
    os.close(_OPENED.pop())
    os.write(line, b"there")


def test_a_file_keeps_its_number_where_an_import_has_opened_others(forks: ForkServer) -> None:
    here, there = socket.socketpair()
    forks.load(_open_a_file)
    with here, there:
        child = forks.fork(partial(_close_it_and_write, there.fileno()), [there.fileno()])
        assert os.waitpid(child, 0)[1] == 0
        assert here.recv(10) == b"there"


def test_its_exit_status_is_known_as_is_the_signal_that_killed_it(forks: ForkServer) -> None:
    assert ended(forks.start(program("fails"), {})) == 7
    stays = forks.start(program("stays"), {})
    assert stays.poll() is None
    stays.send_signal(signal.SIGKILL)
    assert ended(stays) == -signal.SIGKILL
    stays.send_signal(signal.SIGKILL)  # to nobody


def test_what_is_to_be_done_at_its_end_is_done(forks: ForkServer, tmp_path: Path) -> None:
    assert ended(forks.start(program("says goodbye", str(tmp_path / "said")), {})) == 0
    assert (tmp_path / "said").read_text() == "goodbye"


def test_its_command_line_is_its_own(forks: ForkServer) -> None:
    stays = forks.start(program("stays"), {})
    shown = Path(f"/proc/{stays.pid}/cmdline")
    wait_until(lambda: shown.read_bytes().rstrip(b"\0") == b"a_program stays")
    stays.send_signal(signal.SIGKILL)
    assert ended(stays) == -signal.SIGKILL


def _import(name: str, journal: Path) -> None:
    sys.modules[name] = sys
    with journal.open("a") as noted:
        noted.write("imported\n")


def _tell(journal: Path, name: str) -> None:
    with journal.open("a") as noted:
        noted.write(f"{os.getppid()} {name in sys.modules}\n")


def test_what_it_loaded_is_there_in_all_that_it_forks_and_loaded_once(forks: ForkServer, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    forks.load(partial(_import, "loaded", journal))
    for _ in range(2):
        assert os.waitpid(forks.fork(partial(_tell, journal, "loaded")), 0)[1] == 0
    assert journal.read_text().splitlines() == ["imported", *[f"{os.getpid()} True"] * 2]
    assert "loaded" not in sys.modules


def test_one_that_died_is_followed_by_another_that_has_loaded_the_same(forks: ForkServer, tmp_path: Path) -> None:
    journal, others = tmp_path / "journal", _children()
    forks.load(partial(_import, "loaded", journal))
    stays = forks.start(program("stays"), {})
    (server,) = _children() - others - {stays.pid}
    os.kill(server, signal.SIGKILL)
    assert os.waitpid(forks.fork(partial(_tell, journal, "loaded")), 0)[1] == 0
    assert journal.read_text().splitlines() == ["imported", "imported", f"{os.getpid()} True"]
    assert stays.poll() is None
    stays.send_signal(signal.SIGKILL)
    assert ended(stays) == -signal.SIGKILL


def _fail() -> None:
    raise ImportError("no such thing")


def test_where_it_cannot_load_programs_are_started_anew(forks: ForkServer, tmp_path: Path) -> None:
    forks.load(_fail)
    running = forks.start(program("lists", str(tmp_path / "seen")), {"PYTHONPATH": str(tmp_path)})
    assert ended(running) == 0
    assert (tmp_path / "seen").exists()


def test_one_that_stands_still_is_followed_by_another(tmp_path: Path) -> None:
    journal, others = tmp_path / "journal", _children()
    with closing(ForkServer(at_once=0.1)) as forks:
        assert os.waitpid(forks.fork(partial(_tell, journal, "os")), 0)[1] == 0
        (server,) = _children() - others
        os.kill(server, signal.SIGSTOP)
        assert os.waitpid(forks.fork(partial(_tell, journal, "os")), 0)[1] == 0
        assert server not in _children()


def _ask_and_leave(journal: Path) -> None:
    """Whoever does it begins, if ever, after the one that asked has gone."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    fork_server._send(here, fork_server._ForkRequest(partial(_tell, journal, "os"), "a_program"))  # noqa: SLF001
    here.close()
    with processes.adopting():
        processes.forked(partial(fork_server._serve, there, os.getpid()))  # noqa: SLF001
        with suppress(ChildProcessError):
            while True:
                os.wait()
    (journal.parent / "over").touch()


def test_what_nobody_was_told_of_never_begins(forks: ForkServer, tmp_path: Path) -> None:
    assert os.waitpid(forks.fork(partial(_ask_and_leave, tmp_path / "journal")), 0)[1] == 0
    assert [each.name for each in tmp_path.iterdir() if each.name in {"journal", "over"}] == ["over"]


def _note_sigchld(journal: Path) -> None:
    journal.write_text(signal.getsignal(signal.SIGCHLD).name)  # type: ignore[union-attr] # one of the two constants


def _fork_while_ignoring_children(journal: Path) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with closing(ForkServer()) as forks:
        forks.fork(partial(_note_sigchld, journal))
        wait_until(lambda: journal.exists() and journal.read_text() != "")
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def test_whoever_started_us_may_have_us_ignore_our_childrens_ends(tmp_path: Path) -> None:
    assert os.waitpid(processes.forked(partial(_fork_while_ignoring_children, tmp_path / "journal")), 0)[1] == 0
    assert (tmp_path / "journal").read_text() == "SIG_DFL"


_PRCTL = {"x86_64": 157, "aarch64": 167}
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


def _forbid_subreapers() -> None:
    """Install a filter (seccomp) that refuses prctl(PR_SET_CHILD_SUBREAPER), and nothing else."""
    load, equal, answer = 0x20, 0x15, 0x06
    steps = [(load, 0, 0, 0), (equal, 0, 2, _PRCTL[os.uname().machine]), (load, 0, 0, 16), (equal, 1, 0, 36),
             (answer, 0, 0, _ALLOW), (answer, 0, 0, _REFUSE)]  # fmt: skip
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    text = ctypes.create_string_buffer(program)
    told = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, filtered = 38, 22
    assert libc.prctl(no_new_privileges, 1, 0, 0, 0) == 0
    assert libc.prctl(filtered, 2, told, 0, 0) == 0, os.strerror(ctypes.get_errno())


def _fork_in_a_sandbox(journal: Path) -> None:
    _forbid_subreapers()
    with closing(ForkServer()) as forks:
        assert os.waitpid(forks.fork(partial(_tell, journal, "os")), 0)[1] == 0
        assert ended(forks.start(program("fails"), {"PYTHONPATH": str(journal.parent)})) == 7


@pytest.mark.skipif(os.uname().machine not in _PRCTL, reason="it knows the numbers of two machines")
def test_in_a_sandbox_that_lets_nobody_adopt_processes_are_made_without_it(forks: ForkServer, tmp_path: Path) -> None:
    del forks  # which has made the program
    journal = tmp_path / "journal"
    assert os.waitpid(processes.forked(partial(_fork_in_a_sandbox, journal)), 0)[1] == 0
    assert journal.read_text().split()[1:] == ["True"]


def _children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def _serve_and_tell(journal: Path, then: Callable[[], object]) -> None:
    forks = ForkServer()
    pids = [forks.start(program("stays"), {}).pid for _ in range(2)]
    journal.write_text(" ".join(map(str, [*pids, *_children()])))
    then()


def test_nobody_survives_the_one_that_asked(forks: ForkServer, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    asking = forks.fork(partial(_serve_and_tell, journal, signal.pause))
    wait_until(lambda: journal.exists() and len(journal.read_text().split()) == 5)
    os.kill(asking, signal.SIGKILL)
    os.waitpid(asking, 0)
    wait_until(lambda: not any(alive(int(pid)) for pid in journal.read_text().split()))
