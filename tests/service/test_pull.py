"""Pulling a kf account: no page without its cursor, no history at first contact, no endless loop."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes import ACME, KF, ListSource, MemoryRecords, message
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.inbox import RedisInbox
from wecom_bot.domain.job import AnswerMessage, Lease, PullMessages
from wecom_bot.domain.message import MessageId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Page
from wecom_bot.service.pull import Pull

NOW = datetime.now(UTC)
MARGIN = timedelta(minutes=10)


class House:
    def __init__(self, client: Client, pages: dict[str, Page]) -> None:
        self.inbox = RedisInbox(client, most_waiting=100)
        self.source = ListSource(pages)
        self.records = MemoryRecords()

    def notify(self, token: str = "t1", notified_at: datetime = NOW) -> None:
        self.inbox.put(ACME, [PullMessages(ACME, "shop", KF, token, notified_at, f"trace-{token}")])

    def pull(self) -> None:
        lease = self.inbox.lease("tester", timedelta(seconds=30), timedelta(seconds=1))
        assert lease is not None
        self._do(lease)
        self.inbox.done(lease)

    def pull_and_give_up(self) -> None:
        lease = self.inbox.lease("tester", timedelta(seconds=30), timedelta(seconds=1))
        assert lease is not None
        try:
            self._do(lease)
        finally:
            self.inbox.bury(lease, "given up")

    def _do(self, lease: Lease) -> None:
        (job,) = lease.jobs
        assert isinstance(job, PullMessages)
        Pull(self.inbox, self.source, self.records, MARGIN)(lease, job)

    def queued(self) -> list[tuple[str, str]]:
        found = []
        while lease := self.inbox.lease("tester", timedelta(seconds=30), timedelta(0)):
            (job,) = lease.jobs
            assert isinstance(job, AnswerMessage)
            found.append((job.message.text, job.trace_id))
            self.inbox.done(lease)
        return found


def test_every_page_is_read_also_behind_an_empty_one(redis_client: Client) -> None:
    pages = {
        "": Page((message("一", 1),), "c1", has_more=True),
        "c1": Page((), "c2", has_more=True),
        "c2": Page((message("二", 2), message("三", 3)), "c3", has_more=False),
    }
    house = House(redis_client, pages)
    house.notify()
    house.pull()
    assert house.queued() == [("一", "trace-t1"), ("二", "trace-t1"), ("三", "trace-t1")]
    assert house.inbox.cursor(ACME, KF) == "c3"


def test_notifications_that_waited_together_are_one_pull_with_the_newest_token(redis_client: Client) -> None:
    house = House(redis_client, {"": Page((), "c1", has_more=False)})
    for token in ("t1", "t2", "t3"):
        house.notify(token)
    house.pull()
    assert house.source.asked == [("", "t3")]
    assert house.inbox.waiting(ACME) == 0


def test_at_first_contact_history_is_not_answered_but_what_the_callback_announced_is(redis_client: Client) -> None:
    old, new = message("三天前", 1, sent_at=NOW - timedelta(days=2)), message("刚才", 2, sent_at=NOW - MARGIN / 2)
    house = House(redis_client, {"": Page((old, new), "c1", has_more=False)})
    house.notify()
    house.pull()
    assert [text for text, _ in house.queued()] == ["刚才"]


def test_a_first_pull_that_breaks_off_is_still_the_first_when_it_goes_on(redis_client: Client) -> None:
    old = [message(f"三天前{number}", number, sent_at=NOW - timedelta(days=2)) for number in (1, 2, 3)]
    page = Page((old[0],), "c1", has_more=True)
    house = House(redis_client, {"": page})
    house.notify(notified_at=NOW - timedelta(minutes=1))
    for _ in range(2):
        with pytest.raises(KeyError):  # the source has no such page now
            house.pull_and_give_up()
        house.notify("t2", notified_at=NOW + timedelta(hours=2))
    # a later notification does not move the line: what was said while WeCom was away is answered
    house.source.pages |= {
        "c1": Page((old[1],), "c2", has_more=True),
        "c2": Page((old[2], message("刚才", 4, sent_at=NOW - MARGIN)), "c3", has_more=False),
    }
    house.pull()
    assert [text for text, _ in house.queued()] == ["刚才"]
    assert house.inbox.cursor(ACME, KF) == "c3"


def test_once_the_history_is_read_the_age_of_a_message_does_not_matter(redis_client: Client) -> None:
    house = House(redis_client, {"": Page((), "c1", has_more=False)})
    house.notify()
    house.pull()
    house.source.pages["c1"] = Page((message("迟到的", 1, sent_at=NOW - timedelta(days=1)),), "c2", has_more=False)
    house.notify("t2")
    house.pull()
    assert [text for text, _ in house.queued()] == ["迟到的"]


def test_after_a_loss_of_the_cursor_everything_is_looked_at_again(redis_client: Client) -> None:
    old, new = message("停机时说的", 1, sent_at=NOW - timedelta(hours=2)), message("刚才", 2)
    house = House(redis_client, {"": Page((old, new), "c1", has_more=False)})
    house.records.known.add((old.conversation, MessageId("long ago")))
    house.notify()
    house.pull()
    assert [text for text, _ in house.queued()] == ["停机时说的", "刚才"]


def test_a_page_that_stands_still_is_not_asked_for_for_ever(redis_client: Client) -> None:
    house = House(redis_client, {"": Page((), "", has_more=True)})
    house.notify()
    with pytest.raises(TemporaryFailure, match="has more"):
        house.pull()


def test_the_same_message_on_two_pages_is_answered_once(redis_client: Client) -> None:
    pages = {"": Page((message("一", 1),), "c1", has_more=True), "c1": Page((message("一", 1),), "c2", has_more=False)}
    house = House(redis_client, pages)
    house.notify()
    house.pull()
    assert [text for text, _ in house.queued()] == ["一"]
