"""Whom we speak to."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.nickname import PLACE, addressed
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Contacts
from wecom_bot.text.plain import cut
from wecom_bot.text.showable import says_something


@dataclass(frozen=True, slots=True)
class AddressByName:
    """Put the customer's name where the reply says {nickname}, whoever wrote it; nothing where we do not know it.

    This stands after SpeakPlainly, whose Markdown a name must not complete, and before the masking: some people's name
    is a telephone number. WeCom is not asked here: no reply waits for a name.
    """

    contacts: Contacts | None

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        reply = turn.reply
        if reply is None or PLACE not in reply.text:
            return turn
        contact = self.contacts.look_up(turn.conversation) if self.contacts else None
        name = contact.nickname if contact else ""
        text = cut(addressed(reply.text, name))
        if not (says_something(text) or reply.choices or reply.attachments):
            text = addressed(tenant.phrases.trouble, name)
        return replace(turn, reply=replace(reply, text=text))
