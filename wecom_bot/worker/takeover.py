"""Crash recovery: what is done for a worker of this machine that ended without a goodbye."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Leases
from wecom_bot.telemetry import logs
from wecom_bot.worker.black_box import LeftBehind, left_in

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Tell the inbox which job each dead worker was computing, and end its leases, so that its jobs go on at once.

    In this order: a job that stopped its worker is not tried again before that is held against it. Each is told by one
    of those who look, the first; what it could not tell, for Redis was away, waits for whoever looks next.
    """

    boxes: Path
    leases: Leases
    corp_ids: Callable[[], Iterable[CorpId]]

    def __call__(self) -> None:
        """Raises TemporaryFailure where that could not be held against a job; what could not be ended runs out."""
        for left in left_in(self.boxes):
            told = False
            try:
                told = self._tell(left)
            finally:
                left.forget() if told else left.put_back()

    def _tell(self, left: LeftBehind) -> bool:
        """Whether all of it is told."""
        if left.job:
            self.leases.accuse(*left.job, left.fall)
        try:
            ended = self.leases.reclaim(self.corp_ids(), left.life) if left.life else 0
        except TemporaryFailure as e:  # perhaps one server of a cluster: what lies on the others need not wait for it
            log.warning("worker.inbox_away", error=str(e))
            return False
        if left.place:
            log.error("worker.fell", at=left.place)
        if ended:
            log.warning("worker.taken_over", worker=left.life, leases=ended)
        return True
