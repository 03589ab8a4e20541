"""Access tokens in Redis, each in its tenant's slot, so that all processes of all machines fetch one: single flight."""

from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.sharing import FreshToken, Refusal, TokenKey

_REFUSAL: TypeAdapter[Refusal] = TypeAdapter(Refusal)

# Each is one step, so that nobody sees a token together with the claim or the refusal that it ended. And each is
# allowed at maxmemory: without a token nothing can be sent, and the inbox of a full server could not empty itself.
_GET = """#!lua flags=no-writes
return {redis.call('GET', KEYS[1]) or '', redis.call('PTTL', KEYS[1])}
"""
_CLAIM = """#!lua flags=allow-oom
return redis.call('SET', KEYS[2], '1', 'PX', ARGV[1], 'NX') and 1 or 0
"""
_PUT = """#!lua flags=allow-oom
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('DEL', KEYS[2], KEYS[3])
"""
_REFUSE = """#!lua flags=allow-oom
redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[2])
redis.call('DEL', KEYS[2])
"""
_FORGET = """#!lua flags=allow-oom
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""
_REPLACE = """#!lua flags=allow-oom
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 1 end
if not redis.call('SET', KEYS[4], '1', 'PX', ARGV[2], 'NX') then return 0 end
redis.call('DEL', KEYS[1])
return 1
"""


class RedisSharedTokens:
    """Implements sharing.SharedTokens.

    A claim has no owner: one that ran out while its holder slept may be ended by that holder later. That costs one
    more fetch, and WeCom answers it with the same token.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        texts = (_GET, _CLAIM, _PUT, _REFUSE, _FORGET, _REPLACE)
        made = (client.register_script(text) for text in texts)
        self._get, self._claim, self._put, self._refuse, self._forget, self._replace = made

    def get(self, key: TokenKey) -> FreshToken | None:
        with translated():
            token, left = self._get(keys=_names(key), args=[])
        return FreshToken(_text(token), timedelta(milliseconds=left)) if token else None

    def claim(self, key: TokenKey, length: timedelta) -> bool:
        with translated():
            return bool(self._claim(keys=_names(key), args=[codec.milliseconds(length)]))

    def put(self, key: TokenKey, token: str, lifetime: timedelta) -> None:
        with translated():
            self._put(keys=_names(key), args=[token, codec.milliseconds(lifetime)])

    def release(self, key: TokenKey) -> None:
        with translated():
            self._client.delete(_names(key)[1])

    def forget(self, key: TokenKey, token: str) -> None:
        with translated():
            self._forget(keys=_names(key), args=[token])

    def replace(self, key: TokenKey, refused: str, within: timedelta) -> bool:
        with translated():
            return bool(self._replace(keys=_names(key), args=[refused, codec.milliseconds(within)]))

    def confirm(self, key: TokenKey) -> None:
        with translated():
            self._client.delete(_names(key)[3])

    def refuse(self, key: TokenKey, refusal: Refusal, keep: timedelta) -> None:
        with translated():
            self._refuse(keys=_names(key), args=[_REFUSAL.dump_json(refusal), codec.milliseconds(keep)])

    def refusal(self, key: TokenKey) -> Refusal | None:
        with translated():
            found: Any = self._client.get(_names(key)[2])
        try:
            return _REFUSAL.validate_json(found) if found else None
        except ValidationError:
            return None  # a newer version's: it will be asked again and say so again


def _names(key: TokenKey) -> list[str]:
    """The keys of the token, the claim, the refusal and the replacement."""
    token = f"{keys.tenant(key.corp_id)}token:{key.app}:{key.fingerprint}"
    return [token, f"{token}:claim", f"{token}:refusal", f"{token}:replaced"]


def _text(found: str | bytes) -> str:
    return found if isinstance(found, str) else found.decode()
