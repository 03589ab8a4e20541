"""Pulling a kf account: no page without its cursor, no history at first contact, no endless loop."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes import ACME, KF, ListSource, MemoryRecords, message
from tests.fixtures.whole_inbox import CountedOutbox, WholeInbox
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.adapters.system import SystemClock
from wecom_bot.domain.event import Entered, InboundEvent, Recalled
from wecom_bot.domain.job import AnswerMessage, Job, KeepMessage, Lease, PullMessages
from wecom_bot.domain.message import CorpId, MessageId
from wecom_bot.errors import RateLimited, TemporaryFailure
from wecom_bot.ports import CursorRecord, Ending, MessageRecord, PulledPage
from wecom_bot.service.conversation.keep import Keep
from wecom_bot.service.conversation.pull import Pull

NOW = datetime.now(UTC)
MARGIN = timedelta(minutes=10)


@dataclass
class Source(ListSource):
    """Pages, and what happens while each is fetched."""

    meanwhile: Callable[[], None] = lambda: None
    apps: list[str] = field(default_factory=list)

    def fetch(self, corp_id: CorpId, app: str, account: str, cursor: str, token: str) -> PulledPage:
        self.apps.append(app)
        page = super().fetch(corp_id, app, account, cursor, token)
        self.meanwhile()
        return page


class House:
    def __init__(self, client: Client, pages: dict[str, PulledPage]) -> None:
        self.client = client
        self.inbox = WholeInbox(client, most_waiting=100)
        self.outbox = CountedOutbox(client)
        self.source = Source(pages)
        self.ledger = RedisLedger(client)
        self.records = MemoryRecords()

    def notify(self, token: str = "t1", notified_at: datetime = NOW, app: str = "shop") -> None:
        self.inbox.put(ACME, [PullMessages(ACME, app, KF, token, notified_at, f"trace-{token}")])

    def keep_one(self) -> None:
        lease = self.inbox.lease("tester", timedelta(seconds=30), timedelta(0))
        assert lease is not None
        (job,) = lease.jobs
        assert isinstance(job, KeepMessage)
        self.inbox.done(lease, Keep(self.ledger, SystemClock())(lease, job))

    def write_record(self) -> None:
        while batch := self.outbox.take(ACME):
            for entry in batch.records:
                match entry:
                    case CursorRecord():
                        self.records.cursors[entry.corp_id, entry.account] = entry.cursor
                    case MessageRecord(message=kept):
                        self.records.known.add((kept.conversation, kept.message_id))
            self.outbox.drop(batch)

    def lose_redis(self) -> None:
        """With all that has not reached the record."""
        self.client.flushall()

    def pull(self) -> None:
        lease = self.inbox.lease("tester", timedelta(seconds=30), timedelta(seconds=1))
        assert lease is not None
        self.inbox.done(lease, self._do(lease))

    def pull_and_give_up(self) -> None:
        lease = self.inbox.lease("tester", timedelta(seconds=30), timedelta(seconds=1))
        assert lease is not None
        try:
            self._do(lease)
        finally:
            self.inbox.bury(lease, "given up")
            self.jobs()

    def _do(self, lease: Lease) -> Ending | None:
        (job,) = lease.jobs
        assert isinstance(job, PullMessages)
        return Pull(self.inbox, self.inbox, self.source, self.ledger, self.records, MARGIN)(lease, job)

    def jobs(self) -> list[Job]:
        """What waits, done now."""
        found: list[Job] = []
        while lease := self.inbox.lease("tester", timedelta(seconds=30), timedelta(0)):
            found += lease.jobs
            self.inbox.done(lease)
        return found

    def queued(self) -> list[tuple[str, str]]:
        """The messages that are to be answered."""
        return [(job.message.text, job.trace_id) for job in self.jobs() if isinstance(job, AnswerMessage)]


def test_every_page_is_read_also_behind_an_empty_one(redis_client: Client) -> None:
    pages = {
        "": PulledPage((message("一", 1),), "c1", has_more=True),
        "c1": PulledPage((), "c2", has_more=True),
        "c2": PulledPage((message("二", 2), message("三", 3)), "c3", has_more=False),
    }
    house = House(redis_client, pages)
    house.notify()
    house.pull()
    assert house.queued() == [("一", "trace-t1"), ("二", "trace-t1"), ("三", "trace-t1")]
    assert house.inbox.cursor(ACME, KF) == "c3"


def test_a_look_that_wecom_does_not_allow_now_is_over_and_a_notification_is_not(redis_client: Client) -> None:
    def limited() -> None:
        raise RateLimited("45009", timedelta(minutes=1))

    house = House(redis_client, {"": PulledPage((), "c1", has_more=False), "c1": PulledPage((), "c1", has_more=False)})
    house.source.meanwhile = limited
    house.notify(token="")
    with pytest.raises(RateLimited):  # at first contact the next look would take later messages for the first
        house.pull_and_give_up()
    house.source.meanwhile = lambda: None
    house.notify()
    house.pull()
    house.source.meanwhile = limited
    house.notify(token="")
    house.pull()
    assert house.inbox.waiting(ACME) == 0
    house.notify("t2")
    with pytest.raises(RateLimited):
        house.pull_and_give_up()


def test_notifications_that_waited_together_are_one_pull_with_the_newest_token(redis_client: Client) -> None:
    house = House(redis_client, {"": PulledPage((), "c1", has_more=False)})
    for token in ("t1", "t2", "t3"):
        house.notify(token)
    house.pull()
    assert house.source.asked == [("", "t3")]
    assert house.inbox.waiting(ACME) == 0


def test_a_notification_that_comes_when_the_last_page_is_read_has_a_pull_of_its_own(redis_client: Client) -> None:
    house = House(redis_client, {"": PulledPage((), "c1", has_more=False)})
    for token in ("t1", "t2", "t3"):
        house.notify(token)
    house.source.meanwhile = lambda: house.notify("t4")
    house.pull()
    house.source.meanwhile = lambda: None
    house.source.pages["c1"] = PulledPage((message("刚才", 1),), "c2", has_more=False)
    house.pull()
    assert house.source.asked == [("", "t3"), ("c1", "t4")]
    assert house.queued() == [("刚才", "trace-t4")]


def test_an_account_that_moved_to_another_app_is_pulled_by_that_from_when_it_was_first_told(
    redis_client: Client,
) -> None:
    house = House(
        redis_client, {"": PulledPage((message("早", 1, sent_at=NOW - timedelta(hours=5)),), "c1", has_more=False)}
    )
    house.notify(notified_at=NOW - timedelta(hours=5), app="closed")
    house.notify("t2")
    house.pull()
    assert house.source.apps == ["shop"]
    assert [text for text, _ in house.queued()] == ["早"]


def test_at_first_contact_history_is_not_answered_but_what_the_callback_announced_is(redis_client: Client) -> None:
    old, new = message("三天前", 1, sent_at=NOW - timedelta(days=2)), message("刚才", 2, sent_at=NOW - MARGIN / 2)
    house = House(redis_client, {"": PulledPage((old, new), "c1", has_more=False)})
    house.notify()
    house.pull()
    kept, answered = house.jobs()
    assert isinstance(kept, KeepMessage)
    assert isinstance(answered, AnswerMessage)
    assert (kept.message.text, answered.message.text) == ("三天前", "刚才")


def test_a_first_pull_that_breaks_off_is_still_the_first_when_it_goes_on(redis_client: Client) -> None:
    old = [message(f"三天前{number}", number, sent_at=NOW - timedelta(days=2)) for number in (1, 2, 3)]
    page = PulledPage((old[0],), "c1", has_more=True)
    house = House(redis_client, {"": page})
    house.notify(notified_at=NOW - timedelta(minutes=1))
    for _ in range(2):
        with pytest.raises(KeyError):  # the source has no such page now
            house.pull_and_give_up()
        house.notify("t2", notified_at=NOW + timedelta(hours=2))
    # a later notification does not move the line: what was said while WeCom was away is answered
    house.source.pages |= {
        "c1": PulledPage((old[1],), "c2", has_more=True),
        "c2": PulledPage((old[2], message("刚才", 4, sent_at=NOW - MARGIN)), "c3", has_more=False),
    }
    house.pull()
    assert [text for text, _ in house.queued()] == ["刚才"]
    assert house.inbox.cursor(ACME, KF) == "c3"


def test_a_first_pull_goes_on_as_the_first_after_a_loss_of_redis(redis_client: Client) -> None:
    old = [message(f"三天前{number}", number, sent_at=NOW - timedelta(days=2)) for number in (1, 2)]
    house = House(redis_client, {"": PulledPage((old[0],), "c1", has_more=True)})
    house.notify()
    with pytest.raises(KeyError):  # the source has no such page now
        house.pull_and_give_up()
    house.source.pages["c1"] = PulledPage((old[1],), "c2", has_more=True)
    house.notify()
    with pytest.raises(KeyError):
        house.pull_and_give_up()  # all that came before the second page was dealt with: its place goes to the record
    house.write_record()
    house.lose_redis()
    house.source.asked.clear()
    house.source.pages["c2"] = PulledPage((message("刚才", 3, sent_at=NOW - MARGIN / 2),), "c3", has_more=False)
    house.notify(notified_at=NOW + timedelta(hours=2))
    house.pull()
    assert [cursor for cursor, _ in house.source.asked] == ["c1", "c2"]
    assert [text for text, _ in house.queued()] == ["刚才"]


def test_history_that_waited_to_be_kept_when_redis_was_lost_is_still_no_news(redis_client: Client) -> None:
    old = [message(f"三天前{number}", number, sent_at=NOW - timedelta(days=2)) for number in (1, 2, 3)]
    new = message("刚才", 4, sent_at=NOW - MARGIN / 2)
    house = House(redis_client, {"": PulledPage((*old, new), "c1", has_more=False)})
    house.notify()
    house.pull()
    house.keep_one()
    house.write_record()
    house.lose_redis()
    # nor does a later notification make history of what nobody has answered
    house.notify(notified_at=NOW + timedelta(hours=2))
    house.pull()
    assert [(job.kind, job.message.text) for job in house.jobs() if isinstance(job, AnswerMessage | KeepMessage)] == [
        *(("keep", each.text) for each in old),
        ("answer", "刚才"),
    ]


def test_once_the_history_is_read_the_age_of_a_message_does_not_matter(redis_client: Client) -> None:
    house = House(redis_client, {"": PulledPage((), "c1", has_more=False)})
    house.notify()
    house.pull()
    house.source.pages["c1"] = PulledPage(
        (message("迟到的", 1, sent_at=NOW - timedelta(days=1)),), "c2", has_more=False
    )
    house.notify("t2")
    house.pull()
    assert [text for text, _ in house.queued()] == ["迟到的"]


def test_after_a_loss_of_the_cursor_everything_is_looked_at_again(redis_client: Client) -> None:
    old, new = message("停机时说的", 1, sent_at=NOW - timedelta(hours=2)), message("刚才", 2)
    house = House(redis_client, {"": PulledPage((old, new), "c1", has_more=False)})
    house.records.known.add((old.conversation, MessageId("long ago")))
    house.notify()
    house.pull()
    assert [text for text, _ in house.queued()] == ["停机时说的", "刚才"]


def test_after_a_loss_of_the_cursor_the_record_says_from_where(redis_client: Client) -> None:
    house = House(redis_client, {"c7": PulledPage((message("停机时说的", 1),), "c8", has_more=False)})
    house.records.cursors[ACME, KF] = "c7"
    house.notify()
    house.pull()
    assert [text for text, _ in house.queued()] == ["停机时说的"]


def test_a_cursor_reaches_the_record_once_all_before_it_is_dealt_with(redis_client: Client) -> None:
    pages = {
        "": PulledPage((message("一", 1),), "c1", has_more=False),
        "c1": PulledPage((message("二", 2),), "c2", has_more=False),
        "c2": PulledPage((), "c2", has_more=False),
    }
    house = House(redis_client, pages)
    house.notify()
    house.pull()
    house.write_record()
    under_way = house.inbox.lease("tester", timedelta(seconds=30), timedelta(0))
    assert under_way is not None
    house.notify()
    house.pull()
    assert house.outbox.size(ACME) == 0  # at c1, but one before it is not answered yet
    house.inbox.done(under_way)
    house.jobs()
    for _ in range(2):
        house.notify()
        house.pull()
    batch = house.outbox.take(ACME)
    assert batch is not None
    assert [entry.cursor for entry in batch.records if isinstance(entry, CursorRecord)] == ["c2"]


def test_a_servicers_words_are_kept_and_what_happens_is_observed_a_welcome_first(redis_client: Client) -> None:
    where = message().conversation
    said = replace(message("我来", 1), servicer="alice")
    entered = InboundEvent(MessageId("e1"), where, "shop", "enter_session", NOW, Entered("code"))
    taken_back = InboundEvent(MessageId("e2"), where, "shop", "user_recall_msg", NOW, Recalled(MessageId("m2")))
    items = (said, message("错了", 2), entered, taken_back)
    house = House(redis_client, {"": PulledPage(items, "c1", has_more=False)})
    house.notify()
    house.pull()
    assert house.ledger.recalled(where, [MessageId("m1"), MessageId("m2")]) == [MessageId("m2")]
    assert [job.kind for job in house.jobs()] == ["event", "keep", "answer", "event"]


def test_a_page_that_stands_still_is_not_asked_for_for_ever(redis_client: Client) -> None:
    house = House(redis_client, {"": PulledPage((), "", has_more=True)})
    house.notify()
    with pytest.raises(TemporaryFailure, match="has more"):
        house.pull()


def test_the_same_message_on_two_pages_is_answered_once(redis_client: Client) -> None:
    pages = {
        "": PulledPage((message("一", 1),), "c1", has_more=True),
        "c1": PulledPage((message("一", 1),), "c2", has_more=False),
    }
    house = House(redis_client, pages)
    house.notify()
    house.pull()
    assert [text for text, _ in house.queued()] == ["一"]
