"""What to do with a job that failed, by the class of its error. Nobody else decides."""

from dataclasses import dataclass
from datetime import timedelta
from random import uniform

from wecom_bot.errors import Misconfigured, MustWait, RateLimited, TemporaryFailure, WecomBotError

_LONGEST = 60.0  # seconds between two tries
_BUG_ATTEMPTS = 3  # a bug seldom goes away by itself
_REPLY_WINDOW = timedelta(hours=48)  # in which a customer of 微信客服 may be answered (WeCom page 94677)


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after this time."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Park:
    """Try again when the customer writes, or after this time."""

    at_most: timedelta


@dataclass(frozen=True, slots=True)
class Bury:
    """Give up."""


def verdict(error: Exception, attempt: int, most_attempts: int) -> Retry | Park | Bury:
    """What comes of a job that failed; `attempt` counts from 1."""
    match error:
        case RateLimited():
            # jitter on top, or all that were told the same moment come back in it
            pause = error.retry_after.total_seconds()
            return Retry(timedelta(seconds=pause + uniform(0, 1 + pause / 4)))  # noqa: S311 - not a secret
        case MustWait() if attempt < most_attempts:
            return Park(_REPLY_WINDOW / most_attempts)
        case TemporaryFailure() | Misconfigured() if attempt < most_attempts:
            # an operator may mend a configuration within minutes; until then nothing is lost
            return _backoff(attempt)
        case WecomBotError():
            return Bury()
        case _:
            return _backoff(attempt) if attempt < _BUG_ATTEMPTS else Bury()


def reason(error: Exception) -> str:
    """What the dead letter says: our own messages hold no customer's words, those of others may."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, WecomBotError) else name


def _backoff(attempt: int) -> Retry:
    ceiling = min(_LONGEST, 0.5 * 2**attempt)
    return Retry(timedelta(seconds=uniform(ceiling / 2, ceiling)))  # noqa: S311 - jitter, not a secret
