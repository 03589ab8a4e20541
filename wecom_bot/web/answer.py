"""What is answered where no framework stands between: a status, headers, a body."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from wecom_bot.telemetry import trace

_PHRASES = {each.value: f"{each.value} {each.phrase}" for each in HTTPStatus}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer in plain text; `told` is whether the app has written a line of its own about it."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    told: bool = False

    @property
    def line(self) -> str:
        """The status, as it stands in the first line of an HTTP answer."""
        return _PHRASES[self.status]

    @property
    def sent(self) -> int:
        """How many bytes its body has: what gunicorn asks for when it logs an answer."""
        return len(self.body)

    @property
    def all_headers(self) -> list[tuple[str, str]]:
        """Its headers, those of its body included."""
        own = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(self.body)))]
        return own + list(self.headers)

    def traced(self, trace_id: str) -> "HttpAnswer":
        """With the trace id that leads to its lines in the log."""
        return replace(self, headers=(*self.headers, (trace.HEADER, trace_id)))
