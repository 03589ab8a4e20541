"""A chat as it is told: its events, in the usual order."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wecom_bot.simulators.coze import chat_calls
from wecom_bot.simulators.coze.world import Chat, CozeWorld

Wait = Callable[[float], bool]

DELTA = "conversation.message.delta"
MESSAGE = "conversation.message.completed"
IN_PROGRESS = "conversation.chat.in_progress"
COMPLETED = "conversation.chat.completed"
_PIECE = 8  # characters in a delta


@dataclass(frozen=True, slots=True)
class Frame:
    """One event."""

    event: str
    data: object

    def encode(self, end: str = "\n", space: str = "") -> bytes:
        """As the cloud writes it: no space after the colons."""
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"event:{space}{self.event}{end}data:{space}{data}{end}{end}".encode()


def told(world: CozeWorld, chat: Chat, wait: Wait) -> Iterator[Frame]:
    """The events, from created to done. The chat is over, its conversation free, before its end can be seen."""
    yield Frame("conversation.chat.created", chat.shown("created"))
    yield Frame(IN_PROGRESS, chat.shown("in_progress"))
    wait(max(0.0, chat.ready - time.monotonic()))
    if chat_calls.outcome(chat) == "completed":
        for message_id, text in chat.answers:
            yield from _spoken(chat, message_id, text)
        yield Frame(MESSAGE, chat_calls.finish(chat))
        for text in chat.follow_ups:
            yield Frame(MESSAGE, chat_calls.spoken(chat, "follow_up", text))
    world.end(chat, chat_calls.outcome(chat))
    yield _ended(chat)
    yield Frame("done", "[DONE]")


def _spoken(chat: Chat, message_id: str, text: str) -> Iterator[Frame]:
    """One answer in deltas, and then whole."""
    for piece in _pieces(chat.reasoning):
        yield Frame(DELTA, chat_calls.spoken(chat, "answer", "", message_id=message_id, reasoning=piece))
    for piece in _pieces(text):
        yield Frame(DELTA, chat_calls.spoken(chat, "answer", piece, message_id=message_id))
    whole = chat_calls.spoken(chat, "answer", text, message_id=message_id, reasoning=chat.reasoning)
    yield Frame(MESSAGE, whole)


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))


def _ended(chat: Chat) -> Frame:
    """The event that says what has become of the chat."""
    if chat.status == "failed" and chat.plot == "bare_failed":
        return Frame("conversation.chat.failed", chat.last_error)
    if chat.status == "failed" and chat.plot == "error":
        return Frame("error", chat.last_error)
    return Frame(f"conversation.chat.{chat.status}", chat.shown())
