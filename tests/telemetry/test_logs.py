"""A log line is one line, whatever a stranger wrote."""

import json
import logging
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

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


def test_ours_and_theirs_have_the_same_shape(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "INFO")
    logs.get("ours").warning("turn.closed", took=0.5, what={"客户"})
    logging.getLogger("theirs").warning("turn.closed")
    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())
    assert ours.pop("took") == 0.5
    assert ours.pop("what") == "{'客户'}"
    assert {**ours, "logger": "", "timestamp": ""} == {**theirs, "logger": "", "timestamp": ""}
    assert (ours["logger"], theirs["logger"]) == ("ours", "theirs")


@pytest.mark.parametrize("library", ["urllib3", "elastic_transport.transport", "alembic.runtime"])
def test_a_library_says_nothing_of_each_request(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "INFO")
    logging.getLogger(library).info("GET /?access_token=s3cret")
    assert capsys.readouterr().err == ""


def test_a_logger_that_was_used_follows_a_new_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    log = logs.get("ours")
    logs.configure("json", "INFO")
    log.info("before")
    logs.configure("console", "ERROR")
    log.info("quiet")
    log.error("after")
    before, after = capsys.readouterr().err.splitlines()
    assert json.loads(before)["event"] == "before"
    assert "after" in after
    with capture_logs() as lines:
        log.error("captured")
    assert [line["event"] for line in lines] == ["captured"]


def test_nobody_fails_for_a_line_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stderr", full)
        logs.configure("json", "INFO")
        logs.get("ours").info("lost")
        monkeypatch.undo()
        with suppress(OSError):
            full.close()
