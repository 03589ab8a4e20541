"""A shared cache in Redis: media_ids of uploaded files, each in its tenant's slot, the same for all processes."""

from datetime import timedelta
from typing import Any

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.domain.message import CorpId

# One step, so that of two who upload side by side the second takes the first's. Allowed at maxmemory, too: what is sent
# frees memory, and there is only one of these for each picture.
_PUT = """#!lua flags=allow-oom
local kept = redis.call('GET', KEYS[1])
if kept and kept ~= ARGV[3] then return kept end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
"""


class RedisMediaIds:
    """Implements sharing.MediaIds."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._put = client.register_script(_PUT)

    def get(self, corp_id: CorpId, app: str, digest: str) -> str | None:
        with translated():
            found: Any = self._client.get(_name(corp_id, app, digest))
        return _text(found) if found else None

    def put(self, corp_id: CorpId, app: str, digest: str, media_id: str, life: timedelta, lost: str) -> str:
        kept_for = codec.milliseconds(life)
        with translated():
            return _text(self._put(keys=[_name(corp_id, app, digest)], args=[media_id, kept_for, lost]))


def _name(corp_id: CorpId, app: str, digest: str) -> str:
    return f"{keys.tenant(corp_id)}media:{app}:{digest}"


def _text(found: str | bytes) -> str:
    return found if isinstance(found, str) else found.decode()
