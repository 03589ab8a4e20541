"""The desk of a simulated WeCom: what is said there comes out here, and the other way round."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.deadlines import PATIENCE
from tests.fixtures.simulated_wecom import AGENT_ID, CORP, CUSTOMER, KF, Api, simulated_wecom
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.errors import InvalidInput, TemporaryFailure, Unknown
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import DeliveryState
from wecom_bot.simulators.window.desk import Account, Company
from wecom_bot.simulators.window.simulated import SimulatedDesk

WHERE = ConversationId(CorpId(CORP), Channel.KF, KF, CUSTOMER)
MEMBER = ConversationId(CorpId(CORP), Channel.APP, str(AGENT_ID), "wang")
COMPANY = Company(CorpId(CORP), "一家店", (Account(Channel.KF, KF, "客服"),))


class Memory:
    """A bot's ledger that holds one turn."""

    def __init__(self) -> None:
        self.asked = 0
        self.turn: Turn | None = None

    def __call__(self, _where: ConversationId, _message_id: MessageId) -> Turn | None:
        self.asked += 1
        return self.turn


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def desk(wecom: SimulatorClient, memory: Memory) -> SimulatedDesk:
    return SimulatedDesk(wecom, [COMPANY], memory)


def menu(api: Api) -> None:
    entry = {"type": "click", "click": {"id": "101", "content": "怎么退货"}}
    body = {"head_content": "您是想问？", "list": [entry]}
    answer = api("kf/send_msg", touser=CUSTOMER, open_kfid=KF, msgtype="msgmenu", msgmenu=body)
    assert answer["errcode"] == 0, answer


def test_what_the_bot_shows_is_seen(wecom: SimulatorClient, desk: SimulatedDesk) -> None:
    message_id = desk.say(WHERE, "你好")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(desk.seen, WHERE, 0, timedelta(seconds=PATIENCE))
        Api(wecom.base_url).send_text("您好")

        assert [one.text for one in waiting.result(PATIENCE)] == ["您好"]
    assert [(one.message_id, one.text) for one in desk.said(WHERE)] == [(message_id, "你好")]
    assert desk.said(WHERE)[0].at <= desk.seen(WHERE)[0].at


def test_a_click_is_said_in_the_words_of_the_entry(wecom: SimulatorClient, desk: SimulatedDesk) -> None:
    desk.say(WHERE, "退")
    menu(Api(wecom.base_url))
    desk.click(WHERE, "101")

    assert [one.text for one in desk.said(WHERE)] == ["退", "怎么退货"]
    with pytest.raises(InvalidInput):
        desk.click(WHERE, "102")


def test_conversations_are_apart_and_the_latest_is_first(wecom: SimulatorClient, desk: SimulatedDesk) -> None:
    desk.say(WHERE, "一")
    desk.say(MEMBER, "二")
    Api(wecom.base_url).send_to_member("答")

    assert desk.conversations() == [MEMBER, WHERE]
    assert [one.text for one in desk.seen(MEMBER)] == ["答"]
    assert not desk.seen(WHERE)
    assert not desk.said(replace(WHERE, customer="别人"))


def test_the_callback_of_a_message_is_reported(desk: SimulatedDesk) -> None:
    report = desk.delivery(desk.say(WHERE, "你好"))

    assert report is not None
    assert report.state is DeliveryState.SWALLOWED  # this corp has no callback URL
    assert desk.delivery(MessageId("nothing")) is None


def test_a_stored_turn_is_asked_for_once(desk: SimulatedDesk, memory: Memory) -> None:
    assert desk.turn(WHERE, MessageId("a")) is None
    now = datetime.now(UTC)
    message = InboundMessage(MessageId("a"), WHERE, "shop", MessageKind.TEXT, now)
    memory.turn = Turn(WHERE, (message,), "t", now, DialogState("s", now, now))

    assert desk.turn(WHERE, MessageId("a")) is memory.turn
    assert desk.turn(WHERE, MessageId("a")) is memory.turn
    assert memory.asked == 2
    assert desk.state(WHERE) is None


def test_nobody_is_spoken_to_who_is_not_there(desk: SimulatedDesk) -> None:
    with pytest.raises(Unknown):
        desk.say(replace(WHERE, account="wk_nobody"), "你好")
    assert not desk.conversations()


def test_a_wecom_that_is_away_is_a_temporary_failure(memory: Memory) -> None:
    with simulated_wecom() as client:
        desk = SimulatedDesk(SimulatorClient(client.base_url), [COMPANY], memory)

    with pytest.raises(TemporaryFailure):
        desk.say(WHERE, "你好")
    with pytest.raises(TemporaryFailure):
        desk.seen(WHERE)
