"""The body of a request, read whole before anything else is done for it: waiting for a stranger holds up nobody."""

import io
from typing import Any

from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.errors import InvalidChunkSize, NoMoreData, ParseException
from werkzeug.exceptions import BadRequest, ClientDisconnected, HTTPException, RequestEntityTooLarge, RequestTimeout

from wecom_bot.web.limits import MOST_BYTES
from wecom_bot.web.wire import GatewayWire, TooMuch, TooSlow

# A body in one-byte chunks would take a thousand times as long as one in a piece.
_MOST_CHUNKS = 256
_LONGEST_LINE = 256
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Posted:
    """A body that has come; or what is to be answered where it has not, raised when the app reads it."""

    def __init__(self, data: bytes = b"", refusal: HTTPException | None = None) -> None:
        self._data = io.BytesIO(data)
        self._refusal = refusal

    @property
    def failed(self) -> bool:
        """Whether nobody knows where the next request begins: gunicorn asks."""
        return self._refusal is not None

    def read(self, size: int | None = -1) -> bytes:
        """As a file does. Raises an HTTPException."""
        return self._whole().read(size)

    def readline(self, size: int | None = -1) -> bytes:
        """As a file does. Raises an HTTPException."""
        return self._whole().readline(size)

    def readlines(self, hint: int | None = -1) -> list[bytes]:
        """As a file does. Raises an HTTPException."""
        return self._whole().readlines(hint)

    def __iter__(self) -> io.BytesIO:
        return self._whole()

    def _whole(self) -> io.BytesIO:
        if self._refusal is not None:
            raise self._refusal
        return self._data


def receive(request: Any, wire: GatewayWire) -> None:  # noqa: ANN401 - gunicorn's
    """Put a Posted in the place of the request's body; a refused one ends its connection."""
    reader = request.body.reader
    length = reader.length if isinstance(reader, LengthReader) else None
    if length == 0:
        return
    body = Posted(refusal=RequestEntityTooLarge()) if length and length > MOST_BYTES else _read(request, length, wire)
    request._expected_100_continue = False  # noqa: SLF001 - gunicorn would say it once more
    request.body = body
    if body.failed:
        request.force_close()
        wire.unread = True


def _read(request: Any, length: int | None, wire: GatewayWire) -> Posted:  # noqa: ANN401 - gunicorn's
    wire.await_body()
    body = request.body if length else Body(_Chunks(request, request.unreader))
    try:
        if request._expected_100_continue:  # noqa: SLF001 - gunicorn says it too late for us
            wire.sendall(_CONTINUE)
        data = body.read(MOST_BYTES + 1)
    except TooSlow:
        return Posted(refusal=RequestTimeout())
    except TooMuch:
        return Posted(refusal=RequestEntityTooLarge())
    except (NoMoreData, OSError):
        return Posted(refusal=ClientDisconnected())
    except ParseException:
        return Posted(refusal=BadRequest())
    if length is not None and len(data) < length:
        return Posted(refusal=ClientDisconnected())
    return Posted(data) if len(data) <= MOST_BYTES else Posted(refusal=RequestEntityTooLarge())


class _Chunks(ChunkedReader):  # type: ignore[misc] # gunicorn has no types
    """Not more chunks than anybody needs, and short lines between them."""

    def __init__(self, request: Any, unreader: Any) -> None:  # noqa: ANN401 - gunicorn's
        super().__init__(request, unreader)
        self.limit_chunk_size_line = self.limit_trailer_section = _LONGEST_LINE
        self._left = _MOST_CHUNKS

    def parse_chunk_size(self, unreader: Any, data: bytes | None = None) -> Any:  # noqa: ANN401 - gunicorn's
        self._left -= 1
        if self._left < 0:
            raise InvalidChunkSize(b"too many chunks")
        return super().parse_chunk_size(unreader, data)
