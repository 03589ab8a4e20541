"""Personal data in what we are about to say."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.message import Choice, Reply
from wecom_bot.domain.privacy import EVERY_KIND, Kind, mask
from wecom_bot.domain.tenant import Tenant

_PUBLISHED = frozenset({Kind.EMAIL, Kind.LANDLINE, Kind.ADDRESS})


@dataclass(frozen=True, slots=True)
class MaskPersonalData:
    """Mask what identifies a person in the reply and its choices, whoever wrote them.

    A company's landline, mailbox and address stay: a customer needs them to send goods back, and they are no person's.
    """

    kinds: frozenset[Kind] = EVERY_KIND - _PUBLISHED

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:  # noqa: ARG002 - every stage is called with the tenant
        if turn.reply is None:
            return turn
        choices = tuple(Choice(choice.choice_id, mask(choice.text, self.kinds)) for choice in turn.reply.choices)
        return replace(turn, reply=Reply(mask(turn.reply.text, self.kinds), choices))
