"""What customers send without words."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.message import InboundMessage, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured, Rejected, WecomBotError
from wecom_bot.ports import MediaReader, MediaReading
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_UPLOAD = "upload"  # in a message's detail: the id under which the reply writer knows its image


@dataclass(frozen=True, slots=True)
class ReadMedia:
    """Write down what voice messages say and take in images, where the tenant allows it; the rest stays unread.

    A voice message is words from here on, and an image knows its upload: a turn that is thought over with the next
    message reads neither again. After a failure that may strike the next one, too, no more is tried: the customer
    would wait for each. `most` are read of one turn.
    """

    reader: MediaReader | None = None
    most: int = 4

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        messages, left = list[InboundMessage](), self.most
        for message in turn.messages:
            found = MediaReading()
            if self.reader and left > 0 and _may_be_read(tenant, message):
                left -= 1
                try:
                    found = self.reader.read(tenant, message)
                except WecomBotError as e:
                    failed = {"kind": message.kind.value, "error": type(e).__name__}
                    log.warning("media.failed", corp_id=tenant.corp_id, **failed)
                    left = left if isinstance(e, Rejected) and not isinstance(e, Misconfigured) else 0
            messages.append(_read(message, found))
        uploads = tuple(each.detail[_UPLOAD] for each in messages if _UPLOAD in each.detail)
        return replace(turn, messages=tuple(messages), uploads=uploads)


def _read(message: InboundMessage, found: MediaReading) -> InboundMessage:
    detail = {**message.detail, _UPLOAD: found.upload} if found.upload else message.detail
    return replace(message, text=found.text or message.text, detail=detail)


def _may_be_read(tenant: Tenant, message: InboundMessage) -> bool:
    if message.text or _UPLOAD in message.detail:
        return False
    match message.kind:
        case MessageKind.VOICE:
            return tenant.media.voice
        case MessageKind.IMAGE:
            return tenant.media.image
    return False
