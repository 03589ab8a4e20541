"""What of Redis a backup has to hold: records that have not reached SQL, and the work that waits.

All else is known to WeCom (what to pull, from the record's cursor on), is made again, or is of no use when it is old:
jobs that were done since would be done again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.redis.scripting import Scripts
from wecom_bot.domain.job import AnswerMessage, HandOff, Job
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Entry

Stored = TypeVar("Stored")

_PAGE = 500


@dataclass(frozen=True, slots=True)
class RedisKeepsake:
    """Looks at a tenant's outbox and mailboxes, and changes nothing."""

    client: Client

    def entries(self, corp_id: CorpId) -> Iterator[bytes]:
        """The records on their way to SQL, the oldest first."""
        return self._list(keys.tenant(corp_id) + "outbox")

    def owed(self, corp_id: CorpId) -> Iterator[bytes]:
        """The jobs that a customer waits for, mailbox by mailbox. What is done while we look may be among them."""
        for mailbox in self._mailboxes(corp_id):
            for payload in self._list(keys.mailbox(corp_id, mailbox)):
                if isinstance(job(payload), AnswerMessage | HandOff):
                    yield payload

    def is_empty(self) -> bool:
        """Whether nothing of ours is there."""
        with translated():
            found: Any = self.client.scan_iter(match="wb:*", count=_PAGE)
            return next(iter(found), None) is None

    def _mailboxes(self, corp_id: CorpId) -> Iterable[str]:
        return dict.fromkeys(name.decode() for name in Scripts(self.client).tenant("mailboxes", corp_id))

    def _list(self, key: str) -> Iterator[bytes]:
        """What a list holds. Its head may go while we read: read from the end, so that nothing moves under us."""
        pages: list[list[bytes]] = []
        end = -1
        while True:
            with translated():
                page: Any = self.client.lrange(key, end - _PAGE + 1, end)
            if not page:
                break
            pages.append(page)
            end -= _PAGE
        for each in reversed(pages):
            yield from each


def entry(payload: bytes) -> Entry | None:
    """A record; None for what this version cannot read."""
    return _read(codec.ENTRY, payload)


def job(payload: bytes) -> Job | None:
    """A job; None for what this version cannot read."""
    return _read(codec.JOB, payload)


def _read(adapter: TypeAdapter[Stored], payload: bytes) -> Stored | None:
    try:
        return adapter.validate_json(payload)
    except ValidationError:
        return None
