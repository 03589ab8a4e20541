"""What waits in Redis, for many tenants in one trip."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

import redis

from wecom_bot.adapters.redis import keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.redis.scripting import source
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Backlog
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_AT_ONCE = 200  # tenants in one trip: 150 KB, and some milliseconds of the server


class RedisBacklogs:
    """Implements ports.Backlogs."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._script = source("measure", tenant=False)

    def measure(self, corp_ids: Collection[CorpId]) -> Mapping[CorpId, Backlog]:
        found: dict[CorpId, Backlog] = {}
        left, failure = iter(corp_ids), None
        while some := list(islice(left, _AT_ONCE)):
            for corp_id, answer in zip(some, self._ask(some), strict=True):
                if isinstance(answer, Exception):
                    failure = self._failure(corp_id, answer)
                else:
                    jobs, records, dead_letters, age = answer
                    found[corp_id] = Backlog(jobs, records, dead_letters, timedelta(milliseconds=age))
        if failure and not found:
            raise failure
        return found

    def _ask(self, corp_ids: Sequence[CorpId]) -> Sequence[Any]:
        with translated():
            # the pipeline of a cluster takes no EVALSHA, and EVAL only so
            pipeline: Any = self._client.pipeline(transaction=False)
            for corp_id in corp_ids:
                prefix = keys.tenant(corp_id)
                key = prefix + "ready"
                pipeline.execute_command("EVAL", self._script, 1, key, prefix, **self._route(key))
            answers: list[Any] = pipeline.execute(raise_on_error=False)
            return answers

    def _route(self, key: str) -> Mapping[str, Any]:
        """The node of a cluster: the pipeline would ask the server of each command which of its words is a key."""
        client: Any = self._client
        return {} if isinstance(client, redis.Redis) else {"target_nodes": client.get_node_from_key(key)}

    @staticmethod
    def _failure(corp_id: CorpId, error: Exception) -> TemporaryFailure:
        try:
            with translated():
                raise error
        except TemporaryFailure as e:
            log.warning("watch.unmeasured", corp_id=corp_id, error=str(e))
            return e
