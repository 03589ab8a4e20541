from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tests.deadlines import wait_until
from tests.fakes import SettableClock
from wecom_bot.adapters.search.followed import FollowedKnowledge
from wecom_bot.domain.knowledge import KnowledgeState, SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")


@dataclass
class Told:
    """What SQL says, and how often it was asked."""

    revisions: dict[CorpId, int] = field(default_factory=dict)
    moments: list[datetime] = field(default_factory=list)
    away: bool = False
    asked: int = 0

    def whole(self) -> Mapping[CorpId, int]:
        self.asked += 1
        if self.away:
            raise TemporaryFailure("away")
        return self.revisions

    def edges(self, corp_id: CorpId) -> Sequence[datetime]:
        return self.moments if corp_id == ACME else []


@pytest.fixture
def told() -> Told:
    return Told({ACME: 7, GLOBEX: 7})


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def followed(told: Told, clock: SettableClock) -> Iterator[FollowedKnowledge]:
    span = timedelta(milliseconds=5)
    made = FollowedKnowledge(told.whole, told.edges, SearchMode.HYBRID, "m1", clock, span)
    made.start()
    yield made
    made.stop()


def revision(followed: FollowedKnowledge) -> str | None:
    state = followed.state(ACME)
    return state.revision if state else None


def test_the_revision_that_the_engine_holds_is_told_with_how_it_ranks(followed: FollowedKnowledge, told: Told) -> None:
    assert followed.state(ACME) is None, "of what nobody asked for yet"
    wait_until(lambda: followed.state(ACME) == KnowledgeState("7.0", SearchMode.HYBRID, "m1"))
    told.revisions = {ACME: 8}
    wait_until(lambda: revision(followed) == "8.0")


def test_while_the_engine_is_behind_nothing_can_be_told(followed: FollowedKnowledge, told: Told) -> None:
    wait_until(lambda: revision(followed) == "7.0")
    told.revisions = {GLOBEX: 7}
    wait_until(lambda: revision(followed) is None)


def test_while_nobody_can_tell_what_was_told_last_holds(followed: FollowedKnowledge, told: Told) -> None:
    wait_until(lambda: revision(followed) == "7.0")
    told.away = True
    before = told.asked
    wait_until(lambda: told.asked > before + 2)
    assert revision(followed) == "7.0"


def test_between_two_moments_of_validity_it_is_another_state(
    followed: FollowedKnowledge, told: Told, clock: SettableClock
) -> None:
    told.moments = [clock.now() + timedelta(hours=1)]
    wait_until(lambda: revision(followed) == "7.0")
    clock.forward(hours=1)
    assert revision(followed) == "7.1"
