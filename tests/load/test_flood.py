"""What `make flood` calls a failure."""

import pytest

from tests.load.flood import PATH, Waited
from tests.load.strangers import forms


@pytest.mark.parametrize(
    ("times", "accepted", "holds"),
    [
        ([5.0] * 100, 100, True),
        ([5.0] * 100, 99, False),
        ([5.0] * 199 + [4000.0], 200, True),
        ([5.0] * 98 + [1100.0] * 2, 100, False),
        ([], 0, False),
    ],
)
def test_a_flood_is_held_where_every_callback_is_taken_and_hardly_any_waits_long(
    times: list[float], accepted: int, *, holds: bool
) -> None:
    assert Waited(times, accepted).holds == holds


def test_every_form_is_bounded_and_has_a_name_of_its_own() -> None:
    found = forms(PATH)
    assert len({form.name for form in found}) == len(found)
    assert all(form.connections <= 1200 and len(form.request) <= 1_100_000 for form in found)
