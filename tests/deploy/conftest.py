"""nginx as it is shipped, before gateways with memory behind them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from tests.fixtures.front_proxy import FrontProxy, OpenGateway, front_proxy, nginx_program
from tests.fixtures.ports import free_ports
from tests.load.gateways import gateway

_APP = "tests.fixtures.served_door:create()"
_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def open_gateway(tmp_path_factory: pytest.TempPathFactory) -> OpenGateway:
    """Starts a gateway on that port, as deploy/gunicorn.conf.py has it; it stops when its block is left."""
    nginx_program()

    def opened(port: int) -> AbstractContextManager[tuple[int, int]]:
        folder = tmp_path_factory.mktemp("gateway")
        return gateway(_APP, {"PYTHONPATH": str(_ROOT), "WECOM_BOT_DATA": str(folder)}, port)

    return opened


@pytest.fixture(scope="module")
def gateways(open_gateway: OpenGateway) -> Iterator[list[int]]:
    """The ports of three: two that everybody goes to, and the gray one."""
    ports = free_ports(3)
    with ExitStack() as opened:
        for port in ports:
            opened.enter_context(open_gateway(port))
        yield ports


@pytest.fixture
def front(tmp_path: Path, gateways: list[int]) -> Iterator[FrontProxy]:
    """A fresh nginx before these three."""
    with front_proxy(tmp_path, gateways[:2], gateways[2]) as proxy:
        yield proxy
