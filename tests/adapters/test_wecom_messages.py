"""What WeCom says, in our words: the callbacks of own apps, and the notifications of 微信客服."""

import json
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from structlog.testing import capture_logs

from wecom_bot.adapters.wecom.inbound.messages import jobs
from wecom_bot.domain.job import AnswerMessage, PullMessages
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import CallbackRefused

CORP = CorpId("ww0123456789abcdef")
TENANT = Tenant.model_validate(
    {
        "corp_id": CORP,
        "apps": [{"name": "service", "agent_id": 1000002}, {"name": "hr", "agent_id": 1000003}],
        "kf_accounts": [
            {"open_kfid": "wk1", "app": "service"},
            {"open_kfid": "wk2", "app": "service"},
            {"open_kfid": "wk3", "app": "hr"},
        ],
    }
)
SERVICE = TENANT.app("service")
SENT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
CAME = datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC)


def xml(**fields: object) -> str:
    common: dict[str, object] = {"ToUserName": CORP, "FromUserName": "zhangsan", "CreateTime": 1700000000}
    parts = {**common, "MsgId": "73", "AgentID": 1000002, **fields}
    return "<xml>" + "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in parts.items() if v is not None) + "</xml>"


def message(plain: str) -> InboundMessage:
    (job,) = jobs(TENANT, SERVICE, plain, "trace-1", CAME)
    assert isinstance(job, AnswerMessage)
    assert (job.trace_id, job.received_at) == ("trace-1", CAME)
    return job.message


def pulls(plain: str) -> list[PullMessages]:
    found = jobs(TENANT, SERVICE, plain, "trace-1", CAME)
    assert all(isinstance(job, PullMessages) for job in found)
    return [job for job in found if isinstance(job, PullMessages)]


def refusal(plain: str) -> str:
    with pytest.raises(CallbackRefused) as caught:
        jobs(TENANT, SERVICE, plain, "trace-1", CAME)
    return caught.value.kind


def test_a_text_to_an_app_is_a_message_to_answer() -> None:
    found = message(xml(MsgType="text", Content="  订单 A&B <1001>？😀 "))
    assert found == InboundMessage(
        message_id="73",  # type: ignore[arg-type]
        conversation=ConversationId(CORP, Channel.APP, "1000002", "zhangsan"),
        app="service",
        kind=MessageKind.TEXT,
        sent_at=SENT,
        text="  订单 A&B <1001>？😀 ",
    )


@pytest.mark.parametrize(
    ("kind", "text", "extra"),
    [
        (MessageKind.IMAGE, "", {"PicUrl": "http://p.qpic.cn/1", "MediaId": "M1"}),
        (MessageKind.VOICE, "", {"MediaId": "M1", "Format": "amr"}),
        (MessageKind.VIDEO, "", {"MediaId": "M1", "ThumbMediaId": "T1"}),
        (
            MessageKind.LOCATION,
            "广州",
            {"Location_X": "23.1", "Location_Y": "113.3", "Scale": "15", "Label": "广州", "AppType": "wxwork"},
        ),
        (MessageKind.LOCATION, "广州", {"location_x": "23.1", "location_y": "113.3", "label": "广州"}),
        (MessageKind.LOCATION, "", {"Location_X": "23.1", "Location_Y": "113.3", "Label": " "}),
        (
            MessageKind.LINK,
            "标题\n描述\nhttps://a",
            {"Title": "标题", "Description": "描述", "Url": "https://a", "PicUrl": "https://b"},
        ),
        (MessageKind.LINK, "https://a", {"Title": "", "Url": "https://a"}),
    ],
)
def test_every_kind_says_what_can_be_read_and_keeps_its_fields(
    kind: MessageKind, text: str, extra: dict[str, str]
) -> None:
    found = message(xml(MsgType=kind.value, **extra))
    assert (found.kind, found.text, found.detail) == (kind, text, extra)
    assert message(xml(MsgType=kind.value.upper(), **extra)).kind is kind


def test_an_unknown_kind_is_answered_too_and_keeps_its_name() -> None:
    found = message(xml(MsgType="hologram", Size="9"))
    assert (found.kind, found.detail) == (MessageKind.OTHER, {"Size": "9", "msgtype": "hologram"})


def test_what_lies_within_a_field_is_kept_by_its_path_and_what_lies_too_deep_is_not() -> None:
    inner = "<A><B>1</B><B>2</B>" + "<C>" * 50_000 + "deep" + "</C>" * 50_000 + "</A>"
    found = message(xml(MsgType="hologram").replace("</xml>", f"{inner}</xml>"))
    assert found.detail == {"A.B": '["1","2"]', "msgtype": "hologram"}


@pytest.mark.parametrize("none", [None, "", "0", " 0 ", "000"])
def test_a_message_without_msgid_is_told_by_sender_second_and_content(none: str | None) -> None:
    def told(content: str, **changes: str) -> str:
        return message(xml(MsgType="text", Content=content, MsgId=none, **changes)).message_id

    assert told("好").startswith("zhangsan-1700000000~")
    assert told("好") == told("好")
    assert told("好") != told("不好")
    assert told("好") != told("好", FromUserName="lisi")
    assert told("好") != told("好", CreateTime="1700000001")


def test_a_repeat_without_msgid_is_the_same_in_either_wrapping() -> None:
    fields = {"ToUserName": CORP, "FromUserName": "zhangsan", "CreateTime": "1700000000", "MsgType": "text"}
    fields |= {"Content": "你好", "MsgId": "0", "AgentID": "1000002"}
    turned = "".join(f"<{name}>{value}</{name}>" for name, value in reversed(fields.items()))
    assert message(json.dumps(fields)).message_id == message(f"<xml>{turned}</xml>").message_id


def test_two_members_may_bring_one_msgid() -> None:
    said = [xml(MsgType="text", Content="好", FromUserName=name) for name in ("zhangsan", "lisi", "zhangsan")]
    first, other, again = (jobs(TENANT, SERVICE, plain, "trace-1", CAME)[0].dedup_id for plain in said)
    assert first == again != other


def test_the_order_of_the_fields_and_cdata_do_not_matter() -> None:
    plain = (
        '\ufeff <?xml version="1.0" encoding="UTF-8"?>'
        "<xml><AgentID>1000002</AgentID><Content><![CDATA[<!DOCTYPE x>&]]></Content>"
        "<MsgId>73</MsgId><MsgType><![CDATA[text]]></MsgType><CreateTime>1700000000</CreateTime>"
        "<FromUserName><![CDATA[zhangsan]]></FromUserName></xml>"
    )
    assert message(plain).text == "<!DOCTYPE x>&"


def test_the_same_message_as_json_is_the_same_message() -> None:
    plain = {"ToUserName": CORP, "FromUserName": "zhangsan", "CreateTime": 1700000000, "MsgType": "text"}
    plain |= {"Content": "你好", "MsgId": 4561255354251345929, "AgentID": 1000002}
    found = message(json.dumps(plain))
    assert (found.message_id, found.text, found.detail) == ("4561255354251345929", "你好", {})


def test_control_characters_of_a_customer_do_not_lose_the_message() -> None:
    assert message(xml(MsgType="text", Content="退\x0b款\x00\x1f")).text == "退款"


def test_half_an_emoji_in_json_does_not_lose_the_message() -> None:
    plain = '{"FromUserName":"z","CreateTime":1700000000,"MsgType":"text","Content":"好\\ud83d","AgentID":1000002}'
    found = message(plain)
    assert found.text == "好\ufffd"
    assert found.text.encode()


@pytest.mark.parametrize(
    ("plain", "kind"),
    [
        (xml(MsgType="text", Content="好", AgentID=1000003), "fields"),
        (xml(MsgType="text", Content="好", AgentID=None), "fields"),
        (xml(MsgType="event", Event="click", AgentID=1000003), "fields"),
        (xml(MsgType="text", Content="好", FromUserName=None), "fields"),
        (xml(MsgType="text", Content="好", CreateTime="soon"), "fields"),
        (xml(MsgType="text", Content="好", CreateTime="99999999999999"), "fields"),
        (xml(MsgType="text", Content="好", CreateTime=None), "fields"),
        (xml(MsgType="event", Event="kf_msg_or_event", OpenKfId="wk1", CreateTime=None, AgentID=None), "fields"),
        (xml(Content="好"), "fields"),
        ("{}", "fields"),
        ("", "xml"),
        ("hello", "xml"),
        ("<xml><MsgType>text</xml>", "xml"),
        ("<xml>&nbsp;</xml>", "xml"),
        ('<!DOCTYPE xml [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>', "xml"),
        ('<?xml version="1.0" encoding="GBK"?>' + xml(MsgType="text", Content="好"), "xml"),
        ('{ "FromUserName": :mycreate", "MsgType": "text"}', "json"),
        ('{"a":' * 100_000, "json"),
        ('{"a":' + "9" * 10_000 + "}", "json"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_kind(plain: str, kind: str) -> None:
    assert refusal(plain) == kind


@pytest.mark.parametrize(
    "plain",
    [
        "<xml><SuiteId>s</SuiteId><InfoType>suite_ticket</InfoType><SuiteTicket>SECRET</SuiteTicket></xml>",
        '{"msgid":"CAIQ1","aibotid":"A","from":{"userid":"z"},"msgtype":"text","text":{"content":"SECRET"}}',
        '{"msgid":"CAIQ2","aibotid":"A","msgtype":"stream","stream":{"id":"SECRET"}}',
    ],
)
def test_suites_and_smart_bots_are_noted_without_their_secrets(plain: str) -> None:
    with capture_logs() as lines:
        assert jobs(TENANT, SERVICE, plain, "t", CAME) == ()
    assert [line["event"] for line in lines] == ["callback.event_ignored"]
    assert "SECRET" not in str(lines)


def kf_event(**fields: object) -> str:
    gone = {"FromUserName": None, "MsgId": None, "AgentID": None}
    return xml(**{"MsgType": "event", "Event": "kf_msg_or_event", "Token": "ENC1", "OpenKfId": "wk1", **gone, **fields})


def test_a_kf_notification_asks_for_a_pull() -> None:
    assert pulls(kf_event()) == [PullMessages(CORP, "service", "wk1", "ENC1", SENT, "trace-1")]


def test_event_names_are_compared_without_case() -> None:
    assert [job.open_kfid for job in pulls(kf_event(Event="KF_MSG_OR_EVENT"))] == ["wk1"]


@pytest.mark.parametrize("missing", [None, ""])
def test_the_older_notification_without_account_pulls_each_of_the_apps_accounts(missing: str | None) -> None:
    assert [job.open_kfid for job in pulls(kf_event(OpenKfId=missing))] == ["wk1", "wk2"]


def test_an_account_is_pulled_with_the_app_that_it_is_configured_for() -> None:
    assert [(job.open_kfid, job.app) for job in pulls(kf_event(OpenKfId="wk3"))] == [("wk3", "hr")]


def test_an_unknown_account_is_a_warning_and_no_job() -> None:
    with capture_logs() as lines:
        assert pulls(kf_event(OpenKfId="wk-of-somebody-else")) == []
    assert [(line["event"], line["log_level"]) for line in lines] == [("callback.account_unknown", "warning")]


def test_no_account_of_a_change_of_rights_is_lost() -> None:
    plain = (
        "<xml><FromUserName>sys</FromUserName><CreateTime>1700000000</CreateTime><MsgType>event</MsgType>"
        "<Event>kf_account_auth_change</Event><AuthAddOpenKfId>wk1</AuthAddOpenKfId>"
        "<AuthAddOpenKfId>wk2</AuthAddOpenKfId><AuthDelOpenKfId>wk3</AuthDelOpenKfId></xml>"
    )
    with capture_logs() as lines:
        assert jobs(TENANT, SERVICE, plain, "t", CAME) == ()
    (line,) = lines
    assert (line["event"], line["log_level"]) == ("kf.accounts_changed", "warning")
    assert (line["added"], line["added_accounts"]) == (2, ["wk1", "wk2"])
    assert (line["removed"], line["removed_accounts"]) == (1, ["wk3"])
