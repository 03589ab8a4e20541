"""Server-sent events, as Coze and Coze Studio send them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wecom_bot.adapters.coze.codes import Kind
from wecom_bot.adapters.coze.errors import Failed

MOST_BYTES = 1024 * 1024  # in one event
MOST_IN_ALL = 16 * 1024 * 1024  # in a stream, whose every word comes with half a kilobyte around it


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name, which may be empty, and its data lines as one text."""

    name: str
    data: str


def events(chunks: Iterable[bytes]) -> Iterator[Event]:
    r"""The events in a stream, however it is cut. Raises Failed for one that does not end.

    Lines end at bytes \n only: model text may hold U+2028 and the like, at which str.splitlines would cut.
    """
    name, data, size = "", list[str](), 0
    for line in _lines(chunks):
        if not line:
            if name or data:
                yield Event(name, "\n".join(data))
            name, data, size = "", [], 0
            continue
        size += len(line)
        if size > MOST_BYTES:
            raise Failed(Kind.BROKEN, said="an event does not end", begun=True)
        field, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if field == b"event":
            name = text.strip()
        elif field == b"data":
            data.append(text)
    if name or data:
        yield Event(name, "\n".join(data))


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    pending, total = bytearray(), 0
    for chunk in chunks:
        pending += chunk
        total += len(chunk)
        if total > MOST_IN_ALL:
            raise Failed(Kind.BROKEN, said="the stream does not end", begun=True)
        if b"\n" in chunk:
            *whole, rest = bytes(pending).split(b"\n")
            pending = bytearray(rest)
            yield from (line.rstrip(b"\r") for line in whole)
        if len(pending) > MOST_BYTES:
            raise Failed(Kind.BROKEN, said="a line does not end", begun=True)
    if pending:
        yield bytes(pending).rstrip(b"\r")
