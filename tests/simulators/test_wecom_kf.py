"""微信客服 in the simulator: pulling, speaking, and who has the conversation."""

from datetime import timedelta

import pytest

from tests.fixtures.simulated_wecom import CORP, CUSTOMER, KF, OTHER_CORP, Api, app_spec
from wecom_bot.errors import InvalidInput
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import KfSpec, Option


def _pulled(api: Api, cursor: str = "", limit: int = 1000) -> list[str]:
    """The texts of every page from the cursor on, as a bot would walk them."""
    texts: list[str] = []
    more = 1
    while more:
        page = api("kf/sync_msg", open_kfid=KF, cursor=cursor, limit=limit)
        texts += [item["text"]["content"] for item in page["msg_list"]]
        cursor, more = page["next_cursor"], page["has_more"]
    return texts


def test_what_a_customer_says_is_pulled_with_wecoms_field_names(wecom: SimulatorClient, api: Api) -> None:
    msgid = wecom.say(CORP, KF, CUSTOMER, "发货了吗？😄")

    page = api("kf/sync_msg", open_kfid=KF)

    (item,) = page["msg_list"]
    assert item.pop("send_time") > 1_600_000_000
    assert item == {
        "msgid": msgid,
        "open_kfid": KF,
        "external_userid": CUSTOMER,
        "origin": 3,
        "msgtype": "text",
        "text": {"content": "发货了吗？😄"},
    }
    assert (page["errcode"], page["errmsg"], page["has_more"]) == (0, "ok", 0)


def test_pages_follow_the_cursor_and_an_old_cursor_brings_the_same_again(wecom: SimulatorClient, api: Api) -> None:
    for number in range(5):
        wecom.say(CORP, KF, CUSTOMER, str(number))

    first = api("kf/sync_msg", open_kfid=KF, limit=2)

    assert (len(first["msg_list"]), first["has_more"]) == (2, 1)
    assert _pulled(api, first["next_cursor"], limit=2) == ["2", "3", "4"]
    assert _pulled(api, first["next_cursor"], limit=2) == ["2", "3", "4"]
    assert _pulled(api) == ["0", "1", "2", "3", "4"]


def test_pages_may_be_shorter_than_asked_and_empty_ones_may_come_between(wecom: SimulatorClient, api: Api) -> None:
    for number in range(3):
        wecom.say(CORP, KF, CUSTOMER, str(number))
    wecom.mode(empty_pages=True, page_size=2)

    first = api("kf/sync_msg", open_kfid=KF)

    assert (first["msg_list"], first["has_more"]) == ([], 1)
    assert _pulled(api) == ["0", "1", "2"]
    assert wecom.calls("kf/sync_msg") == 1 + 4  # two pages, an empty one before each


def test_only_three_days_are_kept(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "old")
    wecom.age(timedelta(days=3, minutes=1))
    wecom.say(CORP, KF, CUSTOMER, "new")

    assert _pulled(api) == ["new"]


def test_a_pull_is_refused_for_the_wrong_account_cursor_or_notification(wecom: SimulatorClient, api: Api) -> None:
    other = KfSpec(open_kfid="wkother", app="other")
    wecom.add_corp(CORP, [app_spec(name="other", agent_id=7, secret="s7")], [other])
    cursor_of_other = Api(wecom.base_url, secret="s7")("kf/sync_msg", open_kfid="wkother")["next_cursor"]

    assert api("kf/sync_msg")["errcode"] == 95000
    assert api("kf/sync_msg", open_kfid="wkunknown")["errcode"] == 95004
    assert api("kf/sync_msg", open_kfid="wkother")["errcode"] == 48007
    assert api("kf/sync_msg", open_kfid=KF, cursor=cursor_of_other)["errcode"] == 40058
    assert api("kf/sync_msg", open_kfid=KF, token="ENCmadeup")["errcode"] == 95007
    assert api("kf/sync_msg", open_kfid=KF, limit=1001)["errcode"] == 40058


def test_the_same_account_and_customer_in_two_corps_are_strangers(wecom: SimulatorClient, api: Api) -> None:
    wecom.add_corp(OTHER_CORP, [app_spec()], [KfSpec(open_kfid=KF, app="shop")])
    wecom.say(CORP, KF, CUSTOMER, "hello")

    assert _pulled(Api(wecom.base_url, OTHER_CORP)) == []
    assert api.send_text("hi")["errcode"] == 0
    assert wecom.seen(OTHER_CORP) == []


def test_a_customer_sees_texts_and_menus_in_order(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    menu = {
        "head_content": "您是想问？",
        "list": [
            {"type": "click", "click": {"id": "a1", "content": "退货"}},
            {"type": "view", "view": {"url": "https://example.com", "content": "官网"}},
        ],
        "tail_content": "请选择",
    }

    assert api.send_text("您好", msgid="m-1") == {"errcode": 0, "errmsg": "ok", "msgid": "m-1"}
    assert api.send_text("", msgtype="msgmenu", msgmenu=menu)["errcode"] == 0

    text, shown = wecom.wait_seen(CORP, KF, CUSTOMER, count=2)
    assert (text.msgtype, text.text, text.msgid, text.repeated) == ("text", "您好", "m-1", False)
    assert (shown.msgtype, shown.text) == ("msgmenu", "您是想问？\n官网\n请选择")
    assert shown.choices == (Option(id="a1", text="退货"),)
    assert text.seq < shown.seq


def test_a_click_comes_back_as_a_text_with_the_menu_id(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    entries = [{"type": "click", "click": {"id": "a1", "content": "退货"}}]
    api.send_text("", msgtype="msgmenu", msgmenu={"head_content": "?", "list": entries})

    wecom.click(CORP, KF, CUSTOMER, "a1")

    item = api("kf/sync_msg", open_kfid=KF)["msg_list"][-1]
    assert (item["origin"], item["text"]) == (3, {"content": "退货", "menu_id": "a1"})
    with pytest.raises(InvalidInput, match="no entry 'a2'"):
        wecom.click(CORP, KF, CUSTOMER, "a2")


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"text": {"content": "汉" * 682}}, 0),
        ({"text": {"content": "汉" * 683}}, 45002),
        ({"text": {"content": ""}}, 44004),
        ({"text": "hello"}, 40058),
        ({"touser": "wmstranger"}, 40096),
        ({"msgid": "m" * 33}, 40058),
        ({"msgid": "汉"}, 40058),
        ({"msgtype": "hologram"}, 40008),
        ({"open_kfid": "wkunknown"}, 95004),
    ],
)
def test_a_text_is_checked(wecom: SimulatorClient, api: Api, changes: dict[str, object], errcode: int) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")

    assert api.send_text("x", **changes)["errcode"] == errcode
    assert len(wecom.seen(CORP)) == (errcode == 0)


@pytest.mark.parametrize(
    ("entries", "errcode"),
    [
        ([{"type": "click", "click": {"id": str(n), "content": "x"}} for n in range(10)], 0),
        ([{"type": "click", "click": {"id": str(n), "content": "x"}} for n in range(11)], 95008),
        ([{"type": "text", "text": {"content": "x", "no_newline": 1}}], 0),
        ([{"type": "shout", "shout": {"content": "x"}}], 95009),
        ([{"content": "x"}], 95009),
        ([{"type": "click", "click": {"id": "a" * 129, "content": "x"}}], 40058),
        ([{"type": "click", "click": {"id": "a", "content": "汉" * 43}}], 40058),
        ([{"type": "click"}], 40058),
    ],
)
def test_a_menu_is_checked(wecom: SimulatorClient, api: Api, entries: list[object], errcode: int) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")

    answer = api.send_text("", msgtype="msgmenu", msgmenu={"head_content": "?", "list": entries})

    assert answer["errcode"] == errcode


def test_five_messages_may_follow_a_customers_message(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")

    codes = [api.send_text(str(number))["errcode"] for number in range(6)]
    wecom.say(CORP, KF, CUSTOMER, "more")

    assert codes == [0, 0, 0, 0, 0, 95001]
    assert api.send_text("again")["errcode"] == 0


def test_nothing_may_be_said_48_hours_after_the_customers_last_message(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")

    wecom.age(timedelta(hours=47, minutes=59))
    assert api.send_text("in time")["errcode"] == 0
    wecom.age(timedelta(minutes=2))
    assert api.send_text("too late")["errcode"] == 95002
    wecom.say(CORP, KF, CUSTOMER, "still there?")
    assert api.send_text("yes")["errcode"] == 0


def test_a_repeated_msgid_is_refused_or_shown_again_as_the_mode_says(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    api.send_text("hi", msgid="m1")

    refused = api.send_text("hi", msgid="m1")
    wecom.mode(repeated_msgid="shown")
    shown = api.send_text("hi", msgid="m1")

    assert (refused["errcode"], refused["errmsg"].split(",")[0]) == (95033, "duplicate msgid")
    assert shown["errcode"] == 0
    assert [(one.msgid, one.repeated) for one in wecom.seen(CORP)] == [("m1", False), ("m1", True)]


def test_a_refused_message_leaves_its_msgid_free(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    assert api.send_text("x" * 3000, msgid="m1")["errcode"] == 45002

    assert api.send_text("x", msgid="m1")["errcode"] == 0


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ([1, 1, 2, 2, 3, 3, 4], [0] * 7),
        ([0], [95016]),
        ([2, 1], [0, 95016]),
        ([3, 1], [0, 95016]),
        ([3, 2], [0, 95016]),
        ([4, 1, 2, 3, 4], [0, 95016, 95016, 95016, 95016]),
        ([5], [40058]),
    ],
)
def test_a_conversation_moves_as_documented(
    wecom: SimulatorClient, api: Api, path: list[int], codes: list[int]
) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")

    assert [api.trans(state, servicer_userid="zhang")["errcode"] for state in path] == codes


@pytest.mark.parametrize(("state", "errcode"), [(1, 0), (2, 95018), (3, 95018), (4, 95018)])
def test_the_bot_may_speak_only_in_new_conversations_and_its_own(
    wecom: SimulatorClient, api: Api, state: int, errcode: int
) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")

    api.trans(state, servicer_userid="zhang")

    assert api.send_text("hi")["errcode"] == errcode


def test_the_state_is_told_with_its_servicer_and_begins_anew_after_the_end(wecom: SimulatorClient, api: Api) -> None:
    whose = {"open_kfid": KF, "external_userid": CUSTOMER}
    wecom.say(CORP, KF, CUSTOMER, "hello")
    api.trans(3, servicer_userid="zhang")

    with_servicer = api("kf/service_state/get", **whose)
    api.trans(4)
    ended = api("kf/service_state/get", **whose)
    wecom.say(CORP, KF, CUSTOMER, "one more thing")
    anew = api("kf/service_state/get", **whose)

    assert (with_servicer["service_state"], with_servicer["servicer_userid"]) == (3, "zhang")
    assert (ended["service_state"], anew["service_state"]) == (4, 0)


def test_a_session_ends_by_itself_after_48_hours(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    api.trans(3, servicer_userid="zhang")

    wecom.age(timedelta(hours=49))

    assert wecom.state(CORP, KF, CUSTOMER).service_state == 4
    assert api.trans(1)["errcode"] == 95016


def test_only_a_receiving_servicer_of_the_account_is_given_a_conversation(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    wecom.set_receiving(CORP, KF, "li", receiving=False)

    listed = api.get("kf/servicer/list", open_kfid=KF)["servicer_list"]

    assert listed == [{"userid": "zhang", "status": 0}, {"userid": "li", "status": 1, "stop_type": 0}]
    assert api.trans(3)["errcode"] == 40058
    assert api.trans(3, servicer_userid="nobody")["errcode"] == 95014
    assert api.trans(3, servicer_userid="li")["errcode"] == 95019
    assert api.trans(3, servicer_userid="zhang")["msg_code"]


def test_servicers_take_speak_and_end_in_the_client_and_the_list_tells_of_it(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    api.trans(2)

    wecom.take(CORP, KF, CUSTOMER, "zhang")
    wecom.servicer_says(CORP, KF, CUSTOMER, "zhang", "我是小张")
    wecom.take(CORP, KF, CUSTOMER, "li")
    wecom.end(CORP, KF, CUSTOMER)
    wecom.servicer_says(CORP, KF, CUSTOMER, "li", "忘了说")

    items = api("kf/sync_msg", open_kfid=KF)["msg_list"][1:]
    changes = [item["event"]["change_type"] for item in items if item["msgtype"] == "event"]
    words = [(item["servicer_userid"], item["text"]["content"]) for item in items if item["origin"] == 5]
    assert changes == [1, 2, 3, 4]
    assert words == [("zhang", "我是小张"), ("li", "忘了说")]
    assert all("open_kfid" not in item and item["origin"] == 4 for item in items if item["msgtype"] == "event")
    assert wecom.state(CORP, KF, CUSTOMER).service_state == 3
    assert wecom.seen(CORP) == []


def test_other_kinds_of_messages_and_events_are_listed_as_given(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, msgtype="location", fields={"latitude": 22.5, "longitude": 113.9, "name": "科技园"})
    wecom.event(CORP, KF, {"event_type": "enter_session", "open_kfid": KF, "external_userid": CUSTOMER, "scene": "1"})

    location, event = api("kf/sync_msg", open_kfid=KF)["msg_list"]

    assert location["location"] == {"latitude": 22.5, "longitude": 113.9, "name": "科技园"}
    assert (event["origin"], event["event"]["event_type"]) == (4, "enter_session")
