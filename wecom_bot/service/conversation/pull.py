"""Fetch what is new in a kf account: page after page, each stored together with its cursor (an atomic checkpoint)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from wecom_bot.domain.event import Entered, InboundEvent, Recalled, SessionChanged
from wecom_bot.domain.job import AnswerMessage, Job, KeepMessage, Lease, ObserveEvent, PullMessages
from wecom_bot.domain.message import InboundMessage
from wecom_bot.errors import RateLimited, TemporaryFailure
from wecom_bot.ports import Ending, LastPage, Ledger, Mailboxes, MessageSource, PulledPage, PullPlaces, Records
from wecom_bot.service.conversation.observe import code_lives
from wecom_bot.telemetry import logs

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a pull stands: WeCom's cursor, and at first contact also from when on messages are news.

    Both are kept, and so are one text to the inbox and to the record: a first pull that breaks off, or whose messages
    are lost with Redis, goes on as a first pull.
    """

    cursor: str
    oldest: datetime | None = None

    @classmethod
    def read(cls, stored: str) -> Self:
        cursor, _, since = stored.partition("\n")
        return cls(cursor, datetime.fromtimestamp(int(since) / 1000, UTC) if since else None)

    def __str__(self) -> str:
        return self.cursor if self.oldest is None else f"{self.cursor}\n{int(self.oldest.timestamp() * 1000)}"


@dataclass(frozen=True, slots=True)
class Pull:
    """Walk an account from its cursor to the end, and put its customers' messages into their mailboxes."""

    inbox: Mailboxes
    places: PullPlaces
    source: MessageSource
    ledger: Ledger
    records: Records
    first_contact_margin: timedelta

    def __call__(self, lease: Lease, job: PullMessages) -> Ending | None:
        """The last page is stored with the end of the lease.

        Raises what MessageSource.fetch and PullPlaces.put_page raise; what was stored before stays stored.
        """
        # notifications that waited together want the same pull; the newest token lives longest, and a sweep has none
        if lease.behind:
            lease = self.inbox.gather(lease)
        asked = [each for each in lease.jobs if isinstance(each, PullMessages)]
        token = next((each.token for each in reversed(asked) if each.token), "")
        app = asked[-1].app  # the tenant may have given the account to another since the first
        before = lease.place
        place = self._place(before, job, asked)
        start = str(place)
        while True:
            page = self._fetched(job, app, place, token)
            if page is None:
                return None
            self._recall(page)
            jobs = [_job(item, place, job.trace_id) for item in page.messages]
            # after the last page whatever comes is new
            after = _Place(page.cursor, place.oldest if page.has_more else None)
            log.info("pull.page", corp_id=job.corp_id, account=job.open_kfid, messages=len(page.messages))
            if not page.has_more:
                return Ending(page=LastPage(job.open_kfid, jobs, before, str(after), start))
            if self.places.put_page(lease, job.open_kfid, jobs, before, str(after), start) is None:
                raise TemporaryFailure(f"the cursor of {job.open_kfid} was moved by somebody else")
            _must_move(page, place.cursor, job)
            before, place = str(after), after

    def _fetched(self, job: PullMessages, app: str, place: _Place, token: str) -> PulledPage | None:
        """A page; None where nobody told us of anything new and WeCom wants no such call now: the next look comes.

        If that were tried again, what WeCom tells us meanwhile would wait behind it. But a first contact is: the next
        one would begin later.
        """
        try:
            return self.source.fetch(job.corp_id, app, job.open_kfid, place.cursor, token)
        except RateLimited as e:
            if token or place.oldest is not None:
                raise
            log.info("pull.put_off", corp_id=job.corp_id, account=job.open_kfid, error=str(e))
            return None

    def _recall(self, page: PulledPage) -> None:
        """What a customer took back is known before its own turn comes, and may stop one that is under way."""
        for item in page.messages:
            match item:
                case InboundEvent(happening=Recalled(message_id, servicer="")):
                    self.ledger.recall(item.conversation, message_id)

    def _place(self, stored: str, job: PullMessages, asked: Sequence[PullMessages]) -> _Place:
        """Where the ledger says; after its loss where the record says, from where all is looked at again."""
        if stored:
            return _Place.read(stored)
        recorded = self.records.cursor(job.corp_id, job.open_kfid)
        if recorded is not None:
            log.warning("pull.ledger_lost", corp_id=job.corp_id, account=job.open_kfid, from_start=not recorded)
            return _Place.read(recorded)
        return _Place("", min(each.notified_at for each in asked) - self.first_contact_margin)


def _job(item: InboundMessage | InboundEvent, place: _Place, trace_id: str) -> Job:
    """What an item asks for. At first contact the account's history of three days is not news, but it is kept."""
    if isinstance(item, InboundEvent):
        return ObserveEvent(item, trace_id, _deadline(item))
    if item.servicer or (place.oldest is not None and item.sent_at < place.oldest):
        return KeepMessage(item, trace_id)
    return AnswerMessage(item, trace_id)


def _deadline(event: InboundEvent) -> datetime | None:
    """Until when WeCom takes what we may say about it; then it goes ahead of other work."""
    has_code = isinstance(event.happening, Entered | SessionChanged) and event.happening.code
    return event.happened_at + code_lives(event) if has_code else None


def _must_move(page: PulledPage, cursor: str, job: PullMessages) -> None:
    # an empty page with has_more is WeCom's custom; one that also stands still would be an endless loop
    if page.cursor == cursor and not page.messages:
        raise TemporaryFailure(f"WeCom says that {job.open_kfid} has more, and does not give it")
