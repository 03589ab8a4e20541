"""Which circuits a call touches, and which of its failures speaks against which.

A host counts connections that fail; a target (one call of one bot or workflow) counts deadlines that pass, because one
tenant's slow workflow must not silence another's bot; a token is not shown again for a while once it was refused.
"""

from datetime import timedelta
from hashlib import sha256

from wecom_bot.adapters.coze.codes import FailureKind
from wecom_bot.adapters.coze.errors import Call, Failed
from wecom_bot.errors import Misconfigured, TemporaryFailure, WecomBotError
from wecom_bot.outbound.circuit import Circuit, CircuitOpen, Trip
from wecom_bot.ports import CircuitBreaker
from wecom_bot.telemetry import logs

log = logs.get(__name__)

SILENT = Trip(failures=5, within=timedelta(seconds=30), cool_down=timedelta(seconds=10))
BARRED = Trip(failures=1, within=timedelta(0), cool_down=timedelta(seconds=60))


class CallCircuits:
    """The circuits of calls to Coze and to intent services, in a circuit breaker that others may read."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        self._breaker = breaker

    def admit(self, call: Call) -> None:
        """Return if the call may be tried. Raises Misconfigured, TemporaryFailure."""
        try:
            self._breaker.admit(_token(call), _host(call), _target(call))
        except CircuitOpen as e:
            shut = e
        else:
            return
        if shut.why:
            raise Misconfigured(f"{shut.why} (not asked again for {shut.left.total_seconds():.0f} s)", shut.code)
        raise TemporaryFailure(f"{call!r}: not asked, it did not answer {SILENT.failures} times in a row")

    def worked(self, call: Call) -> None:
        """It answered."""
        self._heal(_token(call), _host(call), _target(call))

    def failed(self, call: Call, failure: Failed, error: WecomBotError) -> None:
        """It did not, in this way; `error` is what the caller is told."""
        if failure.kind in (FailureKind.AUTH, FailureKind.QUOTA):
            self._heal(_host(call), _target(call))
            self._bar(call, str(error), failure.code)
        elif failure.kind is FailureKind.UNREACHABLE:
            self._count(call, _host(call))
        elif failure.kind is FailureKind.LATE or (_is_refusal(failure) and failure.status in (502, 503, 504)):
            self._count(call, _target(call))
        elif _is_refusal(failure):
            self._heal(_token(call), _host(call), _target(call))
        self._breaker.undecided(_token(call))

    def unheard(self, call: Call) -> None:
        """Nobody knows what became of it."""
        self._breaker.undecided(_token(call))

    def _count(self, call: Call, circuit: Circuit) -> None:
        if self._breaker.failed(circuit, SILENT):
            of = "host" if circuit.part == "host" else "target"
            log.error("coze.circuit_opened", neighbour=call.neighbour, call=call.name, of=of, target=call.target)

    def _heal(self, *circuits: Circuit) -> None:
        if self._breaker.succeeded(*circuits):
            log.info("coze.circuit_closed")

    def _bar(self, call: Call, why: str, code: int | None) -> None:
        self._breaker.failed(_token(call), BARRED, why, code)
        log.error("coze.token_barred", neighbour=call.neighbour, call=call.name, target=call.target, reason=why)


def _is_refusal(failure: Failed) -> bool:
    """Whether it was an answer: one that broke off says that the neighbour lives, but nobody can say how well."""
    return failure.kind not in (FailureKind.UNREACHABLE, FailureKind.LATE, FailureKind.BROKEN)


def _host(call: Call) -> Circuit:
    return Circuit(call.neighbour, "host", call.host)


def _target(call: Call) -> Circuit:
    return Circuit(call.neighbour, call.name, f"{call.host} {call.target}")


def _token(call: Call) -> Circuit:
    """By a piece of its hash: a circuit's name may be shown."""
    return Circuit(call.neighbour, "token", sha256(f"{call.host}\n{call.token}".encode()).hexdigest()[:16])
