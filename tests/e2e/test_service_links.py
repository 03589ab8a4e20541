"""The whole bot in a pod beside Services that are named like it."""

from collections.abc import Callable

from tests.e2e.house import ACME, ARTICLES, KF, House
from tests.test_environment import links


def test_it_serves_and_says_once_what_it_passes_over(furnish: Callable[..., House]) -> None:
    house = furnish(**links("wecom-bot-gateway"))
    question, answer = next(iter(ARTICLES[ACME].items()))
    house.wecom.say(ACME, KF, "wm_pod", question)
    assert house.answers(ACME, KF, "wm_pod") == [answer]
    assert house.log.read_text().count("settings.service_links_ignored") == 1
