"""Checks side by side: each comes back with something, and with nothing that is secret."""

import errno
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tests.deadlines import PATIENCE
from wecom_bot.domain.finding import Finding, State, failed, well
from wecom_bot.errors import ConfigurationError
from wecom_bot.service.operation.check_up import Check, CheckUp, without

PATIENT = CheckUp(timedelta(seconds=PATIENCE))


def test_checks_are_done_side_by_side_and_reported_in_their_order() -> None:
    met = threading.Barrier(3, timeout=PATIENCE)

    def look(name: str) -> list[Finding]:
        met.wait()  # each goes on only when all three are under way
        return [well(name, "here")]

    found = PATIENT([Check(name, lambda name=name: look(name)) for name in ("sql", "redis", "wecom")])  # type: ignore[misc]
    assert [each.check for each in found] == ["sql", "redis", "wecom"]


def test_more_checks_than_may_go_on_at_once_are_all_done() -> None:
    checks = [Check(str(number), lambda: [well("x", "y")]) for number in range(7)]
    assert len(CheckUp(timedelta(seconds=PATIENCE), most=3)(checks)) == 7


def test_one_that_refuses_is_a_finding_with_what_it_says_and_what_it_had_found() -> None:
    def look() -> Iterator[Finding]:
        yield well("sql", "reachable")
        raise ConfigurationError("WECOM_BOT_X: should be Y")

    first, second = PATIENT([Check("sql", look, "ww1")])
    assert (first.state, second.state, second.about) == (State.OK, State.FAILED, "ww1")
    assert second.seen == "WECOM_BOT_X: should be Y"
    assert second.mend


def test_a_bug_is_a_finding_that_says_where_and_quotes_nothing() -> None:
    def look() -> list[Finding]:
        raise KeyError("s3cret")

    (found,) = PATIENT([Check("sql", look)])
    assert (found.state, "KeyError" in found.seen, "test_check_up.py:" in found.seen) == (State.FAILED, True, True)
    assert "s3cret" not in found.seen + found.mend


def test_those_that_hang_are_findings_and_hold_up_nobody() -> None:
    release = threading.Event()

    def hang() -> list[Finding]:
        release.wait(PATIENCE)
        return []

    found = CheckUp(timedelta(0), most=1)([Check("sql", hang), Check("redis", hang, "ww1")])
    release.set()
    assert [(each.check, each.about, each.state) for each in found] == [
        ("sql", "", State.FAILED),
        ("redis", "ww1", State.FAILED),
    ]
    assert all("0 秒" in each.seen and each.mend for each in found)


def test_those_that_hang_side_by_side_take_no_longer_than_one() -> None:
    release = threading.Event()

    def hang() -> list[Finding]:
        release.wait(PATIENCE)
        return []

    moments = iter([0.0, 3600.0, 3600.0])  # when they began; when the first was given up; when the second was
    found = CheckUp(timedelta(hours=1), clock=moments.__next__)([Check("sql", hang), Check("redis", hang)])
    release.set()
    assert [each.state for each in found] == [State.FAILED, State.FAILED]


def test_what_may_not_be_read_is_a_finding_that_names_it(tmp_path: Path) -> None:
    def look() -> list[Finding]:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "master.key"))

    (found,) = PATIENT([Check("master_key", look)])
    assert found.state is State.FAILED
    assert str(tmp_path / "master.key") in found.seen
    assert "用户" in found.mend


def test_no_secret_is_left_however_it_is_spelled() -> None:
    said = "p@ss/word p%40ss%2Fword abc ab a-b 'ab' xabx"
    (found,) = without([failed("sql", said, "try p@ss/word")], ["p@ss/word", "ab", " "])
    assert found.seen == "****** ****** abc ****** a-b '******' xabx"
    assert found.mend == "try ******"


def test_the_longer_of_two_secrets_goes_first() -> None:
    (found,) = without([well("sql", "secret-longer secret")], ["secret", "secret-longer"])
    assert found.seen == "****** ******"


def test_a_finding_says_where_more_is_written() -> None:
    assert well("wecom.kf_account", "x").anchor == "docs/operations.md#doctor-wecom-kf-account"
