"""The numbers that people watch, as Prometheus is shown them by a whole bot."""

import re
from pathlib import Path

import requests

from tests.deadlines import PATIENCE, wait_until
from tests.e2e.house import ACME, GLOBEX, KF, House
from tests.fixtures.ports import free_port
from wecom_bot.simulators.wecom.schema import KfSpec

EVERY_TENANTS = {
    "wecom_bot_waiting_jobs",
    "wecom_bot_outbox_records",
    "wecom_bot_queue_age_seconds",
    "wecom_bot_dead_letters",
    "wecom_bot_open_requests",
    "wecom_bot_oldest_request_seconds",
    "wecom_bot_measured_age_seconds",
}


class Watched:
    """A house with two workers, whose group answers for both at one port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        env = {"WECOM_BOT_WORKER_PORT": str(self.port), "WECOM_BOT_WORKER_PROCESSES": "2"}
        self.house = House(folder, env=env)

    def numbers(self) -> dict[str, float]:
        try:
            text = requests.get(f"http://127.0.0.1:{self.port}/metrics", timeout=PATIENCE).text
        except requests.ConnectionError:  # the workers are still starting
            return {}
        return {name: float(value) for name, value in re.findall(r"^(wecom_bot_\S+) (\S+)$", text, re.MULTILINE)}

    def of(self, corp_id: str) -> set[str]:
        """The gauges that have a series of the tenant."""
        found = {name.partition("{")[0] for name in self.numbers() if f'corp_id="{corp_id}"' in name}
        return found & EVERY_TENANTS

    def number(self, name: str, corp_id: str = ACME) -> float | None:
        return self.numbers().get(f'wecom_bot_{name}{{corp_id="{corp_id}"}}')


def test_every_number_is_shown_and_of_a_removed_tenant_none(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    house = watched.house
    try:
        house.open()
        wait_until(lambda: watched.of(ACME) == watched.of(GLOBEX) == EVERY_TENANTS)
        numbers = watched.numbers()
        assert "wecom_bot_sweep_age_seconds" in numbers
        modes = [numbers[f'wecom_bot_search_mode{{mode="{mode}"}}'] for mode in ("lexical", "hybrid")]
        assert sorted(modes) == [0, 1]
        assert watched.number("open_requests") == 0

        house.wecom.add_corp(ACME, [], [KfSpec(open_kfid=KF, app="shop")])  # nobody attends
        house.wecom.say(ACME, KF, "wm1", "转人工")
        wait_until(lambda: watched.number("open_requests") == 1)
        assert watched.number("oldest_request_seconds") is not None
        assert watched.number("open_requests", GLOBEX) == 0

        house.run("tenants", "remove", GLOBEX, "--yes")
        wait_until(lambda: not watched.of(GLOBEX))
        assert watched.of(ACME) == EVERY_TENANTS
    finally:
        house.close()
