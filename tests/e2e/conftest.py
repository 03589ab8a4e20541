"""Houses for tests: one that many share, and the means to furnish another."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE
from tests.e2e.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two tenants, served; shared by the tests of a module, so each takes customers of its own."""
    # calls are counted and held up here: no sweep may come between
    env = {"WECOM_BOT_KF_SWEEP": "3600", "WECOM_BOT_WECOM_TIMEOUT": str(PATIENCE)}
    made = House(tmp_path_factory.mktemp("house"), env=env)
    try:
        yield made.open()
    finally:
        made.close()


@pytest.fixture
def furnish(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes a house of its own, with settings; closed at the end."""
    made: list[House] = []

    def make(**env: str) -> House:
        made.append(House(tmp_path, env=env))
        return made[-1].open()

    yield make
    for each in made:
        each.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole bots are started and stopped here, which takes a slow machine its time."""
    for item in items:
        if Path(__file__).parent in item.path.parents and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(600))
