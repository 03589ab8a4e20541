"""The leases (visibility timeouts) on Redis: sorted sets for what is due, lists for mailboxes, one script a step."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from time import monotonic, sleep
from typing import Any

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.redis.hints import Hints, ping
from wecom_bot.adapters.redis.inbox import store_page
from wecom_bot.adapters.redis.lending import Lending, asked, lent
from wecom_bot.adapters.redis.scripting import Arg, Scripts
from wecom_bot.domain.job import Job, Lease
from wecom_bot.domain.message import CorpId, MessageId
from wecom_bot.errors import LeaseLost, TemporaryFailure
from wecom_bot.ports import Ending, LastPage, Onward, Waiting

_KEEP_CLOSED = timedelta(hours=24)  # a turn that is over: as long as message ids are remembered
_LONGEST_NAP = 1.0  # seconds that an idle worker sleeps before it looks again
_AT_ONCE = timedelta(0)
_LOOK_AGAIN = 0.1  # seconds between two looks for what else the customer says


class RedisLeases:
    """Implements ports.Leases and ports.Mailboxes."""

    def __init__(self, client: Client, most_waiting: int) -> None:
        """`most_waiting` jobs per tenant: a pull's last page that would bring more does not fit."""
        self._client = client
        self._scripts = Scripts(client)
        self._hints = Hints(self._scripts)
        self._lending = Lending(self._scripts)
        self._most = most_waiting
        self._quiet = 0.0  # until then nothing is due that is not told of
        self._quiet_without: frozenset[CorpId] = frozenset()

    def lease(self, worker: str, length: timedelta, wait: timedelta, without: Collection[CorpId] = ()) -> Lease | None:
        end, woken = monotonic() + wait.total_seconds(), None
        if self._quiet_without == frozenset(without) and (left := min(end, self._quiet) - monotonic()) > 0:
            woken = self._nap(left)
        while True:
            lent = self._lending.next(worker, length, without)
            self._quiet, self._quiet_without = monotonic() + lent.soon, frozenset(without)
            left = end - monotonic()
            if lent.lease or left <= 0 or (woken and without):
                # woken: something has changed, perhaps also who is to be passed over
                return lent.lease
            woken = self._nap(min(left, lent.soon))

    def _nap(self, seconds: float) -> object:
        """Sleep until there is news, at most so long; whether there is."""
        with translated():
            return self._client.blpop([keys.WAKE], timeout=max(0.001, min(seconds, _LONGEST_NAP)))

    def look(
        self, lease: Lease, most: int = 100, known: Sequence[MessageId] = (), wait: timedelta = _AT_ONCE
    ) -> Waiting:
        end = monotonic() + wait.total_seconds()
        while (left := end - monotonic()) > 0:
            with translated():
                found: Any = self._client.llen(keys.mailbox(lease.corp_id, lease.mailbox))
            if found > len(known):
                break
            sleep(min(left, _LOOK_AGAIN))
        answer = self._scripts.tenant("look", lease.corp_id, lease.mailbox, lease.token, most, *known)
        payloads, recalled = answer or (None, [])
        return Waiting(self._read(lease, payloads), [known[place] for place in recalled])

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

    def done(self, lease: Lease, ending: Ending | None = None, onward: Onward | None = None) -> Lease | None:
        ending = ending or Ending()
        token, next_one = asked(onward)
        without = list(onward.without) if onward else []
        if ending.page:
            due, *got = self._last_page(lease, ending.page, next_one, without)
        else:
            due, *got = self._finish(lease, ending, [*next_one, *without])
        if due > 0:
            self._hints.give(lease.corp_id, due)
        return lent(token, got).lease

    def _finish(self, lease: Lease, ending: Ending, onward: Sequence[Arg]) -> Sequence[Any]:
        turn = keys.turn(ending.turn.conversation, ending.turn.turn_id) if ending.turn else ""
        closed = codec.ENTRY.dump_json(ending.closed) if ending.closed else ""
        entries = [codec.ENTRY.dump_json(each) for each in ending.entries]
        told: list[Arg] = [turn, ending.step, closed, codec.milliseconds(_KEEP_CLOSED), len(entries), *entries]
        answer: list[Any] = self._scripts.tenant("finish", lease.corp_id, lease.mailbox, lease.token, *told, *onward)
        if answer[0] < 0:
            raise LeaseLost(lease.mailbox)
        return answer

    def _last_page(
        self, lease: Lease, page: LastPage, next_one: Sequence[Arg], without: Sequence[CorpId]
    ) -> Sequence[Any]:
        answer = store_page(self._scripts, self._most, lease, page, [*next_one, len(without), *without])
        if answer is None:
            raise TemporaryFailure(f"the cursor of {page.account} was moved by somebody else")
        _, *rest = answer
        return rest

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
