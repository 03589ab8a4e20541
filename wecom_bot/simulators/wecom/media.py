"""Files under their media_id, for three days (WeCom pages 90253 and 90254)."""

import hashlib
import secrets
from dataclasses import dataclass

from wecom_bot.simulators.wecom.refusals import WecomRefusal

LIFE = 3 * 24 * 3600.0
MEGABYTE = 1024 * 1024
ENDINGS = {"image": (".jpg", ".jpeg", ".png"), "voice": (".amr",), "video": (".mp4",), "file": ("",)}
"""How the names of each kind end; every file is at least a "file"."""


def kind_of(name: str) -> str:
    """What kind of file it is, by its name."""
    return next(kind for kind, endings in ENDINGS.items() if name.lower().endswith(endings))


@dataclass(frozen=True, slots=True)
class Medium:
    """A file; `corp_id` is the only corp that may have it, "" is everybody."""

    corp_id: str
    kind: str
    name: str
    content: bytes
    until: float

    @property
    def sha256(self) -> str:
        """What tells it from every other."""
        return hashlib.sha256(self.content).hexdigest()


class MediaStore:
    """All files. The caller holds the world's lock."""

    def __init__(self) -> None:
        self._media: dict[str, Medium] = {}

    def put(self, corp_id: str, kind: str, name: str, content: bytes, now: float) -> str:
        """Keep a file; its media_id."""
        media_id = secrets.token_urlsafe(48)
        self._media[media_id] = Medium(corp_id, kind, name, content, now + LIFE)
        return media_id

    def get(self, corp_id: str, media_id: str, now: float) -> Medium:
        """The file. Raises WecomRefusal."""
        medium = self._media.get(media_id)
        if medium is None or medium.corp_id not in {"", corp_id} or now > medium.until:
            raise WecomRefusal(40007)
        return medium

    def size(self, media_id: str) -> int:
        """How many bytes it has; 0 if there is none."""
        medium = self._media.get(media_id)
        return len(medium.content) if medium else 0
