"""Messages that WeCom accepts and does not deliver."""

from collections.abc import Iterator

import pytest

from tests.fixtures.simulated_wecom import CORP, CUSTOMER, KF, Api, Listener, simulated_wecom
from wecom_bot.simulators.wecom.client import SimulatorClient

OTHER = "wmother"


@pytest.fixture
def wecom(bot: Listener) -> Iterator[SimulatorClient]:
    with simulated_wecom() as client:
        client.set_callback(CORP, "shop", bot.url)
        client.mode(fail_after=0)
        yield client


def test_a_failing_message_is_accepted_never_seen_and_told_of_by_a_callback(
    wecom: SimulatorClient, api: Api, bot: Listener
) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    wecom.fail_delivery(CORP, KF, CUSTOMER, 10)

    accepted = api.send_text("lost", msgid="m-1")
    event = api.event("msg_send_fail")
    api.send_text("seen")

    assert (accepted["errcode"], accepted["msgid"]) == (0, "m-1")
    assert event == {
        "event_type": "msg_send_fail",
        "open_kfid": KF,
        "external_userid": CUSTOMER,
        "fail_msgid": "m-1",
        "fail_type": 10,
    }
    assert [one.text for one in wecom.seen(CORP)] == ["seen"]
    assert len(bot.wait_heard(2)) == 2


def test_a_failing_message_uses_the_budget_and_its_msgid_and_leaves_the_customer_waiting(
    wecom: SimulatorClient, api: Api
) -> None:
    msgid = wecom.say(CORP, KF, CUSTOMER, "hello")
    wecom.fail_delivery(CORP, KF, None, 13, times=5)

    codes = [api.send_text("x", msgid=f"m-{number}")["errcode"] for number in range(6)]

    assert codes == [0] * 5 + [95001]
    assert api.send_text("x", msgid="m-0")["errcode"] == 95033
    assert [one.msgid for one in wecom.unanswered(CORP)] == [msgid]


def test_only_the_customer_meant_and_only_accepted_messages_fail(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    wecom.say(CORP, KF, OTHER, "hello")
    wecom.fail_delivery(CORP, KF, OTHER, 4)

    assert api.send_text("", touser=OTHER)["errcode"] == 44004
    api.send_text("seen")
    api.send_text("lost", touser=OTHER)

    assert api.event("msg_send_fail")["fail_type"] == 4
    assert [(one.customer, one.text) for one in wecom.seen(CORP)] == [(CUSTOMER, "seen")]
