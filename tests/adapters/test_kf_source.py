"""微信客服: fetching what a notification announced."""

from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fakes import ACME, KF
from tests.fixtures.scripted_wecom import Caller, ScriptedWecom
from wecom_bot.adapters.wecom.inbound.source import KfSource
from wecom_bot.domain.event import Entered, InboundEvent
from wecom_bot.domain.message import InboundMessage
from wecom_bot.errors import Misconfigured, RateLimited, Rejected, TemporaryFailure, Unknown
from wecom_bot.ports import PulledPage


@pytest.fixture
def source(caller: Caller) -> KfSource:
    return KfSource(caller.clients())


def text(number: int, origin: int = 3) -> dict[str, Any]:
    return {
        "msgid": f"m{number}",
        "open_kfid": KF,
        "external_userid": "wm1",
        "send_time": 1700000000 + number,
        "origin": origin,
        "msgtype": "text",
        "text": {"content": f"第{number}句"},
    }


EVENT = {
    "msgid": "e1",
    "send_time": 1700000001,
    "origin": 4,
    "msgtype": "event",
    "event": {"event_type": "enter_session", "open_kfid": KF, "external_userid": "wm1", "welcome_code": "W1"},
}


def page(*items: Any, cursor: str = "after", has_more: int = 0) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", "next_cursor": cursor, "has_more": has_more, "msg_list": list(items)}


def ids(found: PulledPage) -> list[str]:
    return [each.message_id if isinstance(each, InboundMessage) else each.event_id for each in found.messages]


def test_a_page_holds_what_was_said_and_what_happened_in_order(source: KfSource, wecom: ScriptedWecom) -> None:
    by_servicer = {**text(2, origin=5), "servicer_userid": "li"}
    wecom.script("kf/sync_msg", page(text(1), EVENT, by_servicer, text(3), has_more=1))
    found = source.fetch(ACME, "shop", KF, "before", "ENC1")
    first, event, second, third = found.messages
    assert isinstance(first, InboundMessage)
    assert (first.message_id, first.text, first.app, first.servicer) == ("m1", "第1句", "shop", "")
    assert isinstance(event, InboundEvent)
    assert (event.event_id, event.app, event.happening) == ("e1", "shop", Entered(code="W1"))
    assert isinstance(second, InboundMessage)
    assert (second.text, second.servicer) == ("第2句", "li")
    assert isinstance(third, InboundMessage)
    assert (found.cursor, found.has_more) == ("after", True)
    assert wecom.bodies("kf/sync_msg") == [{"cursor": "before", "token": "ENC1", "open_kfid": KF, "limit": 1000}]


def test_an_item_without_a_time_has_its_neighbours(source: KfSource, wecom: ScriptedWecom) -> None:
    undated = [{**text(number), "send_time": "soon"} for number in (1, 3)]
    wecom.script("kf/sync_msg", page(undated[0], text(2), undated[1]))
    times = [
        each.sent_at for each in source.fetch(ACME, "shop", KF, "", "").messages if isinstance(each, InboundMessage)
    ]
    assert times == [datetime.fromtimestamp(1700000002, UTC)] * 3


def test_an_empty_page_may_be_followed_by_more(source: KfSource, wecom: ScriptedWecom) -> None:
    wecom.script("kf/sync_msg", page(has_more=1))
    assert source.fetch(ACME, "shop", KF, "before", "") == PulledPage((), "after", has_more=True)


def test_a_first_contact_asks_without_a_cursor(source: KfSource, wecom: ScriptedWecom) -> None:
    source.fetch(ACME, "shop", KF, "", "")
    assert wecom.bodies("kf/sync_msg") == [{"open_kfid": KF, "limit": 1000}]


def test_items_that_we_do_not_know_harm_nothing(source: KfSource, wecom: ScriptedWecom) -> None:
    odd = {**text(2), "msgtype": "hologram", "hologram": [1, {"a": None}]}
    wecom.script("kf/sync_msg", page("x", None, [], {}, odd, text(3)))
    assert ids(source.fetch(ACME, "shop", KF, "", "")) == ["m2", "m3"]


def test_an_answer_without_a_cursor_leaves_us_where_we_are(source: KfSource, wecom: ScriptedWecom) -> None:
    wecom.script("kf/sync_msg", {"errcode": 0})
    assert source.fetch(ACME, "shop", KF, "before", "") == PulledPage((), "before", has_more=False)


@pytest.mark.parametrize("name", ["next_cursor", "has_more", "msg_list"])
def test_a_null_is_as_good_as_nothing(source: KfSource, wecom: ScriptedWecom, name: str) -> None:
    wecom.script("kf/sync_msg", page(text(1), has_more=1) | {name: None})
    found = source.fetch(ACME, "shop", KF, "before", "")
    assert ids(found) == ([] if name == "msg_list" else ["m1"])
    assert found.cursor == ("before" if name == "next_cursor" else "after")
    assert found.has_more == (name == "msg_list")


def test_a_cursor_that_stands_still_ends_the_pull(source: KfSource, wecom: ScriptedWecom) -> None:
    wecom.script("kf/sync_msg", page(text(1), cursor="before", has_more=1))
    found = source.fetch(ACME, "shop", KF, "before", "")
    assert ids(found) == ["m1"]
    assert not found.has_more


def test_an_expired_token_of_the_notification_is_left_out_once(source: KfSource, wecom: ScriptedWecom) -> None:
    wecom.script("kf/sync_msg", {"errcode": 95007, "errmsg": "invalid msg token"}, page(text(1)))
    assert len(source.fetch(ACME, "shop", KF, "before", "ENC1").messages) == 1
    assert ["token" in body for body in wecom.bodies("kf/sync_msg")] == [True, False]
    wecom.refuse("kf/sync_msg", 95007)
    for token, calls in (("ENC1", 2), ("", 1)):
        before = wecom.count("kf/sync_msg")
        with pytest.raises(Rejected):
            source.fetch(ACME, "shop", KF, "before", token)
        assert wecom.count("kf/sync_msg") == before + calls


@pytest.mark.parametrize("code", [40058, 95099])
def test_a_cursor_that_wecom_refuses_is_forgotten_once(source: KfSource, wecom: ScriptedWecom, code: int) -> None:
    refused = {"errcode": code, "errmsg": "invalid Request Parameter, invalid Cursor, more info at ..."}
    wecom.script("kf/sync_msg", refused, page(text(1), cursor="fresh", has_more=1))
    with capture_logs() as lines:
        found = source.fetch(ACME, "shop", KF, "of-last-year", "ENC1")
    assert (ids(found), found.cursor, found.has_more) == (["m1"], "fresh", True)
    assert [body.get("cursor") for body in wecom.bodies("kf/sync_msg")] == ["of-last-year", None]
    assert ("sync.cursor_refused", "error", code) in [
        (line["event"], line["log_level"], line.get("code")) for line in lines
    ]


def test_a_start_from_the_beginning_that_is_refused_too_is_a_refusal(source: KfSource, wecom: ScriptedWecom) -> None:
    wecom.refuse("kf/sync_msg", 40058, "invalid cursor")
    for cursor, calls in (("before", 2), ("", 1)):
        before = wecom.count("kf/sync_msg")
        with pytest.raises(Rejected):
            source.fetch(ACME, "shop", KF, cursor, "")
        assert wecom.count("kf/sync_msg") == before + calls


def test_another_wrong_parameter_is_not_taken_for_the_cursor(source: KfSource, wecom: ScriptedWecom) -> None:
    wecom.refuse("kf/sync_msg", 40058, "invalid open_kfid")
    with pytest.raises(Rejected):
        source.fetch(ACME, "shop", KF, "before", "")
    assert wecom.count("kf/sync_msg") == 1


def test_a_refused_cursor_that_is_given_out_again_ends_the_pull(source: KfSource, wecom: ScriptedWecom) -> None:
    wecom.script("kf/sync_msg", {"errcode": 40058, "errmsg": "cursor"}, page(text(1), cursor="before", has_more=1))
    found = source.fetch(ACME, "shop", KF, "before", "")
    assert (ids(found), found.has_more) == (["m1"], False)


@pytest.mark.parametrize(
    ("code", "error"), [(45009, RateLimited), (48002, Misconfigured), (95000, Misconfigured), (-1, TemporaryFailure)]
)
def test_a_refusal_says_what_to_do_next(
    source: KfSource, wecom: ScriptedWecom, code: int, error: type[Exception]
) -> None:
    wecom.refuse("kf/sync_msg", code)
    with pytest.raises(error):
        source.fetch(ACME, "shop", KF, "", "ENC1")
    assert wecom.count("kf/sync_msg") == 1


def test_a_page_in_a_shape_we_do_not_know_is_a_temporary_failure_that_quotes_nothing(
    source: KfSource, wecom: ScriptedWecom
) -> None:
    wecom.script("kf/sync_msg", {"errcode": 0, "msg_list": {"content": "客户的话"}})
    with pytest.raises(TemporaryFailure, match="msg_list") as raised:
        source.fetch(ACME, "shop", KF, "", "")
    assert "客户的话" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_an_app_that_the_tenant_has_not_is_unknown(source: KfSource) -> None:
    with pytest.raises(Unknown):
        source.fetch(ACME, "nothing", KF, "", "")
