"""The contract of ports.inbox: Mailroom, Leases, Mailboxes, PullPlaces and DeadLetters, on every server there is."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.deadlines import PATIENCE
from tests.fixtures.full_redis import full
from tests.fixtures.redis_servers import TIMEOUT
from tests.fixtures.whole_inbox import CountedOutbox, WholeInbox
from wecom_bot.adapters.redis import keys
from wecom_bot.adapters.redis.connection import Client, connect
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.domain.event import Entered, InboundEvent
from wecom_bot.domain.job import AnswerMessage, HandOff, Job, Lease, ObserveEvent, PullMessages
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.errors import InboxFull, LeaseLost, TemporaryFailure, Unknown
from wecom_bot.ports import CursorRecord, Ending, LastPage, Onward

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOW = datetime.now(UTC)
LONG, AT_ONCE = timedelta(seconds=30), timedelta(0)
FROM_THE_FUTURE = '{"kind":"from the future"}'


def message(number: int, customer: str = "wm1", corp_id: CorpId = ACME) -> AnswerMessage:
    where = ConversationId(corp_id, Channel.KF, "wk1", customer)
    inbound = InboundMessage(MessageId(f"m{number}"), where, "shop", MessageKind.TEXT, NOW, f"第{number}条")
    return AnswerMessage(inbound, f"trace-{number}")


def members(message_id: str, customer: str) -> AnswerMessage:
    where = ConversationId(ACME, Channel.APP, "1000002", customer)
    return AnswerMessage(InboundMessage(MessageId(message_id), where, "shop", MessageKind.TEXT, NOW, "好"), "trace")


def noted_by_an_older_version(client: Client, message_id: str, ago: timedelta = AT_ONCE) -> None:
    left = timedelta(hours=24) - ago
    client.set(f"{keys.tenant(ACME)}seen:app/1000002/{message_id}", "1", px=left)


def entered(customer: str) -> ObserveEvent:
    where = ConversationId(ACME, Channel.KF, "wk1", customer)
    event = InboundEvent(MessageId("e1"), where, "shop", "enter_session", NOW, Entered("code"))
    return ObserveEvent(event, "trace-event", NOW + timedelta(seconds=20))


def pull(token: str = "t1", account: str = "wk1") -> PullMessages:
    return PullMessages(ACME, "shop", account, token, NOW, "trace-pull")


@pytest.fixture
def inbox(redis_client: Client) -> WholeInbox:
    return WholeInbox(redis_client, most_waiting=1000)


def lease(inbox: WholeInbox, length: timedelta = LONG) -> Lease:
    got = inbox.lease("tester", length, AT_ONCE)
    assert got is not None
    return got


def eventually(check: Callable[[], Lease | None], seconds: float = PATIENCE) -> Lease:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
    raise AssertionError("it did not happen in time")


def test_a_job_comes_out_as_it_went_in(inbox: WholeInbox) -> None:
    assert inbox.put(ACME, [message(1)]) == 1
    got = lease(inbox)
    assert got.jobs == (message(1),)
    assert (got.corp_id, got.mailbox, got.attempt) == (ACME, "kf/wk1/wm1", 1)
    assert abs(got.since - datetime.now(UTC)) < timedelta(minutes=1)


def test_every_kind_of_job_survives_the_way_through_redis(inbox: WholeInbox) -> None:
    jobs: list[Job] = [pull(), HandOff(message(1).message.conversation, "given_up", "trace-x")]
    inbox.put(ACME, jobs)
    assert {lease(inbox).jobs[0], lease(inbox).jobs[0]} == set(jobs)


def test_two_members_may_bring_one_message_id(inbox: WholeInbox) -> None:
    assert inbox.put(ACME, [members("73", "zhangsan")]) == 1
    assert inbox.put(ACME, [members("73", "lisi"), members("73", "zhangsan")]) == 1
    assert {lease(inbox).mailbox, lease(inbox).mailbox} == {"app/1000002/zhangsan", "app/1000002/lisi"}


@pytest.mark.parametrize("message_id", ["73", "zhangsan-1700000000-click-ASK", "zhangsan-1700000000~0123456789abcdef"])
def test_a_repeat_of_what_came_to_an_older_version_is_known(
    inbox: WholeInbox, redis_client: Client, message_id: str
) -> None:
    noted_by_an_older_version(redis_client, message_id.partition("~")[0])
    assert inbox.put(ACME, [members(message_id, "zhangsan")]) == 0


def test_what_another_member_once_brought_to_an_older_version_silences_nobody(
    inbox: WholeInbox, redis_client: Client
) -> None:
    noted_by_an_older_version(redis_client, "73", ago=timedelta(minutes=11))
    assert inbox.put(ACME, [members("73", "lisi")]) == 1
    assert inbox.put(ACME, [members("73", "lisi")]) == 0


def test_a_repeat_that_comes_to_an_older_version_is_known_there(inbox: WholeInbox, redis_client: Client) -> None:
    inbox.put(ACME, [members("73", "zhangsan")])
    theirs = f"{keys.tenant(ACME)}seen:app/1000002/73"
    assert not redis_client.set(theirs, "1", nx=True)  # what it does with every message
    assert inbox.put(ACME, [members("73", "lisi")]) == 1


def test_a_message_that_came_before_is_not_put_again(inbox: WholeInbox) -> None:
    assert inbox.put(ACME, [message(1), message(1)]) == 1
    assert inbox.put(ACME, [message(1), message(2)]) == 1
    inbox.done(lease(inbox))
    assert inbox.put(ACME, [message(1)]) == 0


def test_the_same_message_put_by_many_at_once_is_stored_once(inbox: WholeInbox) -> None:
    stored: list[int] = []
    threads = [threading.Thread(target=lambda: stored.append(inbox.put(ACME, [message(1)]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(stored) == 1
    assert inbox.waiting(ACME) == 1


def test_of_many_put_at_once_each_gets_its_own_answer_and_is_leased_at_once(redis_client: Client) -> None:
    inbox = WholeInbox(redis_client, most_waiting=20)
    inbox.put(GLOBEX, [message(number, f"wm{number}", GLOBEX) for number in range(20)])
    answers: dict[str, int | InboxFull] = {}

    def put(name: str, *jobs: AnswerMessage) -> None:
        try:
            answers[name] = inbox.put(jobs[0].corp_id, jobs)
        except InboxFull as e:
            answers[name] = e

    brought: dict[str, tuple[AnswerMessage, ...]] = {f"{n}": (message(n, f"wm{n}"),) for n in range(16)}
    brought |= {"two": (message(20, "wm20"), message(21, "wm20")), "full": (message(99, "wm99", GLOBEX),)}
    threads = [threading.Thread(target=put, args=(name, *jobs)) for name, jobs in brought.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert isinstance(answers.pop("full"), InboxFull)
    assert answers == {name: len(jobs) for name, jobs in brought.items() if name != "full"}
    leased = [lease(inbox) for _ in range(17 + 20)]
    assert len({(each.corp_id, each.mailbox) for each in leased}) == 17 + 20


def test_a_job_is_leased_at_once_also_when_the_server_has_forgotten_how_it_is_put(
    inbox: WholeInbox, redis_client: Client
) -> None:
    inbox.put(ACME, [message(1)])
    held = lease(inbox)
    redis_client.script_flush()
    inbox.retry(held, AT_ONCE)  # the server knows again how to hint, and not how to put
    inbox.done(lease(inbox))
    inbox.put(ACME, [message(2)])
    assert lease(inbox).jobs == (message(2),)


def test_notifications_are_never_the_same(inbox: WholeInbox) -> None:
    assert inbox.put(ACME, [pull(), pull()]) == 2


def test_of_many_waiting_pulls_the_first_and_the_newest_are_kept(inbox: WholeInbox) -> None:
    inbox.put(ACME, [pull(f"t{number}") for number in range(50)])
    assert inbox.waiting(ACME) == 3
    kept = inbox.gather(lease(inbox)).jobs
    assert (kept[0], kept[-1]) == (pull("t0"), pull("t49"))


def test_a_notification_that_comes_during_a_pull_outlives_it(inbox: WholeInbox) -> None:
    for count in (1, 3):
        inbox.put(ACME, [pull(f"t{number}") for number in range(count)])
        under_way = inbox.gather(lease(inbox))
        assert len(under_way.jobs) == count
        inbox.put(ACME, [pull("meanwhile")])
        inbox.done(under_way)
        assert inbox.waiting(ACME) == 1
        again = lease(inbox)
        assert again.jobs == (pull("meanwhile"),)
        inbox.done(again)


def test_notifications_do_not_pile_up_while_an_account_cannot_be_pulled(inbox: WholeInbox) -> None:
    inbox.put(ACME, [pull("first")])
    for number in range(10):
        under_way = inbox.gather(lease(inbox))
        inbox.put(ACME, [pull(f"t{number}.{each}") for each in range(9)])
        inbox.retry(under_way, AT_ONCE)
        assert inbox.waiting(ACME) <= 3
    kept = inbox.gather(lease(inbox)).jobs
    assert (kept[0], kept[-1]) == (pull("first"), pull("t9.8"))


def test_one_conversation_is_answered_in_order_and_one_at_a_time(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1), message(2), message(3)])
    for number in (1, 2, 3):
        got = lease(inbox)
        assert got.jobs == (message(number),)
        assert inbox.lease("tester", LONG, AT_ONCE) is None
        inbox.done(got)
    assert inbox.lease("tester", LONG, AT_ONCE) is None
    assert inbox.waiting(ACME) == 0


def test_conversations_run_side_by_side(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1, "wm1"), message(2, "wm2")])
    assert {lease(inbox).mailbox, lease(inbox).mailbox} == {"kf/wk1/wm1", "kf/wk1/wm2"}


def test_a_lease_can_gather_what_came_meanwhile(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    got = lease(inbox)
    inbox.put(ACME, [message(2), message(3)])
    assert inbox.gather(got, most=2).jobs == (message(1), message(2))
    assert inbox.gather(got).jobs == (message(1), message(2), message(3))
    inbox.put(ACME, [message(4)])
    inbox.done(got)
    assert lease(inbox).jobs == (message(4),)


def test_a_dead_workers_job_comes_back(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    lost = lease(inbox, timedelta(milliseconds=50))
    again = eventually(lambda: inbox.lease("other", LONG, timedelta(seconds=1)))
    assert again.jobs == (message(1),)
    assert again.attempt == 2
    for step in (inbox.done, inbox.give_back, inbox.gather, inbox.look):
        with pytest.raises(LeaseLost):
            step(lost)
    assert inbox.extend(ACME, [lost], LONG) == [lost]
    inbox.done(again)


def test_a_heartbeat_keeps_the_lease(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    got = lease(inbox, timedelta(seconds=2))
    assert inbox.extend(ACME, [got], LONG) == []
    assert inbox.lease("other", LONG, timedelta(seconds=3)) is None
    inbox.done(got)


def test_one_heartbeat_keeps_many_leases_and_tells_which_are_lost(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(n, f"wm{n}") for n in range(3)])
    held = [lease(inbox, timedelta(seconds=2)) for _ in range(3)]
    inbox.done(held[1])
    assert inbox.extend(ACME, held, LONG) == [held[1]]
    assert inbox.lease("other", LONG, timedelta(seconds=3)) is None
    for got in (held[0], held[2]):
        inbox.done(got)


def test_a_heartbeat_does_not_bring_back_what_is_lost(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    lost = lease(inbox)
    inbox.give_back(lost)
    inbox.extend(ACME, [lost], LONG)
    assert lease(inbox).jobs == (message(1),)


def test_a_retry_holds_back_only_its_own_conversation(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1, "wm1"), message(2, "wm1"), message(3, "wm2")])
    inbox.retry(lease(inbox), timedelta(seconds=2))
    other = lease(inbox)
    assert other.jobs == (message(3, "wm2"),)
    inbox.done(other)
    assert inbox.lease("tester", LONG, AT_ONCE) is None
    again = eventually(lambda: inbox.lease("tester", LONG, timedelta(seconds=1)))
    assert (again.jobs, again.attempt) == ((message(1),), 2)
    inbox.done(again)
    assert (lease(inbox).attempt) == 1


def test_what_failed_and_what_never_ended_are_counted_apart(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    lease(inbox, timedelta(milliseconds=1))
    second = eventually(lambda: inbox.lease("other", LONG, timedelta(seconds=1)))
    assert (second.attempt, second.failures) == (2, 0)
    inbox.retry(second, AT_ONCE)
    third = lease(inbox)
    assert (third.attempt, third.failures) == (3, 1)
    inbox.park(third, AT_ONCE)
    fourth = lease(inbox)
    assert (fourth.attempt, fourth.failures) == (4, 2)
    inbox.done(fourth)
    inbox.put(ACME, [message(2)])
    other = lease(inbox)
    assert (other.attempt, other.failures) == (1, 0)


def test_a_job_is_accused_at_every_try_of_it_until_it_is_done(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1), message(2)])
    first = lease(inbox, AT_ONCE)
    assert first.accused == 0
    assert inbox.accuse(ACME, first.head, "fall-1") == 1
    assert inbox.accuse(ACME, first.head, "fall-1") == 1  # told again, for the first answer was lost
    second = eventually(lambda: inbox.lease("tester", LONG, AT_ONCE))
    assert (second.jobs, second.head, second.accused) == ((message(1),), first.head, 1)
    inbox.retry(second, AT_ONCE)
    assert inbox.accuse(ACME, first.head, "fall-2") == 2
    assert inbox.accuse(ACME, first.head, "fall-1") == 2
    third = eventually(lambda: inbox.lease("tester", LONG, AT_ONCE))
    assert third.accused == 2
    inbox.done(third)
    assert inbox.accuse(ACME, first.head, "fall-3") == 0
    after = lease(inbox)
    assert (after.jobs, after.accused) == ((message(2),), 0)
    assert after.head != first.head


def test_of_many_jobs_under_way_one_is_accused(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(number, customer=f"客户 {number}%") for number in range(3)])
    leases = [lease(inbox, AT_ONCE) for _ in range(3)]
    assert inbox.accuse(ACME, leases[1].head, "fall-1") == 1
    again = [eventually(lambda: inbox.lease("tester", LONG, AT_ONCE)) for _ in leases]
    assert {each.head: each.accused for each in again} == {each.head: int(each is leases[1]) for each in leases}


def test_what_is_put_in_a_buried_jobs_place_is_accused_of_nothing(inbox: WholeInbox) -> None:
    inbox.put(ACME, [entered("wm1"), message(1)])
    killer = lease(inbox)
    assert [inbox.accuse(ACME, killer.head, fall) for fall in ("fall-1", "fall-2")] == [1, 2]
    inbox.bury(killer, "stopped its worker twice", HandOff(message(1).message.conversation, "given_up", "t"))
    assert [lease(inbox).accused, inbox.waiting(ACME)] == [0, 2]
    assert inbox.accuse(GLOBEX, killer.head, "fall-3") == 0


def test_a_pause_that_a_neighbour_asked_for_is_neither_an_attempt_nor_a_failure(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    inbox.retry(lease(inbox), AT_ONCE, counts=False)
    again = lease(inbox)
    assert (again.attempt, again.failures) == (1, 0)


def test_a_message_behind_a_retry_does_not_hurry_it(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    inbox.retry(lease(inbox), timedelta(seconds=20))
    inbox.put(ACME, [message(2)])
    assert inbox.lease("tester", LONG, AT_ONCE) is None


def test_what_is_parked_waits_for_the_next_message_and_then_goes_first(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1), message(2)])
    inbox.park(lease(inbox), timedelta(hours=1))
    assert inbox.lease("tester", LONG, AT_ONCE) is None
    inbox.put(ACME, [message(3)])
    again = lease(inbox)
    assert (again.jobs, again.attempt) == ((message(1),), 2)
    inbox.park(again, timedelta(hours=1))
    assert inbox.lease("tester", LONG, AT_ONCE) is None


def test_what_came_while_a_parked_job_was_leased_gives_it_one_more_try(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    got = lease(inbox)
    inbox.put(ACME, [message(2)])
    inbox.park(got, timedelta(hours=1))
    inbox.park(lease(inbox), timedelta(hours=1))
    assert inbox.lease("tester", LONG, AT_ONCE) is None


def test_nobody_waits_for_ever(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    inbox.park(lease(inbox), timedelta(milliseconds=50))
    assert eventually(lambda: inbox.lease("tester", LONG, timedelta(seconds=1))).jobs == (message(1),)


def test_what_is_given_back_is_due_at_once_and_was_no_attempt(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    inbox.give_back(lease(inbox))
    assert lease(inbox).attempt == 1


def test_work_with_a_deadline_goes_first(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1, "wm1"), message(2, "wm2")])
    welcome = entered("wm2")
    inbox.put(ACME, [welcome])
    first = lease(inbox)
    assert first.jobs == (welcome,)
    inbox.done(first)
    assert {lease(inbox).jobs[0], lease(inbox).jobs[0]} == {message(1, "wm1"), message(2, "wm2")}


def test_a_welcome_neither_waits_for_the_retry_of_a_message_nor_hurries_it(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    failed, welcome = lease(inbox), entered("wm1")
    inbox.put(ACME, [welcome])
    inbox.retry(failed, timedelta(seconds=20))
    urgent = lease(inbox)
    assert urgent.jobs == (welcome,)
    inbox.retry(urgent, timedelta(seconds=20))
    assert inbox.lease("tester", LONG, AT_ONCE) is None


def test_a_message_does_not_wait_for_the_retry_of_a_welcome(inbox: WholeInbox) -> None:
    inbox.put(ACME, [entered("wm1")])
    failed = lease(inbox)
    inbox.put(ACME, [message(1)])
    inbox.retry(failed, timedelta(seconds=20))
    inbox.done(lease(inbox))
    assert inbox.lease("tester", LONG, AT_ONCE) is None


def test_what_is_parked_is_woken_although_something_urgent_is_under_way(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    inbox.park(lease(inbox), timedelta(hours=1))
    inbox.put(ACME, [entered("wm1")])
    urgent = lease(inbox)
    inbox.put(ACME, [message(2)])
    inbox.done(urgent)
    assert lease(inbox).jobs == (message(1),)


def test_something_urgent_does_not_wake_what_is_parked(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    inbox.park(lease(inbox), timedelta(hours=1))
    inbox.put(ACME, [entered("wm1")])
    inbox.done(lease(inbox))
    assert inbox.lease("tester", LONG, AT_ONCE) is None
    inbox.put(ACME, [message(2)])
    assert lease(inbox).jobs == (message(1),)


def test_notifications_do_not_hurry_a_pull_that_is_tried_again_later(inbox: WholeInbox) -> None:
    inbox.put(ACME, [pull("t1")])
    failed = lease(inbox)
    inbox.put(ACME, [pull("t2")])
    inbox.retry(failed, timedelta(seconds=20))
    assert inbox.lease("tester", LONG, AT_ONCE) is None


def test_a_pull_goes_ahead_of_what_waits_longer_and_in_order_within_its_account(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(number, f"wm{number}") for number in range(50)])
    inbox.put(ACME, [pull("t1"), pull("t2")])
    for token in ("t1", "t2"):
        first = lease(inbox)
        assert first.jobs == (pull(token),)
        assert lease(inbox).jobs[0].kind == "answer"  # never two pulls of an account at a time
        inbox.done(first)


def test_a_pull_that_is_tried_again_later_lets_the_others_go(inbox: WholeInbox) -> None:
    inbox.put(ACME, [pull("t1"), message(1)])
    inbox.retry(lease(inbox), LONG)
    inbox.put(ACME, [pull("t2")])
    assert lease(inbox).jobs == (message(1),)
    assert inbox.lease("tester", LONG, AT_ONCE) is None


def test_accounts_that_are_told_of_something_new_at_every_pull_leave_room_for_answers(inbox: WholeInbox) -> None:
    accounts = [f"wk{number}" for number in range(20)]
    inbox.put(ACME, [message(number, f"wm{number}") for number in range(5)])
    inbox.put(ACME, [pull(account=account) for account in accounts])
    done: list[str] = []
    for _ in range(25):
        got = lease(inbox)
        (job,) = got.jobs
        done.append(job.kind)
        if isinstance(job, PullMessages):
            inbox.put(ACME, [job])
        inbox.done(got)
    assert done.index("answer") == 4
    assert done.count("answer") == 5
    inbox.put(ACME, [entered("wm9")])
    kinds = [lease(inbox).jobs[0].kind for _ in range(21)]
    assert "event" in kinds


def test_what_is_buried_makes_room_and_can_be_replayed(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1), message(2)])
    inbox.bury(lease(inbox), "Rejected: 40058")
    nxt = lease(inbox)
    assert nxt.jobs == (message(2),)
    inbox.done(nxt)
    (letter,) = inbox.dead_letters(ACME)
    assert (letter.job, letter.reason, letter.attempts) == (message(1), "Rejected: 40058", 1)
    inbox.replay(ACME, letter.letter_id)
    assert inbox.dead_letters(ACME) == []
    assert lease(inbox).jobs == (message(1),)


def test_a_burial_can_leave_a_job_in_its_place(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1), message(2)])
    human = HandOff(message(1).message.conversation, "given_up", "trace-1")
    inbox.bury(lease(inbox), "no use", then=human)
    first = lease(inbox)
    assert first.jobs == (human,)
    inbox.done(first)
    assert lease(inbox).jobs == (message(2),)


def test_a_dead_letter_can_be_dropped_once(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    inbox.bury(lease(inbox), "no use")
    (letter,) = inbox.dead_letters(ACME)
    inbox.drop(ACME, letter.letter_id)
    for gone in (inbox.drop, inbox.replay):
        with pytest.raises(Unknown):
            gone(ACME, letter.letter_id)


def test_of_very_many_dead_letters_the_newest_are_kept(inbox: WholeInbox, redis_client: Client) -> None:
    long_ago = {f"l{number}": number for number in range(10_000)}
    redis_client.zadd("wb:{ww_acme}:dead_order", long_ago)
    redis_client.hset("wb:{ww_acme}:dead", mapping=dict.fromkeys(long_ago, "a letter"))
    inbox.put(ACME, [message(1), message(2)])
    inbox.bury(inbox.gather(lease(inbox)), "no use")
    assert [letter.job for letter in inbox.dead_letters(ACME, 2)] == [message(2), message(1)]
    assert redis_client.hlen("wb:{ww_acme}:dead") == redis_client.zcard("wb:{ww_acme}:dead_order") == 10_000
    with pytest.raises(Unknown):
        inbox.drop(ACME, "l1")
    inbox.drop(ACME, "l2")


def test_a_full_inbox_takes_all_or_nothing_and_still_knows_repeats(redis_client: Client) -> None:
    inbox = WholeInbox(redis_client, most_waiting=2)
    inbox.put(ACME, [message(1)])
    with pytest.raises(InboxFull, match="WECOM_BOT_MAX_WAITING"):
        inbox.put(ACME, [message(2), message(3)])
    assert inbox.waiting(ACME) == 1
    assert inbox.put(ACME, [message(1)]) == 0
    assert inbox.put(ACME, [message(2)]) == 1


def test_a_page_moves_with_its_cursor(inbox: WholeInbox) -> None:
    inbox.put(ACME, [pull()])
    got = lease(inbox)
    assert inbox.cursor(ACME, "wk1") == ""
    assert inbox.put_page(got, "wk1", [message(1), message(2)], "", "c1") == 2
    assert inbox.put_page(got, "wk1", [message(2), message(3)], "c1", "c2") == 1
    assert inbox.cursor(ACME, "wk1") == "c2"
    assert inbox.put_page(got, "wk1", [message(4)], "c1", "c3") is None
    assert (inbox.cursor(ACME, "wk1"), inbox.waiting(ACME)) == ("c2", 4)


def test_where_a_pull_without_a_place_began_goes_to_the_record_at_once(inbox: WholeInbox, redis_client: Client) -> None:
    inbox.put(ACME, [pull()])
    got, outbox = lease(inbox), CountedOutbox(redis_client)
    inbox.put(ACME, [message(1)])  # so that nothing but the start is certain
    assert inbox.put_page(got, "wk1", [message(2)], "", "c1 since noon", " since noon") == 1
    assert inbox.put_page(got, "wk1", [message(3)], "c1 since noon", "c2", " since noon") == 1
    inbox.put_page(got, "wk2", [], "", "c1")
    batch = outbox.take(ACME)
    assert batch is not None
    (entry,) = batch.records
    assert isinstance(entry, CursorRecord)
    assert (entry.account, entry.cursor) == ("wk1", " since noon")


def test_a_page_that_does_not_fit_tells_the_record_nothing(redis_client: Client) -> None:
    inbox = WholeInbox(redis_client, most_waiting=2)
    inbox.put(ACME, [pull()])
    with pytest.raises(InboxFull):
        inbox.put_page(lease(inbox), "wk1", [message(1), message(2)], "", "c1", "a start")
    assert CountedOutbox(redis_client).size(ACME) == 0


def test_a_lease_tells_how_far_its_account_was_pulled_and_what_stands_behind(inbox: WholeInbox) -> None:
    inbox.put(ACME, [pull("t1"), pull("t2")])
    first = lease(inbox)
    assert (first.place, first.behind) == ("", 1)
    inbox.put_page(first, "wk1", [], "", "c1")
    inbox.done(first)
    again = lease(inbox)
    assert (again.place, again.behind) == ("c1", 0)


def test_the_last_page_is_stored_with_the_end_of_its_lease(inbox: WholeInbox) -> None:
    inbox.put(ACME, [pull()])
    inbox.done(lease(inbox), Ending(page=LastPage("wk1", [message(1), message(2)], "", "c1")))
    assert (inbox.cursor(ACME, "wk1"), inbox.waiting(ACME)) == ("c1", 2)
    assert lease(inbox).jobs == (message(1),)


def test_a_last_page_that_cannot_be_stored_leaves_the_lease_and_the_place(redis_client: Client) -> None:
    inbox = WholeInbox(redis_client, most_waiting=2)
    inbox.put(ACME, [pull()])
    got = lease(inbox)
    with pytest.raises(InboxFull, match="WECOM_BOT_MAX_WAITING"):
        inbox.done(got, Ending(page=LastPage("wk1", [message(1), message(2)], "", "c1")))
    with pytest.raises(TemporaryFailure, match="moved"):
        inbox.done(got, Ending(page=LastPage("wk1", [message(1)], "c0", "c1")))
    assert (inbox.cursor(ACME, "wk1"), inbox.waiting(ACME)) == ("", 1)
    inbox.done(got, Ending(page=LastPage("wk1", [], "", "c1")))
    with pytest.raises(LeaseLost):
        inbox.done(got, Ending(page=LastPage("wk1", [message(1)], "c1", "c2")))
    assert (inbox.cursor(ACME, "wk1"), inbox.waiting(ACME)) == ("c1", 0)


def test_a_cluster_behind_one_address_is_found_out(cluster_url: str) -> None:
    client: Any = connect(cluster_url.replace("redis+cluster://", "redis://"), timeout=TIMEOUT, most=4)
    client.flushall()
    inbox = WholeInbox(client, most_waiting=100)
    inbox.put(ACME, [pull()])
    inbox.done(lease(inbox), Ending(page=LastPage("wk1", [message(1), message(2)], "", "c1")))
    for number in (1, 2):
        got = lease(inbox)
        assert got.jobs == (message(number),)
        inbox.done(got, None, Onward("tester", LONG))
    assert inbox.waiting(ACME) == 0
    client.close()


def onward(
    inbox: WholeInbox, done: Lease, ending: Ending | None = None, without: Sequence[CorpId] = ()
) -> Lease | None:
    """What is next, for who has just ended a lease: with the end of it where that can be."""
    following = inbox.done(done, ending, Onward("tester", LONG, without))
    return following or inbox.lease("tester", LONG, AT_ONCE, without)


def test_who_goes_on_has_the_next_job_of_whoever_waited_longest(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(number, f"wm{number}") for number in range(3)])
    first = lease(inbox)
    inbox.put(GLOBEX, [message(1, corp_id=GLOBEX)])
    second = onward(inbox, first)
    assert second is not None
    assert second.corp_id == GLOBEX
    third = onward(inbox, second, without=[ACME])
    assert third is None
    assert inbox.waiting(GLOBEX) == 0
    assert {lease(inbox).mailbox, lease(inbox).mailbox} == {"kf/wk1/wm1", "kf/wk1/wm2"}


def test_who_stores_a_last_page_goes_on_with_what_it_brought(inbox: WholeInbox) -> None:
    inbox.put(ACME, [pull()])
    following = onward(inbox, lease(inbox), Ending(page=LastPage("wk1", [message(1), message(2, "wm2")], "", "c1")))
    assert following is not None
    assert (following.jobs, following.attempt) == ((message(1),), 1)
    assert lease(inbox).jobs == (message(2, "wm2"),)  # and the others are there for everybody
    again = onward(inbox, following)
    assert again is None


def test_what_comes_next_of_a_mailbox_is_its_next_job(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1), message(2)])
    got: Lease | None = lease(inbox)
    for number in (1, 2):
        assert got is not None
        assert (got.jobs, got.attempt) == ((message(number),), 1)
        got = onward(inbox, got)
    assert got is None


def test_a_worker_that_sleeps_is_woken_by_what_is_left_of_a_page(inbox: WholeInbox) -> None:
    inbox.put(ACME, [pull()])
    got = lease(inbox)
    found: list[Lease | None] = []
    sleeper = threading.Thread(target=lambda: found.append(inbox.lease("sleeper", LONG, timedelta(seconds=30))))
    sleeper.start()
    page = LastPage("wk1", [message(number, f"wm{number}") for number in range(3)], "", "c1")
    inbox.done(got, Ending(page=page), Onward("tester", LONG))
    sleeper.join(timeout=PATIENCE)
    assert [each is not None for each in found] == [True]


def test_a_page_of_a_lost_lease_is_not_stored(inbox: WholeInbox) -> None:
    inbox.put(ACME, [pull()])
    got = lease(inbox)
    inbox.done(got)
    with pytest.raises(LeaseLost):
        inbox.put_page(got, "wk1", [message(1)], "", "c1")
    assert (inbox.cursor(ACME, "wk1"), inbox.waiting(ACME)) == ("", 0)


def test_a_page_that_does_not_fit_leaves_the_cursor(redis_client: Client) -> None:
    inbox = WholeInbox(redis_client, most_waiting=2)
    inbox.put(ACME, [pull()])
    with pytest.raises(InboxFull):
        inbox.put_page(lease(inbox), "wk1", [message(1), message(2)], "", "c1")
    assert inbox.cursor(ACME, "wk1") == ""


def test_tenants_take_turns(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(n, f"wm{n}") for n in range(500)])
    inbox.put(GLOBEX, [message(1, corp_id=GLOBEX)])
    assert GLOBEX in {lease(inbox).corp_id for _ in range(3)}
    inbox.wake([ACME, GLOBEX])
    inbox.put(GLOBEX, [message(2, "wm2", GLOBEX)])
    assert GLOBEX in {lease(inbox).corp_id for _ in range(3)}


def test_a_sleeping_worker_is_woken_by_new_work(inbox: WholeInbox) -> None:
    found: list[Lease | None] = []
    sleeper = threading.Thread(target=lambda: found.append(inbox.lease("sleeper", LONG, timedelta(seconds=30))))
    sleeper.start()
    inbox.put(ACME, [message(1)])
    sleeper.join(timeout=PATIENCE)
    assert found
    assert found[0] is not None


def test_lost_hints_are_rebuilt(inbox: WholeInbox, redis_client: Client) -> None:
    inbox.put(ACME, [message(1)])
    redis_client.delete("wb:{@work}:due", "wb:{@work}:puts", "wb:{@work}:wake")
    assert inbox.lease("tester", LONG, AT_ONCE) is None
    inbox.wake([ACME, GLOBEX])
    assert lease(inbox).jobs == (message(1),)


def spoil(client: Client, mailbox: str, place: int) -> None:
    client.lset(f"wb:{{ww_acme}}:box:{mailbox}", place, FROM_THE_FUTURE)


def test_one_tenant_that_cannot_be_looked_at_leaves_the_others_their_hints(
    inbox: WholeInbox, redis_client: Client
) -> None:
    inbox.put(ACME, [message(1)])
    redis_client.delete(keys.DUE)
    redis_client.set("wb:{ww_globex}:ready", "not what it should be")
    with pytest.raises(TemporaryFailure):
        inbox.wake([GLOBEX, ACME])
    assert lease(inbox).jobs == (message(1),)


@pytest.mark.parametrize(
    ("first", "second", "place"), [(message(1), message(2), "kf/wk1/wm1"), (pull("t1"), pull("t2"), "pull/wk1!")]
)
def test_what_cannot_be_read_is_lent_alone_and_can_be_buried(
    inbox: WholeInbox, redis_client: Client, first: Job, second: Job, place: str
) -> None:
    inbox.put(ACME, [first, second])
    spoil(redis_client, place, 0)
    got = lease(inbox)
    assert (got.mailbox, got.jobs) == (first.mailbox, ())
    inbox.bury(got, "unreadable")
    assert lease(inbox).jobs == (second,)
    (letter,) = inbox.dead_letters(ACME)
    assert (letter.job, letter.payload, letter.reason) == (None, FROM_THE_FUTURE, "unreadable")


def test_gathering_takes_only_what_can_be_read_and_buries_only_the_rest(
    inbox: WholeInbox, redis_client: Client
) -> None:
    inbox.put(ACME, [message(n) for n in range(5)])
    spoil(redis_client, "kf/wk1/wm1", 2)
    got = inbox.gather(lease(inbox))
    assert got.jobs == (message(0), message(1))
    inbox.done(got)
    inbox.bury(lease(inbox), "unreadable")
    got = inbox.gather(lease(inbox))
    assert got.jobs == (message(3), message(4))
    inbox.done(got)
    assert [letter.payload for letter in inbox.dead_letters(ACME)] == [FROM_THE_FUTURE]
    assert inbox.waiting(ACME) == 0


def test_who_looks_can_wait_for_what_the_customer_says_next(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    held = lease(inbox)
    began = time.monotonic()
    assert inbox.look(held, known=[MessageId("m1")], wait=timedelta(milliseconds=200)).jobs == [message(1)]
    assert time.monotonic() - began >= 0.2
    later = threading.Timer(0.15, inbox.put, (ACME, [message(2)]))
    later.start()
    assert inbox.look(held, known=[MessageId("m1")], wait=timedelta(seconds=30)).jobs == [message(1), message(2)]
    later.join()


def test_who_looks_learns_what_the_customer_took_back(inbox: WholeInbox, redis_client: Client) -> None:
    inbox.put(ACME, [message(1), message(2)])
    held, known = lease(inbox), [MessageId("m1"), MessageId("m2")]
    assert inbox.look(held, known=known).recalled == []
    RedisLedger(redis_client).recall(message(2).message.conversation, MessageId("m2"))
    assert inbox.look(held, known=known).recalled == [MessageId("m2")]
    assert inbox.look(held, known=known[:1]).recalled == []


def test_who_looks_at_what_waits_holds_no_more_than_before(inbox: WholeInbox, redis_client: Client) -> None:
    inbox.put(ACME, [message(number) for number in range(5)])
    spoil(redis_client, "kf/wk1/wm1", 3)
    held = lease(inbox)
    assert inbox.look(held).jobs == [
        message(0),
        message(1),
        message(2),
    ]  # up to what cannot be read, which keeps its place
    assert inbox.look(held, most=2).jobs == [message(0), message(1)]
    assert inbox.dead_letters(ACME) == []
    inbox.done(held)
    assert lease(inbox).jobs == (message(1),)


def test_who_gathered_too_much_may_hold_less(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1), message(2), message(3)])
    held = inbox.gather(lease(inbox))
    assert inbox.gather(held, 2).jobs == (message(1), message(2))
    inbox.done(held)
    assert lease(inbox).jobs == (message(3),)


def test_a_full_server_takes_no_work_and_says_so(inbox: WholeInbox, redis_client: Client) -> None:
    inbox.put(ACME, [pull()])
    got = lease(inbox)
    inbox.ping()
    refused: list[Callable[[], object]] = [
        lambda: inbox.put(ACME, [message(1)]),
        lambda: inbox.put_page(got, "wk1", [message(1)], "", "c1"),
        inbox.ping,
    ]
    with full(redis_client):
        for step in refused:
            with pytest.raises(InboxFull, match="maxmemory"):
                step()
    inbox.ping()
    assert (inbox.cursor(ACME, "wk1"), inbox.waiting(ACME)) == ("", 1)


def test_a_full_server_empties_its_inbox(inbox: WholeInbox, redis_client: Client) -> None:
    inbox.put(ACME, [message(n, f"wm{n}") for n in range(5)])
    redis_client.delete("wb:{@work}:due", "wb:{@work}:puts")
    with full(redis_client):
        inbox.wake([ACME])
        got = lease(inbox)
        assert inbox.extend(ACME, [got], LONG) == []
        inbox.done(inbox.gather(got))
        inbox.retry(lease(inbox), LONG)
        inbox.park(lease(inbox), LONG)
        inbox.bury(lease(inbox), "no use", HandOff(message(1).message.conversation, "given_up", "trace-1"))
        inbox.give_back(lease(inbox))
        inbox.done(lease(inbox))
        inbox.done(lease(inbox))
        assert inbox.lease("tester", LONG, AT_ONCE) is None
    assert inbox.waiting(ACME) == 2


def test_a_clock_that_was_set_back_silences_nobody(inbox: WholeInbox, redis_client: Client) -> None:
    inbox.put(ACME, [message(1)])
    inbox.done(lease(inbox))
    ahead = (datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000
    redis_client.hset(keys.SERVED, ACME, ahead)
    inbox.put(ACME, [message(2)])
    assert lease(inbox).jobs == (message(2),)


def test_who_was_quiet_is_served_before_a_crowd(inbox: WholeInbox) -> None:
    inbox.put(GLOBEX, [message(number, f"c{number}", GLOBEX) for number in range(5)])
    inbox.put(ACME, [message(1)])
    inbox.done(lease(inbox))
    for _ in range(3):
        inbox.done(lease(inbox))
    inbox.put(ACME, [message(2)])
    assert lease(inbox).corp_id == ACME


def test_tenants_can_be_passed_over(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1), message(2, "wm2")])
    inbox.put(GLOBEX, [message(1, corp_id=GLOBEX)])
    got = inbox.lease("tester", LONG, AT_ONCE, without=[ACME])
    assert got is not None
    assert got.corp_id == GLOBEX
    assert inbox.lease("tester", LONG, AT_ONCE, without=[ACME]) is None
    assert inbox.lease("tester", LONG, AT_ONCE, without=[GLOBEX, ACME]) is None
    assert lease(inbox).corp_id == ACME


def test_a_job_of_another_tenant_is_refused(inbox: WholeInbox) -> None:
    with pytest.raises(ValueError, match="ww_globex"):
        inbox.put(ACME, [message(1, corp_id=GLOBEX)])


def test_what_a_dead_worker_held_goes_on_at_once(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1), message(2), message(3, "wm2"), message(4, "wm3")])
    inbox.put(GLOBEX, [message(1, corp_id=GLOBEX)])
    for _ in range(3):
        assert inbox.lease("dead", LONG, AT_ONCE)
    living = inbox.lease("dead-too", LONG, AT_ONCE)
    assert living
    assert inbox.lease("tester", LONG, AT_ONCE) is None
    assert inbox.reclaim([ACME, GLOBEX], "dead") == 3
    again = [lease(inbox) for _ in range(3)]
    assert {(each.corp_id, each.mailbox) for each in again} | {(living.corp_id, living.mailbox)} == {
        *((ACME, f"kf/wk1/wm{number}") for number in (1, 2, 3)),
        (GLOBEX, "kf/wk1/wm1"),
    }
    assert {(each.attempt, each.failures, each.accused) for each in again} == {(2, 0, 0)}
    assert inbox.extend(living.corp_id, [living], LONG) == []
    assert inbox.reclaim([ACME, GLOBEX], "dead") == 0


def test_what_a_dead_worker_still_sends_changes_nothing(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1), message(2)])
    held = inbox.gather(lease(inbox))
    assert inbox.reclaim([ACME], "tester") == 1
    for end in (inbox.done, inbox.give_back):
        with pytest.raises(LeaseLost):
            end(held)
    again = lease(inbox)
    assert (again.jobs, again.head) == ((message(1),), held.head)


def test_only_the_leases_of_the_tenants_named_are_reclaimed(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    inbox.put(GLOBEX, [message(1, corp_id=GLOBEX)])
    held = {each.corp_id: each for each in (lease(inbox), lease(inbox))}
    assert inbox.reclaim([ACME], "tester") == 1
    assert inbox.extend(GLOBEX, [held[GLOBEX]], LONG) == []
    assert inbox.extend(ACME, [held[ACME]], LONG) == [held[ACME]]


def test_tenants_do_not_see_each_other(inbox: WholeInbox) -> None:
    inbox.put(ACME, [message(1)])
    assert inbox.put(GLOBEX, [message(1, corp_id=GLOBEX)]) == 1
    first, second = lease(inbox), lease(inbox)
    assert {first.corp_id, second.corp_id} == {ACME, GLOBEX}
    for got in (first, second):
        assert got.jobs[0].corp_id == got.corp_id
        inbox.bury(got, "no use")
    assert [letter.job for letter in inbox.dead_letters(GLOBEX)] == [message(1, corp_id=GLOBEX)]
    with pytest.raises(Unknown):
        inbox.replay(GLOBEX, inbox.dead_letters(ACME)[0].letter_id)
