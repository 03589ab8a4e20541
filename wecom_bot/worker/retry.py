"""What to do with a job that failed, by the class of its error. Nobody else decides."""

from datetime import timedelta
from random import uniform

from wecom_bot.errors import Misconfigured, RateLimited, TemporaryFailure, WecomBotError

_LONGEST = 60.0  # seconds between two tries
_BUG_ATTEMPTS = 3  # a bug seldom goes away by itself


def delay(error: Exception, attempt: int, most_attempts: int) -> timedelta | None:
    """How long to wait before the next try; None to give up. `attempt` counts from 1."""
    match error:
        case RateLimited():
            # full jitter on top, or all that were told the same moment come back in it
            return error.retry_after + timedelta(seconds=uniform(0, 1 + error.retry_after.total_seconds() / 4))  # noqa: S311 - not a secret
        case TemporaryFailure() | Misconfigured() if attempt < most_attempts:
            # an operator may mend a configuration within minutes; until then nothing is lost
            return _backoff(attempt)
        case WecomBotError():
            return None
        case _:
            return _backoff(attempt) if attempt < _BUG_ATTEMPTS else None


def reason(error: Exception) -> str:
    """What the dead letter says: our own messages hold no customer's words, those of others may."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, WecomBotError) else name


def _backoff(attempt: int) -> timedelta:
    ceiling = min(_LONGEST, 0.5 * 2**attempt)
    return timedelta(seconds=uniform(ceiling / 2, ceiling))  # noqa: S311 - jitter, not a secret
