"""Rate limits (allowances) in Redis, each in its tenant's slot, by the server's clock: one script for each question."""

from collections.abc import Sequence
from datetime import timedelta

from wecom_bot.adapters.redis import codec
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.scripting import Scripts
from wecom_bot.adapters.sharing import Most
from wecom_bot.domain.message import CorpId


class RedisAllowance:
    """Implements sharing.Allowance. Lost keys do no harm: the count begins anew, and a closure is learned anew."""

    def __init__(self, client: Client) -> None:
        self._scripts = Scripts(client)

    def take(self, corp_id: CorpId, what: str, most: Sequence[Most]) -> timedelta:
        limits = [number for each in most for number in (each.count, codec.milliseconds(each.span))]
        return timedelta(milliseconds=self._scripts.tenant("allow", corp_id, what, *limits))

    def close(self, corp_id: CorpId, what: str, length: timedelta, longest: timedelta | None = None) -> timedelta:
        bounds = codec.milliseconds(length), codec.milliseconds(longest or length)
        return timedelta(milliseconds=self._scripts.tenant("allow_close", corp_id, what, *bounds))
