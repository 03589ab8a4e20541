"""The last place where a {nickname} is filled in: for what is said outside a pipeline, which has its own stage."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.message import ConversationId, Reply
from wecom_bot.domain.nickname import PLACE, addressed
from wecom_bot.ports import Contacts, Cut, HandedOff, Line, Repeat, Speaker


@dataclass(frozen=True, slots=True)
class ByName:
    """Implements ports.Speaker: what it is given to say is said to somebody by name, or so that no name is missed."""

    speaker: Speaker
    contacts: Contacts

    def split(self, conversation: ConversationId, reply: Reply) -> Cut:
        cut = self.speaker.split(conversation, self._addressed(conversation, reply))
        # the channel's own words (that there is more) had their room measured: a name might not fit
        return replace(cut, parts=tuple(replace(part, text=addressed(part.text, "")) for part in cut.parts))

    def budget(self, conversation: ConversationId) -> int:
        return self.speaker.budget(conversation)

    def attend(self, conversation: ConversationId, known: DialogState | None) -> Attendant:
        return self.speaker.attend(conversation, known)

    def send(self, conversation: ConversationId, part: Reply, delivery_id: str, repeat: Repeat | None) -> None:
        self.speaker.send(conversation, self._addressed(conversation, part), delivery_id, repeat)

    def say_by_code(self, conversation: ConversationId, code: str, part: Reply, delivery_id: str) -> None:
        self.speaker.say_by_code(conversation, code, self._addressed(conversation, part), delivery_id)

    def hand_off(self, conversation: ConversationId, reason: str, lines: Sequence[Line]) -> HandedOff:
        return self.speaker.hand_off(conversation, reason, lines)

    def _addressed(self, conversation: ConversationId, reply: Reply) -> Reply:
        if PLACE not in reply.text:
            return reply
        contact = self.contacts.look_up(conversation)
        return replace(reply, text=addressed(reply.text, contact.nickname if contact else ""))
