"""A round of what `make torture` does at length: kill -9 at random moments, under load."""

from pathlib import Path

import pytest

from tests.load.torture import MODES, Options, torture


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_whatever_is_killed_nothing_acknowledged_is_lost_or_out_of_order(tmp_path: Path, mode: str) -> None:
    # in the refusing mode nothing may be shown twice either; in the other the count is printed
    outcome = torture(tmp_path, mode, Options(rounds=1, rate=20, customers=15, pause=1.5))
    assert outcome.sound, "\n".join(outcome.lines())
    assert outcome.tally.sent > outcome.kills.moments
