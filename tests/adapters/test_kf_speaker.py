"""微信客服: what a customer in WeChat is shown, and who attends."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from tests.fakes import ACME, KF, tenant
from tests.fixtures.scripted_wecom import Call, Caller, ScriptedWecom, raw_server, reset
from wecom_bot.adapters.redis.media_ids import RedisMediaIds
from wecom_bot.adapters.wecom.speaking.kf import KfSpeaker
from wecom_bot.adapters.wecom.speaking.media import Pictures
from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.message import Channel, Choice, ConversationId, Reply
from wecom_bot.domain.tenant import App, KfAccount
from wecom_bot.errors import Misconfigured, MustWait, NotAttending, OutcomeUnknown, Rejected, TemporaryFailure, Unknown
from wecom_bot.ports import HandedOff, Repeat
from wecom_bot.settings import Settings

KNOWN = Settings(_env_file=None).known_codes
WHERE = ConversationId(ACME, Channel.KF, KF, "wm1")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHOICES = (Choice("a1", "怎么退货"), Choice("a2", "怎么换货"))


AGAIN = Repeat(NOW)


def kf_speaker(caller: Caller, url: str | None = None, known: dict[int, str] = KNOWN) -> KfSpeaker:
    pictures = Pictures(Path("/nowhere"), RedisMediaIds(caller.valkey))
    return KfSpeaker(caller.clients(url), caller.tenants, known, pictures)


@pytest.fixture
def speaker(caller: Caller) -> KfSpeaker:
    return kf_speaker(caller)


@pytest.fixture
def lines() -> Iterator[list[EventDict]]:
    with capture_logs() as captured:
        yield captured


def known(attendant: Attendant) -> DialogState:
    return DialogState("wm1-1", NOW, NOW, attendant=attendant, attendant_since=NOW)


ALLOWED: dict[int, set[int]] = {0: {1, 2, 3, 4}, 1: {1, 2, 3, 4}, 2: {2, 3, 4}, 3: {3, 4}}


class ServiceState:
    """WeCom's machine of states for one customer (page 94669)."""

    def __init__(self, wecom: ScriptedWecom, state: int) -> None:
        self.state = state
        wecom.script("kf/service_state/get", self._get)
        wecom.script("kf/service_state/trans", self._trans)

    def _get(self, call: Call) -> dict[str, Any]:
        assert call.body == {"open_kfid": KF, "external_userid": "wm1"}
        return {"errcode": 0, "service_state": self.state}

    def _trans(self, call: Call) -> dict[str, Any]:
        if call.body["service_state"] not in ALLOWED.get(self.state, set()):
            return {"errcode": 95016, "errmsg": "not allowed"}
        self.state = call.body["service_state"]
        return {"errcode": 0, "msg_code": "M"}


# Saying something


def test_a_text_goes_to_the_customer_under_its_delivery_id(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    (part,) = speaker.split(WHERE, Reply("您好😄\n请讲")).parts
    speaker.send(WHERE, part, "d-1_a", None)
    assert wecom.bodies("kf/send_msg") == [
        {"touser": "wm1", "open_kfid": KF, "msgid": "d-1_a", "msgtype": "text", "text": {"content": "您好😄\n请讲"}}
    ]


def test_choices_are_a_menu_under_the_text(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    (part,) = speaker.split(WHERE, Reply("您是想问？", CHOICES)).parts
    speaker.send(WHERE, part, "d1", None)
    (body,) = wecom.bodies("kf/send_msg")
    assert body["msgtype"] == "msgmenu"
    assert body["msgmenu"] == {
        "head_content": "您是想问？",
        "list": [
            {"type": "click", "click": {"id": "a1", "content": "怎么退货"}},
            {"type": "click", "click": {"id": "a2", "content": "怎么换货"}},
        ],
    }


def test_a_menu_stays_within_wecoms_limits(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    many = tuple(Choice(f"{number:02}" + "号" * 100, "很长的问题\n" * 30) for number in range(12))
    (part,) = speaker.split(WHERE, Reply("", many)).parts
    speaker.send(WHERE, part, "d1", None)
    menu = wecom.bodies("kf/send_msg")[0]["msgmenu"]
    assert "head_content" not in menu
    assert [item["click"]["id"][:2] for item in menu["list"]] == [f"{number:02}" for number in range(10)]
    for item in menu["list"]:
        assert 120 < len(item["click"]["id"].encode()) <= 128
        assert 120 < len(item["click"]["content"].encode()) <= 128
        assert "\n" not in item["click"]["content"]


@pytest.mark.parametrize("length", [1, 341, 342, 600, 682, 683, 1500])
def test_a_text_too_long_to_stand_above_a_menu_comes_before_it(speaker: KfSpeaker, length: int) -> None:
    words = ("退货" * length)[: length - 1] + "。"
    *before, last = speaker.split(WHERE, Reply(words, CHOICES)).parts
    assert last.choices == CHOICES
    assert len(last.text.encode()) <= 1024
    assert all(not part.choices and len(part.text.encode()) <= 2048 for part in before)
    assert "".join(part.text for part in [*before, last]) == words
    assert len(before) <= -(-len(words.encode()) // 1024)


def test_five_messages_may_follow_a_customers_and_one_is_kept_for_a_handoff(speaker: KfSpeaker) -> None:
    assert speaker.budget(WHERE) == 5
    assert len(speaker.split(WHERE, Reply("一句话。" * 5000)).parts) == 4


def test_each_account_speaks_through_its_own_app(caller: Caller, wecom: ScriptedWecom) -> None:
    apps = [App(name="shop", agent_id=1), App(name="support", agent_id=2)]
    accounts = [KfAccount(open_kfid=KF, app="shop"), KfAccount(open_kfid="wk2", app="support")]
    caller.tenants.tenants[ACME] = tenant(apps=apps, kf_accounts=accounts)
    speaker = kf_speaker(caller)
    for account in (KF, "wk2"):
        speaker.send(ConversationId(ACME, Channel.KF, account, "wm1"), Reply("好"), "d1", None)
    assert [call.query["corpsecret"] for call in wecom.calls if call.api == "gettoken"] == [
        "shop-secret",
        "support-secret",
    ]
    with pytest.raises(Unknown):
        speaker.send(ConversationId(ACME, Channel.KF, "wk3", "wm1"), Reply("好"), "d1", None)


@pytest.mark.parametrize(("code", "errmsg"), [(95033, ""), (40058, "invalid parameter: Duplicate msgid")])
def test_a_message_that_wecom_knows_is_a_success_also_when_we_forgot_that_we_sent_it(
    speaker: KfSpeaker, wecom: ScriptedWecom, code: int, errmsg: str
) -> None:
    wecom.refuse("kf/send_msg", code, errmsg)
    for repeat in (AGAIN, None):
        speaker.send(WHERE, Reply("好"), "d1", repeat)
    wecom.refuse("kf/send_msg", 40058, "invalid parameter: touser")
    with pytest.raises(Rejected):
        speaker.send(WHERE, Reply("好"), "d1", AGAIN)


def test_what_a_repeat_is_refused_with_can_be_set(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.refuse("kf/send_msg", 95999)
    kf_speaker(caller, known={95999: ""}).send(WHERE, Reply("好"), "d1", AGAIN)
    with pytest.raises(Rejected):
        kf_speaker(caller).send(WHERE, Reply("好"), "d1", AGAIN)


@pytest.mark.parametrize(
    ("code", "error"),
    [(95001, MustWait), (95002, MustWait), (95018, NotAttending), (95013, NotAttending), (-1, TemporaryFailure)],
)
def test_a_refusal_says_what_to_do_next(
    speaker: KfSpeaker, wecom: ScriptedWecom, code: int, error: type[Exception]
) -> None:
    wecom.refuse("kf/send_msg", code)
    for repeat in (None, AGAIN):
        with pytest.raises(error):
            speaker.send(WHERE, Reply("好"), "d1", repeat)


def test_a_message_whose_answer_was_lost_may_have_been_shown(caller: Caller) -> None:
    kf_speaker(caller).send(WHERE, Reply("好"), "d1", None)
    with raw_server(reset) as url, pytest.raises(OutcomeUnknown):
        kf_speaker(caller, url).send(WHERE, Reply("好"), "d2", None)


def test_what_crashes_clients_is_taken_out_of_whatever_is_said(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    speaker.send(WHERE, Reply("好\x00的\ud83d"), "d1", None)
    speaker.say_by_code(WHERE, "C", Reply("欢\x1b迎"), "d2")
    assert wecom.bodies("kf/send_msg")[0]["text"]["content"] == "好的"
    assert wecom.bodies("kf/send_msg_on_event")[0]["text"]["content"] == "欢迎"


# The one thing that an event lets us say


def test_a_welcome_is_said_by_its_code(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    speaker.say_by_code(WHERE, "WELCOME", Reply("欢迎"), "d1")
    speaker.say_by_code(WHERE, "END", Reply("满意吗？", CHOICES), "d2")
    welcome, end = wecom.bodies("kf/send_msg_on_event")
    assert welcome == {"code": "WELCOME", "msgid": "d1", "msgtype": "text", "text": {"content": "欢迎"}}
    assert (end["code"], end["msgtype"]) == ("END", "msgmenu")
    assert [item["click"]["id"] for item in end["msgmenu"]["list"]] == ["a1", "a2"]


def test_a_welcome_that_wecom_knows_is_a_success_and_a_code_that_is_used_up_is_not(
    speaker: KfSpeaker, wecom: ScriptedWecom
) -> None:
    wecom.refuse("kf/send_msg_on_event", 95033)
    speaker.say_by_code(WHERE, "C", Reply("欢迎"), "d1")
    wecom.refuse("kf/send_msg_on_event", 41050)
    with pytest.raises(Rejected) as refused:
        speaker.say_by_code(WHERE, "C", Reply("欢迎"), "d1")
    assert refused.value.code == 41050


def test_without_a_code_it_is_an_ordinary_message(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    speaker.say_by_code(WHERE, "", Reply("好"), "d1")
    assert (wecom.count("kf/send_msg"), wecom.count("kf/send_msg_on_event")) == (1, 0)


# Who attends


@pytest.mark.parametrize(
    ("state", "attendant", "after"),
    [
        (0, Attendant.BOT, 1),
        (1, Attendant.BOT, 1),
        (2, Attendant.QUEUE, 2),
        (3, Attendant.SERVICER, 3),
        (7, Attendant.BOT, 7),
    ],
)
def test_the_bot_takes_what_nobody_has(
    speaker: KfSpeaker, wecom: ScriptedWecom, state: int, attendant: Attendant, after: int
) -> None:
    machine = ServiceState(wecom, state)
    assert speaker.attend(WHERE, None) is attendant
    assert machine.state == after


def test_what_has_ended_only_the_customer_can_open_again(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    machine = ServiceState(wecom, 4)
    for attempt in (lambda: speaker.attend(WHERE, None), lambda: speaker.hand_off(WHERE, "asked", ())):
        with pytest.raises(MustWait):
            attempt()
    assert (machine.state, wecom.count("kf/service_state/trans")) == (4, 0)


@pytest.mark.parametrize("code", [-1, 45009, 95016, 95014, 95017, 40096, 48002, 95032, 99999])
def test_what_nobody_has_can_be_spoken_in_although_it_could_not_be_moved(
    speaker: KfSpeaker, wecom: ScriptedWecom, lines: list[EventDict], code: int
) -> None:
    wecom.script("kf/service_state/get", {"service_state": 0})
    wecom.refuse("kf/service_state/trans", code)
    assert speaker.attend(WHERE, None) is Attendant.BOT
    (line,) = (line for line in lines if line["event"] == "attend.not_taken")
    assert str(code) in line["error"]
    speaker.send(WHERE, Reply("好"), "d1", None)
    assert wecom.count("kf/send_msg") == 1


def test_a_servicer_who_was_quicker_has_it(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    wecom.script("kf/service_state/get", {"service_state": 0}, {"service_state": 3})
    wecom.refuse("kf/service_state/trans", 95016)
    assert speaker.attend(WHERE, None) is Attendant.SERVICER
    assert wecom.count("kf/service_state/get") == 2


def test_a_bot_that_has_it_asks_nobody(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    assert speaker.attend(WHERE, known(Attendant.BOT)) is Attendant.BOT
    assert wecom.calls == []


@pytest.mark.parametrize("attendant", [Attendant.QUEUE, Attendant.SERVICER])
def test_a_human_who_had_it_is_asked_for(speaker: KfSpeaker, wecom: ScriptedWecom, attendant: Attendant) -> None:
    ServiceState(wecom, 0)  # a new session: the servicer ended the last one
    assert speaker.attend(WHERE, known(attendant)) is Attendant.BOT
    ServiceState(wecom, 3)
    assert speaker.attend(WHERE, known(attendant)) is Attendant.SERVICER


def test_a_state_in_a_shape_we_do_not_know_is_a_temporary_failure(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    wecom.script("kf/service_state/get", {"errcode": 0, "service_state": "秘密"})
    with pytest.raises(TemporaryFailure, match="service_state") as raised:
        speaker.attend(WHERE, None)
    assert "秘密" not in str(raised.value)


# Asking for a servicer


def serve(caller: Caller, *servicers: str) -> KfSpeaker:
    """A speaker for an account whose handoffs go to these."""
    accounts = [KfAccount(open_kfid=KF, app="shop", servicers=servicers)]
    caller.tenants.tenants[ACME] = tenant(kf_accounts=accounts)
    return kf_speaker(caller)


def on_duty(wecom: ScriptedWecom, *listed: dict[str, Any]) -> None:
    wecom.script("kf/servicer/list", {"errcode": 0, "servicer_list": list(listed)})


@pytest.mark.parametrize("state", [0, 1])
def test_a_handoff_puts_the_customer_into_the_queue(speaker: KfSpeaker, wecom: ScriptedWecom, state: int) -> None:
    machine = ServiceState(wecom, state)
    assert speaker.hand_off(WHERE, "asked", ()) == HandedOff(Attendant.QUEUE, code="M")
    assert speaker.hand_off(WHERE, "asked", ()) == HandedOff(Attendant.QUEUE)
    assert machine.state == 2
    assert wecom.count("kf/servicer/list") == 0


def test_a_handoff_to_a_servicer_who_has_it_already_is_done(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    wecom.script("kf/service_state/get", {"service_state": 3, "servicer_userid": "li"})
    assert speaker.hand_off(WHERE, "asked", ()) == HandedOff(Attendant.SERVICER, "li")
    assert wecom.count("kf/service_state/trans") == 0


def test_a_handoff_goes_to_the_first_chosen_servicer_who_receives(caller: Caller, wecom: ScriptedWecom) -> None:
    speaker = serve(caller, "zhao", "Wang", "li")
    on_duty(
        wecom,
        {"userid": "li", "status": 0},
        {"userid": "zhao", "status": 1, "stop_type": 1},
        {"userid": "wang", "status": 0},
    )
    machine = ServiceState(wecom, 1)
    assert speaker.hand_off(WHERE, "asked", ()) == HandedOff(Attendant.SERVICER, "Wang", "M")
    assert machine.state == 3
    assert [body["servicer_userid"] for body in wecom.bodies("kf/service_state/trans")] == ["Wang"]


@pytest.mark.parametrize("code", [95014, 95019, 40003, 60111])
def test_a_servicer_who_cannot_take_it_leaves_it_to_the_next(caller: Caller, wecom: ScriptedWecom, code: int) -> None:
    speaker = serve(caller, "wang", "li")
    on_duty(wecom, {"userid": "li", "status": 0}, {"userid": "wang", "status": 0})
    wecom.script("kf/service_state/get", {"service_state": 1})
    refusal: dict[str, Any] = {"errcode": code, "errmsg": "no"}
    wecom.script("kf/service_state/trans", refusal, {"errcode": 0, "msg_code": "M"})
    assert speaker.hand_off(WHERE, "asked", ()) == HandedOff(Attendant.SERVICER, "li", "M")
    wecom.script("kf/service_state/trans", refusal, refusal, {"errcode": 0, "msg_code": "Q"})
    assert speaker.hand_off(WHERE, "asked", ()) == HandedOff(Attendant.QUEUE, code="Q")


@pytest.mark.parametrize("code", [48002, 60020, 95004])
def test_where_the_servicers_cannot_be_listed_it_goes_into_the_queue(
    caller: Caller, wecom: ScriptedWecom, lines: list[EventDict], code: int
) -> None:
    speaker = serve(caller, "wang")
    wecom.refuse("kf/servicer/list", code)
    machine = ServiceState(wecom, 1)
    assert speaker.hand_off(WHERE, "asked", ()) == HandedOff(Attendant.QUEUE, code="M")
    assert machine.state == 2
    (line,) = (line for line in lines if line["event"] == "handoff.not_listed")
    assert line["log_level"] == "warning"
    assert str(code) in line["error"]


def test_a_list_that_may_be_had_later_is_waited_for(caller: Caller, wecom: ScriptedWecom) -> None:
    speaker = serve(caller, "wang")
    wecom.script("kf/servicer/list", {"errcode": -1}, {"servicer_list": [{"userid": "wang", "status": 0}]})
    ServiceState(wecom, 1)
    with pytest.raises(TemporaryFailure):
        speaker.hand_off(WHERE, "asked", ())
    assert speaker.hand_off(WHERE, "asked", ()).servicer == "wang"


def test_a_list_that_wecom_limits_is_not_waited_for(caller: Caller, wecom: ScriptedWecom) -> None:
    speaker = serve(caller, "wang")
    wecom.refuse("kf/servicer/list", 45009)
    ServiceState(wecom, 1)
    assert speaker.hand_off(WHERE, "asked", ()).attendant is Attendant.QUEUE


def test_where_nobody_at_all_receives_any_more_it_stays_with_the_bot(caller: Caller, wecom: ScriptedWecom) -> None:
    speaker = serve(caller, "wang")
    on_duty(wecom, {"userid": "wang", "status": 1}, {"userid": "other", "status": 1})
    machine = ServiceState(wecom, 1)
    assert speaker.hand_off(WHERE, "asked", ()) == HandedOff(Attendant.BOT)
    assert machine.state == 1


def test_where_none_of_the_chosen_receives_it_goes_into_the_queue(caller: Caller, wecom: ScriptedWecom) -> None:
    speaker = serve(caller, "wang", "li")
    on_duty(wecom, {"userid": "wang", "status": 1}, {"userid": "other", "status": 0})
    machine = ServiceState(wecom, 1)
    assert speaker.hand_off(WHERE, "asked", ()).attendant is Attendant.QUEUE
    assert machine.state == 2


def test_a_chosen_servicer_may_be_in_a_department_that_wecom_does_not_spell_out(
    caller: Caller, wecom: ScriptedWecom
) -> None:
    speaker = serve(caller, "wang")
    on_duty(wecom, {"department_id": 7})
    ServiceState(wecom, 1)
    assert speaker.hand_off(WHERE, "asked", ()).servicer == "wang"


def test_a_handoff_that_somebody_forestalled_is_theirs(speaker: KfSpeaker, wecom: ScriptedWecom) -> None:
    wecom.script("kf/service_state/get", {"service_state": 1}, {"service_state": 3, "servicer_userid": "li"})
    wecom.refuse("kf/service_state/trans", 95016)
    assert speaker.hand_off(WHERE, "asked", ()) == HandedOff(Attendant.SERVICER, "li")


@pytest.mark.parametrize(("code", "error"), [(95016, NotAttending), (48002, Misconfigured)])
def test_a_handoff_that_wecom_refuses_is_an_error(
    caller: Caller, wecom: ScriptedWecom, code: int, error: type[Exception]
) -> None:
    on_duty(wecom, {"userid": "wang", "status": 0})
    wecom.script("kf/service_state/get", {"service_state": 1})
    wecom.refuse("kf/service_state/trans", code)
    for speaker in (kf_speaker(caller), serve(caller, "wang")):
        with pytest.raises(error):
            speaker.hand_off(WHERE, "asked", ())
