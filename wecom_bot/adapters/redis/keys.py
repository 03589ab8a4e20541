"""The names of our keys. Whatever is a tenant's has the hash tag `{corp_id}`, and so lies in one slot of a cluster."""

from functools import lru_cache

from wecom_bot.domain.message import ConversationId, CorpId, MessageId

# The tag of what all tenants share: no corp ID holds an @.
DUE, PUTS, WAKE = "wb:{@work}:due", "wb:{@work}:puts", "wb:{@work}:wake"
SERVED, PING = "wb:{@work}:served", "wb:{@work}:ping"


@lru_cache(maxsize=4096)
def tenant(corp_id: CorpId) -> str:
    """The prefix of all that belongs to a tenant."""
    return f"wb:{{{corp_id}}}:"


def mailbox(corp_id: CorpId, name: str) -> str:
    """The jobs without a deadline that wait in a mailbox."""
    return f"{tenant(corp_id)}box:{name}"


def sent(conversation: ConversationId, delivery_id: str) -> str:
    """What went out under a delivery id."""
    return f"{tenant(conversation.corp_id)}sent:{delivery_id}"


def recalled(conversation: ConversationId, message_id: MessageId) -> str:
    """A mark: the customer took the message back."""
    return f"{tenant(conversation.corp_id)}recalled:{conversation}/{message_id}"


def dialog(conversation: ConversationId) -> str:
    """The dialog state of a conversation."""
    return f"{tenant(conversation.corp_id)}dialog:{conversation}"


def hot_answer(corp_id: CorpId, key: str) -> str:
    """What a question is answered for the time being."""
    return f"{tenant(corp_id)}hot:{key}"


def turn(conversation: ConversationId, turn_id: MessageId) -> str:
    """A turn with its steps."""
    return f"{tenant(conversation.corp_id)}turn:{conversation}/{turn_id}"
