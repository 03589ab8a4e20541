"""deploy/Dockerfile as stages and steps. What it does not know, it refuses: no step is passed over in silence."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATH = ROOT / "deploy" / "Dockerfile"
WORDS = {
    *("ARG", "CMD", "COPY", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL"),
    *("RUN", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}
"""The instructions that we use."""
_NAMED = re.compile(r"\$\{(\w+)\}|\$(\w+)")


@dataclass(frozen=True)
class Step:
    """An instruction: its word, its flags (--from=build), and the rest of it."""

    word: str
    flags: Mapping[str, str]
    rest: str

    def argv(self) -> list[str] | None:
        """The words of the JSON form; None where it is for a shell."""
        text = self.rest.removeprefix("CMD ").strip()
        return [str(each) for each in json.loads(text)] if text.startswith("[") else None

    def words(self) -> list[str]:
        """What stands there, in words."""
        return self.argv() or shlex.split(self.rest)

    def pairs(self) -> dict[str, str]:
        """The NAME=value of ENV and LABEL."""
        return dict(each.split("=", 1) for each in self.words())


@dataclass(frozen=True)
class Stage:
    """From one FROM to the next."""

    name: str
    base: str
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class Dockerfile:
    """The ARGs before the first FROM, and the stages in their order."""

    arguments: dict[str, str]
    stages: list[Stage]

    def base(self, stage: Stage, **chosen: str) -> str:
        """What the stage begins with, an image or a stage before it."""
        return expanded(stage.base, self.arguments | chosen)

    def named(self, name: str) -> Stage | None:
        return next((each for each in self.stages if each.name == name), None)

    def final(self, **chosen: str) -> list[Step]:
        """The steps that make the last stage, of it and of the stages that it begins with, first to last."""
        steps: list[Step] = []
        stage: Stage | None = self.stages[-1]
        while stage is not None:
            steps = [*stage.steps, *steps]
            stage = self.named(self.base(stage, **chosen))
        return steps


def read(path: Path = PATH) -> Dockerfile:
    """The file. Raises ValueError for what is not known here."""
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for step in _steps(path.read_text("utf-8")):
        if step.word == "FROM":
            image, _, name = step.rest.partition(" AS ")
            stages.append(Stage(name.strip() or "(last)", image.strip()))
        elif stages:
            stages[-1].steps.append(step)
        elif step.word == "ARG":
            name, _, value = step.rest.partition("=")
            arguments[name] = value
        else:
            raise ValueError(f"{step.word} before the first FROM")
    return Dockerfile(arguments, stages)


def expanded(text: str, values: Mapping[str, str]) -> str:
    """The text with its ${NAME} put in; a name without a value is nothing, as Docker has it."""
    return _NAMED.sub(lambda found: values.get(found[1] or found[2], ""), text)


def _steps(text: str) -> Iterator[Step]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word not in WORDS:
            raise ValueError(f"{word} is not known here")
        flags: dict[str, str] = {}
        rest = rest.strip()
        while word in {"COPY", "HEALTHCHECK", "RUN"} and rest.startswith("--"):
            flag, _, rest = rest.partition(" ")
            name, _, value = flag.removeprefix("--").partition("=")
            flags[name], rest = value, rest.strip()
        yield Step(word, flags, rest)
