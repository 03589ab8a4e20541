"""Chats that nobody needs any more: cancelled while they run, taken out of their conversation when they are over."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from wecom_bot.adapters.coze.codes import FailureKind
from wecom_bot.adapters.coze.envelope import whole
from wecom_bot.adapters.coze.errors import Failed
from wecom_bot.adapters.coze.wire import CozeWire
from wecom_bot.outbound.deadline import Deadline
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_MESSAGES = "/v1/conversation/message"  # not every Coze has it, nor lets every token do it
_CANCEL = timedelta(seconds=2)
_ERASE = timedelta(milliseconds=1500)  # a customer waits for it
_REFUSED = 600.0  # seconds for which a bot's conversations are not tried again where Coze refused
_MOST = 50  # messages of one list
_TOO_LATE, _GONE = 4104, 4005  # the chat is over; there is no such message
_ONLY_A_PERSON = {FailureKind.CONFIG, FailureKind.AUTH, FailureKind.QUOTA}


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Stops chats, and makes Coze forget them."""

    wire: CozeWire
    clock: Callable[[], float] = monotonic
    refused: dict[str, float] = field(default_factory=dict)  # bots, and until when

    def cancel(self, token: str, bot_id: str, conversation_id: str, chat_id: str) -> None:
        """Ask Coze to stop, as well as may be: nobody waits for it. Where it is too late, what was said is erased."""

        def cancel() -> None:
            body = {"conversation_id": conversation_id, "chat_id": chat_id}
            try:
                with self.wire.post("/v3/chat/cancel", token, body, Deadline.after(_CANCEL)) as exchange:
                    whole(exchange)
            except Failed as failure:
                if failure.code == _TOO_LATE:
                    self.erase(token, bot_id, conversation_id, chat_id)

        threading.Thread(target=cancel, daemon=True, name="coze-cancel").start()

    def erase(self, token: str, bot_id: str, conversation_id: str, chat_id: str) -> bool:
        """Whether the conversation holds nothing of this chat any more: its question and its answers are deleted.

        What came in between goes with its answer. Where Coze refuses it is not asked again for ten minutes.
        """
        if self.refused.get(bot_id, 0.0) > self.clock():
            return False
        until = Deadline.after(_ERASE)
        try:
            for message_id in self._said(token, conversation_id, chat_id, until):
                self._delete(token, conversation_id, message_id, until)
        except Failed as failure:
            if failure.kind in _ONLY_A_PERSON:
                self.refused[bot_id] = self.clock() + _REFUSED
            facts = {"code": failure.code, "status": failure.status, "said": failure.said}
            log.info("coze.not_erased", target=bot_id, kind=failure.kind.value, logid=failure.logid, **facts)
            return failure.kind is FailureKind.NEW_CONVERSATION  # then all of it is gone
        return True

    def _said(self, token: str, conversation_id: str, chat_id: str, until: Deadline) -> Iterator[str]:
        """The ids of the chat's question and answers. Raises Failed, also where the list is not the one asked for."""
        query, body = {"conversation_id": conversation_id}, {"chat_id": chat_id, "order": "asc", "limit": _MOST}
        with self.wire.post(f"{_MESSAGES}/list", token, body, until, query) as exchange:
            found = whole(exchange).get("data")
            logid = exchange.logid
        messages = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else None
        if messages is None or any(str(each.get("chat_id")) != chat_id for each in messages):
            raise Failed(FailureKind.CONFIG, said="another list than the one asked for", logid=logid)
        yield from (str(each.get("id")) for each in messages if each.get("type") in {"question", "answer"})

    def _delete(self, token: str, conversation_id: str, message_id: str, until: Deadline) -> None:
        query = {"conversation_id": conversation_id, "message_id": message_id}
        try:
            with self.wire.post(f"{_MESSAGES}/delete", token, {}, until, query) as exchange:
                whole(exchange)
        except Failed as failure:
            if failure.code != _GONE:
                raise
