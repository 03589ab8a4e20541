"""Simulators on ports of their own, each test's anew."""

from collections.abc import Iterator

import pytest

from tests.fixtures.simulated_coze import simulated_coze
from tests.fixtures.simulated_wecom import Api, Listener, listening, simulated_wecom
from wecom_bot.simulators.coze.client import CozeSimulatorClient
from wecom_bot.simulators.wecom.client import SimulatorClient


@pytest.fixture
def wecom() -> Iterator[SimulatorClient]:
    with simulated_wecom() as client:
        yield client


@pytest.fixture
def api(wecom: SimulatorClient) -> Api:
    return Api(wecom.base_url)


@pytest.fixture
def bot() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def coze() -> Iterator[CozeSimulatorClient]:
    with simulated_coze() as client:
        yield client
