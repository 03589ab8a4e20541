"""Callbacks of the simulator: sealed, tried three times, doubled, lost and out of order on demand."""

from collections.abc import Iterator

import pytest

from tests.deadlines import PATIENCE
from tests.fixtures.simulated_wecom import (
    AGENT_ID,
    CORP,
    CUSTOMER,
    KEY,
    KF,
    Api,
    Listener,
    app_spec,
    simulated_wecom,
)
from wecom_bot.errors import InvalidInput
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import DeliveryState

MEMBER = "wang"
APP = str(AGENT_ID)


@pytest.fixture
def wecom(bot: Listener) -> Iterator[SimulatorClient]:
    with simulated_wecom() as client:
        client.set_callback(CORP, "shop", bot.url)
        client.mode(spacing=0.05)
        yield client


def test_a_kf_notification_carries_a_token_for_the_pull_and_no_words(wecom: SimulatorClient, bot: Listener) -> None:
    msgid = wecom.say(CORP, KF, CUSTOMER, "秘密的话")

    (heard,) = bot.wait_heard(1)

    assert list(heard.fields) == ["ToUserName", "CreateTime", "MsgType", "Event", "Token", "OpenKfId"]
    assert heard.fields["ToUserName"] == heard.envelope["ToUserName"] == CORP
    assert (heard.fields["Event"], heard.fields["OpenKfId"]) == ("kf_msg_or_event", KF)
    assert "AgentID" not in heard.envelope
    page = Api(wecom.base_url)("kf/sync_msg", open_kfid=KF, token=heard.fields["Token"])
    assert [item["msgid"] for item in page["msg_list"]] == [msgid]


def test_what_a_member_writes_to_an_app_comes_whole(wecom: SimulatorClient, bot: Listener) -> None:
    words = "a < b && c ]]> d\n😄  "

    message_id = wecom.say(CORP, APP, MEMBER, words, "app")

    (heard,) = bot.wait_heard(1)
    assert int(heard.fields.pop("CreateTime")) > 1_600_000_000
    assert heard.fields == {
        "ToUserName": CORP,
        "FromUserName": MEMBER,
        "MsgType": "text",
        "Content": words,
        "MsgId": message_id,
        "AgentID": APP,
    }
    assert heard.envelope["AgentID"] == APP


def test_other_kinds_bring_their_own_fields(wecom: SimulatorClient, bot: Listener) -> None:
    wecom.say(CORP, APP, MEMBER, channel="app", msgtype="image", fields={"PicUrl": "http://pic", "MediaId": "m"})

    (heard,) = bot.wait_heard(1)

    assert (heard.fields["MsgType"], heard.fields["PicUrl"], heard.fields["MediaId"]) == ("image", "http://pic", "m")


@pytest.mark.parametrize("failure", [204, 302, 403, 503])
def test_only_200_ends_the_tries(wecom: SimulatorClient, bot: Listener, failure: int) -> None:
    bot.statuses += [failure, failure]

    msgid = wecom.say(CORP, KF, CUSTOMER, "hello")

    (report,) = wecom.deliveries([msgid], "settled", PATIENCE)
    assert report.state is DeliveryState.ACKNOWLEDGED
    assert [attempt.status for attempt in report.attempts] == [failure, failure, 200]
    heard = bot.wait_heard(3)
    assert len({one.nonce for one in heard}) == 3
    assert len({one.fields["Token"] for one in heard}) == 1


def test_a_callback_is_given_up_after_three_tries(wecom: SimulatorClient, bot: Listener) -> None:
    bot.statuses += [500, 500, 500]

    msgid = wecom.say(CORP, KF, CUSTOMER, "hello")

    (report,) = wecom.deliveries([msgid], "settled", PATIENCE)
    assert (report.state, len(report.attempts)) == (DeliveryState.GIVEN_UP, 3)
    assert wecom.acknowledged([msgid]) == set()


def test_a_bot_that_is_away_is_a_failed_try(wecom: SimulatorClient) -> None:
    wecom.set_callback(CORP, "shop", "http://127.0.0.1:1/callback")

    msgid = wecom.say(CORP, KF, CUSTOMER, "hello")

    (report,) = wecom.deliveries([msgid], "settled", PATIENCE)
    assert [attempt.error for attempt in report.attempts] == ["ConnectionError"] * 3


def test_an_answer_after_the_deadline_is_no_answer(wecom: SimulatorClient, bot: Listener) -> None:
    wecom.mode(deadline=0.1)
    bot.go.clear()

    msgid = wecom.say(CORP, KF, CUSTOMER, "hello")

    (report,) = wecom.deliveries([msgid], "settled", PATIENCE)
    assert [attempt.error for attempt in report.attempts] == ["ReadTimeout"] * 3
    assert len(bot.wait_heard(3)) == 3


def test_copies_arrive_at_the_same_time(wecom: SimulatorClient, bot: Listener) -> None:
    bot.go.clear()

    message_id = wecom.say(CORP, APP, MEMBER, "hello", "app", copies=8)
    bot.wait_at_once(8)
    bot.go.set()

    assert wecom.acknowledged([message_id], timeout=PATIENCE) == {message_id}
    assert {one.fields["MsgId"] for one in bot.wait_heard(8)} == {message_id}


def test_a_swallowed_notification_leaves_the_message_to_be_pulled(wecom: SimulatorClient, bot: Listener) -> None:
    lost = wecom.say(CORP, KF, CUSTOMER, "first", swallow=True)
    sent = wecom.say(CORP, KF, CUSTOMER, "second")

    assert wecom.acknowledged([sent], timeout=PATIENCE) == {sent}
    assert [one.state for one in wecom.deliveries([lost])] == [DeliveryState.SWALLOWED]
    assert len(bot.wait_heard(1)) == 1
    page = Api(wecom.base_url)("kf/sync_msg", open_kfid=KF)
    assert [item["msgid"] for item in page["msg_list"]] == [lost, sent]


def test_held_callbacks_come_in_the_order_of_their_release(wecom: SimulatorClient, bot: Listener) -> None:
    wecom.mode(hold=True)
    said = [wecom.say(CORP, APP, MEMBER, str(number), "app") for number in range(4)]
    assert {one.state for one in wecom.deliveries(said)} == {DeliveryState.HELD}

    assert wecom.release("reversed") == 4

    assert [one.fields["Content"] for one in bot.wait_heard(4)] == ["3", "2", "1", "0"]
    assert wecom.acknowledged(said, timeout=PATIENCE) == set(said)


def test_what_one_member_writes_arrives_in_order(wecom: SimulatorClient, bot: Listener) -> None:
    for number in range(30):
        wecom.say(CORP, APP, MEMBER, str(number), "app")

    assert [one.fields["Content"] for one in bot.wait_heard(30)] == [str(number) for number in range(30)]


def test_a_slow_bot_delays_nobody_elses_callback_and_no_api_call(wecom: SimulatorClient, bot: Listener) -> None:
    bot.go.clear()

    for number in range(20):
        wecom.say(CORP, APP, f"member-{number}", "hello", "app")

    bot.wait_at_once(20)
    assert Api(wecom.base_url)("kf/sync_msg", open_kfid=KF)["errcode"] == 0


def test_a_callback_url_is_proved_with_an_echo(wecom: SimulatorClient, bot: Listener) -> None:
    proved = wecom.verify(CORP, "shop")
    wecom.set_callback(CORP, "shop", bot.url.replace("/callback", "/elsewhere"))
    elsewhere = wecom.verify(CORP, "shop")

    assert (proved.ok, proved.status) == (True, 200)
    assert (elsewhere.ok, elsewhere.status) == (False, 404)


def test_an_app_whose_callbacks_cannot_be_sealed_is_refused(wecom: SimulatorClient) -> None:
    with pytest.raises(InvalidInput, match="encoding_aes_key"):
        wecom.add_corp(CORP, [app_spec(encoding_aes_key=KEY[:-1])])
