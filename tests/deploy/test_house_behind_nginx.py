"""The whole bot behind nginx: what WeCom's side sealed comes in over TLS, and is answered once, whoever restarts."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.house import ACME, APP, House, company
from tests.fixtures.callers import Target, calling
from tests.fixtures.front_proxy import LIST_OF_ONE, front_proxy, nginx_program
from tests.fixtures.ports import free_ports
from tests.load.gateways import beside

SHOP = Target(ACME, "shop", "token123")


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    nginx_program()
    made = House(tmp_path_factory.mktemp("house"), [company(ACME)])
    try:
        yield made.open()
    finally:
        made.close()


@pytest.mark.timeout(600)
def test_each_callback_is_answered_once_while_gateways_and_nginx_are_changed(
    house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    second, gray = free_ports(2)
    with ExitStack() as going, front_proxy(tmp_path_factory.mktemp("front"), [house.port, second], gray) as front:
        front.write("callers.conf", LIST_OF_ONE)  # a fast machine would be over the limit for others
        front.reload()
        going.enter_context(beside(house, second))
        with calling(front, threads=2, post=SHOP.posted) as told:
            told.wait_for_more(10)
            going.close()
            told.wait_for_more(10)
            with beside(house, gray):
                front.edit(
                    "upstreams.conf", "    # 20% gray;", "    50% gray;"
                )  # forty that all draw the other side: 1 in 10^12
                front.reload()
                told.wait_for_more(40)
            told.wait_for_more(10)
        assert set(told.statuses) == {200}
        assert front.lines(gateways="gray", upstream=f"127.0.0.1:{gray}", status=200)
    for number in range(1, told.all + 1):
        house.answers(ACME, APP, f"u{number}")
    seen = [house.wecom.seen(ACME, APP, f"u{number}") for number in range(1, told.all + 1)]
    assert [[each.text for each in one] for one in seen] == [["我们晚上九点关门。"]] * told.all
