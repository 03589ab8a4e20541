"""A few rounds of what `make torture` does at length: kill -9 at random moments, under load."""

import pytest

from tests.load.torture import torture


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("mode", ["refused", "shown"])
def test_whatever_is_killed_nothing_acknowledged_is_lost_or_out_of_order(mode: str) -> None:
    # in the refusing mode nothing may be shown twice either; in the other the count is printed
    assert torture(mode, kills=9, rate=20, pause=1.0, customers=5)
