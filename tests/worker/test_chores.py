"""What a worker says of chores that fail."""

from structlog.testing import capture_logs

from wecom_bot.errors import TemporaryFailure
from wecom_bot.worker.chores import SAID_AGAIN, attempt


def away() -> None:
    raise TemporaryFailure("SQL is away")


def broken() -> None:
    raise OSError("a defect")


def well() -> None:
    pass


def test_what_is_away_for_long_is_said_now_and_then_and_anew_once_it_came_back() -> None:
    with capture_logs() as log:
        until = attempt(away, 0.0, 100.0)
        assert attempt(away, until, 100.7) == until
        assert [each["event"] for each in log] == ["worker.chore_failed"]
        until = attempt(away, until, 100.0 + SAID_AGAIN)
        assert len(log) == 2
        until = attempt(well, until, 131.0)
        attempt(away, until, 131.7)
    assert [each["error"] for each in log] == ["SQL is away"] * 3


def test_a_defect_is_said_every_time() -> None:
    with capture_logs() as log:
        assert attempt(broken, attempt(away, 0.0, 1.0), 2.0) == 0.0
    assert [each["log_level"] for each in log] == ["warning", "error"]
