"""One way back for all channels: each conversation is spoken to in its own."""

from dataclasses import dataclass
from datetime import datetime

from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.ports import Speaker


@dataclass(frozen=True, slots=True)
class Speakers:
    """Implements ports.Speaker by asking the channel's."""

    kf: Speaker
    app: Speaker

    def split(self, conversation: ConversationId, reply: Reply) -> tuple[Reply, ...]:
        return self._of(conversation).split(conversation, reply)

    def attend(self, conversation: ConversationId, known: DialogState | None) -> Attendant:
        return self._of(conversation).attend(conversation, known)

    def send(self, conversation: ConversationId, part: Reply, delivery_id: str, repeat_of: datetime | None) -> None:
        self._of(conversation).send(conversation, part, delivery_id, repeat_of)

    def hand_off(self, conversation: ConversationId, reason: str) -> Attendant:
        return self._of(conversation).hand_off(conversation, reason)

    def _of(self, conversation: ConversationId) -> Speaker:
        match conversation.channel:
            case Channel.KF:
                return self.kf
            case Channel.APP:
                return self.app
