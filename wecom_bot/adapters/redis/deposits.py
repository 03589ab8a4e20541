"""Jobs on their way into the inbox: those that come at the same time share one trip and one fsync (group commit)."""

from collections import Counter
from collections.abc import Sequence

from wecom_bot.adapters.redis import hints
from wecom_bot.adapters.redis.group_commit import GroupCommit
from wecom_bot.adapters.redis.scripting import Arg, ScriptCall, Scripts, for_tenant
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure

_Deposit = tuple[CorpId, ScriptCall]


class Deposits:
    """Runs put.lua, and hints at the tenant's work right behind it: in the same trip, where the servers are one.

    In a cluster those go together whose tenants' slots lie on the same server, so that none waits for another one's.
    """

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts
        self._groups: dict[str, GroupCommit[_Deposit, int | TemporaryFailure]] = {}

    def __call__(self, corp_id: CorpId, *args: Arg) -> int:
        """What put.lua answers; what fails for others in the trip is theirs. Raises InboxFull, TemporaryFailure."""
        place = self._scripts.place(corp_id)
        group = self._groups.get(place) or self._groups.setdefault(place, GroupCommit(self._trip))
        answer = group((corp_id, for_tenant("put", corp_id, *args)))
        if isinstance(answer, TemporaryFailure):
            raise answer
        return answer

    def _trip(self, deposits: Sequence[_Deposit]) -> list[int | TemporaryFailure]:
        # also where a repeat brings nothing new: to look in vain costs a worker less than another trip costs all
        told = Counter(corp_id for corp_id, _ in deposits)
        then = [hints.due_now(corp_id, sleepers) for corp_id, sleepers in told.items()]
        return self._scripts.together([call for _, call in deposits], then)
