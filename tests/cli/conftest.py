"""Fixtures of the command line's tests."""

import os
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.tenant_files import ACME, GLOBEX
from wecom_bot.environment import PREFIX


@pytest.fixture
def wecom_bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """`wecom-bot` in an empty folder, with nothing set: SQLite in ./data."""
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return CommandLine(tmp_path)


@pytest.fixture
def furnished(wecom_bot: CommandLine) -> CommandLine:
    """The same with two tenants, imported from two.toml."""
    done = wecom_bot("tenants", "import", wecom_bot.write("two.toml", ACME + GLOBEX))
    assert (done.status, done.complaint) == (0, "")
    return wecom_bot
