"""A wish for a human, whoever may come: whole dialogues through the standard pipeline."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.dialog.office import CLOSED, IMAGE, PHRASES, RULES, SAYS_CLOSED, Talk, shop, waiting
from tests.dialog.turns import WHERE, Desk, message
from wecom_bot.domain.dialog import Handoff
from wecom_bot.domain.message import Channel, Choice, InboundMessage, MessageKind
from wecom_bot.errors import Misconfigured, RateLimited, TemporaryFailure, WecomBotError


def test_inside_the_hours_with_somebody_there_it_is_handed_off() -> None:
    talk = Talk()
    assert talk.hears("转人工") == PHRASES.handoff
    assert talk.outcome == ("asked", "")
    assert not talk.state.leaving_message
    assert talk.desk.asked == [WHERE]


def test_outside_the_hours_the_customer_is_told_them_and_asked_for_a_message_and_nobody_is_called() -> None:
    talk = waiting()
    assert talk.turn is not None
    assert talk.turn.reply is not None
    assert talk.turn.reply.text == SAYS_CLOSED
    assert talk.outcome == ("", "asked")
    assert talk.state.leaving_message
    assert talk.desk.asked == []


def test_the_phrase_may_say_when_it_opens_next() -> None:
    talk = Talk(at=CLOSED, shop=shop(phrases={"closed": "{opens} 再来（{hours}）"}))
    assert talk.hears("转人工") == "5月4日 09:00 再来（周一至周五 09:00-18:00）"


def test_when_nobody_serves_a_message_is_asked_for() -> None:
    talk = Talk(desk=Desk(staffed=False))
    assert talk.hears("转人工") == PHRASES.nobody
    assert "请留下您的问题和联系方式" in PHRASES.nobody
    assert (talk.outcome, talk.state.leaving_message) == (("", "asked"), True)


@pytest.mark.parametrize(
    "error",
    [TemporaryFailure("away"), RateLimited("slow", timedelta(1)), Misconfigured("secret")],
    ids=lambda error: type(error).__name__,
)
def test_when_nobody_can_tell_somebody_is_called(error: WecomBotError) -> None:
    talk = Talk(desk=Desk(staffed=False, error=error))
    with capture_logs() as lines:
        assert talk.hears("转人工") == PHRASES.handoff
    assert talk.outcome == ("asked", "")
    assert [line["event"] for line in lines] == ["duty.unknown"]


def test_an_app_has_hours_and_servicers_of_its_own() -> None:
    talk = Talk(where=replace(WHERE, channel=Channel.APP, account="7"))
    assert talk.hears("转人工") == PHRASES.handoff
    assert Talk(talk.at + timedelta(hours=9), where=talk.where).hears("转人工") == SAYS_CLOSED
    bare = Talk(where=replace(WHERE, channel=Channel.APP, account="8"))
    assert bare.hears("转人工") == PHRASES.nobody
    assert (bare.outcome, bare.desk.asked) == (("", "asked"), [])


def test_the_third_miss_in_a_row_calls_a_human() -> None:
    talk = Talk()
    assert talk.hears("天气怎么样") == PHRASES.unknown
    assert talk.hears(IMAGE) == PHRASES.unreadable
    assert talk.turn is not None
    assert talk.turn.unsure
    assert talk.hears("讲个笑话") == PHRASES.handoff
    assert (talk.outcome, talk.state.misses) == (("misses", ""), 0)


def test_an_answer_in_between_begins_the_count_anew() -> None:
    talk = Talk()
    for said in ("天气怎么样", "讲个笑话", "运费多少", "天气怎么样", "讲个笑话"):
        talk.hears(said)
    assert talk.outcome == ("", "")
    assert talk.state.misses == 2


def test_too_many_misses_outside_the_hours_ask_for_a_message() -> None:
    talk = Talk(at=CLOSED)
    said = [talk.hears(IMAGE) for _ in range(3)]
    assert said == [PHRASES.unreadable, PHRASES.unreadable, SAYS_CLOSED]
    assert talk.outcome == ("", "misses")


@pytest.mark.parametrize(("most", "expected"), [(1, ["misses"] * 4), (2, ["", "misses"] * 2), (0, [""] * 4)])
def test_how_many_misses_is_the_tenants_to_say(most: int, expected: list[str]) -> None:
    talk, called = Talk(shop=shop(handoff={"misses": most})), []
    for _ in range(4):
        talk.hears("天气怎么样")
        called.append(talk.outcome[0])
    assert called == expected


def test_a_blocked_word_is_no_miss_however_often_it_is_said() -> None:
    talk = Talk(shop=shop(blocked_words=["骗子"], handoff={"misses": 1}))
    assert [talk.hears("骗子") for _ in range(3)] == [PHRASES.blocked] * 3


@pytest.mark.parametrize(
    "said", ["我要投诉你们", "投 诉", "運費太贵，投訴", message(kind=MessageKind.VIDEO), "杯子碎了"]
)
def test_what_the_tenant_wants_humans_to_see_goes_to_them(said: str | InboundMessage) -> None:
    talk = Talk(shop=shop(handoff=RULES))
    assert talk.hears(said) == PHRASES.handoff
    assert talk.outcome == ("rule", "")


def test_a_topic_in_our_own_menu_is_none_of_the_customers() -> None:
    talk = Talk(shop=shop(handoff=RULES))
    talk.state = replace(talk.state, offered=(Choice("x", "怎么投诉"),))
    talk.hears(message("怎么投诉", menu_id="x"))
    assert talk.outcome == ("", "")


def test_a_topic_in_the_menu_of_wecoms_console_is_the_customers() -> None:
    talk = Talk(shop=shop(handoff=RULES))
    assert talk.hears(message("我要投诉", menu_id="x")) == PHRASES.handoff
    assert talk.outcome == ("rule", "")


def test_a_handoff_ends_what_was_asked_and_offered() -> None:
    talk = Talk()
    talk.hears("查订单")
    talk.hears("转人工")
    assert (talk.state.asking, talk.state.asked, talk.state.offered) == (None, 0, ())
    assert talk.turn is not None
    assert talk.turn.handoff == Handoff("asked")
