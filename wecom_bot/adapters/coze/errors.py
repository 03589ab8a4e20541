"""How a call to Coze or to an intent service fails, and which error of ours each failure becomes."""

from dataclasses import dataclass
from datetime import timedelta

from wecom_bot.adapters.coze.codes import FailureKind, classify
from wecom_bot.errors import Misconfigured, RateLimited, Rejected, TemporaryFailure, TookTooLong, WecomBotError

_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that we ask of a neighbour: who it is (Coze, NLU), the call, its bot or workflow, and the token."""

    neighbour: str
    name: str
    host: str
    target: str
    token: str

    def __repr__(self) -> str:
        """Without the token: a traceback or a log may show it."""
        return f"{self.neighbour} {self.name} {self.target}"


class Failed(Exception):
    """One attempt failed. Never leaves this folder: `ours` is the error that does.

    `begun`: the neighbour had begun to work on it, so that a repeat could be a second one.
    """

    def __init__(
        self,
        kind: FailureKind,
        *,
        code: int | None = None,
        said: str = "",
        hint: str = "",
        status: int = 0,
        logid: str = "",
        retry_after: timedelta | None = None,
        begun: bool = False,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.code = code
        self.said = said
        self.hint = hint
        self.status = status
        self.logid = logid
        self.retry_after = retry_after
        self.begun = begun

    @classmethod
    def refused(
        cls,
        code: int | None,
        *,
        status: int = 200,
        logid: str = "",
        retry_after: timedelta | None = None,
        begun: bool = False,
    ) -> "Failed":
        """The failure of a refusal, by its code and status.

        What the neighbour says about it is not kept: it may quote the customer, or the token.
        """
        kind, hint = classify(code, status)
        return cls(kind, code=code, hint=hint, status=status, logid=logid, retry_after=retry_after, begun=begun)

    def ours(self, call: Call) -> WecomBotError:
        """The error for the rest of the house; its message is for operators, never for customers."""
        text = self._text(call)
        match self.kind:
            case FailureKind.AUTH | FailureKind.QUOTA | FailureKind.CONFIG:
                return Misconfigured(text, self.code)
            case FailureKind.SLOW:
                return RateLimited(text, self.retry_after or _PAUSE)
            case FailureKind.USER | FailureKind.NEW_CONVERSATION:
                return Rejected(text, self.code)
            case FailureKind.LATE:
                return TookTooLong(text)
            case _:
                return TemporaryFailure(text)

    def _text(self, call: Call) -> str:
        facts = [str(self.kind)]
        facts += [f"code {self.code}"] if self.code is not None else []
        facts += [f"HTTP {self.status}"] if self.status else []
        return " ".join(
            part
            for part in (
                f"{call!r}: {', '.join(facts)}",
                self.hint and f"- {self.hint}",
                self.said and f"({self.said})",
                self.logid and f"logid {self.logid}",
            )
            if part
        )
