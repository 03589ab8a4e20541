"""What to do with a job that failed, by the class of its error. Nobody else decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform

from wecom_bot.domain.job import GIVEN_UP, AnswerMessage, HandOff, Job, Lease, PullMessages
from wecom_bot.errors import Misconfigured, MustWait, NotAttending, RateLimited, TemporaryFailure, WecomBotError

_LONGEST = 60.0  # seconds between two tries
_BUG_ATTEMPTS = 3  # a bug seldom goes away by itself
_REPLY_WINDOW = timedelta(hours=48)  # in which a customer of 微信客服 may be answered (WeCom page 94677)
_DOUBLINGS = 10  # of the pause between two tries: more would be past the longest


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after this time; `counts` is whether this try was a failure."""

    after: timedelta
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Park:
    """Try again when the customer writes, or after this time."""

    at_most: timedelta


@dataclass(frozen=True, slots=True)
class Bury:
    """Give up."""


Verdict = Retry | Park | Bury


def verdict(error: Exception, job: Job, failure: int, most_attempts: int, now: datetime) -> Verdict:
    """What comes of a job that failed; `failure` counts from 1, and knows nothing of tries that had no end."""
    given_up = failure >= most_attempts
    match error:
        case RateLimited():
            return Bury() if _too_late(job, now) else _as_asked(error)
        case MustWait() if not given_up:
            return Park(_REPLY_WINDOW / most_attempts)
        case TemporaryFailure() | Misconfigured() | NotAttending() if not given_up or isinstance(job, PullMessages):
            # an operator may mend a configuration within minutes, and people in the client may move a conversation
            # while we speak; until then nothing is lost. A pull stands for messages that nobody has seen yet, so
            # there is no human to call for them: it is never given up
            return _backoff(failure)
        case WecomBotError():
            return Bury()
        case _:
            return _backoff(failure) if failure < _BUG_ATTEMPTS or isinstance(job, PullMessages) else Bury()


def crashed_too_often(lease: Lease, most_attempts: int) -> bool:
    """Whether the job is more likely the killer of its workers than a bystander: most tries had no end at all."""
    without_end = lease.attempt - 1 - lease.failures
    return without_end >= 2 * most_attempts


def in_its_place(job: Job) -> Job | None:
    """Giving up on a customer's message is a reason to call a human; giving up on that is not."""
    if isinstance(job, AnswerMessage):
        return HandOff(job.message.conversation, job.message.app, GIVEN_UP, job.trace_id)
    return None


def reason(error: Exception) -> str:
    """What the dead letter says: our own messages hold no customer's words, those of others may."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, WecomBotError) else name


def _too_late(job: Job, now: datetime) -> bool:
    return isinstance(job, AnswerMessage) and now - job.message.sent_at > _REPLY_WINDOW


def _as_asked(limit: RateLimited) -> Retry:
    # jitter on top, or all that were told the same moment come back in it
    pause = limit.retry_after.total_seconds()
    return Retry(timedelta(seconds=pause + uniform(0, 1 + pause / 4)), counts=False)  # noqa: S311 - not a secret


def _backoff(failure: int) -> Retry:
    ceiling = min(_LONGEST, 0.5 * 2 ** min(failure, _DOUBLINGS))
    return Retry(timedelta(seconds=uniform(ceiling / 2, ceiling)))  # noqa: S311 - jitter, not a secret
