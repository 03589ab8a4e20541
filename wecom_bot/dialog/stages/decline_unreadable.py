"""A message without words."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant


@dataclass(frozen=True, slots=True)
class DeclineUnreadable:
    """Say that we cannot read it when a turn holds no text at all: an image, a voice message, a file. It is a miss.

    Not in a message to humans: they can look at it.
    """

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if turn.said.strip() or turn.uploads or any(message.menu_id for message in turn.messages):
            return turn
        if turn.state.takes_message(turn.began_at):
            return turn
        state = replace(turn.state, misses=turn.state.misses + 1)
        return turn.say(Answerer.PHRASE, Reply(tenant.phrases.unreadable), state=state)
