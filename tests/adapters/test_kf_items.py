"""What is said and what happens in 微信客服, in our words: the items of kf/sync_msg, recorded ones and broken ones."""

import json
import random
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from wecom_bot.adapters.wecom.inbound import kf_items
from wecom_bot.domain.event import (
    Entered,
    FailureReason,
    Happening,
    InboundEvent,
    Noticed,
    Recalled,
    SendFailed,
    SessionChange,
    SessionChanged,
)
from wecom_bot.domain.message import (
    LONGEST_MESSAGE,
    Channel,
    ConversationId,
    CorpId,
    InboundMessage,
    MessageId,
    MessageKind,
)

CORP = CorpId("ww0123456789abcdef")
RECORDED = sorted((Path(__file__).parents[2] / "callback_samples").glob("kf-sync-*/body.json"))
ITEMS = [item for path in RECORDED for item in json.loads(path.read_text(encoding="utf-8"))["msg_list"]]
UNDATED = datetime(2020, 1, 1, tzinfo=UTC)


def item(**fields: object) -> dict[str, Any]:
    common = {"msgid": "m1", "open_kfid": "wk1", "external_userid": "wm1", "send_time": 1700000000, "origin": 3}
    return {**common, "msgtype": "text", "text": {"content": "您好"}, **fields}


def read(given_item: object) -> InboundMessage | InboundEvent | None:
    return kf_items.read(CORP, "service", "wk1", given_item, UNDATED)


def said(**fields: object) -> InboundMessage:
    found = read(item(**fields))
    assert isinstance(found, InboundMessage)
    return found


def event(name: str, **fields: object) -> InboundEvent:
    body = {"event_type": name, "open_kfid": "wk2", "external_userid": "wm2", **fields}
    found = read({"msgid": "e1", "send_time": 1700000000, "origin": 4, "msgtype": "event", "event": body})
    assert isinstance(found, InboundEvent)
    return found


def forwarded(*items: object) -> InboundMessage:
    return said(msgtype="merged_msg", merged_msg={"title": "聊天记录", "item": list(items)})


def quote(sender: str, content: object, msgtype: str = "text") -> dict[str, Any]:
    inner = content if isinstance(content, str) else json.dumps({"msgtype": msgtype, msgtype: content})
    return {"send_time": 1, "msgtype": msgtype, "sender_name": sender, "msg_content": inner}


@pytest.mark.parametrize("given_item", [pytest.param(one, id=f"{n}-{one['msgtype']}") for n, one in enumerate(ITEMS)])
def test_every_recorded_item_is_read_without_a_word(given_item: dict[str, Any]) -> None:
    with capture_logs() as lines:
        found = read(given_item)
    assert lines == []
    if given_item["msgtype"] == "event":
        assert isinstance(found, InboundEvent)
        assert (found.event_id, found.name) == (given_item["msgid"], given_item["event"]["event_type"])
        assert found.conversation.customer == given_item["event"].get(
            "external_userid", given_item.get("external_userid", "")
        )
        return
    assert isinstance(found, InboundMessage)
    where = given_item["open_kfid"], given_item["external_userid"]
    assert (found.message_id, found.conversation) == (given_item["msgid"], ConversationId(CORP, Channel.KF, *where))
    assert found.sent_at == datetime.fromtimestamp(given_item["send_time"], UTC)
    assert (found.servicer != "") == (given_item["origin"] == 5)
    assert (found.detail["msgtype"] if found.kind is MessageKind.OTHER else found.kind.value) == given_item["msgtype"]


def test_there_are_recordings_of_every_kind() -> None:
    assert len(ITEMS) == 46
    kinds = {found.kind for found in map(read, ITEMS) if isinstance(found, InboundMessage)}
    assert kinds == set(MessageKind)


def test_a_click_in_our_menu_carries_its_id() -> None:
    found = said(text={"content": "满意", "menu_id": "101"})
    assert (found.text, found.menu_id, found.detail) == ("满意", "101", {})
    assert said().menu_id is None


@pytest.mark.parametrize(
    ("msgtype", "body", "text"),
    [
        ("location", {"latitude": 23.1, "longitude": 113, "name": "港", "address": "路"}, "港\n路"),
        ("location", {"latitude": 23.1, "longitude": 113, "name": "", "address": "路"}, "路"),
        (
            "link",
            {"title": "标题", "desc": "描述", "url": "https://a", "pic_url": "https://b"},
            "标题\n描述\nhttps://a",
        ),
        (
            "msgmenu",
            {"head_content": "头", "list": [{"type": "text", "text": {"content": "甲"}}, 7, {"type": []}]},
            "头\n甲",
        ),
        ("msgmenu", {"head_content": "头", "list": "x", "tail_content": "尾"}, "头\n尾"),
        ("channels_shop_product", {"title": "鞋", "sales_price": 9900}, "鞋"),
        ("channels_shop_order", {"order_id": 3712, "product_titles": ["鞋", "袜"]}, "订单 3712\n鞋\n袜"),
        ("channels_shop_order", {"product_titles": "鞋"}, "鞋"),
        ("business_card", {"userid": "u"}, ""),
        ("miniprogram", {"title": "订单", "appid": "a"}, ""),
        ("channels", {"sub_type": 1, "nickname": "n", "title": "t"}, ""),
        ("image", {"media_id": "M"}, ""),
        ("voice", {"media_id": "M"}, ""),
        ("video", {"media_id": "M"}, ""),
        ("file", {"media_id": "M"}, ""),
    ],
)
def test_of_every_kind_the_words_are_the_text(msgtype: str, body: dict[str, Any], text: str) -> None:
    found = said(msgtype=msgtype, **{msgtype: body})
    assert (found.kind.value, found.text) == (msgtype, text)
    assert said(msgtype=msgtype.upper(), **{msgtype: body}).kind is found.kind


def test_the_rest_of_a_kind_is_kept_under_wecoms_names() -> None:
    place = {"latitude": 23.1, "longitude": 113, "name": "港", "address": "路", "future": {"a": ["甲"]}}
    assert said(msgtype="location", location=place).detail == {
        "latitude": "23.1",
        "longitude": "113",
        "name": "港",
        "address": "路",
        "future": '{"a":["甲"]}',
    }


def test_both_spellings_of_a_shops_pictures_are_one() -> None:
    old = {"title": "鞋", "head_img": "https://a", "shop_head_img": "https://b"}
    new = {"title": "鞋", "head_image": "https://a", "shop_head_image": "https://b"}
    found = [said(msgtype="channels_shop_product", channels_shop_product=body).detail for body in (old, new)]
    assert found == [new, new]


def test_forwarded_messages_say_who_said_what() -> None:
    within = quote(
        "王五", {"item": [quote("赵六", {"content": "里面"}), quote("", {"content": "没有名字"})]}, "merged_msg"
    )
    found = forwarded(
        quote("张三", {"content": "第一条"}),
        quote("李四", {"media_id": "M"}, "image"),
        within,
        quote("钱七", {"name": "港", "address": "路"}, "location"),
    )
    assert found.kind is MessageKind.MERGED_MSG
    assert found.text == "张三：第一条\n王五：赵六：里面\n没有名字\n钱七：港\n路"


@pytest.mark.parametrize(
    "broken",
    [
        None,
        7,
        [],
        {},
        quote("李四", '{"msgtype":"text","text":{"conte'),
        quote("李四", "[" * 100_000),
        quote("李四", '{"msgtype":"text","text":["x"]}'),
        {**quote("李四", ""), "msg_content": None},
        {**quote("李四", ""), "msg_content": {"msgtype": "text", "text": None}},
    ],
)
def test_a_broken_forwarded_message_costs_only_itself(broken: object) -> None:
    assert forwarded(broken, quote("张三", {"content": "好"})).text == "张三：好"


def test_a_forwarded_message_that_is_plain_words_is_read() -> None:
    assert forwarded(quote("张三", "就是 文字"), quote("李四", "123")).text == "张三：就是 文字\n李四：123"


def test_forwarded_messages_are_bounded() -> None:
    deep: dict[str, Any] = {"content": "底"}
    kind = "text"
    for _ in range(8):
        deep, kind = {"item": [quote("某", deep, kind)]}, "merged_msg"
    assert forwarded(quote("张三", deep, "merged_msg"), quote("李四", {"content": "面上"})).text == "李四：面上"
    long = forwarded(*[quote("张三", {"content": "很长的话" * 100}) for _ in range(500)])
    assert len(long.text) == 4_000
    assert "item" not in long.detail
    assert long.detail["title"] == "聊天记录"


def test_what_a_servicer_wrote_is_the_servicers() -> None:
    assert said(origin=5, servicer_userid="li").servicer == "li"
    assert said(origin=5).servicer == "unknown"
    assert said(origin=3, servicer_userid="Zhangsan").servicer == ""


@pytest.mark.parametrize(
    "fields",
    [{"text": None}, {"text": "您好"}, {"text": {}}, {"text": {"content": None}}, {"text": {"content": ["x"]}}],
)
def test_a_text_of_unknown_shape_is_still_somebody_waiting(fields: dict[str, Any]) -> None:
    found = said(**fields)
    assert (found.kind, found.detail["msgtype"], found.text) == (MessageKind.OTHER, "text", "")


@pytest.mark.parametrize("name", ["note", "meeting", "schedule", "hologram", "other", ""])
def test_kinds_without_a_name_of_ours_are_other(name: str) -> None:
    found = said(msgtype=name, **{name or "x": {"title": "标题", "list": [{"a": 1}]}})
    assert (found.kind, found.detail["msgtype"]) == (MessageKind.OTHER, name)
    if name:
        assert (found.detail["title"], found.detail["list"]) == ("标题", '[{"a":1}]')


@pytest.mark.parametrize("send_time", ["soon", None, 10**30, -5, {}])
def test_a_message_whose_time_cannot_be_read_is_not_lost(send_time: object) -> None:
    assert said(send_time=send_time).sent_at == UNDATED


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        "text",
        {},
        item(msgid=""),
        item(msgid=None),
        item(external_userid={}),
        item(external_userid=None, origin=5),
        {"send_time": 1, "origin": 4, "msgtype": "event", "event": {"event_type": "enter_session"}},
    ],
)
def test_an_item_without_ids_is_skipped_with_a_log_line(bad: object) -> None:
    with capture_logs() as lines:
        assert read(bad) is None
    assert [line["event"] for line in lines] == ["kf.item_malformed"]
    assert "您好" not in str(lines)


@pytest.mark.parametrize("origin", [None, 99, "x"])
def test_words_of_nobody_knows_whom_are_kept_and_not_answered(origin: object) -> None:
    with capture_logs() as lines:
        found = read(item(origin=origin))
    assert [line["event"] for line in lines] == ["kf.origin_unknown"]
    assert isinstance(found, InboundEvent)
    assert (found.event_id, found.name, found.happening) == ("m1", "text", Noticed())
    assert found.conversation == ConversationId(CORP, Channel.KF, "wk1", "wm1")
    assert found.detail == {"content": "您好"}


@pytest.mark.parametrize(
    ("name", "fields", "happening"),
    [
        (
            "enter_session",
            {"welcome_code": "W", "scene": "s", "scene_param": "%E5%9C%BA%20%E6%99%AF3"},
            Entered("W", "s", "场 景3"),
        ),
        ("enter_session", {"scene_param": "%E5%zz"}, Entered("", "", "\ufffd%zz")),
        ("ENTER_SESSION", {"welcome_code": None}, Entered()),
        ("user_recall_msg", {"recall_msgid": "m7"}, Recalled(MessageId("m7"))),
        ("user_recall_msg", {}, Noticed()),
        ("servicer_recall_msg", {"recall_msgid": "m7", "servicer_userid": "li"}, Recalled(MessageId("m7"), "li")),
        ("servicer_recall_msg", {"recall_msgid": "m7"}, Recalled(MessageId("m7"), "unknown")),
        (
            "session_status_change",
            {"change_type": 1, "new_servicer_userid": "li", "msg_code": "C"},
            SessionChanged(SessionChange.TAKEN, "li", "C"),
        ),
        (
            "session_status_change",
            {"change_type": 2, "old_servicer_userid": "li", "new_servicer_userid": "wang"},
            SessionChanged(SessionChange.TRANSFERRED, "wang"),
        ),
        (
            "session_status_change",
            {"change_type": "3", "old_servicer_userid": "li", "msg_code": "C"},
            SessionChanged(SessionChange.ENDED, "", "C"),
        ),
        (
            "session_status_change",
            {"change_type": 4, "old_servicer_userid": "li", "new_servicer_userid": "li"},
            SessionChanged(SessionChange.REENTERED, "li"),
        ),
        ("session_status_change", {"change_type": 9}, Noticed()),
        ("session_status_change", {}, Noticed()),
        ("servicer_status_change", {"servicer_userid": "li", "status": 2}, Noticed()),
        ("reject_customer_msg_switch_change", {"reject_switch": 1}, Noticed()),
        ("hologram_event", {"a": 1}, Noticed()),
    ],
)
def test_what_happens_is_told_in_our_words(name: str, fields: dict[str, Any], happening: Happening) -> None:
    found = event(name, **fields)
    assert (found.happening, found.name, found.event_id) == (happening, name, "e1")
    assert found.conversation == ConversationId(CORP, Channel.KF, "wk2", "wm2")
    assert found.happened_at == datetime.fromtimestamp(1700000000, UTC)
    ids_and_codes = {"event_type", "open_kfid", "external_userid", "welcome_code", "msg_code"}
    assert found.detail.keys().isdisjoint(ids_and_codes)
    assert found.detail == {k: str(v) for k, v in fields.items() if k not in ids_and_codes}


@pytest.mark.parametrize(
    ("fail_type", "reason"),
    [
        (0, FailureReason.UNKNOWN),
        *((code, FailureReason.WAIT) for code in (4, 5, 6)),
        (10, FailureReason.REFUSED),
        *((code, FailureReason.STOP) for code in (1, 2, 7, 8, 9, 11, 12, 13, 77)),
    ],
)
def test_why_a_message_was_not_shown(fail_type: int, reason: FailureReason) -> None:
    assert event("msg_send_fail", fail_msgid="d1", fail_type=fail_type).happening == SendFailed("d1", reason, fail_type)
    assert event("msg_send_fail", fail_msgid="d1", fail_type=str(fail_type)).happening == SendFailed(
        "d1", reason, fail_type
    )


def test_a_failure_without_a_reason_or_an_id() -> None:
    assert event("msg_send_fail", fail_msgid="d1").happening == SendFailed("d1", FailureReason.UNKNOWN)
    assert event("msg_send_fail", fail_type=4).happening == Noticed()


def test_where_in_channels_a_customer_came_from_is_kept() -> None:
    came = event("enter_session", wechat_channels={"nickname": "号", "scene": 4, "shop_nickname": "店"})
    assert came.detail == {
        "wechat_channels.nickname": "号",
        "wechat_channels.scene": "4",
        "wechat_channels.shop_nickname": "店",
    }


def test_an_event_of_the_account_has_no_customer_and_is_noticed() -> None:
    for name in ("servicer_status_change", "enter_session", "user_recall_msg"):
        found = event(name, external_userid=None, recall_msgid="m7")
        assert (found.conversation.customer, found.happening) == ("", Noticed())


@pytest.mark.parametrize("body", [None, [], "x", {}])
def test_an_event_without_a_name_is_noticed(body: object) -> None:
    found = read({"msgid": "e1", "send_time": 1, "origin": 4, "msgtype": "event", "event": body})
    assert isinstance(found, InboundEvent)
    assert (found.name, found.happening, found.conversation.account) == ("event", Noticed(), "wk1")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def must_be_read(given_item: object) -> None:
    """Whatever it is, reading does not raise, and what has ids comes out as something that any store takes."""
    with capture_logs():
        found = read(given_item)
    assert found is None or isinstance(found, InboundMessage | InboundEvent)
    if found is not None:
        about = (found.text, found.message_id) if isinstance(found, InboundMessage) else (found.name, found.event_id)
        "".join((*about, str(found.conversation), *found.detail, *found.detail.values())).encode()
    elif isinstance(given_item, dict):
        has_ids = all(
            isinstance(given_item.get(name), str) and given_item[name] for name in ("msgid", "external_userid")
        )
        assert not has_ids


@given(st.sampled_from(ITEMS), st.data())
def test_no_recorded_item_with_other_values_crashes_or_is_lost(recorded: dict[str, Any], data: st.DataObject) -> None:
    changed = deepcopy(recorded)
    body = changed.get(changed["msgtype"])
    for part in (changed, body) if isinstance(body, dict) else (changed,):
        for name in data.draw(st.sets(st.sampled_from(sorted(part)))):
            part[name] = data.draw(json_values)
    must_be_read(changed)


@given(json_values)
def test_nothing_that_json_can_say_crashes(value: object) -> None:
    must_be_read(value)
    must_be_read(item(text=value))
    must_be_read(item(msgtype="merged_msg", merged_msg={"item": [value, {"sender_name": "a", "msg_content": value}]}))
    must_be_read(item(msgtype="merged_msg", merged_msg={"item": [{"msg_content": json.dumps(value)}]}))
    must_be_read(item(msgtype="msgmenu", msgmenu={"list": value}))


def test_ten_thousand_items_with_parts_exchanged_are_all_read() -> None:
    rng = random.Random("items")  # noqa: S311 - the same every time, so that a failure can be looked at
    pieces = [piece for each in ITEMS for piece in (each, *each.values(), each.get(each["msgtype"]))]
    for _ in range(10_000):
        changed: Any = deepcopy(rng.choice(ITEMS))
        for _ in range(rng.randint(1, 4)):
            target = changed[changed["msgtype"]] if rng.random() < 0.5 and _has_body(changed) else changed
            target[rng.choice(list(target))] = deepcopy(rng.choice(pieces))
        must_be_read(changed)


def _has_body(changed: dict[str, Any]) -> bool:
    name = changed.get("msgtype")
    return isinstance(name, str) and isinstance(changed.get(name), dict) and bool(changed[name])


def test_of_a_message_no_more_is_kept_than_anybody_reads() -> None:
    text = said(msgtype="text", text={"content": "很" * (LONGEST_MESSAGE + 1), "more": "a" * (LONGEST_MESSAGE + 1)})
    assert text.text == "很" * LONGEST_MESSAGE
    assert text.detail == {"more": "a" * LONGEST_MESSAGE}
    link = said(msgtype="link", link={"title": "t" * LONGEST_MESSAGE, "desc": "d", "url": "https://a.cn"})
    assert link.text == "t" * LONGEST_MESSAGE
