"""The retry policy: what to do with a job that failed, by the class of its error. Nobody else decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wecom_bot.domain.job import GIVEN_UP, AnswerMessage, HandOff, Job, Lease, PullMessages, SendAgain
from wecom_bot.domain.message import Channel, ConversationId, shown
from wecom_bot.errors import (
    Misconfigured,
    MustWait,
    NotAttending,
    OutcomeUnknown,
    RateLimited,
    TemporaryFailure,
    Unknown,
    WecomBotError,
)
from wecom_bot.outbound.backoff import Backoff, scattered

_LONGEST = timedelta(minutes=1)  # between two tries
_BETWEEN = Backoff(timedelta(seconds=1), _LONGEST)
_BUG_ATTEMPTS = 3  # a bug seldom goes away by itself
_REPLY_WINDOW = timedelta(hours=48)  # in which a customer of 微信客服 may be answered (WeCom page 94677)
_REPEAT_WINDOW = timedelta(hours=3, minutes=50)  # WeCom knows a repeat of an app's message for 4 h (page 90236)
_TRIES_IN_WINDOW = _REPLY_WINDOW // _LONGEST  # of what has no time of its own

_ADVICE = (
    "修好之前，此客服账号的新消息都拉不到：请按错误里的说明核对企业微信后台和租户配置 / "
    "nothing new of this kf account is seen until this is mended in WeCom's console or the tenant's configuration"
)


@dataclass(frozen=True, slots=True)
class Retry:
    """Redelivery with a delay: try again after this time; `counts` is whether this try was a failure."""

    after: timedelta
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Park:
    """Try again when the customer writes, or after this time."""

    at_most: timedelta


@dataclass(frozen=True, slots=True)
class Bury:
    """To the dead letters: give up."""


Verdict = Retry | Park | Bury


def verdict(  # noqa: PLR0911 - a line for each error is the table
    error: Exception, job: Job, failure: int, most_attempts: int, now: datetime
) -> Verdict:
    """What comes of a job that failed; `failure` counts from 1, and knows nothing of tries that had no end."""
    tried_enough = failure >= most_attempts
    match error:
        case RateLimited():
            expired = isinstance(job, AnswerMessage) and _age(job, now) > _REPLY_WINDOW
            return Bury() if expired and tried_enough else _as_asked(error, counts=expired)
        case WecomBotError() if isinstance(job, PullMessages):
            # It stands for messages that nobody has seen yet, so there is no human to call for them; and at first
            # contact it alone knows from when on they are news. Only with its tenant or app it goes, too
            return Bury() if tried_enough and isinstance(error, Unknown) else Retry(_BETWEEN.after(failure))
        case MustWait():
            over = tried_enough and not _waits_on(job, now)
            return Bury() if over else Park(_REPLY_WINDOW / most_attempts)
        case TemporaryFailure() | Misconfigured():
            # an operator may mend a configuration, too; until then nothing is lost
            return (
                Bury() if tried_enough and not _holds_out(error, job, failure, now) else Retry(_BETWEEN.after(failure))
            )
        case NotAttending():
            # people in the client may move a conversation while we speak
            return Bury() if tried_enough else Retry(_BETWEEN.after(failure))
        case WecomBotError():
            return Bury()
        case _:
            return (
                Retry(_BETWEEN.after(failure)) if failure < _BUG_ATTEMPTS or isinstance(job, PullMessages) else Bury()
            )


def taken_for_a_killer(lease: Lease, most_attempts: int) -> str | None:
    """Why it is given up untried, as a poison message: two workers fell while they were computing it.

    Or most of its tries had no end at all, so that it is more likely the killer of its workers than a bystander.
    """
    without_end = lease.attempt - 1 - lease.failures
    if lease.accused > 1:
        return "stopped its worker twice"
    return "crashed its worker" if without_end >= 2 * most_attempts else None


def in_its_place(job: Job) -> Job | None:
    """Giving up on a customer's message is a reason to call a human; giving up on that is not."""
    if isinstance(job, AnswerMessage):
        said = job.message
        return HandOff(said.conversation, GIVEN_UP, job.trace_id, shown(said.kind, said.text))
    return None


def in_place_of_unreadable(lease: Lease, trace_id: str) -> Job | None:
    """If what cannot be read was in a customer's mailbox, a human is called, who can ask what it was."""
    try:
        where = ConversationId.parse(lease.corp_id, lease.mailbox)
    except ValueError:
        return None
    return HandOff(where, GIVEN_UP, trace_id)


def reason(error: Exception) -> str:
    """What the dead letter says: our own messages hold no customer's words, those of others may."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, WecomBotError) else name


def advice(error: Exception, job: Job) -> str | None:
    """What to tell operators, where a job is tried again for ever and nobody else can end that."""
    if not isinstance(job, PullMessages) or not isinstance(error, WecomBotError):
        return None
    return None if isinstance(error, TemporaryFailure | Unknown) else _ADVICE


def _waits_on(job: Job, now: datetime) -> bool:
    """Whether the customer may still write: whatever else happens meanwhile wakes the job for nothing."""
    match job:
        case AnswerMessage():
            return _age(job, now) <= _REPLY_WINDOW
        case SendAgain(wait_since=datetime() as since):
            return now - since <= _REPLY_WINDOW
        case _:
            return False


def _holds_out(error: WecomBotError, job: Job, failure: int, now: datetime) -> bool:
    """Whether to go on although it failed often.

    An outage of WeCom may last for hours, and giving up would say nothing to anybody: to call a human takes WeCom, too.
    """
    match job:
        case AnswerMessage() if job.message.conversation.channel is Channel.APP:
            # Any try before may have been shown without our knowing: a repeat must come while WeCom knows it for one
            return not isinstance(error, OutcomeUnknown) and _age(job, now) <= _REPEAT_WINDOW
        case AnswerMessage():
            return _age(job, now) <= _REPLY_WINDOW
        case SendAgain():
            unsure = isinstance(error, OutcomeUnknown) and job.conversation.channel is Channel.APP
            return not unsure and failure < _TRIES_IN_WINDOW
        case _:  # a handoff has left an open ticket: better that the customer's next words are answered
            return False


def _age(job: AnswerMessage, now: datetime) -> timedelta:
    return now - (job.received_at or job.message.sent_at)


def _as_asked(limit: RateLimited, *, counts: bool) -> Retry:
    # jitter on top, or all that were told the same moment come back in it
    pause = limit.retry_after
    return Retry(scattered(pause, timedelta(seconds=1) + pause / 4), counts=counts)
