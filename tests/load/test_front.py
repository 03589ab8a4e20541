"""What `make front` calls a failure, and that its strangers do what their names say."""

from pathlib import Path

import pytest

from tests.fixtures.callers import PATH
from tests.fixtures.front_proxy import LIST_OF_ONE, front_proxy
from tests.fixtures.ports import free_ports
from tests.load.flood import Waited
from tests.load.front import held
from tests.load.sieges import SIEGES, Place, Siege, besieging

SLOW, FLOOD = Siege("slow", held=1), Siege("flood", rate=1)


@pytest.mark.parametrize(
    ("siege", "times", "accepted", "good"),
    [
        (SLOW, [5.0] * 199 + [4000.0], 200, True),
        (FLOOD, [5.0] * 199 + [4000.0], 200, False),
        (FLOOD, [5.0] * 200, 200, True),
        (SLOW, [5.0] * 98 + [1100.0] * 2, 100, False),
        (FLOOD, [5.0] * 100, 99, False),
        (FLOOD, [], 0, False),
    ],
)
def test_every_callback_has_to_be_taken_and_in_a_flood_each_in_time(
    siege: Siege, times: list[float], accepted: int, *, good: bool
) -> None:
    assert held(siege, Waited(times, accepted)) == good


def test_every_siege_is_bounded_and_has_a_name_of_its_own() -> None:
    assert len({siege.name for siege in SIEGES}) == len(SIEGES)
    assert all(siege.held <= 1000 and siege.rate <= 500 and 1 <= siege.addresses <= 250 for siege in SIEGES)


def test_the_slow_stay_and_the_fast_ask_over_and_over(tmp_path: Path) -> None:
    ports = free_ports(3)
    with front_proxy(tmp_path, ports[:2], ports[2]) as front:
        place = Place(front.port, PATH, str(front.folder / "tls" / "fullchain.pem"), 2.0)
        with besieging(Siege("slow", held=20, body=True), place) as told:
            assert told()["still open"] > 0
        front.write("callers.conf", LIST_OF_ONE)
        front.reload()
        for kept in (True, False):
            with besieging(Siege("fast", rate=50, kept=kept), place) as told:
                answers = told()
            assert set(answers) == {"403"}
            assert 0 < answers["403"] <= 100
