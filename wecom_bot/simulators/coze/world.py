"""All that the simulator knows, behind one lock: who may call, what answers, what was said, and what was asked."""

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from wecom_bot.errors import Unknown
from wecom_bot.simulators.coze import ids
from wecom_bot.simulators.coze.refusals import CozeRefusal
from wecom_bot.simulators.coze.schema import (
    AskedCall,
    BotSpec,
    PathCalls,
    ProjectSpec,
    RememberedLine,
    Talk,
    TokenSpec,
    Upload,
    WorkflowSpec,
)

_MOST_ASKED, _MOST_CHATS = 2000, 2000  # that are kept, so that a benchmark does not eat the memory


@dataclass(slots=True)
class Chat:
    """One turn of a bot. `plot` is the fault that shapes it, if any; `ready` is when (monotonic) it has thought."""

    bot_id: str
    conversation_id: str
    lines: tuple[RememberedLine, ...]
    texts: tuple[str, ...]
    meta_data: dict[str, str]
    reasoning: str = ""
    follow_ups: tuple[str, ...] = ()
    saved: bool = True
    streamed: bool = False
    plot: str = ""
    ready: float = 0.0
    chat_id: str = field(default_factory=ids.new)
    section_id: str = field(default_factory=ids.new)
    created_at: int = field(default_factory=lambda: int(time.time()))
    ended_at: int | None = None
    status: str = "in_progress"
    last_error: dict[str, Any] = field(default_factory=lambda: {"code": 0, "msg": ""})
    required_action: dict[str, Any] | None = None
    _answer_ids: list[str] = field(default_factory=list)

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The answer messages: the id and the text of each."""
        self._answer_ids += (ids.new() for _ in self.texts[len(self._answer_ids) :])
        return list(zip(self._answer_ids, self.texts, strict=False))

    def shown(self, status: str = "") -> dict[str, Any]:
        """The chat as Coze shows it; its usage when it has ended."""
        status = status or self.status
        ended = self.ended_at if status != "in_progress" else None
        counts = (sum(len(line.content) for line in self.lines), sum(map(len, self.texts))) if ended else (0, 0)
        return {
            "id": self.chat_id,
            "conversation_id": self.conversation_id,
            "bot_id": self.bot_id,
            "section_id": self.section_id,
            "created_at": self.created_at,
            "completed_at": ended if status == "completed" else None,
            "failed_at": ended if status == "failed" else None,
            "last_error": self.last_error,
            "required_action": self.required_action,
            "status": status,
            "meta_data": self.meta_data,
            "usage": {"token_count": sum(counts), "output_count": counts[1], "input_count": counts[0]},
        }


@dataclass(frozen=True, slots=True)
class SaidMessage:
    """One message of a conversation, and the chat that it came with."""

    message_id: str
    chat_id: str
    line: RememberedLine
    created_at: int = field(default_factory=lambda: int(time.time()))


@dataclass(slots=True)
class CozeConversation:
    """What a bot and a user said, and the chat that goes on."""

    conversation_id: str
    bot_id: str
    user_id: str
    said: list[SaidMessage] = field(default_factory=list)
    running: str = ""

    @property
    def lines(self) -> tuple[RememberedLine, ...]:
        """What was said, without its ids."""
        return tuple(each.line for each in self.said)

    def shown(self) -> Talk:
        """For the control API."""
        return Talk(
            conversation_id=self.conversation_id,
            bot_id=self.bot_id,
            user_id=self.user_id,
            lines=self.lines,
            running=self.running,
        )


@dataclass(slots=True)
class CozeToken:
    """A token and the end of its life (seconds since the epoch)."""

    spec: TokenSpec
    until: float = float("inf")


class CozeWorld:
    """The simulated world. Whoever reads or changes it holds `lock`; nothing done under it waits for a network."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Begin again with nothing."""
        with self.lock:
            self.tokens: dict[str, CozeToken] = {}
            self.used_jwts: set[str] = set()
            self.bots: dict[str, BotSpec] = {}
            self.workflows: dict[str, WorkflowSpec] = {}
            self.projects: dict[str, ProjectSpec] = {}
            self.conversations: dict[str, CozeConversation] = {}
            self.chats: dict[str, Chat] = {}
            self.uploads: dict[str, Upload] = {}
            self.asked: deque[AskedCall] = deque(maxlen=_MOST_ASKED)
            self.counts: Counter[tuple[str, str, str]] = Counter()

    def note(self, asked: AskedCall, of: str) -> None:
        """Remember a call."""
        with self.lock:
            self.asked.append(asked)
            self.counts[asked.path, of, asked.outcome] += 1

    def call_counts(self) -> list[PathCalls]:
        """How often what was called."""
        return [
            PathCalls(path=path, of=of, outcome=outcome, count=count)
            for (path, of, outcome), count in sorted(self.counts.items())
        ]

    def bot(self, bot_id: str) -> BotSpec:
        """The bot. Raises CozeRefusal."""
        if bot_id not in self.bots:
            raise CozeRefusal(4200, f"Requested resource bot_id={bot_id} does not exist")
        return self.bots[bot_id]

    def conversation(self, conversation_id: str) -> CozeConversation:
        """The conversation. Raises Unknown."""
        if conversation_id not in self.conversations:
            raise Unknown(f"no conversation {conversation_id!r}")
        return self.conversations[conversation_id]

    def begin(self, chat: Chat) -> None:
        """The chat goes on, and its conversation is busy."""
        self.chats[chat.chat_id] = chat
        while len(self.chats) > _MOST_CHATS and (oldest := next(iter(self.chats.values()))).status != "in_progress":
            del self.chats[oldest.chat_id]
        self.conversations[chat.conversation_id].running = chat.chat_id

    def end(self, chat: Chat, status: str) -> None:
        """Let a chat that goes on end so; the conversation remembers it if it was completed, and is free."""
        with self.lock:
            if chat.status != "in_progress":
                return
            chat.status, chat.ended_at = status, int(time.time())
            conversation = self.conversations.get(chat.conversation_id)
            if conversation is None or status == "requires_action":  # which keeps it busy
                return
            conversation.running = ""
            if status == "completed" and chat.saved:
                asked = [SaidMessage(ids.new(), chat.chat_id, line) for line in chat.lines]
                conversation.said += asked
                conversation.said += [
                    SaidMessage(message_id, chat.chat_id, RememberedLine(role="assistant", content=text))
                    for message_id, text in chat.answers
                ]
