"""The gate: a posted callback in, jobs out, and nothing believed before the seal was checked."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from wecom_bot.adapters.wecom.inbound import envelope, messages
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto
from wecom_bot.domain.message import Callback
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import CallbackRefused
from wecom_bot.ports import Clock, Opened, Tenants

_SIGNATURE = re.compile("[0-9a-f]{40}")
_LONGEST = 128  # of a timestamp or a nonce; WeCom's have ten digits each


@dataclass(frozen=True, slots=True)
class WecomGate:
    """The CallbackGate for own apps and 微信客服, neither of which is answered in the response.

    The key comes from the URL's app, never from the envelope.
    """

    tenants: Tenants
    clock: Clock

    def verify(self, tenant: Tenant, app: str, callback: Callback) -> bytes:
        _refuse_misshapen(callback)
        echostr = callback.body.decode("utf-8", "replace")  # what is no UTF-8 is no base64, and fails the signature
        crypto = self._crypto(tenant, app)
        ids = _receive_ids(tenant, app)
        return crypto.open_echo(callback.signature, callback.timestamp, callback.nonce, echostr, ids).encode()

    def open(self, tenant: Tenant, app: str, callback: Callback, trace_id: str) -> Opened:
        _refuse_misshapen(callback)
        encrypted = envelope.encrypted(callback.body)
        crypto = self._crypto(tenant, app)
        ids = _receive_ids(tenant, app)
        plain = crypto.open(callback.signature, callback.timestamp, callback.nonce, encrypted, ids)
        return Opened(messages.jobs(tenant, tenant.app(app), plain, trace_id, self.clock.now()))

    def _crypto(self, tenant: Tenant, app: str) -> CallbackCrypto:
        secrets = self.tenants.credentials(tenant.corp_id, app)
        return _crypto_of(secrets.token.get_secret_value(), secrets.encoding_aes_key.get_secret_value())


@lru_cache(maxsize=1024)
def _crypto_of(token: str, encoding_aes_key: str) -> CallbackCrypto:
    """One for each app that calls: a new one would have to make the key's schedule anew."""
    return CallbackCrypto(token, encoding_aes_key)


def _refuse_misshapen(callback: Callback) -> None:
    """What cannot be signed is not read any further: strangers seldom take the trouble. Raises CallbackRefused."""
    if not _SIGNATURE.fullmatch(callback.signature) or max(len(callback.timestamp), len(callback.nonce)) > _LONGEST:
        raise CallbackRefused("signature")


def _receive_ids(tenant: Tenant, app: str) -> Collection[str]:
    return tenant.app(app).receive_ids or (tenant.corp_id,)
