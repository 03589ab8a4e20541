"""Redelivery or dead letter: what comes of a job that was not done. It is tried again or given up, and noted."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from wecom_bot.domain.job import Job, Lease
from wecom_bot.errors import LeaseLost, TemporaryFailure, WecomBotError
from wecom_bot.ports import Leases
from wecom_bot.telemetry import logs, metrics, trace
from wecom_bot.worker import retry

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Ends the leases of jobs that failed; what cannot be noted is noted later, or its lease runs out by itself."""

    leases: Leases
    most_attempts: int
    _owed: deque[tuple[Lease, Job, retry.Verdict, str]] = field(default_factory=deque, init=False)

    def failed(self, lease: Lease, job: Job, error: Exception) -> None:
        """The job failed with this error."""
        verdict = retry.verdict(error, job, lease.failures + 1, self.most_attempts, datetime.now(UTC))
        expected, advice = isinstance(error, WecomBotError), retry.advice(error, job)
        log.log(
            30 if expected and not advice else 40,
            "job.failed",
            corp_id=lease.corp_id, mailbox=lease.mailbox, kind=job.kind, attempt=lease.attempt,
            error=retry.reason(error), verdict=type(verdict).__name__.lower(),
            at=None if expected else logs.place(error),
            advice=advice,
        )  # fmt: skip
        self._settle(lease, job, verdict, retry.reason(error))

    def given_up(self, lease: Lease, job: Job, reason: str) -> None:
        """The job is not tried any more, whatever it would come to."""
        self._settle(lease, job, retry.Bury(), reason)

    def unreadable(self, lease: Lease) -> None:
        """It is buried, so that it blocks nobody, whoever wrote it; and a customer gets a human."""
        log.error("inbox.unreadable", corp_id=lease.corp_id, mailbox=lease.mailbox)
        try:
            self.leases.bury(lease, "unreadable", retry.in_place_of_unreadable(lease, trace.new()))
            metrics.JOBS.labels("unreadable", "buried").inc()
        except (TemporaryFailure, LeaseLost):
            log.warning("inbox.unreadable_left", corp_id=lease.corp_id, mailbox=lease.mailbox)

    def lost(self, lease: Lease, job: Job) -> None:
        """Somebody else has it."""
        _count(lease, job, "lost")

    def catch_up(self) -> None:
        """Note what could not be noted while the server was away. Raises nothing.

        A customer need not wait for a lease to run out where its holder lives, and knows that the job is to be redone.
        """
        while self._owed:
            owed = self._owed.popleft()
            try:
                self._note(*owed)
            except TemporaryFailure:
                self._owed.appendleft(owed)
                return
            except LeaseLost:  # it ran out before
                continue

    def _settle(self, lease: Lease, job: Job, verdict: retry.Verdict, reason: str) -> None:
        try:
            self._note(lease, job, verdict, reason)
        except (TemporaryFailure, LeaseLost) as e:
            log.warning("job.outcome_not_noted", corp_id=lease.corp_id, error=type(e).__name__)
            if isinstance(e, TemporaryFailure):
                self._owed.append((lease, job, verdict, reason))

    def _note(self, lease: Lease, job: Job, verdict: retry.Verdict, reason: str) -> None:
        match verdict:
            case retry.Retry(after, counts):
                self.leases.retry(lease, after, counts=counts)
                _count(lease, job, "retried")
            case retry.Park(at_most):
                self.leases.park(lease, at_most)
                _count(lease, job, "parked")
            case retry.Bury():
                self.leases.bury(lease, reason, retry.in_its_place(job))
                _count(lease, job, "buried")


def _count(lease: Lease, job: Job, outcome: str) -> None:
    metrics.JOBS.labels(job.kind, outcome).inc()
    if outcome not in {"retried", "parked"}:
        log.warning("job.ended", outcome=outcome, corp_id=lease.corp_id, kind=job.kind, attempt=lease.attempt)
