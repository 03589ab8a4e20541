"""Entering, changing hands, and what may be said by the codes that such events bring."""

from datetime import timedelta

import pytest

from tests.fixtures.simulated_wecom import CORP, CUSTOMER, KF, OTHER_CORP, Api, app_spec
from wecom_bot.errors import InvalidInput
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import KfSpec, Option

MENU = {"head_content": "想问什么？", "list": [{"type": "click", "click": {"id": "a1", "content": "退货"}}]}


def _welcome_code(wecom: SimulatorClient, api: Api) -> str:
    """What entering now brings; empty if nothing."""
    wecom.enter(CORP, KF, CUSTOMER)
    return str(api.event("enter_session").get("welcome_code", ""))


def test_entering_tells_the_scene_and_brings_a_welcome_code(wecom: SimulatorClient, api: Api) -> None:
    channels = {"nickname": "一家店", "scene": 1}

    event_id = wecom.enter(CORP, KF, CUSTOMER, scene="oamenu3", scene_param="场景3", wechat_channels=channels)

    (item,) = api.items()
    event = item["event"]
    assert (item["msgid"], item["origin"], "external_userid" in item) == (event_id, 4, False)
    assert event.pop("welcome_code")
    assert event == {
        "event_type": "enter_session",
        "open_kfid": KF,
        "external_userid": CUSTOMER,
        "scene": "oamenu3",
        "scene_param": "%E5%9C%BA%E6%99%AF3",
        "wechat_channels": channels,
    }
    assert wecom.unanswered(CORP) == []


def test_nobody_is_greeted_who_wrote_or_was_greeted_within_48_hours(wecom: SimulatorClient, api: Api) -> None:
    first = _welcome_code(wecom, api)
    again = _welcome_code(wecom, api)
    assert first
    assert again  # it was not used yet
    assert api.on_event(again, "欢迎")["errcode"] == 0
    assert not _welcome_code(wecom, api)

    wecom.age(timedelta(hours=48, minutes=1))
    wecom.say(CORP, KF, CUSTOMER, "hello")
    assert not _welcome_code(wecom, api)

    wecom.age(timedelta(hours=48, minutes=1))
    assert _welcome_code(wecom, api)


def test_a_native_welcome_leaves_no_code(wecom: SimulatorClient, api: Api) -> None:
    wecom.mode(native_welcome=True)

    assert not _welcome_code(wecom, api)


def test_a_welcome_is_shown_once_and_outside_of_the_budget(wecom: SimulatorClient, api: Api) -> None:
    code = _welcome_code(wecom, api)
    assert api.send_text("not before the customer wrote")["errcode"] == 95018

    shown = api.on_event(code, msgtype="msgmenu", msgmenu=MENU, msgid="w-1")
    used = api.on_event(code, "again")
    wecom.click(CORP, KF, CUSTOMER, "a1")
    codes = [api.send_text(str(number))["errcode"] for number in range(6)]

    assert (shown["errcode"], shown["msgid"], used["errcode"]) == (0, "w-1", 41050)
    assert codes == [0] * 5 + [95001]
    welcome, *texts = wecom.seen(CORP, KF, CUSTOMER)
    assert (welcome.by_event, welcome.choices, welcome.msgid) == (True, (Option(id="a1", text="退货"),), "w-1")
    assert [one.by_event for one in texts] == [False] * 5


def test_a_welcome_may_follow_the_customers_words_but_not_after_20_seconds(wecom: SimulatorClient, api: Api) -> None:
    in_time = _welcome_code(wecom, api)
    too_late = _welcome_code(wecom, api)
    wecom.say(CORP, KF, CUSTOMER, "hello")

    assert api.on_event(in_time, "欢迎")["errcode"] == 0
    wecom.age(timedelta(seconds=21))
    assert api.on_event(too_late, "欢迎")["errcode"] == 41050


def test_what_was_not_right_leaves_the_code_usable(wecom: SimulatorClient, api: Api) -> None:
    code = _welcome_code(wecom, api)

    assert api.on_event(code, "x", msgtype="link", link={})["errcode"] == 40008
    assert api.on_event(code, "")["errcode"] == 44004
    assert api.on_event(code, "汉" * 683)["errcode"] == 45002
    assert api.on_event(code, "x", msgid="汉")["errcode"] == 40058
    assert wecom.seen(CORP) == []
    assert api.on_event(code, "x")["errcode"] == 0


def test_codes_of_nobody_and_of_others_are_refused(wecom: SimulatorClient, api: Api) -> None:
    code = _welcome_code(wecom, api)
    wecom.add_corp(CORP, [app_spec(name="other", agent_id=7, secret="s7")])
    wecom.add_corp(OTHER_CORP, [app_spec()], [KfSpec(open_kfid=KF, app="shop")])

    assert api.on_event("", "x")["errcode"] == 40058
    assert api.on_event("made up", "x")["errcode"] == 95007
    assert Api(wecom.base_url, OTHER_CORP).on_event(code, "x")["errcode"] == 95007
    assert Api(wecom.base_url, secret="s7").on_event(code, "x")["errcode"] == 48007


@pytest.mark.parametrize("state", [2, 3])
def test_the_first_move_to_the_queue_or_a_servicer_lets_the_bot_say_so_once(
    wecom: SimulatorClient, api: Api, state: int
) -> None:
    wecom.say(CORP, KF, CUSTOMER, "人工")
    code = api.trans(state, servicer_userid="zhang")["msg_code"]

    assert "msg_code" not in api.trans(state, servicer_userid="zhang")
    assert api.send_text("silence")["errcode"] == 95018
    assert api.on_event(code, msgtype="msgmenu", msgmenu=MENU)["errcode"] == 40008
    assert api.on_event(code, "排队中")["errcode"] == 0
    assert api.on_event(code, "排队中")["errcode"] == 95007
    assert [(one.text, one.by_event) for one in wecom.seen(CORP)] == [("排队中", True)]


def test_a_code_is_over_when_the_state_was_left_even_if_it_came_back(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "人工")
    code = api.trans(2)["msg_code"]
    wecom.take(CORP, KF, CUSTOMER, "zhang")
    assert api.on_event(code, "x")["errcode"] == 95007

    api.trans(4)
    wecom.say(CORP, KF, CUSTOMER, "人工")
    again = api.trans(2)["msg_code"]

    assert api.on_event(code, "x")["errcode"] == 95007
    assert api.on_event(again, "x")["errcode"] == 0


def test_moving_to_the_bot_brings_no_code(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")

    assert "msg_code" not in api.trans(1)


def test_the_end_may_be_said_within_20_seconds_with_a_menu(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    code = api.trans(4)["msg_code"]
    assert api.on_event(code, msgtype="msgmenu", msgmenu=MENU)["errcode"] == 0

    wecom.say(CORP, KF, CUSTOMER, "hello")
    late = api.trans(4)["msg_code"]
    wecom.age(timedelta(seconds=21))
    assert api.on_event(late, "再见")["errcode"] == 95007


def test_changing_hands_in_the_client_brings_codes_where_documented(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "人工")
    api.trans(2)

    wecom.take(CORP, KF, CUSTOMER, "zhang")
    taken = api.event("session_status_change")
    assert api.on_event(taken["msg_code"], "小张为您服务")["errcode"] == 0
    wecom.take(CORP, KF, CUSTOMER, "li")
    transferred = api.event("session_status_change")
    wecom.end(CORP, KF, CUSTOMER)
    ended = api.event("session_status_change")
    assert api.on_event(ended["msg_code"], "再见")["errcode"] == 0
    wecom.servicer_says(CORP, KF, CUSTOMER, "zhang", "忘了说")
    entered_again = api.event("session_status_change")

    about = {"event_type": "session_status_change", "open_kfid": KF, "external_userid": CUSTOMER}
    del taken["msg_code"], ended["msg_code"]
    assert taken == about | {"change_type": 1, "new_servicer_userid": "zhang"}
    assert transferred == about | {"change_type": 2, "old_servicer_userid": "zhang", "new_servicer_userid": "li"}
    assert ended == about | {"change_type": 3, "old_servicer_userid": "li"}
    assert entered_again == about | {
        "change_type": 4,
        "old_servicer_userid": "li",
        "new_servicer_userid": "zhang",
    }


def test_a_servicer_stops_and_starts_and_the_event_counts_from_one(wecom: SimulatorClient, api: Api) -> None:
    assert wecom.set_receiving(CORP, KF, "li", receiving=False, stop_type=1)
    stopped = api.event("servicer_status_change")
    listed = api.get("kf/servicer/list", open_kfid=KF)["servicer_list"]
    assert not wecom.set_receiving(CORP, KF, "li", receiving=False, stop_type=1)
    wecom.set_receiving(CORP, KF, "li", receiving=True)
    started = api.event("servicer_status_change")

    about = {"event_type": "servicer_status_change", "open_kfid": KF, "servicer_userid": "li"}
    assert stopped == about | {"status": 2, "stop_type": 1}
    assert started == about | {"status": 1}
    assert listed == [{"userid": "zhang", "status": 0}, {"userid": "li", "status": 1, "stop_type": 1}]


def test_a_servicer_takes_a_message_back_and_refuses_a_customer(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    said = wecom.servicer_says(CORP, KF, CUSTOMER, "zhang", "我是小张")

    wecom.servicer_recall(CORP, KF, CUSTOMER, "zhang", said)
    wecom.reject_customer(CORP, KF, CUSTOMER, "zhang")

    about = {"open_kfid": KF, "external_userid": CUSTOMER, "servicer_userid": "zhang"}
    assert api.event("servicer_recall_msg") == about | {"event_type": "servicer_recall_msg", "recall_msgid": said}
    switched = about | {"event_type": "reject_customer_msg_switch_change", "reject_switch": 1}
    assert api.event("reject_customer_msg_switch_change") == switched
    with pytest.raises(InvalidInput, match="no servicer said"):
        wecom.servicer_recall(CORP, KF, CUSTOMER, "zhang", "other")
