"""The inbox on Redis: lists for the mailboxes, sorted sets for what is due, one script for each step."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ValidationError

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.redis.scripting import Arg, Scripts
from wecom_bot.domain.job import GIVEN_UP, AnswerMessage, DeadLetter, HandOff, Job, Lease, ObserveEvent, PullMessages
from wecom_bot.domain.message import ConversationId, CorpId
from wecom_bot.errors import InboxFull, LeaseLost, TemporaryFailure, Unknown
from wecom_bot.ports import CursorRecord
from wecom_bot.telemetry import logs, trace

log = logs.get(__name__)

_REMEMBER = timedelta(hours=24)  # WeCom repeats within a minute; a page may come again within a day
_LONGEST_NAP = 1.0  # seconds that an idle worker sleeps before it looks again
_WAKES = 256  # no more sleepers than that are worth waking
_PING = timedelta(seconds=1)
_AT_ONCE = timedelta(0)
_LOOK_AGAIN = 0.1  # seconds between two looks for what else the customer says


class _Letter(BaseModel):
    job: str
    reason: str
    attempts: int
    at: int


class RedisInbox:
    """Implements ports.Inbox. `most_waiting` jobs per tenant, then InboxFull."""

    def __init__(self, client: Client, most_waiting: int) -> None:
        self._client = client
        self._scripts = Scripts(client)
        self._most = most_waiting

    def put(self, corp_id: CorpId, jobs: Sequence[Job]) -> int:
        if not jobs:
            return 0
        stored = self._scripts.tenant(
            "put", corp_id, self._most, codec.milliseconds(_REMEMBER), *_fields(corp_id, jobs)
        )
        return self._accepted(corp_id, stored)

    def put_page(
        self, lease: Lease, account: str, jobs: Sequence[Job], before: str, after: str, start: str = ""
    ) -> int | None:
        place: tuple[Arg, ...] = (account, before, after, _cursor_record(lease, account, before or start))
        step: tuple[Arg, ...] = (self._most, codec.milliseconds(_REMEMBER), lease.mailbox, lease.token, *place)
        stored = self._scripts.tenant("put_page", lease.corp_id, *step, *_fields(lease.corp_id, jobs))
        if stored == -3:  # noqa: PLR2004 - put_page.lua's answer
            raise LeaseLost(lease.mailbox)
        return None if stored == -2 else self._accepted(lease.corp_id, stored)  # noqa: PLR2004 - as above

    def _accepted(self, corp_id: CorpId, stored: int) -> int:
        if stored < 0:
            raise InboxFull(
                f"tenant {corp_id} has {self._most} waiting jobs: add workers, or raise WECOM_BOT_MAX_WAITING"
            )
        if stored:
            self._hint(corp_id)
        return stored

    def cursor(self, corp_id: CorpId, account: str) -> str:
        with translated():
            found: Any = self._client.hget(keys.tenant(corp_id) + "cursor", account)
        return found.decode() if found else ""

    def lease(self, worker: str, length: timedelta, wait: timedelta, without: Collection[CorpId] = ()) -> Lease | None:
        end, woken = monotonic() + wait.total_seconds(), None
        while True:
            picked = self._scripts.shared("next_tenant", *without)
            if len(picked) == 2:  # noqa: PLR2004 - a tenant and its count of puts
                lease = self._lease_from(CorpId(picked[0].decode()), picked[1], worker, length)
                if lease is not None:
                    return lease
                continue
            left = end - monotonic()
            if left <= 0 or (woken and without):  # something has changed: perhaps also who is to be passed over
                return None
            due = picked[0] / 1000 if picked[0] >= 0 else _LONGEST_NAP
            with translated():
                woken = self._client.blpop([keys.WAKE], timeout=max(0.001, min(left, due, _LONGEST_NAP)))

    def _lease_from(self, corp_id: CorpId, puts: bytes, worker: str, length: timedelta) -> Lease | None:
        token = f"{worker}-{uuid4().hex}"
        next_due, *got = self._scripts.tenant("lease", corp_id, token, codec.milliseconds(length))
        self._scripts.shared("rest", corp_id, puts, next_due)
        if not got:
            return None
        mailbox, payload, born = got[0].decode(), got[1], codec.moment(got[4])
        lease = Lease(corp_id, mailbox, token, (), int(got[2]), born, int(got[3]), got[5].decode(), int(got[6]))
        if job := _read(payload):
            return replace(lease, jobs=(job,))
        self._bury_unreadable(lease)
        return None

    def _bury_unreadable(self, lease: Lease) -> None:
        """So that it blocks nobody; and if it was a customer's, a human is called, who can ask what it was."""
        log.error("inbox.unreadable", corp_id=lease.corp_id, mailbox=lease.mailbox)
        try:
            where = ConversationId.parse(lease.corp_id, lease.mailbox)
        except ValueError:
            human = None
        else:
            human = HandOff(where, "", GIVEN_UP, trace.new())
        try:
            self.bury(lease, "unreadable", human)
        except LeaseLost:
            log.warning("inbox.unreadable_left", corp_id=lease.corp_id, mailbox=lease.mailbox)

    def gather(self, lease: Lease, most: int = 100, wait: timedelta = _AT_ONCE) -> Lease:
        end = monotonic() + wait.total_seconds()
        while (left := end - monotonic()) > 0:
            with translated():
                found: Any = self._client.llen(keys.mailbox(lease.corp_id, lease.mailbox))
            if found > len(lease.jobs):
                break
            sleep(min(left, _LOOK_AGAIN))
        return self._gather(lease, most)

    def _gather(self, lease: Lease, most: int) -> Lease:
        payloads = self._scripts.tenant("gather", lease.corp_id, lease.mailbox, lease.token, most)
        if payloads is None:
            raise LeaseLost(lease.mailbox)
        jobs = [job for job in takewhile(bool, map(_read, payloads)) if job]
        if not jobs:
            # somebody changed the mailbox by hand; the next lease buries what stands there
            self.give_back(lease)
            raise LeaseLost(lease.mailbox)
        if len(jobs) < len(payloads):
            # the unreadable one, and what is behind it, keeps its place: it is buried when its turn comes, alone
            return self._gather(lease, len(jobs))
        return replace(lease, jobs=tuple(jobs))

    def extend(self, corp_id: CorpId, leases: Sequence[Lease], length: timedelta) -> Sequence[Lease]:
        held = [part for lease in leases for part in (lease.mailbox, lease.token)]
        return [leases[place] for place in self._scripts.tenant("extend", corp_id, codec.milliseconds(length), *held)]

    def done(self, lease: Lease) -> None:
        self._end(lease, "end_lease", "done", 0)

    def retry(self, lease: Lease, delay: timedelta, *, counts: bool = True) -> None:
        self._end(lease, "end_lease", "retry" if counts else "pause", codec.milliseconds(delay, least=0))

    def park(self, lease: Lease, at_most: timedelta) -> None:
        self._end(lease, "end_lease", "park", codec.milliseconds(at_most, least=0))

    def give_back(self, lease: Lease) -> None:
        self._end(lease, "end_lease", "give_back", 0)

    def bury(self, lease: Lease, reason: str, then: Job | None = None) -> None:
        self._end(lease, "bury", reason, codec.JOB.dump_json(then) if then else "")

    def _end(self, lease: Lease, script: str, *args: Arg) -> None:
        due = self._scripts.tenant(script, lease.corp_id, lease.mailbox, lease.token, *args)
        if due < 0:
            raise LeaseLost(lease.mailbox)
        if due > 0:
            self._hint(lease.corp_id, due)

    def accuse(self, corp_id: CorpId, head: str, fall: str) -> int:
        return int(self._scripts.tenant("accuse", corp_id, head, fall))

    def dead_letters(self, corp_id: CorpId, most: int = 100) -> Sequence[DeadLetter]:
        prefix = keys.tenant(corp_id)
        with translated():
            ids: Any = self._client.zrevrange(prefix + "dead_order", 0, most - 1)
            found: Any = self._client.hmget(prefix + "dead", ids) if ids else []
        return [_letter(key.decode(), text) for key, text in zip(ids, found, strict=True) if text]

    def replay(self, corp_id: CorpId, letter_id: str) -> None:
        if not self._scripts.tenant("replay", corp_id, letter_id):
            raise Unknown(f"tenant {corp_id} has no dead letter {letter_id!r}")
        self._hint(corp_id)

    def drop(self, corp_id: CorpId, letter_id: str) -> None:
        prefix = keys.tenant(corp_id)
        with translated():
            self._client.zrem(prefix + "dead_order", letter_id)
            if not self._client.hdel(prefix + "dead", letter_id):
                raise Unknown(f"tenant {corp_id} has no dead letter {letter_id!r}")

    def waiting(self, corp_id: CorpId) -> int:
        with translated():
            found: Any = self._client.get(keys.tenant(corp_id) + "waiting")
        return int(found or 0)

    def turn_to_sweep(self, corp_id: CorpId, every: timedelta, occasion: str = "sweep") -> bool:
        with translated():
            return bool(self._client.set(f"{keys.tenant(corp_id)}swept:{occasion}", "1", nx=True, px=every))

    def wake(self, corp_ids: Iterable[CorpId]) -> None:
        failure: TemporaryFailure | None = None
        for corp_id, answer in self._scripts.each("measure", list(corp_ids)):
            if isinstance(answer, TemporaryFailure):
                failure = answer
            elif (due := answer[-1]) >= 0:
                self._hint(corp_id, due)
        if failure:
            raise failure

    def ping(self) -> None:
        with translated():
            # a server at its maxmemory answers PING, and takes no message
            self._client.set(keys.PING, "1", px=_PING)

    def _hint(self, corp_id: CorpId, at: int = 0) -> None:
        self._scripts.shared("hint", corp_id, at, _WAKES)


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


def _cursor_record(lease: Lease, account: str, place: str) -> bytes:
    """The place before a page, for the record."""
    return codec.ENTRY.dump_json(CursorRecord(lease.corp_id, account, place, datetime.now(UTC))) if place else b""


def _read(payload: bytes) -> Job | None:
    try:
        return codec.JOB.validate_json(payload)
    except ValidationError:
        return None


def _letter(letter_id: str, text: bytes) -> DeadLetter:
    stored = _Letter.model_validate_json(text)
    buried_at: datetime = codec.moment(stored.at)
    return DeadLetter(letter_id, _read(stored.job.encode()), stored.job, stored.reason, stored.attempts, buried_at)
