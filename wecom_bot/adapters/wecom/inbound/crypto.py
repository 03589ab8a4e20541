"""WeCom's callback crypto: AES-256-CBC under a SHA-1 signature (WeCom page 90968).

    plaintext = 16 random bytes | length of the message in bytes, 4, big endian | message | receiveid | PKCS#7 to 32
    signature = hex(sha1(concat(sort([token, timestamp, nonce, base64 of the ciphertext]))))

The checks run in a fixed order and each has its own word in `CallbackRefused.kind`; none of them is told to the caller.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Collection
from dataclasses import dataclass

from Crypto.Cipher import AES
from Crypto.Cipher._mode_cbc import CbcMode
from Crypto.Cipher._mode_ecb import EcbMode

from wecom_bot.errors import CallbackRefused, ConfigurationError

_KEY_CHARACTERS = 43
_KEY_BYTES = 32
_CIPHER_BLOCK = 16
_PAD_BLOCK = 32  # WeCom pads to 32, so a pad of 17 to 32 is right, and an unpad(..., 16) would refuse it
_RANDOM = 16
_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message made ready to post: the base64 ciphertext, and the signature over it."""

    encrypted: str
    signature: str


class CallbackCrypto:
    """Opens and seals callbacks with an app's Token and EncodingAESKey. Raises ConfigurationError if they are wrong."""

    __slots__ = ("_block_cipher", "_key", "_token")

    def __init__(self, token: str, encoding_aes_key: str) -> None:
        if not token:
            # without it anybody can sign, and the refusals would become a padding oracle
            raise ConfigurationError("the callback's token must not be empty")
        self._token = token
        self._key = _aes_key(encoding_aes_key)
        self._block_cipher: EcbMode = AES.new(self._key, AES.MODE_ECB)

    def open(self, signature: str, timestamp: str, nonce: str, encrypted: str, receive_ids: Collection[str]) -> str:
        """The message inside, if it was sealed with our key for one of `receive_ids`. Raises CallbackRefused."""
        expected = self._sign(timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), _utf8(signature)):
            raise CallbackRefused("signature")
        message, receive_id = _texts(_unpadded(self._decrypted(encrypted)))
        if receive_id not in receive_ids:
            raise CallbackRefused("receive_id")
        return message

    def open_echo(self, signature: str, timestamp: str, nonce: str, echostr: str, receive_ids: Collection[str]) -> str:
        """`open` for the echostr of a URL verification, where a proxy may have turned the base64's + into spaces."""
        return self.open(signature, timestamp, nonce, echostr.replace(" ", "+"), receive_ids)

    def seal(self, message: str, receive_id: str, timestamp: str, nonce: str, prefix: bytes | None = None) -> Sealed:
        """What `open` opens. `prefix` stands for the 16 random bytes, so that a recorded callback can be made again."""
        random = os.urandom(_RANDOM) if prefix is None else prefix
        if len(random) != _RANDOM:
            raise ValueError(f"the prefix must have {_RANDOM} bytes, not {len(random)}")
        body = message.encode()
        plain = random + len(body).to_bytes(_LENGTH, "big") + body + receive_id.encode()
        pad = _PAD_BLOCK - len(plain) % _PAD_BLOCK
        encrypted = base64.b64encode(self._sealing_cipher().encrypt(plain + bytes([pad]) * pad)).decode()
        return Sealed(encrypted, self._sign(timestamp, nonce, encrypted))

    def _sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted((self._token, timestamp, nonce, encrypted))
        return hashlib.sha1(_utf8("".join(parts))).hexdigest()  # noqa: S324 - WeCom's protocol, not our choice

    def _sealing_cipher(self) -> CbcMode:
        return AES.new(self._key, AES.MODE_CBC, self._key[:_CIPHER_BLOCK])

    def _decrypted(self, encrypted: str) -> bytes:
        try:
            data = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as e:
            raise CallbackRefused("base64") from e
        if not data or len(data) % _CIPHER_BLOCK:
            raise CallbackRefused("length")
        # CBC by its definition, block by block: a cipher of pycryptodome's for it serves once, and takes longer to make
        # than all of this
        before = self._key[:_CIPHER_BLOCK] + data[:-_CIPHER_BLOCK]
        return _xor(self._block_cipher.decrypt(data), before)


def _aes_key(encoding_aes_key: str) -> bytes:
    """The 32 bytes of the key. Its last character may carry odd bits (published keys do), which the decoder drops."""
    if len(encoding_aes_key) == _KEY_CHARACTERS and encoding_aes_key.isascii() and encoding_aes_key.isalnum():
        key = base64.b64decode(encoding_aes_key + "=")
        if len(key) == _KEY_BYTES:
            return key
    raise ConfigurationError(f"encoding_aes_key must be exactly {_KEY_CHARACTERS} letters and digits")


def _unpadded(data: bytes) -> bytes:
    pad = data[-1]
    if not 1 <= pad <= min(_PAD_BLOCK, len(data)) or data[-pad:] != bytes([pad]) * pad:
        raise CallbackRefused("padding")
    return data[:-pad]


def _texts(plain: bytes) -> tuple[str, str]:
    """The message and the receiveid behind it."""
    start = _RANDOM + _LENGTH
    end = start + int.from_bytes(plain[_RANDOM:start], "big")
    if start > len(plain) or end > len(plain):
        raise CallbackRefused("length")
    try:
        return plain[start:end].decode(), plain[end:].decode()
    except UnicodeDecodeError as e:
        raise CallbackRefused("utf8") from e


def _xor(one: bytes, other: bytes) -> bytes:
    """Of two that are equally long."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")


def _utf8(text: str) -> bytes:
    """The text's bytes; a JSON body may hold lone surrogates, and those must fail the check, not crash it."""
    return text.encode("utf-8", "surrogatepass")
