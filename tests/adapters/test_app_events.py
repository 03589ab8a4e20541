"""What members do in an own app beside writing: clicks, cards, places, scans, and what the corp itself reports."""

import random
from contextlib import suppress
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from structlog.testing import capture_logs

from wecom_bot.adapters.wecom.inbound.messages import jobs
from wecom_bot.domain.event import Entered, InboundEvent, Noticed
from wecom_bot.domain.job import AnswerMessage, Job, ObserveEvent
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import CallbackRefused

CORP = CorpId("ww0123456789abcdef")
MENU = {"REFUND": "怎么退款", "EMPTY": "", "STORES": "附近门店"}
TENANT = Tenant.model_validate({"corp_id": CORP, "apps": [{"name": "service", "agent_id": 1000002, "menu": MENU}]})
SENT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
CAME = datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC)
ZHANGSAN = ConversationId(CORP, Channel.APP, "1000002", "zhangsan")


def found(event: str, inner: str = "", /, **fields: str | None) -> tuple[Job, ...]:
    common: dict[str, str | None] = {"FromUserName": "zhangsan", "CreateTime": "1700000000", "MsgType": "event"}
    parts = {**common, "Event": event, "AgentID": "1000002", **fields}
    flat = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value is not None)
    return jobs(TENANT, TENANT.app("service"), f"<xml>{flat}{inner}</xml>", "trace-1", CAME)


def answered(event: str, inner: str = "", **fields: str | None) -> InboundMessage:
    (job,) = found(event, inner, **fields)
    assert isinstance(job, AnswerMessage)
    assert (job.trace_id, job.received_at) == ("trace-1", CAME)
    return job.message


def observed(event: str, inner: str = "", **fields: str | None) -> InboundEvent:
    (job,) = found(event, inner, **fields)
    assert isinstance(job, ObserveEvent)
    assert (job.trace_id, job.deadline) == ("trace-1", None)
    return job.event


@pytest.mark.parametrize(
    "event", ["click", "template_card_event", "template_card_menu_event", "taskcard_click", "CLICK"]
)
def test_a_touch_that_stands_for_words_is_answered_like_them(event: str) -> None:
    assert answered(event, EventKey="REFUND") == InboundMessage(
        message_id=f"zhangsan-1700000000-{event}-REFUND",  # type: ignore[arg-type]
        conversation=ZHANGSAN,
        app="service",
        kind=MessageKind.TEXT,
        sent_at=SENT,
        text="怎么退款",
        menu_id="REFUND",
        detail={"EventKey": "REFUND"},
    )


@pytest.mark.parametrize("event", ["click", "template_card_event", "template_card_menu_event", "taskcard_click"])
@pytest.mark.parametrize("key", ["UNNAMED", "EMPTY", "", None])
def test_a_touch_that_stands_for_nothing_is_noticed(event: str, key: str | None) -> None:
    noticed = observed(event, EventKey=key)
    assert (noticed.name, noticed.happening, noticed.conversation) == (event, Noticed(), ZHANGSAN)


def test_the_options_of_a_card_are_all_kept() -> None:
    inner = (
        "<SelectedItems><SelectedItem><QuestionKey>Q1</QuestionKey><OptionIds><OptionId>A</OptionId>"
        "<OptionId>B</OptionId></OptionIds></SelectedItem></SelectedItems>"
    )
    assert observed("template_card_event", inner, EventKey="k", TaskId="t1").detail == {
        "EventKey": "k",
        "TaskId": "t1",
        "SelectedItems.SelectedItem.QuestionKey": "Q1",
        "SelectedItems.SelectedItem.OptionIds.OptionId": '["A","B"]',
    }


def test_two_cards_touched_in_one_second_are_two() -> None:
    one, other = (observed("template_card_event", EventKey="k", TaskId=task).event_id for task in ("t1", "t2"))
    assert one != other


@pytest.mark.parametrize("event", ["enter_agent", "subscribe", "Enter_Agent"])
def test_who_opens_the_app_has_entered(event: str) -> None:
    entered = observed(event, EventKey="")
    assert (entered.happening, entered.name, entered.happened_at) == (Entered(code=""), event, SENT)
    assert entered.event_id == f"zhangsan-1700000000-{event}"


def test_a_place_chosen_through_a_menu_is_read_like_any_other() -> None:
    inner = (
        "<SendLocationInfo><Location_X>23</Location_X><Location_Y>113</Location_Y><Scale>15</Scale>"
        "<Label>艺苑路 106 号</Label><Poiname>客村</Poiname></SendLocationInfo>"
    )
    place = answered("location_select", inner, EventKey="rselfmenu_2_0", AppType="wxwork")
    assert (place.kind, place.text, place.menu_id) == (MessageKind.LOCATION, "客村\n艺苑路 106 号", None)
    assert place.detail == {
        "EventKey": "rselfmenu_2_0",
        "AppType": "wxwork",
        "Location_X": "23",
        "Location_Y": "113",
        "Scale": "15",
        "Label": "艺苑路 106 号",
        "Poiname": "客村",
    }
    assert answered("location_select", inner, EventKey="STORES").text == "附近门店\n客村\n艺苑路 106 号"
    assert answered("location_select").text == ""


def test_a_scan_that_waits_for_an_answer_gets_one() -> None:
    inner = "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>202611200001</ScanResult></ScanCodeInfo>"
    scanned = answered("scancode_waitmsg", inner, EventKey="k")
    assert (scanned.kind, scanned.text) == (MessageKind.TEXT, "202611200001")
    assert answered("scancode_waitmsg", EventKey="k").text == ""


@pytest.mark.parametrize(
    "event",
    ["LOCATION", "view", "view_miniprogram", "scancode_push", "pic_sysphoto", "pic_weixin", "unsubscribe", "hologram"],
)
def test_what_members_do_without_waiting_is_noticed(event: str) -> None:
    noticed = observed(event, EventKey="k", Latitude="23.1")
    assert (noticed.name, noticed.happening) == (event, Noticed())
    assert noticed.detail == {"EventKey": "k", "Latitude": "23.1"}


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("change_contact", {"FromUserName": "sys", "AgentID": None, "ChangeType": "create_user"}),
        ("batch_job_result", {"FromUserName": "FromUser", "AgentID": None, "JobId": "j"}),
        ("open_approval_change", {"FromUserName": "sys"}),
        ("share_agent_change", {"FromUserName": None}),
        ("click", {"FromUserName": "sys", "EventKey": "REFUND"}),
        ("hologram", {"FromUserName": "", "CreateTime": "soon"}),
        ("", {"FromUserName": None, "AgentID": None}),
    ],
)
def test_what_happens_to_the_corp_is_a_log_line_and_no_job(event: str, fields: dict[str, str | None]) -> None:
    with capture_logs() as lines:
        assert found(event, "", **fields) == ()
    assert [(line["event"], line["name"]) for line in lines] == [("callback.event_ignored", event)]


def test_a_members_event_without_a_time_is_refused_like_a_message() -> None:
    with pytest.raises(CallbackRefused, match="fields"):
        found("enter_agent", CreateTime=None)


def test_no_event_of_whatever_shape_crashes() -> None:
    rng = random.Random("events")  # noqa: S311 - the same every time, so that a failure can be looked at
    plain = (
        "<xml><FromUserName>zhangsan</FromUserName><CreateTime>1700000000</CreateTime><MsgType>event</MsgType>"
        "<Event>{}</Event><EventKey>REFUND</EventKey><AgentID>1000002</AgentID><SendLocationInfo><Label>路</Label>"
        "</SendLocationInfo><ScanCodeInfo><ScanResult>1</ScanResult></ScanCodeInfo></xml>"
    )
    names = [
        "click",
        "location_select",
        "scancode_waitmsg",
        "enter_agent",
        "view",
        "kf_account_auth_change",
        "change_x",
    ]
    parts = [
        "EventKey",
        "REFUND",
        "FromUserName",
        "1700000000",
        "<a>",
        "</a>",
        "<Label/>",
        "SendLocationInfo",
        "sys",
        "&#x1F600;",
    ]
    came = 0
    for _ in range(5_000):
        text = plain.format(rng.choice(names))
        for _ in range(rng.randint(1, 3)):
            text = text.replace(rng.choice(parts), rng.choice(parts), rng.randint(1, 2))
        with capture_logs(), suppress(CallbackRefused):
            came += len(jobs(TENANT, TENANT.app("service"), text, "trace-1", CAME))
    assert came > 500
