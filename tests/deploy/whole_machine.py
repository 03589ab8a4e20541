"""A clean room that runs: a network and processes of its own, in which a reader's shell does what a page says.

What a room has not is stood in for: systemd by `small_systemctl.py`, apt by `small_apt_get.sh` (the programs are this
machine's own, all of /usr), a package index by a folder of wheels, `make model` by the model of this checkout where it
has one. WeCom is the simulator, started in the same network. All else is real: MariaDB, Redis and nginx under Debian's
own units and configurations, the users, the certificates, pip, gunicorn and the bot.
"""

import ctypes
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.deadlines import PATIENCE
from tests.deploy import clean_room
from tests.deploy.clean_room import ROOT, Room
from tests.deploy.tools import tool
from wecom_bot import processes
from wecom_bot.simulators.wecom.client import SimulatorClient

HOST = "bot.example.com"
CHECKOUT = "/root/wecom-bot"
PLAIN = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}
_CLONE_NEWNET = 0x40000000
_MOST = 1500.0  # seconds; a step of the page may install all dependencies
_DONE = "the block is done"
_BEGIN = (
    "mount --bind /usr/local/sbin/systemctl /usr/bin/systemctl && "
    'exec python3 -c "import signal, sys\n'
    "signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever is left alone is buried\n"
    "print('up', flush=True)\n"
    'sys.stdin.read()"'
)
_MAKE = """#!/bin/sh
# Stands for `make model`, which asks Maven's archive: the checkout has the model, or it has not
[ "$*" = model ] && [ -d data/model ]
"""
_PROGRAMS = {
    "redis-server": "redis-server",
    "mariadbd": "mariadb-server",
    "nginx": "nginx",
    "openssl": "openssl",
    "curl": "curl",
    "update-ca-certificates": "ca-certificates",
    "ip": "iproute2",
}
T = TypeVar("T")


def possible() -> None:
    """Return where such a machine can be had; elsewhere the test is skipped, or fails on CI for want of a program."""
    clean_room.possible()
    for name, package in _PROGRAMS.items():
        tool(name, f"apt-get install {package}")


def furnished(folder: Path) -> Room:
    """A room with the stand-ins, a checkout, and a name for this machine."""
    room = clean_room.base(folder)
    sbin = room.folder / "local" / "sbin"
    sbin.mkdir()
    for name, source in (("systemctl", "small_systemctl.py"), ("apt-get", "small_apt_get.sh")):
        shutil.copy(Path(__file__).with_name(source), sbin / name)
        (sbin / name).chmod(0o755)
    (sbin / "make").write_text(_MAKE)
    (sbin / "make").chmod(0o755)
    without = shutil.ignore_patterns("__pycache__", ".*_cache", ".venv", ".git", ".demo", ".hypothesis")
    shutil.copytree(ROOT, room.inside(CHECKOUT), symlinks=True, ignore=without)
    room.inside("/etc/pip.conf").write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    room.inside("/etc/hosts").write_text(f"127.0.0.1 localhost {HOST}\n")
    return room


def fetch_wheels(folder: Path) -> Path:
    """That folder, with everything that requirements.lock names."""
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet")
    options = ("--no-deps", "--require-hashes", "-r", str(ROOT / "requirements.lock"), "-d", str(folder))
    done = subprocess.run([*pip, *options], capture_output=True, text=True, timeout=_MOST, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@dataclass(frozen=True)
class Machine:
    """A room whose process 1 is `number` on this machine."""

    room: Room
    number: int
    shell: subprocess.Popen[str]
    network: ThreadPoolExecutor

    def read_on(self, block: str) -> str:
        """What the reader's shell says to this block; its variables stay for the next. It fails when a line does."""
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        self.room.inside("/root/block").write_text(block, "utf-8")
        self.shell.stdin.write(f". /root/block </dev/null\necho {_DONE}\n")
        self.shell.stdin.flush()
        said: list[str] = []
        for line in self.shell.stdout:
            if line.strip() == _DONE:
                return "".join(said)
            said.append(line)
        raise AssertionError(f"{block}\n{''.join(said)}")

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A line of shell in a shell of its own, as root."""
        command = _inside(self.number, ["/bin/sh", "-c", script], PLAIN | environment)
        return subprocess.run(command, capture_output=True, text=True, timeout=_MOST, check=False)

    def done(self, script: str) -> str:
        """What that said; it must not fail."""
        done = self.run(script)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def there(self, act: Callable[[], T]) -> T:
        """What `act` returns, done in the machine's network."""
        return self.network.submit(act).result()

    @contextmanager
    def beside(self, act: Callable[[], None]) -> Iterator[Future[None]]:
        """`act` goes on beside the block, in a thread that stays outside of the machine."""
        with ThreadPoolExecutor(1) as thread:
            yield thread.submit(act)

    def say(self, raw: bytes, source: str = "127.0.0.1") -> bytes:
        """All that nginx answers on port 443, whose certificate is proved; from one of the machine's addresses."""
        return self.there(lambda: self._said(raw, source))

    def _said(self, raw: bytes, source: str) -> bytes:
        tls = ssl.create_default_context(cafile=str(self.room.inside("/etc/nginx/tls/fullchain.pem")))
        wire = socket.create_connection(("127.0.0.1", 443), timeout=PATIENCE, source_address=(source, 0))
        with closing(wire), tls.wrap_socket(wire, server_hostname=HOST) as line:
            line.sendall(raw)
            return b"".join(iter(lambda: line.recv(65536), b""))


def _inside(number: int, argv: list[str], environment: dict[str, str], cwd: str = "/root") -> list[str]:
    """What to run so that `argv` runs among the processes, in the network and the folders of that one."""
    given = [f"{name}={value}" for name, value in environment.items()]
    namespaces = ["nsenter", f"--target={number}", "--mount", "--net", "--pid", "--root"]
    return [*namespaces, "/usr/bin/env", "-i", f"--chdir={cwd}", *given, *argv]


@contextmanager
def switched_on(room: Room, wheels: Path) -> Iterator[Machine]:
    """It runs until the block is left; then nothing of it does."""
    model = ROOT / "data" / "model"
    assert model.is_dir() == room.inside(f"{CHECKOUT}/data/model").is_dir()
    with ExitStack() as going:
        command = room.command(["/bin/sh", "-c", _BEGIN], PLAIN, mounts={"/wheels": wheels}, first=True)
        first = going.enter_context(_started(command))
        going.callback(_switch_off, first)
        assert first.stdout is not None
        assert first.stdout.readline() == "up\n"
        (number,) = map(int, Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text().split())
        shell = going.enter_context(_started(_inside(number, ["/bin/bash", "-e", "-s"], PLAIN, CHECKOUT)))
        network = ThreadPoolExecutor(8, initializer=_enter_network, initargs=(number,))
        going.callback(network.shutdown)
        yield Machine(room, number, shell, network)


def _switch_off(first: subprocess.Popen[str]) -> None:
    """Process 1 ends when it hears no more; it is gone when all others are."""
    assert first.stdin is not None
    first.stdin.close()
    first.wait(PATIENCE)


@contextmanager
def _started(command: list[str], stderr: int = subprocess.STDOUT) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        preexec_fn=processes.before_exec(),  # noqa: PLW1509 - it makes two system calls
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _enter_network(number: int) -> None:
    """This thread's sockets are of that process's network from now on."""
    network = os.open(f"/proc/{number}/ns/net", os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(network, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "the network cannot be entered")
    finally:
        os.close(network)


@contextmanager
def simulated_wecom(machine: Machine) -> Iterator[SimulatorClient]:
    """WeCom, in the machine's network; its client is to be used there (`Machine.there`)."""
    argv = ["/opt/wecom-bot/.venv/bin/python", "-m", "wecom_bot.simulators.wecom"]
    trusted = {"SSL_CERT_FILE": "/etc/nginx/tls/fullchain.pem"}
    with _started(_inside(machine.number, argv, PLAIN | trusted), subprocess.DEVNULL) as process:
        assert process.stdout is not None
        with closing(SimulatorClient(process.stdout.readline().strip())) as client:
            yield client
