"""A process that dies at any step costs nobody an answer, and shows nobody anything twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from tests.deadlines import PATIENCE
from tests.e2e.house import ACME, APP, ARTICLES, KF, House
from wecom_bot.simulators.wecom.schema import Door
from wecom_bot.telemetry.faults import Point

PLACES = ((KF, Door.KF), (APP, Door.APP))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a test says at which point somebody is to die."""
    return tmp_path_factory.mktemp("asked")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, asked: Path) -> Iterator[House]:
    """One for all points: whoever dies is started again, which is what is shown here."""
    made = House(tmp_path_factory.mktemp("house"), env={"WECOM_BOT_CRASH_POINT": f"asked:{asked}"})
    try:
        made.open()
        made.wecom.mode(attempts=100)  # a restart may outlast WeCom's three tries
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("point", get_args(Point))
def test_a_crash_costs_nobody_an_answer(house: House, asked: Path, point: str) -> None:
    (asked / point).touch()
    questions = list(ARTICLES[ACME]) * 2
    for account, channel in PLACES:
        for question in questions:
            said = house.wecom.say(ACME, account, point, question, channel)
            if channel is Door.APP:  # what dies with the gateway is brought again: it may not be overtaken
                house.wecom.deliveries([said], "settled", PATIENCE)
    for account, _ in PLACES:
        house.answers(ACME, account, point, len(questions))
    for account, channel in PLACES:
        # in order: when the last word is answered, nothing of what was said before can still come
        house.wecom.say(ACME, account, point, questions[0], channel)
        answers = house.answers(ACME, account, point, len(questions) + 1)
        assert answers == [ARTICLES[ACME][question] for question in (*questions, questions[0])]
    assert not (asked / point).exists(), "nothing died: the test proved nothing"
