"""Which answer belongs to which question, and where the time went."""

from datetime import UTC, datetime, timedelta

import pytest

from wecom_bot.domain.dialog import Answerer, DialogState, Turn
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind, Reply
from wecom_bot.simulators.wecom.schema import CallbackTry, DeliveryReport, DeliveryState, Door, Seen
from wecom_bot.simulators.window.desk import Said
from wecom_bot.simulators.window.timeline import answers, legs

NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)
WHERE = ConversationId(CorpId("ww_cat"), Channel.KF, "wk_cat", "小林")


def at(milliseconds: float) -> datetime:
    return NOON + timedelta(milliseconds=milliseconds)


def said(name: str, when: float) -> Said:
    return Said(MessageId(name), name, at(when))


def shown(seq: int, when: float) -> Seen:
    return Seen(
        seq=seq, corp_id="ww_cat", channel=Door.KF, account="wk_cat", customer="小林",
        msgtype="text", text=str(seq), msgid=str(seq), at=at(when),
    )  # fmt: skip


def turn(name: str, parts: int = 1, began: float = 0.0, spent: dict[str, float] | None = None) -> Turn:
    message = InboundMessage(MessageId(name), WHERE, "shop", MessageKind.TEXT, NOON, name)
    state = DialogState("s", NOON, NOON)
    made = Turn(WHERE, (message,), "t", at(began), state, spent=spent or {}, parts=(Reply("x"),) * parts)
    return made.say(Answerer.PHRASE, Reply("x")) if parts else made


def answered(words: list[Said], screens: list[Seen], *turns: Turn) -> dict[int, str]:
    found = answers(words, screens, {one.turn_id: one for one in turns})
    return {seq: one.message_id for seq, one in found.items()}


def test_each_part_of_an_answer_belongs_to_its_question() -> None:
    words, screens = [said("a", 0), said("b", 1)], [shown(1, 5), shown(2, 6), shown(3, 7)]

    assert answered(words, screens, turn("a", parts=2), turn("b")) == {1: "a", 2: "a", 3: "b"}


def test_a_question_that_met_silence_has_no_answer() -> None:
    words, screens = [said("a", 0), said("b", 1)], [shown(1, 5)]

    assert answered(words, screens, turn("a", parts=0), turn("b")) == {1: "b"}


def test_where_no_turn_is_known_the_last_word_before_is_meant() -> None:
    words, screens = [said("a", 0), said("b", 10)], [shown(1, 5), shown(2, 15)]

    assert answered(words, screens) == {1: "a", 2: "b"}


def test_a_forgotten_turn_takes_no_answer_from_a_known_one() -> None:
    words, screens = [said("a", 0), said("b", 10)], [shown(1, 15)]

    assert answered(words, screens, turn("b")) == {1: "b"}


def test_messages_that_were_answered_together_are_one_question() -> None:
    words = [said("a", 0), said("b", 1), said("c", 9)]
    together = turn("a", parts=2)
    turns = {MessageId("a"): together, MessageId("b"): together, MessageId("c"): turn("c")}
    found = answers(words, [shown(1, 5), shown(2, 6), shown(3, 10)], turns)
    assert {seq: one.message_id for seq, one in found.items()} == {1: "a", 2: "a", 3: "c"}


def test_what_is_said_by_the_code_of_an_event_answers_nothing() -> None:
    announced = shown(2, 6).model_copy(update={"by_event": True})
    assert answered([said("a", 0), said("b", 1)], [shown(1, 5), announced], turn("a")) == {1: "a"}


def test_what_no_word_led_to_answers_nothing() -> None:
    assert answered([said("a", 10)], [shown(1, 5)]) == {}
    assert answered([said("a", 0)], [shown(1, 5), shown(2, 6)], turn("a")) == {1: "a"}


def report(*attempts: tuple[float, float, int]) -> DeliveryReport:
    tries = [
        CallbackTry(copy_number=1, at=at(when), took=took / 1000, status=status) for when, took, status in attempts
    ]
    return DeliveryReport(
        message_id="a", corp_id="ww_cat", app="shop", state=DeliveryState.ACKNOWLEDGED, attempts=tuple(tries)
    )


def way(*args: object) -> dict[str, float]:
    return {leg.name: round(leg.seconds * 1000, 6) for leg in legs(*args)}  # type: ignore[arg-type]


def test_the_way_is_cut_where_callback_worker_and_customer_met() -> None:
    thought = turn("a", began=20, spent={"FindKnowledge": 0.010, "ComposeReply": 0.002})

    assert way(at(0), report((1, 3, 200)), thought, at(40)) == {"callback": 4, "wait": 16, "think": 12, "deliver": 8}


def test_tries_that_failed_are_part_of_the_callback() -> None:
    thought = turn("a", began=1100, spent={"x": 0.001})

    assert way(at(0), report((1, 5, 503), (1006, 4, 200)), thought, None) == {"callback": 1010, "wait": 90, "think": 1}


@pytest.mark.parametrize("delivery", [None, report((1, 5, 503))])
def test_without_an_acknowledgement_all_is_waiting(delivery: DeliveryReport | None) -> None:
    assert way(at(0), delivery, turn("a", began=30), at(35)) == {"wait": 30, "deliver": 5}


def test_no_stretch_is_ever_negative() -> None:
    early = turn("a", began=2, spent={"x": 0.050})

    assert way(at(0), report((1, 5, 200)), early, at(30)) == {"callback": 2, "wait": 0, "think": 50, "deliver": 0}
