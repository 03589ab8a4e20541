"""`make flaky`: the suite, over and over beside a program that uses up a core, until a run fails or RUNS are over.

A test that needs luck, speed or a quiet machine is found this way. A line is printed for each run, and after a failure
what failed and where everything that the run wrote can be found.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wecom_bot import processes

ROOT = Path(__file__).parents[2]
_RUNS = 20
_TESTS = "t"  # short, for the path of a socket has at most 107 bytes
_CLOSING = re.compile(r"^=*\s*((?:\d+ \w+,? ?)+) in [\d.]+s.*$", re.MULTILINE)
_FAILED = re.compile(r"^(?:FAILED|ERROR) .+$", re.MULTILINE)
_BURN = "while True: pass"


@dataclass(frozen=True, slots=True)
class Run:
    """How one run of the suite ended."""

    number: int
    passed: bool
    took: float
    load: float
    output: Path

    def __str__(self) -> str:
        said = self.output.read_text("utf-8", "replace")
        closing = (_CLOSING.findall(said) or ["no closing line"])[-1]
        word = "passed" if self.passed else "FAILED"
        return f"run {self.number}: {word} in {self.took:.0f} s, load {self.load:.1f}: {closing}"

    def failures(self) -> list[str]:
        """What failed, and where its output is."""
        said = self.output.read_text("utf-8", "replace")
        return [
            *_FAILED.findall(said),
            f"output: {self.output}",
            f"folders of its tests: {self.output.parent / _TESTS}",
        ]


@contextmanager
def busy_core() -> Iterator[int]:
    """A program that uses up a core, and ends with us, however we end; its process."""
    with subprocess.Popen(
        [sys.executable, "-c", _BURN],
        preexec_fn=processes.before_exec(),  # noqa: PLW1509 - it makes two system calls
    ) as hog:
        try:
            yield hog.pid
        finally:
            hog.kill()


def run(number: int, arguments: Sequence[str], place: Path) -> Run:
    """One run of the suite, as `make test` does it, with its output in a folder of its own."""
    folder = place / f"run-{number}"
    folder.mkdir()
    output = folder / "output.txt"
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--basetemp", str(folder / _TESTS), *arguments]
    began = time.monotonic()
    with output.open("wb") as file:
        done = subprocess.run(command, cwd=ROOT, stdout=file, stderr=file, check=False)
    return Run(number, done.returncode == 0, time.monotonic() - began, os.getloadavg()[0], output)


def main(arguments: Sequence[str]) -> int:
    """1 if a run failed."""
    parser = argparse.ArgumentParser(prog="make flaky", description=__doc__)
    parser.add_argument("--runs", type=int, default=_RUNS, help="at most so many")
    told, others = parser.parse_known_args(arguments)
    place = Path(tempfile.mkdtemp(prefix="flaky-"))
    with busy_core():
        for number in range(1, told.runs + 1):
            ended = run(number, others, place)
            print(ended, flush=True)
            if not ended.passed:
                print(*ended.failures(), sep="\n", flush=True)
                return 1
            shutil.rmtree(ended.output.parent, ignore_errors=True)  # of a run that passed nobody wants gigabytes
    shutil.rmtree(place, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
