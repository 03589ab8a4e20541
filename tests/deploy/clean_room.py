"""Folders that a program takes for the whole machine: what a container is, without a container engine.

A room holds this machine's /usr, read-only, a /usr/local with the Python of the tests, a copy of /etc, and nothing else
of the machine: no home, no /opt, no /var. It stands for a base image that is Debian with Python. The network is
the machine's own. It takes root, and Linux's mount namespaces; no mount outlives the program that was run.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_USERS = ("passwd", "group", "shadow", "gshadow")
_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_ELSEWHERE = None if sys.base_prefix == "/usr" else sys.base_prefix
_PROGRAM = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
_EMPTY = ("dev", "home", "opt", "proc", "root", "run", "srv", "tmp", "usr", "var/lib", "var/tmp")
_ALONE = ("--pid", "--net", "--fork", "--kill-child")
_PASSED_ON = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "PIP_CERT",
    "PIP_INDEX_URL",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
)


def possible() -> None:
    """Return where rooms can be had; elsewhere the test is skipped: what a machine forbids nobody can install."""
    reason = None
    if sys.platform != "linux" or os.geteuid() != 0:
        reason = "a clean room needs Linux and root"
    elif subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        reason = "this machine allows no mount namespaces"
    if reason:
        pytest.skip(reason)


@dataclass(frozen=True)
class Room:
    """A folder, as the root of the programs that are run in it."""

    folder: Path

    def copied(self, folder: Path) -> "Room":
        """Another with the same in it; files are shared until one of the two replaces them."""
        subprocess.run(["cp", "--archive", "--link", str(self.folder), str(folder)], check=True)
        return Room(folder)

    def inside(self, path: str) -> Path:
        """Where a path of the room lies on the machine."""
        return self.folder / path.lstrip("/")

    def command(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        *,
        user: str = "0:0",
        cwd: str = "/",
        mounts: Mapping[str, Path] | None = None,
        read_only: bool = False,
        first: bool = False,
    ) -> list[str]:
        """What to run so that `argv` runs in here.

        `first` makes it process 1, with a loopback of its own for a network; `read_only` leaves the `mounts` writable.
        """
        root = shlex.quote(str(self.folder))
        steps = [
            "set -e",
            *(("ip link set lo up",) if first else ()),
            f"mount --bind {root} {root}",
            *_bound("/usr", f"{self.folder}/usr", read_only=True),
            *_bound(f"{self.folder}/local", f"{self.folder}/usr/local", read_only=read_only),
            *_python(self.folder),
            f"mount --rbind /dev {root}/dev",
            *(() if read_only else (f"mount -t tmpfs tmpfs {root}/tmp",)),
            *(step for inner, outer in (mounts or {}).items() for step in _bound(str(outer), f"{self.folder}{inner}")),
            *((f"mount -o remount,ro,bind {root}",) if read_only else ()),
            f"mount -t proc proc {root}/proc",
            shlex.join(
                [
                    *("exec", "chroot", str(self.folder), "/usr/bin/setpriv", "--clear-groups", "--pdeathsig=KILL"),
                    *(f"--reuid={user.partition(':')[0]}", f"--regid={user.partition(':')[2]}"),
                    *("/usr/bin/env", "-i", f"--chdir={cwd}"),
                    *(f"{name}={value}" for name, value in environment.items()),
                    *argv,
                ]
            ),
        ]
        namespaces = ["--mount", "--propagation=private", *(_ALONE if first else ())]
        return ["unshare", *namespaces, "/bin/bash", "-c", "\n".join(steps)]

    def run(
        self, script: str, environment: Mapping[str, str], cwd: str = "/", mounts: Mapping[str, Path] | None = None
    ) -> str:
        """Run a line of shell as root, and what it said; it fails the test when it fails."""
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        command = self.command(["/bin/sh", "-c", script], passed | dict(environment), cwd=cwd, mounts=mounts)
        done = subprocess.run(command, capture_output=True, text=True, timeout=1500, check=False)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def base(folder: Path) -> Room:
    """A room that holds what a base image does."""
    for each in _EMPTY:
        (folder / each).mkdir(parents=True)
    for each in _LINKS:
        link = Path("/", each)
        if link.is_symlink():
            (folder / each).symlink_to(link.readlink())
    subprocess.run(["cp", "--archive", "/etc", str(folder / "etc")], check=True)  # with its owners
    for name in _USERS:  # whoever has installed the bot on this machine, too
        file = folder / "etc" / name
        lines = file.read_text().splitlines(keepends=True) if file.exists() else []
        file.write_text("".join(line for line in lines if not line.startswith("wecom-bot:")))
    binaries = folder / "local" / "bin"
    binaries.mkdir(parents=True)
    program = Path("/usr/bin/python3") if _ELSEWHERE is None else Path(shutil.copy(_PROGRAM, binaries / "python3"))
    for name in {"python", "python3"} - {path.name for path in binaries.iterdir()}:
        (binaries / name).symlink_to(program.name if _ELSEWHERE else program)
    room = Room(folder)
    room.run("ldconfig", {})  # the library lies elsewhere than where it was made
    return room


def _python(folder: Path) -> list[str]:
    """The library of the tests' Python, where it does not come with /usr."""
    return [] if _ELSEWHERE is None else _bound(f"{_ELSEWHERE}/lib", f"{folder}/usr/local/lib", read_only=True)


def _bound(outer: str, inner: str, *, read_only: bool = False) -> list[str]:
    there = shlex.quote(inner)
    steps = [f"mkdir -p {there}", f"mount --bind {shlex.quote(outer)} {there}"]
    return [*steps, f"mount -o remount,ro,bind {there}"] if read_only else steps
