"""A corp's own app: what a member is shown, and how servicers are told."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from tests.fakes import ACME, RememberedAllowance
from tests.fixtures.scripted_wecom import Caller, ScriptedWecom, raw_server, reset
from wecom_bot.adapters.redis.media_ids import RedisMediaIds
from wecom_bot.adapters.sharing import Allowance, Most
from wecom_bot.adapters.wecom.speaking.app import AppSpeaker
from wecom_bot.adapters.wecom.speaking.kf import KfSpeaker
from wecom_bot.adapters.wecom.speaking.media import Pictures
from wecom_bot.adapters.wecom.speaking.speakers import Speakers
from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.message import Channel, Choice, ConversationId, CorpId, Reply
from wecom_bot.errors import OutcomeUnknown, RateLimited, Rejected
from wecom_bot.ports import HandedOff, Repeat, Speaker

SHOP = ConversationId(ACME, Channel.APP, "1000002", "ZhangSan")
SUPPORT = ConversationId(ACME, Channel.APP, "1000003", "ZhangSan")
SILENCE = timedelta(minutes=30)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHOICES = (Choice("a1", "怎么退货"), Choice("a2", "怎么\n换货"))


class SlowAllowance(RememberedAllowance):
    """It takes three seconds to be asked, as on a machine that is full."""

    def take(self, corp_id: CorpId, what: str, most: Sequence[Most]) -> timedelta:
        self.clock.forward(seconds=3)
        return super().take(corp_id, what, most)


def app_speaker(caller: Caller, url: str | None = None, allowance: Allowance | None = None) -> AppSpeaker:
    allowance = allowance or RememberedAllowance(caller.clock)
    pictures = Pictures(Path("/nowhere"), RedisMediaIds(caller.valkey))
    return AppSpeaker(caller.clients(url), caller.tenants, caller.clock, SILENCE, allowance, pictures)


def kf_speaker(caller: Caller) -> KfSpeaker:
    return KfSpeaker(caller.clients(), caller.tenants, {}, Pictures(Path("/nowhere"), RedisMediaIds(caller.valkey)))


@pytest.fixture
def speaker(caller: Caller) -> AppSpeaker:
    caller.clock.at = NOW
    return app_speaker(caller)


@pytest.fixture
def lines() -> Iterator[list[EventDict]]:
    with capture_logs() as captured:
        yield captured


def say(speaker: Speaker, reply: Reply, repeat: Repeat | None = None) -> None:
    for part in speaker.split(SHOP, reply).parts:
        speaker.send(SHOP, part, "d1", repeat)


def checks(wecom: ScriptedWecom) -> list[tuple[int, int | None]]:
    sent = wecom.bodies("message/send")
    return [(body["enable_duplicate_check"], body.get("duplicate_check_interval")) for body in sent]


def test_a_text_goes_to_the_member_from_the_app(speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    say(speaker, Reply("您好😄"))
    assert wecom.bodies("message/send") == [
        {
            "touser": "ZhangSan",
            "toparty": "",
            "totag": "",
            "agentid": 1000002,
            "msgtype": "text",
            "text": {"content": "您好😄"},
            "enable_duplicate_check": 0,
        }
    ]


def test_choices_are_numbered_lines_under_the_text(speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    say(speaker, Reply("您是想问？", CHOICES))
    assert wecom.bodies("message/send")[0]["text"]["content"] == "您是想问？\n1. 怎么退货\n2. 怎么 换货"
    say(speaker, Reply("", CHOICES))
    assert wecom.bodies("message/send")[1]["text"]["content"] == "1. 怎么退货\n2. 怎么 换货"


@pytest.mark.parametrize("length", [1, 660, 680, 682, 683, 2000])
def test_every_message_fits_with_its_choices(speaker: AppSpeaker, wecom: ScriptedWecom, length: int) -> None:
    choices = tuple(Choice(f"a{number}", "很长的问题" * 30) for number in range(12))
    say(speaker, Reply("退" * length, choices))
    shown = [body["text"]["content"] for body in wecom.bodies("message/send")]
    assert all(0 < len(text.encode()) <= 2048 for text in shown)
    assert "".join(shown).startswith("退" * length)
    assert [line[:3] for line in shown[-1].splitlines()][-10:] == [f"{n}. "[:3] for n in range(1, 11)]


def test_a_repeat_asks_wecom_to_look_back_to_the_first_try(speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    for ago in (timedelta(seconds=30), timedelta(seconds=29.1), timedelta(hours=9), timedelta(seconds=-300)):
        say(speaker, Reply("好"), Repeat(NOW - ago))
    assert checks(wecom) == [(1, 32), (1, 32), (1, 14400), (1, 1)]


def test_what_a_repeat_waits_before_it_is_sent_is_looked_back_over_too(caller: Caller, wecom: ScriptedWecom) -> None:
    caller.clock.at = NOW
    say(app_speaker(caller, allowance=SlowAllowance(caller.clock)), Reply("好"), Repeat(NOW - timedelta(seconds=30)))
    assert checks(wecom) == [(1, 35)]


@pytest.mark.parametrize(("ago", "check"), [(31, (0, None)), (36, (0, None)), (60, (1, 32))])
def test_words_that_were_said_on_purpose_just_before_do_not_swallow_a_repeat(
    speaker: AppSpeaker, wecom: ScriptedWecom, ago: int, check: tuple[int, int | None]
) -> None:
    tried_at, before = NOW - timedelta(seconds=30), NOW - timedelta(seconds=ago)
    say(speaker, Reply("好"), Repeat(tried_at, same_before=before))
    assert checks(wecom) == [check]


@pytest.mark.parametrize(("choice", "sent"), [("resend", 2), ("suppress", 1)])
def test_what_becomes_of_a_lost_answer_is_the_tenants_choice(
    caller: Caller, speaker: AppSpeaker, wecom: ScriptedWecom, choice: Literal["resend", "suppress"], sent: int
) -> None:
    corp = caller.tenants.get(ACME)
    caller.tenants.tenants[ACME] = corp.model_copy(update={"on_lost_answer": choice})
    say(speaker, Reply("好"))
    say(speaker, Reply("好"), Repeat(NOW))
    assert wecom.count("message/send") == sent


def test_what_wecom_would_drop_waits_instead(caller: Caller, speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    for _ in range(30):
        say(speaker, Reply("好"))
        caller.clock.forward(seconds=1)
    with pytest.raises(RateLimited) as waiting:
        say(speaker, Reply("再来"))
    assert timedelta(seconds=30) <= waiting.value.retry_after <= timedelta(seconds=70)
    other = ConversationId(ACME, Channel.APP, "1000002", "LiSi")
    speaker.send(other, Reply("好"), "d1", None)
    assert wecom.count("message/send") == 31
    caller.clock.forward(seconds=waiting.value.retry_after.total_seconds())
    say(speaker, Reply("再来"))
    assert wecom.bodies("message/send")[-1]["text"]["content"] == "再来"


def test_a_welcome_is_an_ordinary_message_and_any_number_may_follow(speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    speaker.say_by_code(SHOP, "", Reply("欢迎"), "d1")
    assert wecom.bodies("message/send")[0]["text"]["content"] == "欢迎"
    assert speaker.budget(SHOP) == 0


@pytest.mark.parametrize("field", ["invaliduser", "unlicenseduser"])
def test_a_member_who_cannot_be_reached_is_a_refusal(speaker: AppSpeaker, wecom: ScriptedWecom, field: str) -> None:
    wecom.script("message/send", {"errcode": 0, field: "someone|zhangsan"})
    with pytest.raises(Rejected) as refused:
        say(speaker, Reply("好"))
    assert refused.value.code == 81013
    wecom.script("message/send", {"errcode": 0, field: "zhangsan2"})
    say(speaker, Reply("好"))
    wecom.refuse("message/send", 81013)
    with pytest.raises(Rejected):
        say(speaker, Reply("好"))


def test_a_message_whose_answer_was_lost_may_have_been_shown(caller: Caller, speaker: AppSpeaker) -> None:
    say(speaker, Reply("好"))
    with raw_server(reset) as url, pytest.raises(OutcomeUnknown):
        say(app_speaker(caller, url), Reply("好"))


def test_the_bot_is_silent_after_a_handoff_and_then_speaks_again(caller: Caller, speaker: AppSpeaker) -> None:
    handed_off = DialogState("s", NOW, NOW, attendant=Attendant.SERVICER, attendant_since=NOW)
    assert speaker.attend(SHOP, None) is Attendant.BOT
    assert speaker.attend(SHOP, DialogState("s", NOW, NOW)) is Attendant.BOT
    caller.clock.forward(minutes=29)
    assert speaker.attend(SHOP, handed_off) is Attendant.SERVICER
    caller.clock.forward(minutes=1)
    assert speaker.attend(SHOP, handed_off) is Attendant.BOT


def test_a_handoff_tells_the_apps_servicers_who_asks_and_why(speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    assert speaker.hand_off(SHOP, "asked", ()) == HandedOff(Attendant.SERVICER)
    (body,) = wecom.bodies("message/send")
    assert body["touser"] == "li|Wang"
    assert body["agentid"] == 1000002
    for said in ("ZhangSan", "shop", "对方要求人工", "30 分钟"):
        assert said in body["text"]["content"]


def test_a_handoff_asked_for_twice_is_told_once(speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    for _ in range(2):
        speaker.hand_off(SHOP, "given_up", ())
    first, second = wecom.bodies("message/send")
    assert first == second
    assert (first["enable_duplicate_check"], first["duplicate_check_interval"]) == (1, 600)


def test_a_servicer_who_has_had_their_fill_is_left_out_and_the_others_are_told(
    speaker: AppSpeaker, wecom: ScriptedWecom, lines: list[EventDict]
) -> None:
    li = ConversationId(ACME, Channel.APP, "1000002", "li")
    for _ in range(30):
        speaker.send(li, Reply("好"), "d1", None)
    assert speaker.hand_off(SHOP, "asked", ()) == HandedOff(Attendant.SERVICER)
    assert wecom.bodies("message/send")[-1]["touser"] == "Wang"
    (line,) = (line for line in lines if line["event"] == "handoff.held_back")
    assert line["servicers"] == ["li"]


def test_a_servicer_who_was_not_told_is_named_in_the_log(
    speaker: AppSpeaker, wecom: ScriptedWecom, lines: list[EventDict]
) -> None:
    wecom.script("message/send", {"errcode": 0, "invaliduser": "wang"})
    assert speaker.hand_off(SHOP, "asked", ()) == HandedOff(Attendant.SERVICER)
    (line,) = (line for line in lines if line["event"] == "handoff.not_told")
    assert line["servicers"] == ["Wang"]


def test_a_handoff_without_servicers_is_a_warning_and_the_bot_goes_on(
    speaker: AppSpeaker, wecom: ScriptedWecom, lines: list[EventDict]
) -> None:
    assert speaker.hand_off(SUPPORT, "asked", ()) == HandedOff(Attendant.BOT)
    assert wecom.calls == []
    (line,) = (line for line in lines if line["log_level"] == "warning")
    assert (line["event"], line["app"]) == ("handoff.nobody", "support")


@pytest.mark.parametrize("code", [0, 81013])
def test_where_no_servicer_could_be_told_the_bot_goes_on(
    speaker: AppSpeaker, wecom: ScriptedWecom, lines: list[EventDict], code: int
) -> None:
    wecom.script("message/send", {"errcode": code, "invaliduser": "li|wang"})
    assert speaker.hand_off(SHOP, "asked", ()) == HandedOff(Attendant.BOT)
    (line,) = (line for line in lines if line["event"] == "handoff.nobody")
    assert (line["log_level"], line["servicers"]) == ("warning", ["Wang", "li"])


def test_a_handoff_that_wecom_refuses_for_another_reason_is_an_error(speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    wecom.refuse("message/send", 45002)
    with pytest.raises(Rejected):
        speaker.hand_off(SHOP, "asked", ())


@pytest.mark.parametrize("text", ["", " \n", "\u0001", "\uffff", "\U0001ffff\u200b", "\ud83d"])
def test_a_reply_of_which_nothing_would_be_seen_is_the_phrase_for_trouble(
    caller: Caller, speaker: AppSpeaker, lines: list[EventDict], text: str
) -> None:
    trouble = caller.tenants.get(ACME).phrases.trouble
    for each in (speaker, kf_speaker(caller)):
        where = SHOP if each is speaker else ConversationId(ACME, Channel.KF, "wk1", "wm1")
        assert [part.text for part in each.split(where, Reply(text)).parts] == [trouble]
    assert [(line["event"], line["log_level"]) for line in lines] == [("reply.empty", "error")] * 2


def test_each_conversation_is_spoken_to_in_its_own_channel(
    caller: Caller, speaker: AppSpeaker, wecom: ScriptedWecom
) -> None:
    both = Speakers(kf=kf_speaker(caller), app=speaker)
    kf = ConversationId(ACME, Channel.KF, "wk1", "wm1")
    wecom.script("kf/service_state/get", {"service_state": 3})
    for where in (SHOP, kf):
        for part in both.split(where, Reply("您是想问？", CHOICES)).parts:
            both.send(where, part, "d1", None)
    assert both.attend(SHOP, None) is Attendant.BOT
    assert both.attend(kf, None) is Attendant.SERVICER
    assert both.hand_off(kf, "asked", ()).attendant is Attendant.SERVICER
    assert (both.budget(kf), both.budget(SHOP)) == (5, 0)
    both.say_by_code(kf, "C", Reply("欢迎"), "d2")
    assert wecom.count("kf/send_msg_on_event") == 1
    assert wecom.count("message/send") == wecom.count("kf/send_msg") == 1
