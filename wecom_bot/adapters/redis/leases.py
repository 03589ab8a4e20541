"""The leases on Redis: sorted sets for what is due, lists for the mailboxes, one script for each step."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.redis.hints import Hints, ping
from wecom_bot.adapters.redis.scripting import Arg, Scripts
from wecom_bot.domain.job import Job, Lease
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import LeaseLost, TemporaryFailure

_LONGEST_NAP = 1.0  # seconds that an idle worker sleeps before it looks again
_AT_ONCE = timedelta(0)
_LOOK_AGAIN = 0.1  # seconds between two looks for what else the customer says


class RedisLeases:
    """Implements ports.Leases and ports.Mailboxes."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._scripts = Scripts(client)
        self._hints = Hints(self._scripts)

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
        job = codec.job(payload)
        return replace(lease, jobs=(job,)) if job else lease

    def look(self, lease: Lease, most: int = 100, known: int = 0, wait: timedelta = _AT_ONCE) -> Sequence[Job]:
        end = monotonic() + wait.total_seconds()
        while (left := end - monotonic()) > 0:
            with translated():
                found: Any = self._client.llen(keys.mailbox(lease.corp_id, lease.mailbox))
            if found > known:
                break
            sleep(min(left, _LOOK_AGAIN))
        return self._read(lease, self._scripts.tenant("look", lease.corp_id, lease.mailbox, lease.token, most))

    def gather(self, lease: Lease, most: int = 100) -> Lease:
        payloads = self._scripts.tenant("gather", lease.corp_id, lease.mailbox, lease.token, most)
        jobs = self._read(lease, payloads)
        if len(jobs) < len(payloads):
            # the unreadable one, and what is behind it, keeps its place: it is lent when its turn comes, alone
            return self.gather(lease, len(jobs))
        return replace(lease, jobs=tuple(jobs))

    def _read(self, lease: Lease, payloads: Sequence[bytes] | None) -> Sequence[Job]:
        if payloads is None:
            raise LeaseLost(lease.mailbox)
        jobs = [job for job in takewhile(bool, map(codec.job, payloads)) if job]
        if not jobs:
            # somebody changed the mailbox by hand; the next lease is over what stands there
            self.give_back(lease)
            raise LeaseLost(lease.mailbox)
        return jobs

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
            self._hints.give(lease.corp_id, due)

    def reclaim(self, corp_ids: Iterable[CorpId], worker: str) -> int:
        ended, failure = 0, None
        for corp_id, answer in self._scripts.each("leases_of", list(corp_ids), worker):
            if isinstance(answer, TemporaryFailure):
                failure = answer
            elif answer:
                ended += self._scripts.tenant("reclaim", corp_id, worker)
                self._hints.give(corp_id)
        if failure:
            raise failure
        return ended

    def accuse(self, corp_id: CorpId, head: str, fall: str) -> int:
        return int(self._scripts.tenant("accuse", corp_id, head, fall))

    def wake(self, corp_ids: Iterable[CorpId]) -> None:
        failure: TemporaryFailure | None = None
        for corp_id, answer in self._scripts.each("measure", list(corp_ids)):
            if isinstance(answer, TemporaryFailure):
                failure = answer
            elif (due := answer[-1]) >= 0:
                self._hints.give(corp_id, due)
        if failure:
            raise failure

    def ping(self) -> None:
        ping(self._client)
