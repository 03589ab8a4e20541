"""Tries at proving who one is (rate limit), counted in Redis for all processes, each in its tenant's slot."""

from collections.abc import Sequence
from datetime import timedelta

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.domain.message import CorpId

MOST = 3
SPAN = timedelta(hours=1)
"""From the first of them on."""

# All or none, in one step: of two who try side by side the second finds the first one's try counted.
_BEGIN = """
for _, key in ipairs(KEYS) do
  local known = redis.call('SISMEMBER', key, ARGV[1]) == 1
  if not known and redis.call('SCARD', key) >= tonumber(ARGV[2]) then return 0 end
end
for _, key in ipairs(KEYS) do
  redis.call('SADD', key, ARGV[1])
  if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, ARGV[3]) end
end
return 1
"""
_GIVE_BACK = """
for _, key in ipairs(KEYS) do redis.call('SREM', key, ARGV[1]) end
return 1
"""


class RedisTries:
    """Implements ports.Tries."""

    def __init__(self, client: Client) -> None:
        self._begin = client.register_script(_BEGIN)
        self._give_back = client.register_script(_GIVE_BACK)

    def begin(self, corp_id: CorpId, names: Sequence[str], guess: str) -> bool:
        with translated():
            return bool(self._begin(keys=_keys(corp_id, names), args=[guess, MOST, codec.milliseconds(SPAN)]))

    def give_back(self, corp_id: CorpId, names: Sequence[str], guess: str) -> None:
        with translated():
            self._give_back(keys=_keys(corp_id, names), args=[guess])


def _keys(corp_id: CorpId, names: Sequence[str]) -> list[str]:
    return [f"{keys.tenant(corp_id)}proof:{name}" for name in names]
