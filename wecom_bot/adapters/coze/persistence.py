"""Asking more than once: within the deadline, where a repeat does no harm, and not at all where it is known to fail."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from wecom_bot.adapters.coze.circuits import CallCircuits
from wecom_bot.adapters.coze.codes import FailureKind
from wecom_bot.adapters.coze.errors import Call, Failed
from wecom_bot.errors import TookTooLong
from wecom_bot.outbound.backoff import Backoff
from wecom_bot.outbound.deadline import Deadline
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)

T = TypeVar("T")

Again = Callable[[Failed, int], timedelta | None]
"""How long to wait before the next attempt, after this one (counted from 1) failed so; None to give up."""

MOST_REPEATS = 2

_JITTER = 0.9  # nearly all of a wait: a turn has no time to lose


class Persistence:
    """Makes attempts until one succeeds, or nothing speaks for another."""

    def __init__(self, circuits: CallCircuits, pause: timedelta) -> None:
        """`pause` is the longest wait before the second attempt; it doubles."""
        self._circuits = circuits
        self._pause = pause
        self._backoff = Backoff(pause, pause * 2 ** (MOST_REPEATS - 1), _JITTER)

    def __call__(self, call: Call, deadline: Deadline, attempt: Callable[[], T], again: Again) -> T:
        """What the first successful attempt gave. Raises errors of the house."""
        number = 0
        while True:
            number += 1
            self._circuits.admit(call)
            try:
                result = attempt()
            except Failed as failure:
                error = failure.ours(call)
                self._circuits.failed(call, failure, error)
                metrics.COZE_CALLS.labels(call.name, failure.kind.value).inc()
                _log(call, failure, number)
                wait = again(failure, number)
                if wait is None or wait.total_seconds() >= deadline.left:
                    raise error from None
                time.sleep(wait.total_seconds())
            except BaseException as passing:
                # a limit on the whole turn struck while we waited: that, too, is a neighbour that took too long
                if isinstance(passing, TookTooLong) or not isinstance(passing, Exception):
                    self._outlasted(call, number)
                self._circuits.unheard(call)
                raise
            else:
                self._circuits.worked(call)
                metrics.COZE_CALLS.labels(call.name, "ok").inc()
                return result

    def _outlasted(self, call: Call, number: int) -> None:
        failure = Failed(FailureKind.LATE, said="the turn had no more time", begun=True)
        self._circuits.failed(call, failure, failure.ours(call))
        metrics.COZE_CALLS.labels(call.name, failure.kind.value).inc()
        _log(call, failure, number)

    def backoff(self, failure: Failed, number: int) -> timedelta:
        """Exponential backoff with jitter; not before a limit's pause is over."""
        if failure.kind is FailureKind.UNREACHABLE:
            return self._pause / 5  # most often a connection that was closed while nobody looked
        wait = self._backoff.after(number)
        return max(wait, failure.retry_after or wait)

    def harmless(self, failure: Failed, number: int) -> timedelta | None:
        """The policy for what changes nothing: twice for what passes, once for what nobody knows."""
        match failure.kind:
            case FailureKind.RETRY | FailureKind.SLOW if number <= MOST_REPEATS:
                return self.backoff(failure, number)
            case FailureKind.UNREACHABLE | FailureKind.BROKEN | FailureKind.UNKNOWN if number == 1:
                return self.backoff(failure, number)
        return None


def _log(call: Call, failure: Failed, number: int) -> None:
    log.warning(
        "coze.failed",
        neighbour=call.neighbour,
        call=call.name,
        target=call.target,
        kind=failure.kind.value,
        code=failure.code,
        status=failure.status,
        logid=failure.logid,
        hint=failure.hint,
        said=failure.said,
        attempt=number,
    )
