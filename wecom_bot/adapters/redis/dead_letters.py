"""The dead letter queue on Redis: a hash, and a sorted set for their order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.redis.hints import Hints
from wecom_bot.adapters.redis.scripting import Scripts
from wecom_bot.domain.job import DeadLetter
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Unknown


class _Letter(BaseModel):
    job: str
    reason: str
    attempts: int
    at: int


class RedisDeadLetters:
    """Implements ports.DeadLetters."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._scripts = Scripts(client)
        self._hints = Hints(self._scripts)

    def dead_letters(self, corp_id: CorpId, most: int = 100) -> Sequence[DeadLetter]:
        prefix = keys.tenant(corp_id)
        with translated():
            ids: Any = self._client.zrevrange(prefix + "dead_order", 0, most - 1)
            found: Any = self._client.hmget(prefix + "dead", ids) if ids else []
        return [_letter(key.decode(), text) for key, text in zip(ids, found, strict=True) if text]

    def replay(self, corp_id: CorpId, letter_id: str) -> None:
        if not self._scripts.tenant("replay", corp_id, letter_id):
            raise Unknown(f"tenant {corp_id} has no dead letter {letter_id!r}")
        self._hints.give(corp_id)

    def drop(self, corp_id: CorpId, letter_id: str) -> None:
        prefix = keys.tenant(corp_id)
        with translated():
            self._client.zrem(prefix + "dead_order", letter_id)
            if not self._client.hdel(prefix + "dead", letter_id):
                raise Unknown(f"tenant {corp_id} has no dead letter {letter_id!r}")


def _letter(letter_id: str, text: bytes) -> DeadLetter:
    stored = _Letter.model_validate_json(text)
    buried_at: datetime = codec.moment(stored.at)
    return DeadLetter(letter_id, codec.job(stored.job.encode()), stored.job, stored.reason, stored.attempts, buried_at)
