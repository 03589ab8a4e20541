"""Server-sent events, as Coze and Coze Studio send them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from wecom_bot.adapters.coze.codes import FailureKind
from wecom_bot.adapters.coze.errors import Failed

MOST_BYTES = 1024 * 1024  # in one event
MOST_IN_ALL = 16 * 1024 * 1024  # in a stream, whose every word comes with half a kilobyte around it


class Event(NamedTuple):
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
            raise Failed(FailureKind.BROKEN, said="an event does not end", begun=True)
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" ").decode("utf-8", "replace"))
        elif field == b"event":
            name = value.decode("utf-8", "replace").strip()
    if name or data:
        yield Event(name, "\n".join(data))


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    pending, total = bytearray(), 0
    for chunk in chunks:
        total += len(chunk)
        if total > MOST_IN_ALL:
            raise Failed(FailureKind.BROKEN, said="the stream does not end", begun=True)
        if b"\n" not in chunk:
            pending += chunk
        else:
            *whole, rest = (bytes(pending) + chunk if pending else chunk).split(b"\n")
            pending = bytearray(rest)
            for line in whole:
                yield line.rstrip(b"\r")
        if len(pending) > MOST_BYTES:
            raise Failed(FailureKind.BROKEN, said="a line does not end", begun=True)
    if pending:
        yield bytes(pending).rstrip(b"\r")
