"""What customers of 微信客服 say, in our words: the items of kf/sync_msg, recorded ones and broken ones."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from wecom_bot.adapters.wecom.messages import kf_message
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageKind

CORP = CorpId("ww0123456789abcdef")
SAMPLES = json.loads((Path(__file__).parent / "kf_sync_msg_samples.json").read_text(encoding="utf-8"))
ITEMS = [item for response in SAMPLES["sync_msg_responses"] for item in response["response"]["msg_list"]]
ITEMS += [item["sample"] for item in SAMPLES["items"]]


def item(**fields: object) -> dict[str, Any]:
    common = {"msgid": "m1", "open_kfid": "wk1", "external_userid": "wm1", "send_time": 1700000000, "origin": 3}
    return {**common, "msgtype": "text", "text": {"content": "您好"}, **fields}


def pulled(**fields: object) -> InboundMessage | None:
    return kf_message(CORP, "service", "wk1", item(**fields))


@pytest.mark.parametrize("given_item", [pytest.param(one, id=f"{n}-{one['msgtype']}") for n, one in enumerate(ITEMS)])
def test_every_recorded_item_parses(given_item: dict[str, Any]) -> None:
    with capture_logs() as lines:
        found = kf_message(CORP, "service", "wk1", given_item)
    assert lines == []
    if given_item["origin"] != 3 or given_item["msgtype"] == "event":
        assert found is None
        return
    assert found is not None
    assert found.message_id == given_item["msgid"]
    where = given_item["open_kfid"], given_item["external_userid"]
    assert found.conversation == ConversationId(CORP, Channel.KF, *where)
    assert found.sent_at == datetime.fromtimestamp(given_item["send_time"], UTC)
    assert found.text == given_item.get("text", {}).get("content", "")
    if found.kind is MessageKind.OTHER:
        assert found.detail["msgtype"] == given_item["msgtype"]
    else:
        assert found.kind.value == given_item["msgtype"]


def test_a_click_in_our_menu_carries_its_id() -> None:
    found = pulled(text={"content": "满意", "menu_id": "101"})
    assert found is not None
    assert (found.text, found.menu_id, found.detail) == ("满意", "101", {})
    plain = pulled()
    assert plain is not None
    assert plain.menu_id is None


def test_numbers_of_a_kind_become_texts_under_wecoms_names() -> None:
    found = pulled(msgtype="location", location={"latitude": 23.1, "longitude": 113, "name": "港", "address": "路"})
    assert found is not None
    assert found.kind is MessageKind.LOCATION
    assert found.detail == {"latitude": "23.1", "longitude": "113", "name": "港", "address": "路"}


@pytest.mark.parametrize("origin", [4, 5])
def test_events_and_servicers_are_not_answered(origin: int) -> None:
    assert pulled(origin=origin) is None


@pytest.mark.parametrize(
    "fields",
    [{"text": None}, {"text": "您好"}, {"text": {}}, {"text": {"content": None}}, {"text": {"content": ["x"]}}],
)
def test_a_text_of_unknown_shape_is_still_somebody_waiting(fields: dict[str, Any]) -> None:
    found = pulled(**fields)
    assert found is not None
    assert (found.kind, found.detail["msgtype"]) == (MessageKind.OTHER, "text")


@pytest.mark.parametrize("name", ["merged_msg", "msgmenu", "channels", "note", "hologram", "other", ""])
def test_kinds_without_a_name_of_ours_are_other(name: str) -> None:
    found = pulled(msgtype=name, **{name or "x": {"title": "聊天记录", "item": [{"msg_content": "{}"}]}})
    assert found is not None
    assert found.kind is MessageKind.OTHER
    assert found.detail["msgtype"] == name
    assert "item" not in found.detail


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
        item(send_time="soon"),
        item(send_time=None),
        item(send_time=10**30),
        item(send_time=-5),
        item(origin=None),
        item(origin=99),
    ],
)
def test_an_item_without_ids_is_skipped_with_a_log_line(bad: object) -> None:
    with capture_logs() as lines:
        assert kf_message(CORP, "service", "wk1", bad) is None
    assert [line["event"] for line in lines] == ["kf.item_malformed"]
    assert "您好" not in str(lines)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_no_item_of_whatever_shape_crashes(data: st.DataObject) -> None:
    changed = item()
    for name in data.draw(st.sets(st.sampled_from(sorted(changed)))):
        changed[name] = data.draw(json_values)
    with capture_logs():
        found = kf_message(CORP, "service", "wk1", changed)
    if found is not None:
        (found.text + found.message_id + str(found.conversation) + "".join(found.detail.values())).encode()
