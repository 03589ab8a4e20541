"""Containers of an image that was built without an engine: process 1, a user, a read-only root, a volume."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deadlines import PATIENCE, wait_until
from tests.deploy.built_image import Image
from wecom_bot import processes


@dataclass(frozen=True)
class Container:
    """What runs."""

    image: Image
    environment: Mapping[str, str]
    mounts: Mapping[str, Path]
    outside: subprocess.Popen[bytes]
    output: Path

    def healthy(self, *more: str) -> bool:
        """What the image's HEALTHCHECK says, inside."""
        return self.inside(*self.image.healthcheck, *more).returncode == 0

    def inside(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run something in its network and on its volume, as an engine's `exec` does."""
        command = _command(self.image, self.environment, self.mounts, argv)
        network = ["nsenter", f"--net=/proc/{self._first()}/ns/net"]
        return subprocess.run([*network, *command], capture_output=True, text=True, timeout=PATIENCE, check=False)

    def stop(self) -> int:
        """Send process 1 the image's STOPSIGNAL; how it ended."""
        os.kill(self._first(), signal.Signals[self.image.stop_signal])
        return self.outside.wait(PATIENCE)

    def _first(self) -> int:
        """Process 1, as the machine knows it; it may have ended, but not have been there yet."""
        children = Path(f"/proc/{self.outside.pid}/task/{self.outside.pid}/children")
        wait_until(lambda: self.outside.poll() is not None or children.read_text())
        assert self.outside.poll() is None, self.output.read_text()
        return int(children.read_text().split()[0])


def once(
    image: Image, environment: Mapping[str, str], mounts: Mapping[str, Path], *argv: str
) -> subprocess.CompletedProcess[str]:
    """A container that ends by itself, and what it said."""
    command = _command(image, environment, mounts, argv)
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


@contextmanager
def running(
    image: Image, environment: Mapping[str, str], mounts: Mapping[str, Path], output: Path, *argv: str
) -> Iterator[Container]:
    """A container with the image's command, or this one; it is killed at the end if it still runs."""
    command = _command(image, environment, mounts, argv or tuple(image.command), first=True)
    with output.open("ab") as written:
        outside = subprocess.Popen(
            command,
            stdout=written,
            stderr=written,
            preexec_fn=processes.before_exec(),  # noqa: PLW1509 - it makes two system calls
        )
    try:
        yield Container(image, environment, mounts, outside, output)
    finally:
        if outside.poll() is None:
            outside.send_signal(signal.SIGKILL)
            outside.wait()


def until_ready(container: Container) -> None:
    """Return when what the image asks of its health says that it could work."""
    wait_until(lambda: container.outside.poll() is not None or container.healthy("--ready"))
    assert container.outside.poll() is None, container.output.read_text()


def _command(
    image: Image,
    environment: Mapping[str, str],
    mounts: Mapping[str, Path],
    argv: tuple[str, ...],
    *,
    first: bool = False,
) -> list[str]:
    return image.room.command(
        argv,
        image.environment | dict(environment),
        user=image.user,
        cwd=image.cwd,
        mounts=mounts,
        read_only=True,
        first=first,
    )
