"""The tenants' secrets at rest: AES-256-GCM under a master key that is never in the database.

A sealed blob is: format (1 byte), key id (8), nonce (12), tag (16), ciphertext. The corp ID is bound to it, so that a
blob which is copied to another tenant's row does not open.
"""

import base64
import binascii
import contextlib
import hmac
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from Crypto.Cipher import AES

from wecom_bot.errors import ConfigurationError

_SETTING = "WECOM_BOT_MASTER_KEY"
_FILE = "master.key"
_KEY_SIZE = 32
_FORMAT = b"\x01"
_KEY_ID, _NONCE, _TAG = 8, 12, 16
_ENTER_AGAIN = "enter them again with `wecom-bot tenants import`"
_HEAD = len(_FORMAT) + _KEY_ID + _NONCE + _TAG


@dataclass(frozen=True, slots=True)
class Cipher:
    """Seals and opens the secrets of tenants."""

    key: bytes = field(repr=False)

    def seal(self, corp_id: str, plain: bytes) -> bytes:
        """The blob that only `open` with the same corp ID and key turns back."""
        nonce = os.urandom(_NONCE)
        aes = AES.new(self.key, AES.MODE_GCM, nonce=nonce)
        aes.update(_bound(corp_id))
        ciphertext, tag = aes.encrypt_and_digest(plain)
        return _FORMAT + self._key_id() + nonce + tag + ciphertext

    def open(self, corp_id: str, blob: bytes) -> bytes:
        """What was sealed. Raises ConfigurationError, which says whether the key or the blob is the wrong one."""
        if blob[:1] != _FORMAT or len(blob) < _HEAD:
            raise ConfigurationError(
                f"租户 {corp_id} 的密钥格式无法识别"
                f" / the secrets of tenant {corp_id} are not in a form that we know: {_ENTER_AGAIN}"
            )
        key_id, nonce, tag = blob[1:9], blob[9:21], blob[21:_HEAD]
        if not hmac.compare_digest(key_id, self._key_id()):
            raise ConfigurationError(
                f"租户 {corp_id} 的密钥是用另一个主密钥加密的，请换回当时的 {_SETTING} 或 {_FILE}，或重新导入"
                f" / the secrets of tenant {corp_id} were written under another master key: {_ENTER_AGAIN}"
            )
        aes = AES.new(self.key, AES.MODE_GCM, nonce=nonce)
        aes.update(_bound(corp_id))
        try:
            return aes.decrypt_and_verify(blob[_HEAD:], tag)
        except ValueError as e:
            raise ConfigurationError(
                f"租户 {corp_id} 的密钥已损坏，或属于别的租户"
                f" / the secrets of tenant {corp_id} were damaged, or are another tenant's: {_ENTER_AGAIN}"
            ) from e

    @property
    def key_id(self) -> bytes:
        """Which key it is, for who compares: nothing of the key is in it."""
        return self._key_id()

    def _key_id(self) -> bytes:
        return hmac.digest(self.key, b"wecom-bot master key id", "sha256")[:_KEY_ID]


def _bound(corp_id: str) -> bytes:
    return b"wecom-bot tenant " + corp_id.encode()


def master_key(given: str, folder: Path) -> bytes:
    """The 32 bytes of the setting, or of `master.key` in the folder, which is made if it is not there.

    Raises ConfigurationError.
    """
    if given:
        return _decode(given, _SETTING)
    path = folder / _FILE
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as e:
        raise _unusable(path, e) from e


def kept_master_key(given: str, folder: Path) -> bytes | None:
    """`master_key`, but None where there is none: nothing is made. Raises ConfigurationError."""
    if given:
        return _decode(given, _SETTING)
    path = folder / _FILE
    try:
        return _read(path) if path.exists() else None
    except OSError as e:
        raise _unusable(path, e) from e


def _unusable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"主密钥文件不可用，请检查或改用 {_SETTING} / the master key {path} cannot be used: {error.strerror}"
    )


def _read(path: Path) -> bytes:
    with path.open(encoding="ascii", errors="replace") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise ConfigurationError(
                f"主密钥文件的权限是 {mode:04o}，别人也能读，请执行"
                f" / others can read the master key: `chmod 600 {path}`"
            )
        return _decode(file.read(), str(path))


def _decode(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_SIZE:
        raise ConfigurationError(
            f"{where}: 应是 32 字节的 base64（44 个字符），可用 `openssl rand -base64 32` 生成"
            " / should be 32 bytes in base64 (44 characters)"
        )
    return key


def _make(path: Path) -> None:
    """Make the file whole or not at all; where two processes do it at once, the first one's key is both's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{_FILE}-") as draft:  # its mode is 0600
        draft.write(base64.b64encode(os.urandom(_KEY_SIZE)) + b"\n")
        draft.flush()
        os.fsync(draft.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # secrets sealed under a key that a power cut takes away would be lost
    finally:
        os.close(folder)
