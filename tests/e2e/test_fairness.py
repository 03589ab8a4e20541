"""Nobody waits for what is somebody else's: held by order and count; what it takes is measured by `make bench`."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.deadlines import wait_until
from tests.e2e.house import ACME, ARTICLES, GLOBEX, KF, House, company
from wecom_bot.domain.phrases import Phrases
from wecom_bot.simulators.coze.client import CozeSimulatorClient
from wecom_bot.simulators.coze.server import CozeSimulator

QUESTION, ANSWER = next(iter(ARTICLES[ACME].items()))
ASIDE = "你们有什么优惠"  # what no article says, so that Coze is asked
WAITING = 2_000
SINGLES = 9
NEIGHBOURS = 30
HANGS = 40  # seconds that a turn waits for a Coze that says nothing: far more than thirty answers take
BOT, TOKEN = "7379462189365198898", "pat_" + "a" * 40


@pytest.fixture
def hanging() -> Iterator[CozeSimulatorClient]:
    """A Coze that takes every chat, and never says a word."""
    simulator = CozeSimulator()
    client = CozeSimulatorClient(simulator.start())
    client.add_token(TOKEN)
    client.add_bot(BOT)
    client.fault("/v3/chat", "hang", lasting=timedelta(hours=1))
    yield client
    simulator.stop()


@pytest.fixture
def patient(tmp_path: Path, hanging: CozeSimulatorClient) -> Iterator[House]:
    """A house that waits long for its Coze."""
    env = {
        "WECOM_BOT_COZE_BASE_URL": hanging.base_url,
        "WECOM_BOT_CHAT_TIMEOUT": f"{HANGS}",
        "WECOM_BOT_THINK_DEADLINE": f"{HANGS + 10}",
    }
    made = House(tmp_path, [company(ACME, coze={"bot_id": BOT, "token": TOKEN})], env=env)
    try:
        yield made.open()
    finally:
        made.close()


@pytest.mark.slow
def test_a_tenant_with_thousands_of_waiting_messages_hardly_delays_another(house: House) -> None:
    for number in range(WAITING):
        house.wecom.say(GLOBEX, KF, f"crowd{number}", QUESTION, swallow=number < WAITING - 1)
    house.wecom.wait_seen(GLOBEX, KF, "crowd0")
    for number in range(SINGLES):
        house.wecom.say(ACME, KF, f"single{number}", QUESTION)
        (seen,) = house.wecom.wait_seen(ACME, KF, f"single{number}")
        assert seen.text == ANSWER
    # each single message had its turn, one after the other, while most of the crowd still waited for theirs
    assert len(house.wecom.unanswered(GLOBEX)) > WAITING // 2


@pytest.mark.slow
def test_a_customer_whose_turn_hangs_until_its_deadline_delays_no_other(
    patient: House, hanging: CozeSimulatorClient
) -> None:
    patient.wecom.say(ACME, KF, "slow", ASIDE)
    wait_until(lambda: hanging.calls("/v3/chat") == 1)
    for number in range(NEIGHBOURS):
        patient.wecom.say(ACME, KF, f"other{number}", QUESTION)
    for number in range(NEIGHBOURS):
        (seen,) = patient.wecom.wait_seen(ACME, KF, f"other{number}")
        assert seen.text == ANSWER
    assert [each.customer for each in patient.wecom.unanswered(ACME)] == ["slow"]
    (last,) = patient.wecom.wait_seen(ACME, KF, "slow", timeout=3 * HANGS)
    assert (last.text, last.seq) == (Phrases().unknown, NEIGHBOURS + 1)
    assert hanging.calls("/v3/chat") == 1
