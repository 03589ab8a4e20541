"""A customer and the bot in one process: nothing is sent, queued or kept, and all else is as `Answer` does it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from wecom_bot.domain.dialog import Attendant, DialogState, Turn
from wecom_bot.domain.message import (
    LONGEST_MESSAGE,
    ConversationId,
    InboundMessage,
    MessageId,
    MessageKind,
    Reply,
)
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Clock, Cut
from wecom_bot.service.conversation.think import Think
from wecom_bot.service.conversation.thought import Thought


@dataclass(slots=True)
class Conversation:
    """Remembers from turn to turn what the ledger would; where a human was called, one has come, and the bot is silent.

    `split` is Speaker.split.
    """

    tenant: Tenant
    where: ConversationId
    think: Think
    split: Callable[[ConversationId, Reply], Cut]
    clock: Clock
    session_timeout: timedelta
    state: DialogState | None = None
    turns: int = 0

    def say(self, text: str) -> Turn:
        """What comes of the customer's next message; without a reply where the bot is silent."""
        now = self.clock.now()
        self.turns += 1
        state = DialogState.resume(self.state, self.where.customer, now, self.session_timeout)
        message_id = MessageId(f"{self.where.customer}-{self.turns}")
        message = InboundMessage(message_id, self.where, "", MessageKind.TEXT, now, text[:LONGEST_MESSAGE])
        turn = Turn(self.where, (message,), "", now, state)
        if state.attendant is Attendant.BOT:
            turn = self._answered(turn)
        self.state = turn.state
        if turn.handoff:
            self.state = replace(turn.state, attendant=Attendant.SERVICER, attendant_since=now)
        return turn

    def _answered(self, turn: Turn) -> Turn:
        thought = self.think(self.tenant, Thought(replace(turn, messages=())), *turn.messages)
        turn = thought.turn(turn.messages)
        turn = replace(turn, state=replace(turn.state, heard_at=turn.messages[-1].sent_at))
        if turn.reply is None:
            return turn
        cut = self.split(turn.conversation, turn.reply)
        return replace(turn, parts=cut.parts, state=replace(turn.state, rest=cut.rest))


def as_read(turn: Turn) -> str:
    """All that the customer reads of the reply: words, choices, and what is written on what is shown."""
    lines: list[str] = []
    for part in turn.parts:
        lines += (part.text, *(choice.text for choice in part.choices))
        lines += (words for shown in part.attachments for words in (shown.title, shown.description))
    return "\n".join(filter(None, lines))
