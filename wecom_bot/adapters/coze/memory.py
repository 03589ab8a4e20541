"""What the writer needs to be given to go on with a session, as the dialog state keeps it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConversationMemory:
    """A conversation, whose bot it is, and the last chat in it; each may be empty.

    A conversation belongs to its bot: another one would be refused it, or read what was said to this one.
    """

    bot_id: str = ""
    conversation_id: str = ""
    chat_id: str = ""

    @classmethod
    def read(cls, text: str) -> "ConversationMemory":
        """The memory that was written so; an empty one of what is none. Older versions wrote no chat."""
        parts = text.split("/")
        return cls(*parts) if len(parts) in {2, 3} else cls()

    def written(self) -> str:
        """As it is kept."""
        named = (
            (self.bot_id, self.conversation_id, self.chat_id) if self.chat_id else (self.bot_id, self.conversation_id)
        )
        return "/".join(named) if self.conversation_id else ""

    def within(self, others: Iterable[str]) -> tuple[str, ...]:
        """The chats among these memories that lie in this conversation."""
        read = (ConversationMemory.read(each) for each in others)
        here = (each for each in read if (each.bot_id, each.conversation_id) == (self.bot_id, self.conversation_id))
        return tuple(each.chat_id for each in here if each.chat_id and each.conversation_id)
