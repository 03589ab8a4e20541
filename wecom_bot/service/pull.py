"""Fetch what is new in a kf account: page after page, each stored together with its cursor."""

from dataclasses import dataclass
from datetime import timedelta

from wecom_bot.domain.job import AnswerMessage, Lease, PullMessages
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Inbox, MessageSource, Page, Records
from wecom_bot.telemetry import logs

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Pull:
    """Walk an account from its cursor to the end, and put its customers' messages into their mailboxes."""

    inbox: Inbox
    source: MessageSource
    records: Records
    first_contact_margin: timedelta

    def __call__(self, lease: Lease, job: PullMessages) -> None:
        """Raises what MessageSource.fetch and Inbox.put_page raise; what was stored before stays stored."""
        # notifications that came while this one waited want the same pull, and the newest token lives longest
        asked = [each for each in self.inbox.gather(lease).jobs if isinstance(each, PullMessages)]
        cursor = self.inbox.cursor(job.corp_id, job.open_kfid)
        oldest = None
        if not cursor and not self.records.knows(job.corp_id, job.open_kfid):
            oldest = min(each.notified_at for each in asked) - self.first_contact_margin
        while True:
            page = self.source.fetch(job.app, job.corp_id, job.open_kfid, cursor, asked[-1].token)
            jobs = [
                AnswerMessage(message, job.trace_id)
                for message in page.messages
                # at first contact the account's history of three days is not news
                if oldest is None or message.sent_at >= oldest
            ]
            stored = self.inbox.put_page(lease, job.open_kfid, jobs, cursor, page.cursor)
            log.info("pull.page", corp_id=job.corp_id, account=job.open_kfid, messages=len(page.messages), new=stored)
            if stored is None:
                raise TemporaryFailure(f"the cursor of {job.open_kfid} was moved by somebody else")
            if not page.has_more:
                return
            _must_move(page, cursor, job)
            cursor = page.cursor


def _must_move(page: Page, cursor: str, job: PullMessages) -> None:
    # an empty page with has_more is WeCom's custom; one that also stands still would be an endless loop
    if page.cursor == cursor and not page.messages:
        raise TemporaryFailure(f"WeCom says that {job.open_kfid} has more, and does not give it")
