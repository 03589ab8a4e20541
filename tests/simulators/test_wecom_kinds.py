"""Every kind of message and event that customers and members bring, in WeCom's shape."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deadlines import PATIENCE
from tests.fixtures.simulated_wecom import (
    AGENT_ID,
    CORP,
    CUSTOMER,
    KF,
    Api,
    Listener,
    simulated_wecom,
)
from wecom_bot.errors import InvalidInput, Unknown
from wecom_bot.simulators.wecom.client import SimulatorClient

APP = str(AGENT_ID)
MEMBER = "wang"
MENU = {
    "head_content": "您对本次服务是否满意呢?",
    "list": [
        {"type": "click", "click": {"id": "101", "content": "满意"}},
        {"type": "view", "view": {"url": "https://work.weixin.qq.com", "content": "自助查询"}},
        {"type": "miniprogram", "miniprogram": {"appid": "wx1", "pagepath": "pages/index", "content": "小程序"}},
    ],
    "tail_content": "欢迎再次光临",
}
KINDS: dict[str, dict[str, Any]] = {
    "image": {"media_id": "MEDIA"},
    "voice": {"media_id": "MEDIA"},
    "video": {"media_id": "MEDIA"},
    "file": {"media_id": "MEDIA"},
    "location": {"latitude": 23.106021881103, "longitude": 113.320503234863, "name": "广州国际", "address": "海珠区"},
    "link": {"title": "标题", "desc": "描述", "url": "https://example.com", "pic_url": "https://example.com/p.png"},
    "business_card": {"userid": "zhangsan"},
    "miniprogram": {"title": "夏令营", "appid": "wx1", "pagepath": "pages/index", "thumb_media_id": "THUMB"},
    "msgmenu": MENU,
    "channels_shop_product": {
        "product_id": "P1",
        "head_image": "https://example.com/p.png",
        "title": "T恤",
        "sales_price": "9900",
        "shop_nickname": "一家店",
        "shop_head_image": "https://example.com/s.png",
    },
    "channels_shop_order": {
        "order_id": "O1",
        "product_titles": "T恤",
        "price_wording": "¥99.00",
        "state": "已发货",
        "image_url": "https://example.com/o.png",
        "shop_nickname": "一家店",
    },
    "channels": {"sub_type": 1, "nickname": "一家店", "title": "新品"},
    "hologram": {"beams": [{"angle": 1.5, "lit": True}], "note": None},
}


@pytest.fixture
def wecom(bot: Listener) -> Iterator[SimulatorClient]:
    with simulated_wecom() as client:
        client.set_callback(CORP, "shop", bot.url)
        yield client


@pytest.mark.parametrize("kind", KINDS)
def test_a_customers_message_of_any_kind_is_listed_as_wecom_nests_it(
    wecom: SimulatorClient, api: Api, kind: str
) -> None:
    msgid = wecom.say(CORP, KF, CUSTOMER, msgtype=kind, fields=KINDS[kind])

    (item,) = api.items()
    del item["send_time"]
    about = {"msgid": msgid, "open_kfid": KF, "external_userid": CUSTOMER, "origin": 3}
    assert item == about | {"msgtype": kind, kind: KINDS[kind]}


@pytest.mark.parametrize("kind", ["note", "meeting", "schedule"])
def test_a_kind_without_a_documented_body_has_none(wecom: SimulatorClient, api: Api, kind: str) -> None:
    wecom.say(CORP, KF, CUSTOMER, msgtype=kind)

    (item,) = api.items()
    assert (item["msgtype"], kind in item) == (kind, False)


def test_a_merged_message_holds_its_messages_as_json_in_strings(wecom: SimulatorClient, api: Api) -> None:
    first = {"msgtype": "text", "text": {"content": "第一条"}}
    items = [
        {"send_time": 1, "msgtype": "text", "sender_name": "张三", "msg_content": first},
        {"send_time": 2, "msgtype": "text", "sender_name": "李四", "msg_content": json.dumps(first)},
    ]
    wecom.say(CORP, KF, CUSTOMER, msgtype="merged_msg", fields={"title": "聊天记录", "item": items})

    (item,) = api.items()
    assert item["merged_msg"]["title"] == "聊天记录"
    assert [json.loads(one["msg_content"]) for one in item["merged_msg"]["item"]] == [first, first]
    assert [one["sender_name"] for one in item["merged_msg"]["item"]] == ["张三", "李四"]


def test_a_servicers_message_may_be_of_any_kind(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")

    wecom.servicer_says(CORP, KF, CUSTOMER, "zhang", msgtype="link", fields=KINDS["link"])

    item = api.items()[-1]
    assert (item["origin"], item["servicer_userid"], item["msgtype"]) == (5, "zhang", "link")
    assert item["link"] == KINDS["link"]


def test_a_file_too_large_for_the_api_comes_as_a_text(wecom: SimulatorClient, api: Api) -> None:
    large = wecom.put_media(b"x" * (2 * 1024 * 1024 + 1), "p.jpg", kind="image")
    fits = wecom.put_media(b"x" * (2 * 1024 * 1024), "p.jpg", kind="image")

    for media_id in (large, fits):
        wecom.say(CORP, KF, CUSTOMER, msgtype="image", fields={"media_id": media_id})

    assert [item["msgtype"] for item in api.items()] == ["text", "image"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("image", {"PicUrl": "https://p/1", "MediaId": "m"}),
        ("voice", {"MediaId": "m", "Format": "amr"}),
        ("video", {"MediaId": "m", "ThumbMediaId": "t"}),
        ("link", {"Title": "标题", "Description": "描述", "Url": "https://u", "PicUrl": "https://p"}),
        ("location", {"Location_X": 23.134, "Location_Y": 113.358, "Scale": 20, "Label": "广州", "AppType": "wxwork"}),
    ],
)
def test_a_members_message_of_any_kind_has_the_nodes_of_its_kind(
    wecom: SimulatorClient, bot: Listener, kind: str, fields: dict[str, object]
) -> None:
    message_id = wecom.say(CORP, APP, MEMBER, channel="app", msgtype=kind, fields=fields)

    (heard,) = bot.wait_heard(1)
    about = {"ToUserName": CORP, "FromUserName": MEMBER, "MsgType": kind, "MsgId": message_id, "AgentID": APP}
    del heard.fields["CreateTime"]
    assert heard.fields == about | {name: str(value) for name, value in fields.items()}


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("enter_agent", {"EventKey": ""}),
        ("subscribe", {}),
        ("click", {"EventKey": "order"}),
        ("LOCATION", {"Latitude": 23.104, "Longitude": 113.32, "Precision": 65.0, "AppType": "wxwork"}),
    ],
)
def test_an_event_of_an_app_comes_without_a_message_id(
    wecom: SimulatorClient, bot: Listener, event: str, fields: dict[str, object]
) -> None:
    event_id = wecom.app_event(CORP, "shop", MEMBER, event, fields)

    (heard,) = bot.wait_heard(1)
    about = {"ToUserName": CORP, "FromUserName": MEMBER, "MsgType": "event", "Event": event, "AgentID": APP}
    del heard.fields["CreateTime"]
    assert heard.fields == about | {name: str(value) for name, value in fields.items()}
    assert wecom.acknowledged([event_id], timeout=PATIENCE) == {event_id}
    assert wecom.unanswered(CORP) == []


def test_nested_and_repeated_nodes_of_an_event_are_kept(wecom: SimulatorClient, bot: Listener) -> None:
    options = [{"QuestionKey": "q1", "OptionIds": {"OptionId": ["a", "b"]}}, {"QuestionKey": "q2", "OptionIds": {}}]
    fields = {"EventKey": "submit", "TaskId": "t1", "CardType": "vote_interaction", "ResponseCode": "code"}

    wecom.app_event(CORP, APP, MEMBER, "template_card_event", fields | {"SelectedItems": {"SelectedItem": options}})

    (heard,) = bot.wait_heard(1)
    items = heard.message.findall("SelectedItems/SelectedItem")
    assert [item.findtext("QuestionKey") for item in items] == ["q1", "q2"]
    assert [node.text for node in items[0].findall("OptionIds/OptionId")] == ["a", "b"]


def test_accounts_given_to_an_app_come_as_sibling_nodes(wecom: SimulatorClient, bot: Listener) -> None:
    wecom.app_event(CORP, APP, "sys", "kf_account_auth_change", {"AuthAddOpenKfId": ["wk1", "wk2"]})

    (heard,) = bot.wait_heard(1)
    assert [node.text for node in heard.message.findall("AuthAddOpenKfId")] == ["wk1", "wk2"]


def test_a_message_taken_back_stays_listed_and_waits_for_no_answer(wecom: SimulatorClient, api: Api) -> None:
    taken = wecom.say(CORP, KF, CUSTOMER, "手滑了")
    kept = wecom.say(CORP, KF, CUSTOMER, "怎么退货")

    wecom.recall(CORP, KF, CUSTOMER, taken)

    said, _, event = api.items()
    assert said["msgid"] == taken
    assert event["event"] == {
        "event_type": "user_recall_msg",
        "open_kfid": KF,
        "external_userid": CUSTOMER,
        "recall_msgid": taken,
    }
    assert [one.msgid for one in wecom.unanswered(CORP)] == [kept]
    with pytest.raises(InvalidInput, match="said no 'other'"):
        wecom.recall(CORP, KF, CUSTOMER, "other")


def test_an_app_that_is_not_there_has_no_events(wecom: SimulatorClient) -> None:
    with pytest.raises(Unknown, match="no app"):
        wecom.app_event(CORP, "7", MEMBER, "subscribe")
