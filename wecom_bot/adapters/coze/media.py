"""What customers send without words, read by Coze: an image becomes an upload for the writer, a voice message words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.adapters.coze.recognizers import coze_token
from wecom_bot.adapters.coze.wire import File
from wecom_bot.domain.message import LONGEST_MESSAGE, CorpId, InboundMessage, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Rejected, TookTooLong
from wecom_bot.outbound.deadline import Deadline
from wecom_bot.ports import MediaReading, Tenants
from wecom_bot.text.showable import says_something

Download = Callable[[CorpId, str, str], bytes]
"""A file of WeCom's, by corp, the name of the app whose token may fetch it, and media id. Raises like a port."""

MOST_BYTES = 10 * 1024 * 1024
"""What Coze takes of a sound file; no image in WeCom is larger."""

_LEAST_BYTES = 6  # WeCom takes no smaller file, so a smaller one is none
_IMAGES: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF8": "gif",
    b"BM": "bmp",
}
_SOUNDS: Mapping[bytes, str] = {b"#!AMR": "amr", b"ID3": "mp3", b"\xff\xfb": "mp3", b"OggS": "ogg"}


@dataclass(frozen=True, slots=True)
class CozeMediaReader:
    """Implements ports.MediaReader by Coze's files and transcriptions, with the token that chats: files are its own.

    `deadline` is for the whole of it, from the download on. What the tenant does not allow, or what nobody could look
    at afterwards, is not fetched.
    """

    download: Download
    client: CozeClient
    tenants: Tenants
    default_token: SecretStr
    deadline: timedelta = timedelta(seconds=5)

    def read(self, tenant: Tenant, message: InboundMessage) -> MediaReading:
        media_id = message.detail.get("media_id") or message.detail.get("MediaId") or ""
        if not media_id or not _is_allowed(tenant, message.kind):
            return MediaReading()
        token = coze_token(self.tenants, tenant, self.default_token)
        until = Deadline.after(self.deadline)
        content = self.download(tenant.corp_id, message.app, media_id)
        if not _LEAST_BYTES <= len(content) <= MOST_BYTES:
            raise Rejected(f"a file of {len(content)} bytes is not read")
        if not until.left:
            raise TookTooLong("WeCom took all the time there was for a file")
        left = timedelta(seconds=until.left)
        if message.kind is MessageKind.IMAGE:
            file = File(f"image.{_image(content)}", content)
            return MediaReading(upload=self.client.upload(token, of=tenant.coze.bot_id, file=file, deadline=left))
        file = File(f"voice.{_sound(content)}", content)
        text = self.client.transcribe(token, of=tenant.corp_id, file=file, deadline=left).strip()[:LONGEST_MESSAGE]
        return MediaReading(text=text) if says_something(text) else MediaReading()


def _is_allowed(tenant: Tenant, kind: MessageKind) -> bool:
    match kind:
        case MessageKind.VOICE:
            return tenant.media.voice
        case MessageKind.IMAGE:  # for the bot to look at
            return tenant.media.image and bool(tenant.coze.bot_id) and tenant.reply != "article"
    return False


def _image(content: bytes) -> str:
    """The image's kind. Raises Rejected for what no model looks at."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    for beginning, kind in _IMAGES.items():
        if content.startswith(beginning):
            return kind
    raise Rejected("the file is no image that Coze's models look at")


def _sound(content: bytes) -> str:
    """The sound's kind; AMR, which is what WeCom sends, if it cannot be told."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "wav"
    return next((kind for beginning, kind in _SOUNDS.items() if content.startswith(beginning)), "amr")
