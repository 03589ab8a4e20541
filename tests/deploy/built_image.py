"""An image built without an engine: the Dockerfile's steps, one by one, each stage in a clean room of its own.

What is replaced: a base image by this machine's Debian and Python (`clean_room`), Maven's image by this machine's mvn
with its own store, layers by folders, and pip looks into this machine's cache before it downloads. What is not: every
RUN, COPY, ENV, WORKDIR and USER is carried out as it stands.
"""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.clean_room import Room, base
from tests.deploy.dockerfile import ROOT, Dockerfile, Stage, Step, expanded

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # as the images of Python have it
_STORES = (".m2", ".cache/pip")  # of the home folder


@dataclass
class Image:
    """A room, and what containers of it begin with."""

    room: Room
    environment: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
    )
    cwd: str = "/"
    user: str = "0:0"
    volumes: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)
    stop_signal: str = "SIGTERM"


@dataclass
class Builder:
    """Builds a stage, and those that it needs, as an engine does: no others."""

    dockerfile: Dockerfile
    folder: Path
    chosen: dict[str, str]
    built: dict[str, Image] = field(default_factory=dict)

    def build(self, stage: Stage | None = None) -> Image:
        """The last stage's image, or this one's."""
        stage = stage or self.dockerfile.stages[-1]
        if stage.name in self.built:
            return self.built[stage.name]
        image = self._begun(stage)
        values = dict(image.environment)
        for step in stage.steps:
            self._carry_out(step, image, values)
        self.built[stage.name] = image
        return image

    def _begun(self, stage: Stage) -> Image:
        name = self.dockerfile.base(stage, **self.chosen)
        folder = self.folder / stage.name.strip("()")
        before = self.dockerfile.named(name)
        if before is None:
            return Image(base(folder))
        old = self.build(before)
        return Image(
            old.room.copied(folder), dict(old.environment), old.cwd, old.user,
            list(old.volumes), list(old.command), list(old.healthcheck), old.stop_signal,
        )  # fmt: skip

    def _carry_out(self, step: Step, image: Image, values: dict[str, str]) -> None:
        rest = expanded(step.rest, values | image.environment)
        if step.word == "RUN":
            environment = values | image.environment | {"HOME": "/root"}
            environment.pop("PIP_NO_CACHE_DIR", None)
            image.room.run(step.rest, environment, image.cwd, stores())
        elif step.word == "COPY":
            self._copy(step, image)
        elif step.word == "ARG":
            name, _, default = rest.partition("=")
            if value := self.chosen.get(name, default):
                values[name] = value
        else:
            _note(step, rest, image)

    def _copy(self, step: Step, image: Image) -> None:
        *sources, target = step.words()
        within = image.room.inside(target if target.startswith("/") else f"{image.cwd}/{target}")
        stage = self.dockerfile.named(step.flags.get("from", ""))
        for source in sources:
            origin = self.build(stage).room.inside(source) if stage else ROOT / source
            if stage is None and not in_context(source):
                raise ValueError(f"{source} is not in the context: .dockerignore leaves it out")
            if origin.is_dir() and stage:
                within.mkdir(parents=True, exist_ok=True)
                subprocess.run(["cp", "--archive", "--link", f"{origin}/.", str(within)], check=True)
            elif origin.is_dir():
                without = shutil.ignore_patterns("__pycache__")
                shutil.copytree(origin, within, symlinks=True, ignore=without, dirs_exist_ok=True)
            else:
                into = within / origin.name if target.endswith("/") else within
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(origin, into)


def _note(step: Step, rest: str, image: Image) -> None:
    """What a container begins with, from now on."""
    match step.word:
        case "ENV":
            image.environment |= Step("ENV", {}, rest).pairs()
        case "WORKDIR":
            image.cwd = rest
            image.room.inside(rest).mkdir(parents=True, exist_ok=True)
        case "USER":
            image.user = rest
        case "VOLUME":
            image.volumes += step.words()
        case "CMD":
            image.command = step.words()
        case "HEALTHCHECK":
            image.healthcheck = step.words()
        case "STOPSIGNAL":
            image.stop_signal = rest
        case _:  # EXPOSE and LABEL are notes for people and orchestrators
            pass


def stores() -> dict[str, Path]:
    """What pip and Maven have kept on this machine, by where a room has it."""
    kept = {f"/root/{folder}": Path.home() / folder for folder in _STORES}
    for folder in kept.values():
        folder.mkdir(parents=True, exist_ok=True)
    return kept


def in_context(path: str, ignored: Path = ROOT / ".dockerignore") -> bool:
    """Whether Docker is sent this file or folder: the last line that fits it, or a folder around it, decides."""
    sent = True
    for line in ignored.read_text("utf-8").splitlines():
        pattern = line.strip().removeprefix("!")
        if pattern == "*" or f"{path}/".startswith(f"{pattern}/"):
            sent = line.startswith("!")
    return sent
