"""A log line is one line, whatever a stranger wrote."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.deadlines import PATIENCE
from wecom_bot.telemetry import logs

FAILS = """
import logging, sys
from wecom_bot.telemetry import logs
assert not [name for name in sys.modules if name.partition(".")[0] == "rich"]
logs.configure("console", "INFO")
def fail(said):
    raise ValueError
try:
    fail("what she " + "said")
except ValueError:
    logging.getLogger("theirs").exception("failed")
import rich
"""
NASTY = "a\nINJECTED\r\x1b[2J\x9b31m\u2028\u202e\x00\ud800"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_nothing_breaks_a_line_or_steers_a_terminal(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(log_format, "INFO")
    logs.get("ours").info("http.request", path=NASTY)
    logging.getLogger("theirs").warning("Invalid request: %s", NASTY)
    lines = capsys.readouterr().err.split("\n")
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert all("INJECTED" in line for line in lines[:2])


def test_a_traceback_keeps_its_lines_and_chinese_its_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "INFO")
    try:
        int("out of order")
    except ValueError:
        logging.getLogger("theirs").exception("客户\u3000已答")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "客户\u3000已答"
    assert line["exception"].count("\n") > 1


def test_a_traceback_shows_no_values_also_where_a_library_is_installed_that_would() -> None:
    done = subprocess.run([sys.executable, "-c", FAILS], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert "ValueError" in done.stderr
    assert "what she said" not in done.stderr
