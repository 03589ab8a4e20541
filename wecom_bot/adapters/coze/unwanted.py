"""Chats that nobody needs any more."""

import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from wecom_bot.adapters.coze.envelope import whole
from wecom_bot.adapters.coze.errors import Failed
from wecom_bot.adapters.coze.wire import Wire
from wecom_bot.outbound.deadline import Deadline

_CANCEL = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Stops chats while they run."""

    wire: Wire

    def cancel(self, token: str, conversation_id: str, chat_id: str) -> None:
        """Ask Coze to stop, as well as may be: nobody waits for it, and it may be too late (4104)."""

        def cancel() -> None:
            body = {"conversation_id": conversation_id, "chat_id": chat_id}
            with suppress(Failed), self.wire.post("/v3/chat/cancel", token, body, Deadline.after(_CANCEL)) as exchange:
                whole(exchange)

        threading.Thread(target=cancel, daemon=True, name="coze-cancel").start()
