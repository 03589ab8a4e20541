"""Redelivery or dead letter: what comes of a job that was not done. It is tried again or given up, and noted."""

from dataclasses import dataclass
from datetime import UTC, datetime

from wecom_bot.domain.job import Job, Lease
from wecom_bot.errors import LeaseLost, TemporaryFailure, WecomBotError
from wecom_bot.ports import Leases
from wecom_bot.telemetry import logs, metrics, trace
from wecom_bot.worker import retry

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Ends the leases of jobs that failed; where that cannot be noted they run out by themselves."""

    leases: Leases
    most_attempts: int

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

    def _settle(self, lease: Lease, job: Job, verdict: retry.Verdict, reason: str) -> None:
        try:
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
        except (TemporaryFailure, LeaseLost) as e:
            # the lease runs out by itself, and the job comes back
            log.warning("job.outcome_not_noted", corp_id=lease.corp_id, error=type(e).__name__)


def _count(lease: Lease, job: Job, outcome: str) -> None:
    metrics.JOBS.labels(job.kind, outcome).inc()
    if outcome not in {"retried", "parked"}:
        log.warning("job.ended", outcome=outcome, corp_id=lease.corp_id, kind=job.kind, attempt=lease.attempt)
