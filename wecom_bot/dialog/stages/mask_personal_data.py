"""Personal data in what we are about to say."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.message import Attachment, Choice
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text.privacy import EVERY_KIND, PersonalDataKind, mask

_PUBLISHED = frozenset({PersonalDataKind.EMAIL, PersonalDataKind.LANDLINE, PersonalDataKind.ADDRESS})


@dataclass(frozen=True, slots=True)
class MaskPersonalData:
    """Mask what identifies a person in the reply, its choices and what it shows, whoever wrote them.

    A company's landline, mailbox and address stay: a customer needs them to send goods back, and they are no person's.
    Of what is shown only the words are masked: a URL with stars in it leads nowhere.
    """

    kinds: frozenset[PersonalDataKind] = EVERY_KIND - _PUBLISHED

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:  # noqa: ARG002 - every stage is called with the tenant
        reply = turn.reply
        if reply is None:
            return turn
        masked = replace(
            reply,
            text=mask(reply.text, self.kinds),
            choices=tuple(map(self._choice, reply.choices)),
            attachments=tuple(map(self._attachment, reply.attachments)),
        )
        return replace(turn, reply=masked)

    def _choice(self, choice: Choice) -> Choice:
        return replace(choice, text=mask(choice.text, self.kinds))

    def _attachment(self, shown: Attachment) -> Attachment:
        title, description = mask(shown.title, self.kinds), mask(shown.description, self.kinds)
        return replace(shown, title=title, description=description)
