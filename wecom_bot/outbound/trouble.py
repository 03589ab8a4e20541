"""What can be said of an exchange that went wrong: never its URL or its headers, which may hold a token."""

from datetime import timedelta

from urllib3.exceptions import MaxRetryError, ProxyError

from wecom_bot.outbound import egress
from wecom_bot.outbound.connections import NotTunnelled

_LONGEST_PAUSE = timedelta(hours=1)
_MOST_DIGITS = 9


def untunnelled(problem: BaseException) -> NotTunnelled | None:
    """The proxy's refusal, if that is what went wrong."""
    cause = problem.args[0] if problem.args else None
    cause = cause.reason if isinstance(cause, MaxRetryError) else cause
    cause = cause.original_error if isinstance(cause, ProxyError) else cause
    return cause if isinstance(cause, NotTunnelled) else None


def advice(problem: BaseException) -> str | None:
    """What an operator should do, where it is the proxy on the way out that refused."""
    proxy = untunnelled(problem)
    return egress.advice(proxy.status) if proxy else None


def reason(problem: BaseException) -> str:
    """What went wrong, at the top and at the bottom; the texts between name the URL."""
    bottom = problem
    while (deeper := bottom.__cause__ or bottom.__context__) is not None:
        bottom = deeper
    number = getattr(bottom, "errno", None)
    return f"{type(problem).__name__}, {type(bottom).__name__}" + (f" {number}" if number else "")


def pause(retry_after: str) -> timedelta | None:
    """A Retry-After in seconds, at most an hour; the form with a date is not worth its clocks."""
    if not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return (
        _LONGEST_PAUSE if len(retry_after) > _MOST_DIGITS else min(timedelta(seconds=int(retry_after)), _LONGEST_PAUSE)
    )
