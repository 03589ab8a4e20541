"""What people do to search indexes: whom it touches is asked for, and nobody is gone back to who has nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import ACME, FixedTenants, tenant
from tests.fixtures import actors
from tests.fixtures.actors import OWNER
from tests.service.knowledge.bench import GLOBEX, Bench, bench
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import InvalidInput, NotPermitted, Occupied, TemporaryFailure, Unknown
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.search_indexes import (
    DropOldIndexes,
    MoveTenant,
    RebuildSearch,
    RollBackSearch,
    ShowSearch,
)

ADMIT = Admission(FixedTenants.of(tenant(ACME), tenant(GLOBEX)).get)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Bench]:
    """Two tenants share an index."""
    bench_ = bench(tmp_path)
    bench_.write(range(3))
    bench_.write(range(2), GLOBEX)
    bench_.indexer()
    yield bench_
    bench_.engine.dispose()


def test_who_shares_an_index_is_rebuilt_only_by_who_may_touch_all_who_share_it(made: Bench) -> None:
    rebuild, before = RebuildSearch(ADMIT, lambda: made.works), set(made.search.kept)
    with pytest.raises(NotPermitted, match=GLOBEX):
        rebuild(actors.of(ACME), [ACME])
    assert set(made.search.kept) == before
    MoveTenant(ADMIT, lambda: made.works)(actors.of(ACME), ACME, own=True)
    (built,) = rebuild(actors.of(ACME), [ACME])
    assert built.corp_ids == (ACME,)
    assert made.is_right([ACME, GLOBEX])


def test_all_are_rebuilt_the_shared_index_once(made: Bench) -> None:
    MoveTenant(ADMIT, lambda: made.works)(OWNER, ACME, own=True)
    assert [built.corp_ids for built in RebuildSearch(ADMIT, lambda: made.works)(OWNER)] == [(ACME,), (GLOBEX,)]


def test_going_back_and_again_comes_to_the_same(made: Bench) -> None:
    back, before = RollBackSearch(ADMIT, lambda: made.works), made.search.aliases[ACME]
    with pytest.raises(InvalidInput):
        back(OWNER, [ACME])
    with pytest.raises(InvalidInput):
        back(OWNER)
    (built,) = RebuildSearch(ADMIT, lambda: made.works)(OWNER)
    made.write([1], answer="十点")  # which no indexer has seen yet
    assert back(OWNER) == [(ACME, before), (GLOBEX, before)]
    assert made.search.pointer == before
    assert made.is_right([ACME, GLOBEX])
    assert back(OWNER, [ACME]) == [(ACME, built.index)]
    assert made.is_right([ACME, GLOBEX])


def test_nobody_goes_back_to_an_index_of_another_version(made: Bench) -> None:
    back, before = RollBackSearch(ADMIT, lambda: made.works), made.search.aliases[ACME]
    (built,) = RebuildSearch(ADMIT, lambda: made.works)(OWNER)
    made.search.kept[before].foreign = True
    for corp_ids in ([ACME], []):
        with pytest.raises(InvalidInput, match="this version"):
            back(OWNER, corp_ids)
    assert set(made.search.aliases.values()) == {built.index}


def test_what_is_old_of_one_tenant_goes_and_what_answers_stays(made: Bench) -> None:
    drop, shared = DropOldIndexes(ADMIT, lambda: made.works), made.search.aliases[ACME]
    assert drop(OWNER) == []
    MoveTenant(ADMIT, lambda: made.works)(OWNER, ACME, own=True)
    assert drop(actors.of(ACME), [ACME]) == []
    assert made.found(ACME, shared) == {}
    made.indexer()
    assert made.is_right([ACME, GLOBEX])
    made.search.make(None)
    assert drop(OWNER) == ["shared-000003"]
    with pytest.raises(NotPermitted):
        drop(actors.of(ACME), [GLOBEX])


def test_only_one_person_is_at_it(made: Bench) -> None:
    with made.works.alone("olga"), pytest.raises(Occupied, match="olga"):
        RebuildSearch(ADMIT, lambda: made.works)(OWNER)


def test_how_a_tenant_stands_is_shown_to_who_has_to_do_with_it(made: Bench) -> None:
    show = ShowSearch(ADMIT, lambda: made.works)
    assert [(each.standing.corp_id, each.articles, each.answers) for each in show(OWNER)] == [
        (ACME, 3, True),
        (GLOBEX, 2, True),
    ]
    assert {each.standing.corp_id for each in show(actors.of(ACME))} == {ACME}
    made.write([7])
    (shown,) = show(OWNER, [ACME])
    assert (shown.standing.behind, shown.standing.behind_since) == (1, made.clock.at)
    with pytest.raises(Unknown):
        show(OWNER, [CorpId("ww_nobody")])


def test_while_the_engine_is_away_what_sql_knows_is_shown(made: Bench) -> None:
    def away(_deed: str) -> None:
        raise TemporaryFailure("nobody listens")

    made.write([7])
    made.search.before = away
    (acme, globex) = ShowSearch(ADMIT, lambda: made.works)(OWNER)
    assert (acme.standing.behind, globex.standing.behind) == (1, 0)
    assert {acme.away, globex.away} == {"nobody listens"}
