"""The durable queue (inbox) on Redis, its way in: from callbacks, and page by page with the place in the account."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.redis.deposits import Deposits
from wecom_bot.adapters.redis.hints import Hints, ping
from wecom_bot.adapters.redis.scripting import Arg, Scripts
from wecom_bot.domain.job import AnswerMessage, Job, Lease, ObserveEvent, PullMessages
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import InboxFull, LeaseLost
from wecom_bot.ports import CursorRecord, LastPage

_REMEMBER = timedelta(hours=24)  # WeCom repeats within a minute; a page may come again within a day


class RedisInbox:
    """Implements ports.Mailroom and ports.PullPlaces. `most_waiting` jobs per tenant, then InboxFull."""

    def __init__(self, client: Client, most_waiting: int) -> None:
        self._client = client
        self._scripts = Scripts(client)
        self._hints = Hints(self._scripts)
        self._deposits = Deposits(self._scripts)
        self._most = most_waiting

    def put(self, corp_id: CorpId, jobs: Sequence[Job]) -> int:
        if not jobs:
            return 0
        stored = self._deposits(corp_id, self._most, codec.milliseconds(_REMEMBER), *_fields(corp_id, jobs))
        return self._taken(corp_id, stored)

    def put_page(
        self, lease: Lease, account: str, jobs: Sequence[Job], before: str, after: str, start: str = ""
    ) -> int | None:
        page = LastPage(account, jobs, before, after, start)
        answer = store_page(self._scripts, self._most, lease, page, None)
        if answer is None:
            return None
        stored, due = answer
        if due > 0:
            self._hints.give(lease.corp_id, due)
        return stored

    def _taken(self, corp_id: CorpId, stored: int) -> int:
        if stored < 0:
            raise _full(corp_id, self._most)
        return stored

    def cursor(self, corp_id: CorpId, account: str) -> str:
        with translated():
            found: Any = self._client.hget(keys.tenant(corp_id) + "cursor", account)
        return found.decode() if found else ""

    def turn_to_sweep(self, corp_id: CorpId, every: timedelta, occasion: str = "sweep") -> bool:
        with translated():
            return bool(self._client.set(f"{keys.tenant(corp_id)}swept:{occasion}", "1", nx=True, px=every))

    def ping(self) -> None:
        ping(self._client)


def _fields(corp_id: CorpId, jobs: Sequence[Job]) -> list[Arg]:
    fields: list[Arg] = []
    for job in jobs:
        if job.corp_id != corp_id:
            raise ValueError(f"a job of {job.corp_id} for the inbox of {corp_id}")
        lane = "!" if isinstance(job, PullMessages) or (isinstance(job, ObserveEvent) and job.deadline) else ""
        wrote, former = ("1", job.former_dedup_id) if isinstance(job, AnswerMessage) else ("", "")
        known = job.dedup_id or ""
        fields += [job.mailbox, lane, known, former if former != known else "", wrote, codec.JOB.dump_json(job)]
    return fields


def store_page(
    scripts: Scripts, most: int, lease: Lease, page: LastPage, ends: Sequence[Arg] | None
) -> tuple[int, ...] | None:
    """put_page.lua's answer, None where the place has moved; what to ask it `ends` the lease with, None if it goes on.

    Raises InboxFull, LeaseLost.
    """
    place: tuple[Arg, ...] = (
        page.account, page.before, page.after, _cursor_record(lease, page.account, page.before or page.start)
    )  # fmt: skip
    step: tuple[Arg, ...] = (most, codec.milliseconds(_REMEMBER), lease.mailbox, lease.token, *place)
    end: tuple[Arg, ...] = ("", "", 0, 0) if ends is None else ("1", *ends)
    answer: list[Any] = scripts.tenant("put_page", lease.corp_id, *step, *end, *_fields(lease.corp_id, page.jobs))
    match answer[0]:
        case -1:
            raise _full(lease.corp_id, most)
        case -2:
            return None
        case -3:
            raise LeaseLost(lease.mailbox)
        case _:
            return tuple(answer)


def _full(corp_id: CorpId, most: int) -> InboxFull:
    return InboxFull(f"tenant {corp_id} has {most} waiting jobs: add workers, or raise WECOM_BOT_MAX_WAITING")


def _cursor_record(lease: Lease, account: str, place: str) -> bytes:
    """The place before a page, for the record."""
    return codec.ENTRY.dump_json(CursorRecord(lease.corp_id, account, place, datetime.now(UTC))) if place else b""
