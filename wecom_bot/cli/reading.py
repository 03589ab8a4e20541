"""How commands read an operator's file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click

Line = TypeVar("Line")


@contextmanager
def lines_of(file: Path, read: Callable[[Path, Callable[[int], None]], Iterator[Line]]) -> Iterator[Iterator[Line]]:
    """The file's lines, with a bar on stderr where a person looks at it."""
    if not sys.stderr.isatty():
        yield read(file, lambda _: None)
        return
    with click.progressbar(length=max(1, file.stat().st_size), label="读取 / reading", file=sys.stderr) as bar:
        yield read(file, bar.update)
