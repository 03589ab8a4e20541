"""Queue depth (backlogs): what waits in Redis, for many tenants in one trip."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.scripting import Scripts
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Backlog
from wecom_bot.telemetry import logs

log = logs.get(__name__)


class RedisBacklogs:
    """Implements ports.Backlogs."""

    def __init__(self, client: Client) -> None:
        self._scripts = Scripts(client)

    def measure(self, corp_ids: Collection[CorpId]) -> Mapping[CorpId, Backlog]:
        found: dict[CorpId, Backlog] = {}
        failure: TemporaryFailure | None = None
        for corp_id, answer in self._scripts.each("measure", corp_ids):
            if isinstance(answer, TemporaryFailure):
                failure = answer
                log.warning("watch.unmeasured", corp_id=corp_id, error=str(answer))
            else:
                jobs, records, dead_letters, age, _ = answer
                found[corp_id] = Backlog(jobs, records, dead_letters, timedelta(milliseconds=age))
        if failure and not found:
            raise failure
        return found
