"""Who a customer is to Coze: always the same, and nobody whom Coze could know."""

import hmac
from hashlib import sha256

from wecom_bot.domain.message import ConversationId

_LENGTH = 32


def pseudonym(conversation: ConversationId, key: bytes = b"") -> str:
    """32 hexadecimal digits for a customer of one account. Coze's docs ask not to send the real id.

    Coze keeps contexts and memories by it, so it holds the corp and the account too. With a secret `key` nobody can
    find out by trying whose it is; a new key makes strangers of all customers.
    """
    whose = f"{conversation.corp_id}|{conversation}"
    return hmac.new(b"wecom-bot coze user" + key, whose.encode("utf-8", "replace"), sha256).hexdigest()[:_LENGTH]
