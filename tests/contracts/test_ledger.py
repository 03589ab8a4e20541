"""The contract of ports.Ledger and ports.Outbox, which share a tenant's slot with its inbox."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures.full_redis import full
from tests.fixtures.whole_inbox import CountedOutbox, WholeInbox
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.domain.dialog import Answerer, Attendant, DialogState, Handoff, Intent, Turn
from wecom_bot.domain.event import Entered, InboundEvent
from wecom_bot.domain.job import AnswerMessage, KeepMessage, Lease, PullMessages
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import (
    Channel,
    Choice,
    ConversationId,
    CorpId,
    InboundMessage,
    MessageId,
    MessageKind,
    Reply,
)
from wecom_bot.domain.ticket import Ticket
from wecom_bot.errors import LeaseLost, MustWait
from wecom_bot.ports import (
    Attempt,
    Batch,
    Begun,
    Ending,
    EventRecord,
    MessageRecord,
    Onward,
    Sending,
    Sent,
    Stored,
    TicketOpened,
    TurnRecord,
)

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOW = datetime.now(UTC)


def made_turn(number: int = 1, corp_id: CorpId = ACME, said: str = "一楼有") -> Turn:
    where = ConversationId(corp_id, Channel.KF, "wk1", "wm1")
    message = InboundMessage(
        MessageId(f"m{number}"), where, "shop", MessageKind.TEXT, NOW, "哪里有伞", detail={"a": "b"}
    )
    state = DialogState("wm1-1", NOW, NOW, intent="ask", slots={"item": "伞"}, offered=(Choice("a1", "伞"),), misses=1)
    return Turn(
        where,
        (message,),
        "trace-1",
        NOW,
        state,
        intent=Intent("ask", 0.9),
        recognizer="rules",
        passages=(Passage("a1", "哪里有伞", said, 1.0),),
        reply=Reply(said),
        handoff=Handoff("asked"),
        answerer=Answerer.ARTICLE,
        parts=(Reply(said), Reply("完", (Choice("a1", "伞"),))),
        spent={"FindKnowledge": 0.001},
    )


class House:
    """The three adapters on one server, and a lease to use them with."""

    def __init__(self, client: Client) -> None:
        self.inbox = WholeInbox(client, most_waiting=1000)
        self.ledger = RedisLedger(client)
        self.outbox = CountedOutbox(client)

    def lease(self, turn: Turn) -> Lease:
        self.inbox.put(turn.conversation.corp_id, [AnswerMessage(turn.messages[0], turn.trace_id)])
        lease = self.inbox.lease("tester", timedelta(seconds=30), timedelta(seconds=1))
        assert lease is not None
        return lease


def closing(turn: Turn, *, answered: bool = True, step: str = "") -> Ending:
    """The end of a turn."""
    return Ending(turn, step, TurnRecord(turn, answered, datetime.now(UTC)))


def turns(batch: Batch) -> list[TurnRecord]:
    return [record for record in batch.records if isinstance(record, TurnRecord)]


@pytest.fixture
def house(redis_client: Client) -> House:
    return House(redis_client)


def test_a_turn_comes_out_as_it_went_in_with_its_state(house: House) -> None:
    turn = made_turn()
    assert house.ledger.turn(turn.conversation, turn.turn_id) is None
    assert house.ledger.store(house.lease(turn), turn).turn == turn
    assert house.ledger.turn(turn.conversation, turn.turn_id) == turn
    assert house.ledger.dialog(turn.conversation) == turn.state


def test_a_turn_that_was_tried_stands_and_a_redo_changes_no_state(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    house.ledger.attempt(lease, turn, "part-1")
    other = replace(made_turn(said="二楼有"), state=replace(turn.state, slots={"item": "鞋"}))
    assert house.ledger.store(lease, other).turn == turn
    assert house.ledger.dialog(turn.conversation) == turn.state


def test_a_turn_of_which_nothing_was_tried_can_be_replaced(house: House) -> None:
    turn, other = made_turn(), made_turn(said="二楼有")
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    assert house.ledger.store(lease, other).turn == other
    house.ledger.attempt(lease, other, "part-1")
    assert house.ledger.store(lease, turn).turn == other
    house.ledger.not_sent(lease, other, "part-1")
    assert house.ledger.store(lease, turn).turn == turn
    assert house.ledger.turn(turn.conversation, turn.turn_id) == turn


def test_tries_that_were_refused_leave_nothing_behind(house: House) -> None:
    turn, other, sending = made_turn(), made_turn(said="二楼有"), Sending("d1", 1, 1, "一楼有")
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    for _ in range(2):
        house.ledger.attempt(lease, turn, "part-1", sending)
        house.ledger.not_sent(lease, turn, "part-1")
    assert house.ledger.store(lease, other).turn == other
    house.ledger.attempt(lease, other, "part-1", sending)
    again = house.ledger.attempt(lease, other, "part-1", sending)
    assert (again.attempt, again.same_before) == (Attempt.AGAIN, None)


def test_steps_are_first_then_again_then_done(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    first = house.ledger.attempt(lease, turn, "part-1")
    again = house.ledger.attempt(lease, turn, "part-1")
    assert (first.attempt, again.attempt) == (Attempt.FIRST, Attempt.AGAIN)
    assert again.tried_at == first.tried_at
    assert abs(first.tried_at - datetime.now(UTC)) < timedelta(minutes=1)
    house.ledger.mark(lease, turn, "part-1")
    assert house.ledger.attempt(lease, turn, "part-1").attempt is Attempt.DONE
    assert house.ledger.attempt(lease, turn, "part-2").attempt is Attempt.FIRST


def test_a_step_that_was_refused_is_a_first_one_again(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    house.ledger.attempt(lease, turn, "part-1")
    house.ledger.not_sent(lease, turn, "part-1")
    assert house.ledger.attempt(lease, turn, "part-1").attempt is Attempt.FIRST


def test_no_more_is_said_than_the_customers_last_message_allows(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    for part in (1, 2):
        house.ledger.attempt(lease, turn, f"part-{part}", Sending(f"id{part}", part, 1, "一", budget=2))
    house.ledger.attempt(lease, turn, "part-2", Sending("id2", 2, 1, "一", budget=2))  # a repeat costs nothing
    with pytest.raises(MustWait):
        house.ledger.attempt(lease, turn, "part-3", Sending("id3", 3, 1, "一", budget=2))
    house.ledger.not_sent(lease, turn, "part-2")  # what was refused cost nothing
    house.ledger.attempt(lease, turn, "part-3", Sending("id3", 3, 1, "一", budget=2))
    house.inbox.put(ACME, [AnswerMessage(made_turn(2).messages[0], "trace-2")])
    house.ledger.attempt(lease, turn, "part-4", Sending("id4", 4, 1, "一", budget=1))  # the customer has written


def test_what_was_sent_is_found_by_its_id(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    assert house.ledger.sent(turn.conversation, "id1") is None
    house.ledger.attempt(lease, turn, "part-1", Sending("id1", 1, 1, "一"))
    assert house.ledger.sent(turn.conversation, "id1") == Sent(turn.turn_id, 1, 1)


def test_a_repeat_knows_whether_the_same_words_were_said_before_it(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.attempt(lease, turn, "part-1", Sending("id1", 1, 1, "好的"))
    house.ledger.attempt(lease, turn, "part-2", Sending("id2", 2, 1, "别的"))
    house.ledger.attempt(lease, turn, "part-3", Sending("id3", 3, 1, "好的"))
    assert house.ledger.attempt(lease, turn, "part-1").same_before is None
    assert house.ledger.attempt(lease, turn, "part-2").same_before is None
    assert house.ledger.attempt(lease, turn, "part-3").same_before is not None


def test_what_was_taken_back_is_known(house: House) -> None:
    where, ids = made_turn().conversation, [MessageId("m1"), MessageId("m2")]
    house.ledger.recall(where, MessageId("m2"))
    assert list(house.ledger.recalled(where, ids)) == [MessageId("m2")]
    assert list(house.ledger.recalled(where, [])) == []


def test_entries_reach_the_outbox_in_order(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    kept = MessageRecord(turn.messages[0], NOW)
    event = InboundEvent(MessageId("e1"), turn.conversation, "shop", "enter_session", NOW, Entered("code"), {"a": "b"})
    asked = TicketOpened(Ticket("r1", turn.conversation, "late", "在吗", NOW, "trace-1"))
    for entry in (kept, EventRecord(event, "said", NOW), asked):
        house.ledger.note(lease, entry)
    house.ledger.store(lease, turn)
    house.inbox.done(lease, closing(turn))
    batch = house.outbox.take(ACME)
    assert batch is not None
    assert batch.records[:3] == (kept, EventRecord(event, "said", NOW), asked)
    assert isinstance(batch.records[3], TurnRecord)


def test_who_lost_the_lease_changes_nothing(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    house.inbox.done(lease)
    with pytest.raises(LeaseLost):
        house.ledger.store(lease, turn)
    for step in (house.ledger.attempt, house.ledger.mark, house.ledger.not_sent):
        with pytest.raises(LeaseLost):
            step(lease, turn, "part-1")
    with pytest.raises(LeaseLost):
        house.inbox.done(lease, closing(turn))
    with pytest.raises(LeaseLost):
        house.ledger.remember(lease, turn.conversation, turn.state)
    assert house.outbox.size(ACME) == 0


def test_who_attends_is_remembered_until_the_next_turn_says_so(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    queued = replace(turn.state, attendant=Attendant.QUEUE, attendant_since=NOW, called=("r1",))
    house.ledger.remember(lease, turn.conversation, queued)
    assert house.ledger.dialog(turn.conversation) == queued
    house.ledger.store(lease, turn)
    assert house.ledger.dialog(turn.conversation) == turn.state


def test_a_closed_turn_reaches_the_outbox_once_and_in_order(house: House) -> None:
    for number in (1, 2):
        turn = made_turn(number)
        lease = house.lease(turn)
        house.ledger.store(lease, turn)
        house.inbox.done(lease, closing(turn))
        again = house.lease(made_turn(number + 10))
        house.inbox.done(again, closing(turn))
    batch = house.outbox.take(ACME)
    assert batch is not None
    assert [(each.turn, each.answered) for each in turns(batch)] == [(made_turn(1), True), (made_turn(2), True)]


def test_the_end_of_a_lease_marks_the_last_step_and_brings_what_else_is_to_be_kept(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    house.ledger.attempt(lease, turn, "part-1")
    kept = MessageRecord(turn.messages[0], NOW)
    house.inbox.done(lease, replace(closing(turn, step="part-1"), entries=[kept]))
    batch = house.outbox.take(ACME)
    assert batch is not None
    assert (batch.records[0], [each.turn for each in turns(batch)]) == (kept, [turn])
    again = house.lease(made_turn(2))
    assert house.ledger.attempt(again, turn, "part-1").attempt is Attempt.DONE


def test_a_step_is_marked_together_with_leave_for_the_next(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    house.ledger.attempt(lease, turn, "part-1")
    assert house.ledger.attempt(lease, turn, "part-2", taken="part-1").attempt is Attempt.FIRST
    assert house.ledger.attempt(lease, turn, "part-1").attempt is Attempt.DONE


def test_a_turn_is_stored_with_leave_for_its_first_part_and_with_its_request(house: House) -> None:
    turn, sending = made_turn(), Sending("d1", 1, 1, "一楼有")
    lease = house.lease(turn)
    asked = TicketOpened(Ticket("r1", turn.conversation, "late", "在吗", NOW, "trace-1"))
    stored = house.ledger.store(lease, turn, sending, [asked])
    assert stored.leave is not None
    assert stored.leave.attempt is Attempt.FIRST
    assert house.ledger.attempt(lease, turn, "part-1", sending).attempt is Attempt.AGAIN
    assert house.ledger.sent(turn.conversation, "d1") == Sent(turn.turn_id, 1, 1)
    assert house.ledger.store(lease, made_turn(said="二楼有"), sending) == Stored(turn)
    batch = house.outbox.take(ACME)
    assert batch is not None
    assert batch.records == (asked,)


def test_a_turn_is_not_stored_where_more_has_come_than_it_answers(house: House) -> None:
    first, second = made_turn(1), made_turn(2)
    lease = house.lease(first)
    house.inbox.put(ACME, [AnswerMessage(second.messages[0], "trace-2")])
    sending, asked = Sending("d1", 1, 1, "一楼有"), TicketOpened(Ticket("r1", first.conversation, "late", "", NOW, "t"))
    assert house.ledger.store(lease, first, sending, [asked], unless_more=True) == Stored(first, more=True)
    assert (house.ledger.turn(first.conversation, first.turn_id), house.outbox.size(ACME)) == (None, 0)
    assert house.ledger.sent(first.conversation, "d1") is None
    both = replace(first, messages=(*first.messages, *second.messages))
    assert not house.ledger.store(lease, both, unless_more=True).more
    assert house.ledger.turn(first.conversation, first.turn_id) == both


def test_a_turn_is_not_stored_where_one_of_its_messages_was_taken_back(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.recall(turn.conversation, turn.turn_id)
    assert house.ledger.store(lease, turn, unless_more=True).more
    assert not house.ledger.store(lease, turn).more
    house.ledger.attempt(lease, turn, "part-1")
    # some of it may have been shown: it stands, whatever has come
    assert house.ledger.store(lease, made_turn(said="二楼有"), unless_more=True) == Stored(turn)


def test_a_turn_that_may_say_nothing_now_is_stored_without_leave(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.attempt(lease, made_turn(9), "part-1", Sending("d9", 1, 1, "别的", budget=1))
    assert house.ledger.store(lease, turn, Sending("d1", 1, 1, "一楼有", budget=1)) == Stored(turn)
    assert house.ledger.turn(turn.conversation, turn.turn_id) == turn
    other = made_turn(said="二楼有")
    assert house.ledger.store(lease, other).turn == other  # of the first one nothing was tried


def test_what_is_known_of_a_message_comes_with_its_lease(house: House) -> None:
    first, second = made_turn(1), made_turn(2)
    lease = house.lease(first)
    assert house.ledger.begin(lease) == Begun(None, None)
    house.ledger.store(lease, first)
    house.inbox.retry(lease, timedelta(0))
    lease = house.lease(second)
    assert lease.jobs[0].dedup_id.endswith("m1")  # type: ignore[union-attr] # it is a message's
    assert house.ledger.begin(lease) == Begun(first, first.state)
    half_a_minute = timedelta(seconds=30)
    following = house.inbox.done(lease, closing(first), Onward("tester", half_a_minute))
    following = following or house.inbox.lease("tester", half_a_minute, timedelta(seconds=1))  # a cluster's
    assert following is not None
    assert house.ledger.begin(following) == Begun(None, first.state)


def test_of_what_is_no_message_to_answer_nothing_is_known(house: House) -> None:
    turn = made_turn()
    house.ledger.store(house.lease(turn), turn)
    elsewhere = replace(turn.conversation, customer="wm2")
    kept = KeepMessage(replace(turn.messages[0], message_id=MessageId("m2"), conversation=elsewhere), "trace-2")
    house.inbox.put(ACME, [kept, PullMessages(ACME, "shop", "wk1", "", NOW, "trace-3")])
    for _ in range(2):
        lease = house.inbox.lease("tester", timedelta(seconds=30), timedelta(seconds=1))
        assert lease is not None
        assert house.ledger.begin(lease) == Begun(None, None)


def test_a_stored_turn_ends_with_all_its_messages(house: House) -> None:
    first, second = made_turn(1), made_turn(2)
    lease = house.lease(first)
    house.inbox.put(ACME, [AnswerMessage(second.messages[0], "trace-2")])
    turn = replace(first, messages=(*first.messages, *second.messages))
    house.ledger.store(lease, turn)
    house.inbox.done(lease, closing(turn))
    assert house.inbox.waiting(ACME) == 0


def test_a_full_server_keeps_the_ledger_and_hands_out_its_records(house: House, redis_client: Client) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    with full(redis_client):
        house.ledger.store(lease, turn)
        house.ledger.remember(lease, turn.conversation, turn.state)
        house.ledger.attempt(lease, turn, "part-1")
        house.ledger.not_sent(lease, turn, "part-1")
        house.ledger.attempt(lease, turn, "part-1")
        house.ledger.mark(lease, turn, "part-1")
        house.inbox.done(lease, closing(turn))
        batch = house.outbox.take(ACME)
        assert batch is not None
        assert [each.turn for each in turns(batch)] == [turn]
        house.outbox.drop(batch)
        assert house.outbox.size(ACME) == 0


def test_records_are_lent_to_one_writer_and_stay_until_they_are_dropped(house: House) -> None:
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    house.inbox.done(lease, closing(turn, answered=False))
    batch = house.outbox.take(ACME)
    assert batch is not None
    assert house.outbox.take(ACME) is None
    assert house.outbox.size(ACME) == 1
    house.outbox.drop(batch)
    assert (house.outbox.size(ACME), house.outbox.take(ACME)) == (0, None)


def test_a_record_that_cannot_be_read_holds_back_no_other(house: House, redis_client: Client) -> None:
    redis_client.rpush("wb:{ww_acme}:outbox", '{"from":"the future"}')
    turn = made_turn()
    lease = house.lease(turn)
    house.ledger.store(lease, turn)
    house.inbox.done(lease, closing(turn))
    batch = house.outbox.take(ACME)
    assert batch is not None
    assert (len(batch.records), batch.taken) == (1, 2)
    house.outbox.drop(batch)
    assert house.outbox.size(ACME) == 0


def test_a_state_that_cannot_be_read_is_a_new_start(house: House, redis_client: Client) -> None:
    where = made_turn().conversation
    redis_client.set("wb:{ww_acme}:dialog:kf/wk1/wm1", '{"from":"the future"}')
    assert house.ledger.dialog(where) is None


def test_tenants_do_not_see_each_other(house: House) -> None:
    ours, theirs = made_turn(), made_turn(corp_id=GLOBEX)
    lease = house.lease(ours)
    house.ledger.store(lease, ours)
    house.inbox.done(lease, closing(ours))
    assert house.ledger.turn(theirs.conversation, theirs.turn_id) is None
    assert house.ledger.dialog(theirs.conversation) is None
    assert (house.outbox.size(GLOBEX), house.outbox.take(GLOBEX)) == (0, None)
