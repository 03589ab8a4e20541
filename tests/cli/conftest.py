"""Fixtures of the command line's tests."""

import os
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from wecom_bot.settings import PREFIX


@pytest.fixture
def wecom_bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """`wecom-bot` in an empty folder, with nothing set: SQLite in ./data."""
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return CommandLine(tmp_path)
