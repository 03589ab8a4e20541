"""Soft state: which tenants have work, a hint that all workers share. It may be lost; their sweep rebuilds it."""

from datetime import timedelta

from wecom_bot.adapters.redis import keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.redis.scripting import ScriptCall, Scripts, for_all
from wecom_bot.domain.message import CorpId

_PING = timedelta(seconds=1)


class Hints:
    """Tells the workers of a tenant's work."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def give(self, corp_id: CorpId, at: int = 0) -> None:
        """The tenant has work that is due `at` this time of the server, in ms; 0 for now."""
        self._scripts.shared("hint", corp_id, at)


def due_now(corp_id: CorpId, sleepers: int) -> ScriptCall:
    """The hint that a tenant has work for so many who sleep, for who sends it along with something else."""
    return for_all("hint", corp_id, 0, sleepers)


def ping(client: Client) -> None:
    """Return if the server takes work: one at its maxmemory answers PING, and takes no message."""
    with translated():
        client.set(keys.PING, "1", px=_PING)
