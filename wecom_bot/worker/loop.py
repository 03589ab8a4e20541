"""The queue's consumer (worker): lease, do, say what came of it. Many conversations side by side, each in order."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import gevent
from gevent.event import Event
from gevent.pool import Pool

from wecom_bot.domain.job import AnswerMessage, Job, Lease
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import LeaseLost, TemporaryFailure
from wecom_bot.ports import Ending, Leases, Onward
from wecom_bot.telemetry import faults, logs, metrics, trace
from wecom_bot.worker import retry
from wecom_bot.worker.black_box import BlackBox, caller
from wecom_bot.worker.chores import every
from wecom_bot.worker.outcomes import Outcomes
from wecom_bot.worker.pace import Pace
from wecom_bot.worker.shares import Shares

log = logs.get(__name__)

_BEAT = 0.5  # seconds between two notes that the hub turns
_WAIT = timedelta(seconds=1)  # for work, before the loop looks whether it should stop
_SWEEP = 5.0  # seconds between two looks at all tenants, for hints that were lost
_RECORD = 0.75  # seconds between two trips to the record; what a loss of Redis may take with it, so less than one
_LOOK = 0.5  # seconds between two looks for workers that are no more, and for what is still to be noted
_PAUSE = 0.5  # seconds to wait when Redis is away
_GLANCE = timedelta(milliseconds=50)  # for work of others, when all that is due is of a tenant that has its share

Verb = Callable[[Lease, Any], Ending | None]


class Worker:
    """Does the inbox's jobs until it is told to stop."""

    def __init__(
        self,
        name: str,
        leases: Leases,
        verbs: Mapping[str, Verb],
        record: Callable[[Iterable[CorpId]], int],
        corp_ids: Callable[[], Iterable[CorpId]],
        pace: Pace,
        errands: Iterable[tuple[timedelta, Callable[[], None]]] = (),
        box: BlackBox | None = None,
        take_over: Callable[[], None] = lambda: None,
        condition: Callable[[], Mapping[str, object]] = dict,
    ) -> None:
        """`errands` are what else to do now and then, and how often to look whether it is time.

        In the `box` it notes that it lives. From those that do no more it will `take_over`: it looks for them before it
        leases anything itself, and from then on. `condition` tells what it goes on without.
        """
        self.condition = condition
        self._box, self._take_over, self._owing = box, take_over, False
        self._name = name
        self._errands = tuple(errands)
        self._leases = leases
        self._outcomes = Outcomes(leases, pace.max_attempts)
        self._verbs = verbs
        self._record = record
        self._corp_ids = corp_ids
        self._pace = pace
        self._pool = Pool(pace.concurrency)
        self._held: dict[str, Lease] = {}
        self._shares = Shares(pace.concurrency)
        self._to_record: set[CorpId] = set()
        self._stopping = Event()

    def run(self) -> None:
        """Work until `stop`; then finish what is leased within the grace, and give the rest back."""
        chores = [gevent.spawn(every, _BEAT, self._box.beat)] if self._box else []
        self._take_over_first()
        chores += [
            gevent.spawn(every, _LOOK, self._take_over),
            gevent.spawn(every, _LOOK, self._outcomes.catch_up),
            gevent.spawn(every, self._pace.lease.total_seconds() / 3, self._heartbeat),
            gevent.spawn(every, _SWEEP, self._sweep),
            gevent.spawn(every, _RECORD, self._write_record),
            *(gevent.spawn(every, often.total_seconds(), errand) for often, errand in self._errands),
        ]
        log.info("worker.started", worker=self._name, concurrency=self._pace.concurrency)
        try:
            while not self._stopping.is_set():
                self._pool.wait_available()
                self._lease_one()
            self._finish()
        finally:
            gevent.killall(chores)
            if self._box:
                self._box.close(owing=self._owing)
            log.info("worker.stopped", worker=self._name)

    def stop(self) -> None:
        """Lease no more; `run` returns within the grace."""
        self._stopping.set()

    def missing(self) -> list[str]:
        """What it cannot work without now. SQL is not among it: the bot goes on without."""
        try:
            self._leases.ping()
        except TemporaryFailure:
            return ["redis"]
        return []

    def _lease_one(self) -> None:
        full = self._shares.full()
        try:
            lease = self._leases.lease(self._name, self._pace.lease, _GLANCE if full else _WAIT, full)
        except TemporaryFailure as e:
            log.warning("worker.inbox_away", error=str(e))
            self._stopping.wait(_PAUSE)
        except Exception as e:  # noqa: BLE001 - a worker that leases no more would look alive, and be silent
            log.error("worker.lease_failed", error=type(e).__name__, at=logs.place(e))
            self._stopping.wait(_PAUSE)
        else:
            if lease is not None:
                self._take(lease)
                self._pool.spawn(self._do_in_a_row, lease)

    def _take_over_first(self) -> None:
        while not self._stopping.is_set():
            try:
                self._take_over()
            except TemporaryFailure as e:
                log.warning("worker.inbox_away", error=str(e))
                self._stopping.wait(_PAUSE)
            else:
                return

    def _take(self, lease: Lease) -> None:
        self._held[lease.token] = lease
        self._shares.take(lease.corp_id, lease.token)

    def _do_in_a_row(self, lease: Lease | None) -> None:
        """Do what is leased, and what the end of each brings with it: in the same slot, whosever it is."""
        while lease is not None:
            lease = caller(lease)(self._do, lease)

    def _do(self, lease: Lease) -> Lease | None:
        """The next lease, where the end of this one brought it."""
        try:
            if lease.jobs:
                return self._try(lease, lease.jobs[0])
            self._outcomes.unreadable(lease)
            return None
        finally:
            self._held.pop(lease.token, None)
            self._shares.give_back(lease.corp_id, lease.token)

    def _try(self, lease: Lease, job: Job) -> Lease | None:
        trace.bind(job.trace_id)
        following = None
        try:
            is_first = lease.attempt <= 1 and not lease.accused  # it has harmed nobody
            if not is_first and (reason := retry.taken_for_a_killer(lease, self._pace.max_attempts)):
                self._outcomes.given_up(lease, job, reason)
                return None
            faults.crash("after_lease")
            if isinstance(job, AnswerMessage):
                faults.stall(job.message.text)
            with metrics.TURN_SECONDS.time():
                ending = self._verbs[job.kind](lease, job)
            if following := self._leases.done(lease, ending, self._onward()):
                self._take(following)
            if ending and ending.step:
                faults.crash("after_mark")
            self._to_record.add(lease.corp_id)
            metrics.JOBS.labels(job.kind, "done").inc()
        except LeaseLost:
            self._outcomes.lost(lease, job)
        except Exception as e:  # noqa: BLE001 - the one place: whatever fails, the job is retried or buried
            self._outcomes.failed(lease, job, e)
        return following

    def _onward(self) -> Onward | None:
        return None if self._stopping.is_set() else Onward(self._name, self._pace.lease, self._shares.full())

    def _finish(self) -> None:
        log.info("worker.stopping", worker=self._name, held=len(self._held))
        self._pool.join(timeout=self._pace.grace.total_seconds())
        left = list(self._held.values())
        self._pool.kill()
        for lease in left:
            try:
                self._leases.give_back(lease)
                metrics.JOBS.labels(lease.jobs[0].kind if lease.jobs else "unreadable", "given_back").inc()
            except (TemporaryFailure, LeaseLost) as e:
                self._owing = True
                log.warning("worker.not_given_back", corp_id=lease.corp_id, error=type(e).__name__)
        self._write_record()

    def _heartbeat(self) -> None:
        leases = list(self._held.values())
        for corp_id in dict.fromkeys(lease.corp_id for lease in leases):
            try:
                mine = [lease for lease in leases if lease.corp_id == corp_id]
                lost = self._leases.extend(corp_id, mine, self._pace.lease)
            except TemporaryFailure as e:
                # the others' may stand on another server of a cluster
                log.warning("worker.heartbeat_failed", corp_id=corp_id, error=str(e))
                continue
            for lease in lost:
                # its greenlet will find out at its next step, and change nothing
                self._held.pop(lease.token, None)

    def _sweep(self) -> None:
        corp_ids = list(self._corp_ids())
        self._shares.know(corp_ids)
        self._leases.wake(corp_ids)
        self._to_record.update(corp_ids)

    def _write_record(self) -> None:
        corp_ids, self._to_record = self._to_record, set()
        try:
            self._record(corp_ids)
        except TemporaryFailure as e:
            # they wait in the outbox, and the sweep comes by again
            log.warning("worker.record_away", error=str(e))
