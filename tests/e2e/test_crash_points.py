"""A process that dies at any step costs nobody an answer, and shows nobody anything twice."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from tests.deadlines import PATIENCE
from tests.e2e.house import ACME, APP, ARTICLES, KF, House
from wecom_bot.simulators.wecom.schema import Door
from wecom_bot.telemetry.faults import Point

CUSTOMERS = ((KF, Door.KF, "wm1"), (APP, Door.APP, "zhangsan"))


@pytest.mark.parametrize("point", get_args(Point))
def test_a_crash_costs_nobody_an_answer(furnish: Callable[..., House], tmp_path: Path, point: str) -> None:
    marker = tmp_path / "died"
    house = furnish(WECOM_BOT_CRASH_POINT=f"{point}:{marker}")
    house.wecom.mode(attempts=100)  # a restart may outlast WeCom's three tries
    asked = list(ARTICLES[ACME]) * 2
    for account, channel, customer in CUSTOMERS:
        for question in asked:
            said = house.wecom.say(ACME, account, customer, question, channel)
            if channel is Door.APP:  # what dies with the gateway is brought again: it may not be overtaken
                house.wecom.deliveries([said], "settled", PATIENCE)
    for account, _, customer in CUSTOMERS:
        house.answers(ACME, account, customer, len(asked))
    for account, channel, customer in CUSTOMERS:
        # in order: when the last word is answered, nothing of what was said before can still come
        house.wecom.say(ACME, account, customer, asked[0], channel)
        answers = house.answers(ACME, account, customer, len(asked) + 1)
        assert answers == [ARTICLES[ACME][question] for question in (*asked, asked[0])]
    assert marker.exists(), "nothing died: the test proved nothing"
