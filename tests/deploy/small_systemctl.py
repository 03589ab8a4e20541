#!/usr/bin/env python3
"""Stands for `systemctl` where no systemd runs: starts and stops what the machine's unit files say, as they say it.

It reads units from /etc and /lib/systemd/system, EnvironmentFile= as systemd does (no shell), and heeds Type=, User=,
Group=, UMask=, WorkingDirectory=, StateDirectory=, RuntimeDirectory=, LimitNOFILE=, ExecStartPre=, ExecStart=,
ExecStartPost=, ExecReload=, TimeoutStopSec=, Wants= and RemainAfterExit=. It confines nobody, restarts nobody who dies,
and only notes timers. Outputs go to /var/log/units.
"""

import os
import resource
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_UNITS = (Path("/etc/systemd/system"), Path("/lib/systemd/system"))
_RUNNING, _LOGS = Path("/run/units"), Path("/var/log/units")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_START = 300.0  # seconds, for what says when it is ready


class RefusedError(Exception):
    """A unit could not be started; its text is for whoever asked."""


def continued(text: str) -> list[str]:
    """The lines that say something, those that end in a backslash joined to the next."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip() and line.strip()[0] not in "#;"]


def environment_of(path: Path) -> dict[str, str]:
    """What an EnvironmentFile= gives: values to the end of the line, with quotes around them or without."""
    found = {}
    for line in continued(path.read_text("utf-8")):
        name, equals, value = line.partition("=")
        if equals:
            bare, quote = value.strip(), value.strip()[:1]
            found[name.strip()] = bare[1:-1] if quote and quote in "\"'" and bare.endswith(quote) else bare
    return found


@dataclass(frozen=True)
class Unit:
    """A unit of this machine."""

    name: str
    lines: tuple[str, ...]

    def all(self, key: str) -> list[str]:
        return [line.partition("=")[2].strip() for line in self.lines if line.startswith(f"{key}=")]

    def one(self, key: str, default: str = "") -> str:
        return self.all(key)[-1] if self.all(key) else default

    @property
    def wants(self) -> list[str]:
        return [name for names in self.all("Wants") for name in names.split() if _file(name) is not None]

    @property
    def note(self) -> Path:
        """Holds the main process's number while it is active, 0 where there is none."""
        return _RUNNING / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        return _LOGS / f"{self.name}.log"

    @property
    def active(self) -> bool:
        number = self.note.read_text() if self.note.exists() else "none"
        return number == "0" or Path(f"/proc/{number}").exists()

    def environment(self) -> dict[str, str]:
        user = self.one("User", "root")
        home = os.path.expanduser(f"~{user}")  # noqa: PTH111 - pathlib has it for this user alone
        found = {"PATH": _PATH, "LANG": "C.UTF-8", "USER": user, "LOGNAME": user, "HOME": home}
        for path in self.all("EnvironmentFile"):
            if not path.startswith("-") or Path(path[1:]).exists():
                found |= environment_of(Path(path.removeprefix("-")))
        return found


def _file(name: str) -> Path | None:
    template, at, _ = name.partition("@")
    wanted = f"{template}@.{name.rpartition('.')[2]}" if at else name
    return next((folder / wanted for folder in _UNITS if (folder / wanted).exists()), None)


def unit(name: str) -> Unit:
    full = name if name.endswith((".service", ".target", ".timer")) else f"{name}.service"
    path = _file(full)
    if path is None:
        raise RefusedError(f"Unit {full} not found.")
    instance = full.partition("@")[2].rpartition(".")[0]
    return Unit(full, tuple(line.replace("%i", instance) for line in continued(path.read_text("utf-8"))))


def _spawn(which: Unit, command: str, extra: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    as_root = command.lstrip("-@:")[:1] in {"+", "!"}
    environment = which.environment() | (extra or {})
    user = None if as_root else which.one("User") or None
    with which.log.open("ab") as output:
        return subprocess.Popen(
            shlex.split(command.lstrip("-@:+!")),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=which.one("WorkingDirectory", "/"),
            umask=int(which.one("UMask", "0022"), 8),
            user=user,
            group=which.one("Group", user) if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,
        )


def _carried_out(which: Unit, key: str) -> None:
    for command in which.all(key):
        if _spawn(which, command).wait() and not command.startswith("-"):
            raise _failed(which, f"{key}={command}")


def _failed(which: Unit, what: str) -> RefusedError:
    said = which.log.read_text("utf-8", errors="replace")[-3000:]
    return RefusedError(f"Job for {which.name} failed: {what}\n{said}")


def _furnished(which: Unit) -> None:
    for key, parent in (("StateDirectory", "/var/lib"), ("RuntimeDirectory", "/run")):
        for name in which.one(key).split():
            folder = Path(parent, name)
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(int(which.one(f"{key}Mode", "0755"), 8))
            shutil.chown(folder, which.one("User", "root"), which.one("Group", which.one("User", "root")))
    if limit := which.one("LimitNOFILE"):
        most = min(int(limit), resource.getrlimit(resource.RLIMIT_NOFILE)[1])  # a container may give no more
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def start(which: Unit) -> None:
    """Until it is ready, as its type has it. Raises RefusedError."""
    if which.active:
        return
    for name in which.wants:
        start(unit(name))
    number = 0
    if which.name.endswith(".service"):
        _furnished(which)
        _carried_out(which, "ExecStartPre")
        number = _begun(which, which.one("Type", "simple"))
        _carried_out(which, "ExecStartPost")
    if which.one("Type") != "oneshot" or which.one("RemainAfterExit") in {"yes", "true"}:
        which.note.write_text(str(number))


def _begun(which: Unit, kind: str) -> int:
    """The main process's number, 0 where none stays."""
    if kind == "notify":
        return _told_when_ready(which)
    if kind == "oneshot":
        _carried_out(which, "ExecStart")
        return 0
    process = _spawn(which, which.one("ExecStart"))
    if kind == "forking":
        if process.wait():
            raise _failed(which, "ExecStart")
        return int(Path(which.one("PIDFile")).read_text())
    return process.pid


def _told_when_ready(which: Unit) -> int:
    address = _RUNNING / f"{which.name}.notify"
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(address))
        address.chmod(0o777)
        process = _spawn(which, which.one("ExecStart"), {"NOTIFY_SOCKET": str(address)})
        ended = os.pidfd_open(process.pid)
        try:
            while True:
                ready, _, _ = select.select([heard.fileno(), ended], [], [], _START)
                if heard.fileno() in ready:
                    if b"READY=1" in heard.recv(4096).split(b"\n"):
                        return process.pid
                else:
                    raise _failed(which, "it ended" if ready else "it did not say that it is ready")
        finally:
            os.close(ended)


def stop(which: Unit) -> None:
    if which.active and (number := int(which.note.read_text())):
        ended = os.pidfd_open(number)
        signal.pidfd_send_signal(ended, signal.SIGTERM)
        limit = float(which.one("TimeoutStopSec", "90").removesuffix("s")) or None
        if not select.select([ended], [], [], limit)[0]:
            signal.pidfd_send_signal(ended, signal.SIGKILL)
            select.select([ended], [], [])
        os.close(ended)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(number, signal.SIGKILL)
    which.note.unlink(missing_ok=True)


def reload(which: Unit) -> None:
    if not which.active:
        raise RefusedError(f"{which.name} is not active, cannot reload.")
    _carried_out(which, "ExecReload")


def restart(which: Unit) -> None:
    stop(which)
    start(which)


def main(arguments: list[str]) -> None:
    for folder in (_RUNNING, _LOGS):
        folder.mkdir(parents=True, exist_ok=True)
    verb, *names = [each for each in arguments if not each.startswith("-")]
    if verb in {"daemon-reload", "set-environment", "unset-environment"}:
        return
    verbs = {"start": start, "stop": stop, "restart": restart, "reload": reload}
    if verb == "enable":
        verb = "start" if "--now" in arguments else ""
    elif verb not in verbs:
        raise RefusedError(f"this stand-in does not know {verb}")
    for found in map(unit, names):
        if verb:
            verbs[verb](found)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except RefusedError as e:
        sys.exit(str(e))
