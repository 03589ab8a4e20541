"""Pictures of the tenant's: from its folder of media to WeCom, once for as long as WeCom keeps them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wecom_bot.adapters.sharing import MediaIds, TokenKey
from wecom_bot.adapters.wecom.api import limits
from wecom_bot.adapters.wecom.api.client import WecomClient
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Misconfigured, Rejected, TemporaryFailure
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_KINDS = {b"\xff\xd8\xff": ("jpg", "image/jpeg"), b"\x89PNG\r\n\x1a\n": ("png", "image/png")}
_USE = 0.9  # of a media_id's life: what is being sent when it ends must still be good


@dataclass(frozen=True, slots=True)
class _Picture:
    content: bytes
    suffix: str
    mime: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class _NoPictureError(Exception):
    """There is nothing to show; the text says why, for operators."""


class Pictures:
    """The media_ids of pictures, uploaded when they are first shown and again when the file has changed.

    All processes use the same: on an app WeCom knows the repeat of a picture by its media_id alone, and who repeats may
    be another process than who tried first.
    """

    def __init__(self, folder: Path, shared: MediaIds) -> None:
        """`folder` holds a folder for each tenant, named by its corp ID."""
        self._folder = folder
        self._shared = shared

    def media_id(self, client: WecomClient, name: str, lost: str = "") -> str | None:
        """What shows this picture; None, and a line in the log, where it cannot be shown.

        `lost` is one that WeCom no longer knows: another is found. Raises TemporaryFailure, RateLimited, Misconfigured.
        """
        key = client.key
        try:
            picture = self._read(key.corp_id, name)
            kept = self._kept(key, picture.digest)
            if kept and kept != lost:
                return kept
            media_id = _upload(client, picture)
        except _NoPictureError as e:
            log.warning("picture.unusable", corp_id=key.corp_id, app=key.app, picture=name, reason=str(e))
            return None
        return self._agreed(key, picture.digest, media_id, lost)

    def _kept(self, key: TokenKey, digest: str) -> str | None:
        try:
            return self._shared.get(key.corp_id, key.app, digest)
        except TemporaryFailure as e:
            _alone(key, e)
            return None

    def _agreed(self, key: TokenKey, digest: str, media_id: str, lost: str) -> str:
        """The one that all use: ours, or what another uploaded meanwhile; ours also where nobody can be told of it."""
        try:
            return self._shared.put(key.corp_id, key.app, digest, media_id, limits.MEDIA_LIFE * _USE, lost)
        except TemporaryFailure as e:
            _alone(key, e)
            return media_id

    def _read(self, corp_id: CorpId, name: str) -> _Picture:
        if not name:
            raise _NoPictureError("没有设置图片 / no picture is set")
        if name in {".", ".."} or any(sign in name for sign in "/\\:\0"):
            raise _NoPictureError("图片名只能是文件名，不能是路径 / a picture must be a file's name, not a path")
        try:
            content = _content(self._folder / corp_id / name)
        except OSError as e:
            advice = "请把图片放到数据目录的 media/<corp_id>/ 下 / put it into media/<corp_id>/ in the data folder"
            raise _NoPictureError(f"{type(e).__name__}: {advice}") from e
        for beginning, (suffix, mime) in _KINDS.items():
            if content.startswith(beginning):
                return _Picture(content, suffix, mime)
        raise _NoPictureError("只能用 JPG 或 PNG / only JPG and PNG can be shown")


def _alone(key: TokenKey, error: TemporaryFailure) -> None:
    log.warning("picture.not_shared", corp_id=key.corp_id, app=key.app, error=str(error))


def _content(path: Path) -> bytes:
    """What the file holds. Raises OSError, _NoPictureError."""
    if not path.is_file():  # to open a pipe would wait for ever
        raise FileNotFoundError
    with path.open("rb") as file:
        content = file.read(limits.PICTURE + 1)
    if not limits.MEDIA_LEAST <= len(content) <= limits.PICTURE:
        raise _NoPictureError("图片须大于 5 字节、不超过 10 MB / it must have more than 5 bytes and at most 10 MB")
    return content


def _upload(client: WecomClient, picture: _Picture) -> str:
    """Hand it to WeCom, under a name of ours: what the tenant's file is called may not fit a header."""
    named = (f"{picture.digest[:16]}.{picture.suffix}", picture.content, picture.mime)
    try:
        answer: Any = client.wechatpy.media.upload("image", named)
    except Misconfigured:
        raise
    except Rejected as e:
        raise _NoPictureError(f"WeCom 不接受这张图片 / WeCom does not take it: {e.code}") from e
    media_id = answer.get("media_id")
    if not isinstance(media_id, str) or not media_id:
        raise TemporaryFailure("WeCom answered media/upload without a media_id")
    return media_id
