"""One way back for all channels: each conversation is spoken to in its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.ports import Cut, HandedOff, Line, Repeat, Speaker


@dataclass(frozen=True, slots=True)
class Speakers:
    """Implements ports.Speaker by asking the channel's."""

    kf: Speaker
    app: Speaker

    def split(self, conversation: ConversationId, reply: Reply) -> Cut:
        return self._of(conversation).split(conversation, reply)

    def budget(self, conversation: ConversationId) -> int:
        return self._of(conversation).budget(conversation)

    def attend(self, conversation: ConversationId, known: DialogState | None) -> Attendant:
        return self._of(conversation).attend(conversation, known)

    def send(self, conversation: ConversationId, part: Reply, delivery_id: str, repeat: Repeat | None) -> None:
        self._of(conversation).send(conversation, part, delivery_id, repeat)

    def say_by_code(self, conversation: ConversationId, code: str, part: Reply, delivery_id: str) -> None:
        self._of(conversation).say_by_code(conversation, code, part, delivery_id)

    def hand_off(self, conversation: ConversationId, reason: str, lines: Sequence[Line]) -> HandedOff:
        return self._of(conversation).hand_off(conversation, reason, lines)

    def _of(self, conversation: ConversationId) -> Speaker:
        match conversation.channel:
            case Channel.KF:
                return self.kf
            case Channel.APP:
                return self.app
