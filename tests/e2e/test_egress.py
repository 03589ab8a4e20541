"""The whole bot behind a company's proxy, which alone knows where WeCom is."""

from pathlib import Path

from tests.e2e.house import ACME, ARTICLES, KF, House
from tests.fixtures.connect_proxy import NAME, Asked, proxy
from tests.fixtures.ports import free_port
from wecom_bot.simulators.wecom.server import WecomSimulator


class AtPort(WecomSimulator):
    """A WeCom whose port is known before it starts."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._wanted = port

    def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        return super().start(host, port or self._wanted)


def test_customers_are_answered_through_the_proxy(tmp_path: Path) -> None:
    asked, port = Asked(), free_port()
    question, answer = next(iter(ARTICLES[ACME].items()))
    with proxy(port, asked) as url:
        by = {"WECOM_BOT_EGRESS_PROXY": url.replace("http://", "http://bot:geheim@")}
        house = House(tmp_path, env={"WECOM_BOT_WECOM_BASE_URL": f"http://{NAME}"} | by, simulator=AtPort(port))
        try:
            house.open()
            house.wecom.say(ACME, KF, "wm_far", question)
            assert house.answers(ACME, KF, "wm_far") == [answer]
            assert "geheim" not in house.log.read_text()
        finally:
            house.close()
    assert {head.split()[1].startswith(f"http://{NAME}/cgi-bin/".encode()) for head in asked.heads} == {True}
