"""Every process of the bot is restarted once under load, one after the other: nobody outside can tell."""

from pathlib import Path

from tests.deadlines import PATIENCE
from tests.load.rolling import Options, roll


def test_a_rolling_restart_loses_repeats_and_refuses_nothing(tmp_path: Path) -> None:
    outcome = roll(tmp_path, Options(rounds=1, rate=10, customers=15, pause=1, patience=PATIENCE))
    assert outcome.sound, "\n".join(outcome.lines())
    assert len(outcome.stops) == 4
