"""Who takes over from a worker that is no more, while some of the inbox is away."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.worker import black_box
from wecom_bot.worker.takeover import TakeOver

ACME = CorpId("ww_acme")
TRACE = b'Current thread 0x1 (most recent call first):\n  File "a.py", line 1 in job ww_acme head-1\n'


@dataclass
class Leases:
    """Says what it was told; `away` is what it does not do now."""

    away: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    def accuse(self, corp_id: CorpId, head: str, _fall: str) -> int:
        self._tell("accuse", f"{corp_id} {head}")
        return 1

    def reclaim(self, _corp_ids: Iterable[CorpId], worker: str) -> int:
        self._tell("reclaim", worker)
        return 1

    def _tell(self, what: str, whom: str) -> None:
        if what in self.away:
            raise TemporaryFailure("Redis did not answer")
        self.told.append(f"{what} {whom}")


@pytest.fixture
def life(tmp_path: Path) -> str:
    """A worker that crashed over a job."""
    life = f"7-{black_box._machine()}-{'0' * 32}"  # noqa: SLF001 - of this one
    (tmp_path / f"{life}.box").write_bytes(bytes(8) + TRACE)
    return life


def take_over(folder: Path, leases: Any) -> TakeOver:
    return TakeOver(folder, leases, lambda: [ACME])


def test_the_job_is_accused_before_the_leases_end(tmp_path: Path, life: str) -> None:
    leases = Leases()
    take_over(tmp_path, leases)()
    assert leases.told == ["accuse ww_acme head-1", f"reclaim {life}"]
    assert list(tmp_path.iterdir()) == []


def test_leases_that_cannot_be_ended_now_hold_up_nothing_and_are_ended_later(tmp_path: Path, life: str) -> None:
    """One server of a cluster may be away: who begins goes on with what lies on the others."""
    leases = Leases(away={"reclaim"})
    again = take_over(tmp_path, leases)
    again()
    assert leases.told == ["accuse ww_acme head-1"]
    leases.away.clear()
    again()
    assert leases.told[-1] == f"reclaim {life}"
    assert list(tmp_path.iterdir()) == []


def test_nobody_begins_before_the_job_is_accused(tmp_path: Path, life: str) -> None:
    leases = Leases(away={"accuse"})
    again = take_over(tmp_path, leases)
    with pytest.raises(TemporaryFailure):
        again()
    assert leases.told == []
    leases.away.clear()
    again()
    assert leases.told[-1] == f"reclaim {life}"
