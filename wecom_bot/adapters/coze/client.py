"""Coze's API, as far as we need it: chat v3 as a stream, workflow runs, files, transcriptions, and cancelling."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from wecom_bot.adapters.coze.chat import ChatAnswer, Listener
from wecom_bot.adapters.coze.circuits import CallCircuits
from wecom_bot.adapters.coze.codes import FailureKind
from wecom_bot.adapters.coze.envelope import whole
from wecom_bot.adapters.coze.errors import Call, Failed
from wecom_bot.adapters.coze.persistence import MOST_REPEATS, Persistence
from wecom_bot.adapters.coze.sse import events
from wecom_bot.adapters.coze.unwanted import Unwanted
from wecom_bot.adapters.coze.wire import CozeWire, Exchange, File, address
from wecom_bot.errors import ConfigurationError, Misconfigured
from wecom_bot.outbound.backoff import Backoff
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.outbound.deadline import Deadline
from wecom_bot.outbound.egress import DIRECT, Egress
from wecom_bot.ports import CircuitBreaker

BROKE_OFF = "the stream broke off"
PAUSE = timedelta(milliseconds=500)

_INTERRUPTED = (
    "工作流里有问答或输入节点，机器人不支持：请去掉"
    " / the workflow waits for an answer: remove its question or input node"
)


@dataclass(frozen=True, slots=True)
class _Question:
    """What a chat is asked, at every attempt."""

    call: Call
    body: Mapping[str, Any]
    deadline: Deadline


@dataclass(slots=True)
class _Where:
    """The conversation to ask in, and what was tried there. One that is gone, full or stuck is left, once."""

    persistence: Persistence
    pause: timedelta
    conversation_id: str
    busy: int = 0
    tried: int = 0

    def again(self, failure: Failed, _number: int) -> timedelta | None:
        """The policy for a chat: no repeat once it has begun, for it may be answered and paid for."""
        if failure.kind is FailureKind.NEW_CONVERSATION:
            return self._leave()
        if failure.kind is FailureKind.BUSY:
            self.busy += 1
            again = Backoff(self.pause, self.pause * MOST_REPEATS, jitter=0).after(self.busy)
            return again if self.busy <= MOST_REPEATS else self._leave()
        self.tried += 1
        if failure.begun:
            return None
        most = {FailureKind.RETRY: MOST_REPEATS, FailureKind.SLOW: MOST_REPEATS, FailureKind.UNREACHABLE: 1}.get(
            failure.kind, 0
        )
        return self.persistence.backoff(failure, self.tried) if self.tried <= most else None

    def _leave(self) -> timedelta | None:
        if not self.conversation_id:
            return None
        self.conversation_id = ""
        return timedelta(0)


class CozeClient:
    """Calls one Coze, in the cloud or self-hosted.

    Every call raises TemporaryFailure (TookTooLong when its deadline passed), RateLimited, Misconfigured or Rejected,
    and nothing else.
    """

    def __init__(
        self, base_url: str, pool: int, *,
        pause: timedelta = PAUSE, breaker: CircuitBreaker | None = None, egress: Egress = DIRECT,
    ) -> None:  # fmt: skip
        """`pool` is how many calls go on at once; `pause` is the longest wait before a second attempt."""
        self._host = _host(base_url)
        self._wire = CozeWire(base_url, pool, egress=egress)
        self.usage = self._wire.usage
        self._unwanted = Unwanted(self._wire)
        self._pause = pause
        self._persistence = Persistence(CallCircuits(breaker or LocalCircuitBreaker()), pause)

    def chat(
        self,
        token: str,
        *,
        bot_id: str,
        user_id: str,
        messages: Sequence[str],
        images: Sequence[str] = (),
        conversation_id: str = "",
        variables: Mapping[str, str] | None = None,
        meta: Mapping[str, str] | None = None,
        deadline: timedelta,
    ) -> ChatAnswer:
        """What the bot answers to the user's `messages`, which is never nothing.

        `images` are ids of uploaded files, shown beside the last message, which must have words then.
        Without a `conversation_id` a conversation begins; with one, Coze knows what was said before. A conversation
        that is gone or stays busy is left for a new one: the answer says which it was.
        """
        call = Call("Coze", "chat", self._host, bot_id, usable(token))
        body = {
            "bot_id": bot_id,
            "user_id": user_id,
            "stream": True,
            "auto_save_history": True,
            "additional_messages": _spoken(messages, images),
            "custom_variables": dict(variables or {}),
            "meta_data": dict(meta or {}),
        }
        question = _Question(call, body, Deadline.after(deadline))
        where = _Where(self._persistence, self._pause, conversation_id)
        return self._persistence(call, question.deadline, lambda: self._ask(question, where), where.again)

    def erase(self, token: str, *, bot_id: str, conversation_id: str, chat_id: str) -> bool:
        """Whether this chat, which is over, is in its conversation no more. Raises nothing but Misconfigured."""
        return self._unwanted.erase(usable(token), bot_id, conversation_id, chat_id)

    def run_workflow(
        self, token: str, *, workflow_id: str, parameters: Mapping[str, object], user_id: str, deadline: timedelta
    ) -> object:
        """The `data` of a finished run: most often a text that holds JSON.

        For workflows that change nothing: a run may be repeated.
        """
        call = Call("Coze", "workflow", self._host, workflow_id, usable(token))
        until = Deadline.after(deadline)
        body = {"workflow_id": workflow_id, "parameters": dict(parameters), "ext": {"user_id": user_id}}

        def run() -> object:
            with self._wire.post("/v1/workflow/run", call.token, body, until) as exchange:
                found = whole(exchange)
                if found.get("interrupt_data"):
                    raise Failed(FailureKind.CONFIG, hint=_INTERRUPTED, logid=exchange.logid)
                return found.get("data")

        return self._persistence(call, until, run, self._persistence.harmless)

    def upload(self, token: str, *, of: str, file: File, deadline: timedelta) -> str:
        """The id of a file that Coze now has, for calls with the same token; `of` is whose it is."""
        call = Call("Coze", "upload", self._host, of, usable(token))
        return self._send(call, "/v1/files/upload", "id", file, deadline)

    def transcribe(self, token: str, *, of: str, file: File, deadline: timedelta) -> str:
        """What is said in a sound file, perhaps nothing; `of` is whose it is."""
        call = Call("Coze", "transcribe", self._host, of, usable(token))
        return self._send(call, "/v1/audio/transcriptions", "text", file, deadline)

    def _send(self, call: Call, path: str, name: str, file: File, deadline: timedelta) -> str:
        """What a file came to, by its name in the answer. It may be sent twice: one too many is never used."""
        until = Deadline.after(deadline)

        def send() -> str:
            with self._wire.post_file(path, call.token, file, until) as exchange:
                data = whole(exchange).get("data")
                found = data.get(name) if isinstance(data, dict) else None
                if not isinstance(found, str | int):
                    raise Failed(FailureKind.EMPTY, said=f"no {name}", status=exchange.status, logid=exchange.logid)
                return str(found)

        return self._persistence(call, until, send, self._persistence.harmless)

    def _ask(self, question: _Question, where: _Where) -> ChatAnswer:
        listener = Listener()
        query = {"conversation_id": where.conversation_id} if where.conversation_id else None
        try:
            with self._wire.post("/v3/chat", question.call.token, question.body, question.deadline, query) as exchange:
                listener.logid = exchange.logid
                _listen(exchange, listener)
        finally:
            # also when a timeout of the whole turn strikes: a chat that goes on would keep its conversation busy
            if listener.chat_id and not (listener.ended or listener.finished):
                self._unwanted.cancel(
                    question.call.token, question.call.target, listener.conversation_id, listener.chat_id
                )
        text = listener.text()
        if not text:
            raise Failed(FailureKind.EMPTY, said=f"no answer among {listener.events}", logid=listener.logid, begun=True)
        conversation_id = listener.conversation_id or where.conversation_id
        return ChatAnswer(text, conversation_id, listener.logid, listener.chat_id)


def _host(base_url: str) -> str:
    try:
        return address(base_url).netloc
    except Misconfigured as e:  # nobody called yet: this is what the process begins with
        raise ConfigurationError(f"coze_base_url: {e}") from None


def _spoken(texts: Sequence[str], images: Sequence[str]) -> list[dict[str, str]]:
    """The messages; images make an object_string of the last, with its words in it: files alone would be refused."""
    said = [{"role": "user", "type": "question", "content": text, "content_type": "text"} for text in texts]
    if images:
        items = [{"type": "text", "text": texts[-1]}, *({"type": "image", "file_id": image} for image in images)]
        said[-1] |= {"content": json.dumps(items, ensure_ascii=False), "content_type": "object_string"}
    return said


def _listen(exchange: Exchange, listener: Listener) -> None:
    """Hear the chat to its end. That it broke off is no failure after all that it had to say. Raises Failed."""
    if not exchange.streams():
        found = whole(exchange)
        raise Failed(FailureKind.EMPTY, said=f"no stream but {' '.join(sorted(found))[:100]}", logid=exchange.logid)
    try:
        for event in events(exchange.chunks()):
            if listener.take(event):
                exchange.drain()
                break
    except Failed as failure:
        failure.logid = failure.logid or exchange.logid
        if _came_after_all(failure, listener):
            return
        raise
    # half an answer may say the contrary of the whole
    if listener.unfinished or not (listener.ended or listener.complete):
        raise Failed(FailureKind.BROKEN, said=BROKE_OFF, status=200, logid=exchange.logid, begun=True)


def _came_after_all(failure: Failed, listener: Listener) -> bool:
    """Whether all was said before it; of a stream that goes on, only Coze's own word tells."""
    if failure.kind is FailureKind.LATE:
        return listener.complete and listener.finished
    return failure.kind is FailureKind.BROKEN and listener.complete


def usable(token: str) -> str:
    """The token without the blanks of a careless copy. Raises Misconfigured for what cannot be one."""
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Misconfigured(
            "令牌为空或含有空格、中文等字符，请重新复制 / the token is empty, or holds blanks or odd letters"
        )
    return token
