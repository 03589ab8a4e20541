"""What a chat (v3) says while it streams, gathered until it is an answer."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from wecom_bot.adapters.coze.codes import FailureKind
from wecom_bot.adapters.coze.envelope import code_of, logid_of, parsed
from wecom_bot.adapters.coze.errors import Failed
from wecom_bot.adapters.coze.sse import Event

MOST_TEXT = 20_000
"""Characters of all answers of a chat: more than can be said. One that goes on is not heard to its end."""

MOST_ANSWERS = 100

_ENDS = frozenset({"done", "conversation.stream.done"})
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WAITS = (
    "智能体在等端插件或问答节点的结果，机器人不支持：请去掉它们"
    " / the bot waits for a local plugin or a question node: remove it from the bot"
)


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """What the bot said, as one text, and where to go on."""

    text: str
    conversation_id: str
    logid: str
    chat_id: str = ""


@dataclass(slots=True)
class _Saying:
    """One answer message: pieces, until the whole replaces them."""

    pieces: list[str] = field(default_factory=list)
    whole: bool = False

    @property
    def text(self) -> str:
        """What was said so far."""
        return "".join(self.pieces)


@dataclass(slots=True)
class Listener:
    """Takes the events of one chat in order. Only messages of type `answer` are for the customer."""

    conversation_id: str = ""
    chat_id: str = ""
    logid: str = ""
    ended: bool = False  # Coze is done with this chat, so there is nothing to cancel
    finished: bool = False  # all answers were given
    succeeded: bool = False  # Coze said so
    _said: dict[str, _Saying] = field(default_factory=dict)
    _names: list[str] = field(default_factory=list)
    _length: int = 0

    def take(self, event: Event) -> bool:
        """Note it; whether it was the last that matters. Raises Failed."""
        name = event.name.lower()
        self._note(name)
        if name in _ENDS:
            self.ended = True
            return True
        if name == "error":
            self.ended = True
            raise self._error(event.data)
        found = parsed(event.data)
        if not isinstance(found, dict):
            return False
        if name.startswith("conversation.chat."):
            return self._chat(name.rpartition(".")[2], found)
        if name == "conversation.message.delta":
            self._delta(found)
        elif name == "conversation.message.completed":
            self._completed(found)
        return False

    @property
    def complete(self) -> bool:
        """Whether every answer that was begun was also ended, and there is one."""
        return bool(self._said) and all(each.whole for each in self._said.values())

    @property
    def unfinished(self) -> bool:
        """Whether an answer was begun and nothing says that it was ended."""
        return not self.succeeded and any(not each.whole for each in self._said.values())

    @property
    def events(self) -> str:
        """The names of the first events, for the log: with them an empty answer can be explained."""
        return " ".join(self._names)

    def text(self) -> str:
        """All answers in the order in which they began."""
        wholes = [each.text for each in self._said.values() if each.whole]
        # a piece that was completed under another id is not said twice
        said = [(each.text, each.whole) for each in self._said.values()]
        shown = [text.strip() for text, whole in said if whole or not any(text in other for other in wholes)]
        return "\n".join(filter(None, shown))

    def _note(self, name: str) -> None:
        if len(self._names) < 20 and name not in self._names:  # noqa: PLR2004 - enough for a log line
            self._names.append(name[:50])

    def _chat(self, step: str, chat: dict[str, Any]) -> bool:
        self.conversation_id = _id(chat.get("conversation_id")) or self.conversation_id
        self.chat_id = _id(chat.get("id")) or self.chat_id
        match step:
            case "completed":
                self.ended = self.finished = self.succeeded = True
                return True
            case "failed":
                self.ended = True
                raise self._failed(chat)
            case "requires_action":
                raise Failed(FailureKind.CONFIG, hint=_WAITS, logid=self.logid, begun=True)
            case "canceled" | "cancelled":
                self.ended = True
                raise Failed(FailureKind.EMPTY, said="the chat was cancelled", logid=self.logid, begun=True)
        return False

    def _delta(self, message: dict[str, Any]) -> None:
        if (piece := _words(message)) and not (saying := self._saying(message)).whole:
            saying.pieces.append(piece)
            self._grow(len(piece))

    def _completed(self, message: dict[str, Any]) -> None:
        if message.get("type") == "verbose":
            self.finished |= "generate_answer_finish" in str(message.get("content"))
        elif (text := _words(message)) or str(message.get("id")) in self._said:
            saying = self._saying(message)
            self._grow(len(text) - sum(map(len, saying.pieces)))
            saying.pieces, saying.whole = [text], True

    def _saying(self, message: dict[str, Any]) -> _Saying:
        return self._said.setdefault(str(message.get("id")), _Saying())

    def _grow(self, characters: int) -> None:
        self._length += characters
        if self._length > MOST_TEXT or len(self._said) > MOST_ANSWERS:
            raise Failed(FailureKind.BROKEN, said="the answer does not end", logid=self.logid, begun=True)

    def _failed(self, chat: dict[str, Any]) -> Failed:
        last = chat.get("last_error")
        error = last if isinstance(last, dict) else chat
        return Failed.refused(code_of(error), logid=self.logid, begun=True)

    def _error(self, data: str) -> Failed:
        found = parsed(data)
        error = found if isinstance(found, dict) else {"msg": data}
        return Failed.refused(
            code_of(error),
            logid=self.logid or logid_of(error),
            begun=bool(self.chat_id),
        )


def _words(message: dict[str, Any]) -> str:
    """The text of a message that is for the customer. Reasoning has no content, and a card none that one can read."""
    content = message.get("content")
    if message.get("type") != "answer" or not isinstance(content, str):
        return ""
    match message.get("content_type", "text"):
        case "text":
            return "" if is_internal(content) else content
        case "object_string":
            items = parsed(content)
            texts = [each.get("text") for each in items if isinstance(each, dict)] if isinstance(items, list) else []
            return "\n".join(text for text in texts if isinstance(text, str))
    return ""


def _id(value: object) -> str:
    """An id as Coze gives them; empty for what is none, for it is stored, and sent again in a URL."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _ID.fullmatch(text) else ""


def is_internal(text: str) -> bool:
    """Whether this is a note of Coze to itself, which it sometimes sends as an answer."""
    beginning = text.lstrip()
    if not beginning.startswith("{"):
        return False
    try:
        found, _ = json.JSONDecoder().raw_decode(beginning)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "msg_type" in found
