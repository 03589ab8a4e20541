"""How a chat's events reach the reader: plainly, or under one of the faults that are of the stream."""

import time
from collections.abc import Callable, Iterator

from wecom_bot.simulators.coze import chat_calls
from wecom_bot.simulators.coze.schema import CozeFault
from wecom_bot.simulators.coze.story import COMPLETED, DELTA, IN_PROGRESS, MESSAGE, Frame, Wait, told
from wecom_bot.simulators.coze.world import Chat, CozeWorld
from wecom_bot.simulators.trouble import FOR_EVER

Frames = Iterator[Frame]
Staging = Callable[[Frames, float, Wait], Iterator[bytes]]

_BETWEEN_PINGS = 0.05
_CHUNK = 5  # bytes; a Chinese character has three
_DEBUG = b'data:{"debug_url":"https://www.coze.cn/work_flow?execute_id=1"}\r\n\r\n'


def staged(world: CozeWorld, chat: Chat, fault: CozeFault | None, wait: Wait) -> Iterator[bytes]:
    """The body of the stream. However it breaks off, the chat itself then runs to its end, as in the cloud."""
    staging = STAGINGS.get(fault.kind, _plainly) if fault else _plainly
    try:
        yield from staging(told(world, chat, wait), fault.value if fault else 0.0, wait)
    finally:
        world.end(chat, chat_calls.outcome(chat))


def _plainly(frames: Frames, _value: float, _wait: Wait) -> Iterator[bytes]:
    for frame in frames:
        yield frame.encode()


def _until(frames: Frames, event: str) -> Iterator[bytes]:
    """Up to the first event of that name, with it."""
    for frame in frames:
        yield frame.encode()
        if frame.event == event:
            return


def _stall(frames: Frames, value: float, wait: Wait) -> Iterator[bytes]:
    yield from _until(frames, DELTA)
    wait(value or FOR_EVER)
    raise ConnectionResetError


def _pings(frames: Frames, value: float, wait: Wait) -> Iterator[bytes]:
    yield from _until(frames, IN_PROGRESS)
    until = time.monotonic() + (value or FOR_EVER)
    while time.monotonic() < until:
        yield b":\n\nevent:PING\ndata:{}\n\n"
        if wait(_BETWEEN_PINGS):
            break
    raise ConnectionResetError


def _eof(frames: Frames, _value: float, _wait: Wait) -> Iterator[bytes]:
    for frame in frames:
        if frame.event == COMPLETED:
            return
        yield frame.encode()


def _cut(frames: Frames, _value: float, _wait: Wait) -> Iterator[bytes]:
    yield from _until(frames, DELTA)
    raise ConnectionAbortedError


def _open(frames: Frames, value: float, wait: Wait) -> Iterator[bytes]:
    yield from _plainly(frames, 0.0, wait)
    wait(value or FOR_EVER)
    raise ConnectionResetError


def _slow(frames: Frames, value: float, wait: Wait) -> Iterator[bytes]:
    for frame in frames:
        if frame.event == DELTA:
            wait(value)
        yield frame.encode()


def _split(frames: Frames, _value: float, _wait: Wait) -> Iterator[bytes]:
    for frame in frames:
        whole = frame.encode()
        yield from (whole[start : start + _CHUNK] for start in range(0, len(whole), _CHUNK))


def _noise(frames: Frames, _value: float, _wait: Wait) -> Iterator[bytes]:
    """Comments, CRLF, spaces after colons, data without an event, unknown events, and messages that are no answers."""
    yield b": hello\r\n\r\n" + _DEBUG
    for frame in frames:
        yield frame.encode("\r\n", " ")
        if frame.event == IN_PROGRESS and isinstance(frame.data, dict):
            yield b"event: conversation.somewhat.new\r\ndata: not json\r\n\r\n"
            yield Frame("conversation.audio.delta", frame.data | {"type": "answer", "content": "UklGRg=="}).encode()
            for kind, content in _ASIDES.items():
                yield Frame(MESSAGE, frame.data | {"role": "assistant", "type": kind, "content": content}).encode()


_ASIDES = {
    "knowledge": "---\nrecall slice 1:退货须知",
    "function_call": '{"name":"search","arguments":{},"plugin_id":1}',
    "tool_response": "内部检索结果",
}

STAGINGS: dict[str, Staging] = {
    "stall": _stall,
    "pings": _pings,
    "eof": _eof,
    "cut": _cut,
    "open": _open,
    "slow": _slow,
    "split": _split,
    "noise": _noise,
}
