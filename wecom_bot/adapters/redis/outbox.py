"""The transactional outbox on Redis: what is on its way to the record."""

from datetime import timedelta
from uuid import uuid4

from pydantic import ValidationError

from wecom_bot.adapters.redis import codec
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.scripting import Scripts
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Batch, Entry
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_ALONE = timedelta(seconds=30)  # how long a writer has a tenant's records for itself; a dead one delays them by that


class RedisOutbox:
    """Implements ports.Outbox."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._scripts = Scripts(client)

    def take(self, corp_id: CorpId, most: int = 200) -> Batch | None:
        token = uuid4().hex
        lent = codec.milliseconds(_ALONE)
        found = self._scripts.tenant("outbox_take", corp_id, token, lent, most)
        records = tuple(record for record in map(_read, found) if record)
        return Batch(corp_id, token, records, len(found)) if found else None

    def drop(self, batch: Batch) -> None:
        self._scripts.tenant("outbox_drop", batch.corp_id, batch.token, batch.taken)


def _read(payload: bytes) -> Entry | None:
    try:
        return codec.ENTRY.validate_json(payload)
    except ValidationError as e:
        # nothing that we could do later either: one lost line of the record must not hold back all others
        log.error("outbox.unreadable", problems=e.error_count(), size=len(payload))
        return None
