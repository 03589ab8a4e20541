"""Rebuilding, moving, going back: customers are answered rightly all the while, and a crash anywhere loses nothing."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from structlog.testing import capture_logs

from tests.deadlines import PATIENCE
from tests.fakes import ACME
from tests.service.knowledge.bench import GLOBEX, Bench, article
from tests.service.knowledge.memory_engine import POISON
from wecom_bot.domain.knowledge import Article, Position
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import IndexUnproved, LeaseLost, Occupied, TemporaryFailure
from wecom_bot.service.knowledge import build_index
from wecom_bot.service.knowledge.build_index import Built
from wecom_bot.service.knowledge.works import Scope

LATE = CorpId("ww_late")


class Killed(BaseException):
    """What a kill -9 does to a process: nothing after it is done."""


@pytest.fixture
def stocked(made: Bench) -> Bench:
    """Two tenants share an index."""
    made.write(range(5))
    made.write(range(3), GLOBEX)
    made.indexer()
    return made


def rebuild(bench: Bench, *corp_ids: CorpId) -> list[Built]:
    """As the operators' verb does."""
    with bench.works.alone("olivia") as still:
        survey = bench.works.survey(corp_ids)
        return [bench.works.rebuild(scope, still) for scope in survey.scopes(corp_ids or survey.tenants)]


def at(bench: Bench, deed: str, do: Callable[[], object], times: int = 1) -> None:
    """Do this before the engine's next such deed."""
    left = [times]

    def before(found: str) -> None:
        if found == deed and left[0]:
            left[0] -= 1
            do()

    bench.search.before = before


def die() -> None:
    raise Killed


def test_a_shared_index_is_rebuilt_for_all_who_share_it_and_the_old_one_is_kept(stocked: Bench) -> None:
    (before,) = stocked.search.kept
    (built,) = rebuild(stocked, ACME)
    assert set(stocked.search.aliases.values()) == {built.index}
    assert (built.replaced, built.articles, built.refused) == ((before,), 8, 0)
    assert stocked.search.pointer == built.index
    assert stocked.is_right([ACME, GLOBEX])
    stocked.write([1], answer="十点")
    stocked.indexer()
    assert stocked.found(index=before) == stocked.found() == stocked.written()


def test_what_is_written_and_removed_while_it_is_filled_is_in_it(stocked: Bench) -> None:
    def meanwhile() -> None:
        stocked.write([1, 8], answer="十点")
        stocked.articles.remove(ACME, ["a0004"])

    at(stocked, "put", meanwhile)
    rebuild(stocked)
    assert stocked.found()["a0001"] == "十点"
    assert stocked.is_right([ACME, GLOBEX])


def test_an_indexer_that_runs_meanwhile_does_no_harm(stocked: Bench) -> None:
    def meanwhile() -> None:
        stocked.articles.remove(ACME, ["a0004"])
        stocked.indexer()

    at(stocked, "put", meanwhile, times=2)
    rebuild(stocked)
    stocked.indexer()
    assert stocked.is_right([ACME, GLOBEX])


def test_who_writes_for_the_first_time_meanwhile_moves_along(stocked: Bench) -> None:
    def meanwhile() -> None:
        stocked.write(range(4), LATE)
        stocked.indexer()

    at(stocked, "finish", meanwhile)
    (built,) = rebuild(stocked)
    assert stocked.search.aliases[LATE] == built.index
    assert stocked.is_right([ACME, GLOBEX, LATE])


@pytest.mark.parametrize("deed", ["make", "put", "show", "finish", "count", "best", "point"])
def test_whoever_dies_in_the_middle_has_changed_nothing_and_the_next_cleans_up(stocked: Bench, deed: str) -> None:
    aliases = dict(stocked.search.aliases)
    at(stocked, deed, die, times=99)
    with pytest.raises(Killed):
        rebuild(stocked)
    assert stocked.search.aliases == aliases
    stocked.search.before = lambda _deed: None
    (built,) = rebuild(stocked)
    assert stocked.is_right([ACME, GLOBEX])
    assert set(stocked.search.kept) == {built.index, *built.replaced}
    assert {each.index for each in stocked.standings.all()} == set(stocked.search.kept)


def test_a_switch_whose_answer_was_lost_takes_nothing_away_that_answers(stocked: Bench) -> None:
    def lost() -> None:
        raise TemporaryFailure("Elasticsearch did not answer in time")

    stocked.search.pointed = lost
    with pytest.raises(TemporaryFailure):
        rebuild(stocked)
    assert stocked.is_right([ACME, GLOBEX])
    with stocked.works.alone("olivia") as still, pytest.raises(TemporaryFailure):
        stocked.works.build(ACME, [ACME], still)
    with stocked.works.alone("olivia") as still, pytest.raises(TemporaryFailure):
        stocked.works.build.into(ACME, stocked.search.aliases[GLOBEX], still)
    assert stocked.search.aliases[ACME] == stocked.search.aliases[GLOBEX]
    stocked.write([1], answer="十点")
    stocked.indexer()
    assert stocked.is_right([ACME, GLOBEX])


def test_two_articles_in_the_same_words_and_one_without_words_stand_in_no_rebuilds_way(made: Bench) -> None:
    twice = [Article("a1", "几点开门", "九点"), Article("a2", "几点开门？", "十点"), Article("a3", "😀", "笑")]
    made.articles.save(ACME, twice)
    (built,) = rebuild(made)
    assert built.articles == 3


def test_an_index_of_another_version_is_not_asked_what_it_finds(stocked: Bench) -> None:
    (before,) = stocked.search.kept
    stocked.search.kept[before].foreign = True

    def lose() -> None:
        max(stocked.search.kept.items())[1].seen[ACME].pop("a0001")

    at(stocked, "best", lose)
    with pytest.raises(IndexUnproved, match="a0001"):
        rebuild(stocked)


def test_it_is_told_which_indexes_only_another_version_can_go_back_to(stocked: Bench) -> None:
    (before,) = stocked.search.kept
    stocked.search.kept[before].foreign = True
    (first,) = rebuild(stocked)
    (second,) = rebuild(stocked)
    assert (first.replaced, first.foreign) == ((before,), frozenset({before}))
    assert (second.replaced, second.foreign) == ((first.index,), frozenset())


def test_an_index_that_is_gone_is_followed_no_more_once_it_was_rebuilt(stocked: Bench) -> None:
    rebuild(stocked)
    for index in list(stocked.search.kept):
        stocked.search.drop(index)
    stocked.search.aliases.clear()
    stocked.search.pointer = None
    (built,) = rebuild(stocked)
    assert stocked.is_right([ACME, GLOBEX])
    assert {each.index for each in stocked.standings.all()} == {built.index}


def test_what_is_left_of_a_tenant_in_an_index_that_is_gone_can_be_dropped(stocked: Bench) -> None:
    stocked.positions.put(ACME, "gone", Position())
    with stocked.works.alone("olivia") as still:
        stocked.works.take_away([], stocked.works.survey().old([ACME]), still)
    assert "gone" not in {each.index for each in stocked.standings.all()}


def test_of_an_index_that_is_taken_away_the_indexer_notes_nothing_meanwhile(stocked: Bench) -> None:
    """It would seem to be followed, and up to date."""
    (built,) = rebuild(stocked)
    tried, indexed = Event(), Event()

    def wait(_: float) -> None:
        tried.set()
        assert indexed.wait(PATIENCE)

    drop = replace(stocked.works.drop, pause=wait)
    with ThreadPoolExecutor(1) as pool:
        dropped: list[Future[None]] = []

        def begin() -> None:
            dropped.append(pool.submit(drop, built.replaced[0]))
            assert tried.wait(PATIENCE)

        at(stocked, "put", begin)
        stocked.write([1], answer="十点")
        stocked.indexer()
        indexed.set()
        dropped[0].result()
    assert {each.index for each in stocked.standings.all()} == {built.index}


def test_who_waits_for_a_rebuild_sees_it_go_on(stocked: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_index, "_TOLD", 4)
    with capture_logs() as told:
        rebuild(stocked)
    assert [(each["event"], each.get("articles")) for each in told] == [
        ("index.building", None),
        ("index.filling", 4),
        ("index.filling", 8),
        ("index.proving", None),
        ("index.built", 8),
    ]


@pytest.mark.parametrize(("uncopied", "looks"), [(3, 4), (1000, 60)], ids=["some time", "never"])
def test_an_index_is_switched_to_once_it_is_copied_or_never_will_be(stocked: Bench, uncopied: int, looks: int) -> None:
    before, answering = stocked.search.aliases[ACME], list[str]()
    stocked.search.uncopied = uncopied
    stocked.search.before = lambda deed: answering.append(stocked.search.aliases[ACME]) if deed == "copied" else None
    with capture_logs() as told:
        (built,) = rebuild(stocked)
    assert answering == [before] * looks
    assert stocked.search.aliases[ACME] == built.index
    assert ("index.not_copied" in {each["event"] for each in told}) == (looks <= uncopied)


def test_an_index_with_too_few_articles_is_not_switched_to(stocked: Bench) -> None:
    aliases = dict(stocked.search.aliases)

    def lose() -> None:
        newest = max(stocked.search.kept)
        stocked.search.kept[newest].seen.get(ACME, {}).clear()

    at(stocked, "count", lose, times=99)
    with pytest.raises(IndexUnproved, match=ACME):
        rebuild(stocked)
    assert stocked.search.aliases == aliases
    assert len(stocked.search.kept) == 1


def test_an_index_that_does_not_find_articles_by_their_question_is_not_switched_to(stocked: Bench) -> None:
    def muddle() -> None:
        newest = max(stocked.search.kept)
        seen = stocked.search.kept[newest].seen
        seen[ACME] = {key: article(999) for key in seen[ACME]}

    at(stocked, "best", muddle)
    with pytest.raises(IndexUnproved, match="a000"):
        rebuild(stocked)
    assert len(stocked.search.kept) == 1


def test_an_index_where_words_find_nothing_is_not_switched_to(stocked: Bench) -> None:
    """Who is asked in the very same words is found by other means."""

    def forget() -> None:
        stocked.search.kept[max(stocked.search.kept)].seen.clear()

    at(stocked, "finds", forget)
    with pytest.raises(IndexUnproved, match="a000"):
        rebuild(stocked)
    assert len(stocked.search.kept) == 1


def test_an_index_is_copied_while_it_is_proved(stocked: Bench) -> None:
    deeds: list[str] = []
    stocked.search.before = deeds.append
    rebuild(stocked)
    assert deeds.index("fill") < deeds.index("copy") < deeds.index("count") < deeds.index("finish")


def test_an_article_that_is_refused_is_counted_and_tried_again_by_the_next_rebuild(stocked: Bench) -> None:
    stocked.write([7], answer=POISON)
    (built,) = rebuild(stocked)
    assert (built.articles, built.refused) == (8, 1)
    assert [(index, each.article_id) for index, each in stocked.poison.of(ACME)] == [(built.index, "a0007")]


def test_only_the_index_before_is_kept(stocked: Bench) -> None:
    first = rebuild(stocked)[0]
    second = rebuild(stocked)[0]
    assert set(stocked.search.kept) == {first.index, second.index}


def test_two_at_once_are_one_and_the_other_is_told_who(stocked: Bench) -> None:
    def another() -> None:
        with pytest.raises(Occupied, match="olivia"), stocked.works.alone("oscar"):
            raise AssertionError

    at(stocked, "make", another)
    rebuild(stocked)


def test_who_was_held_up_for_too_long_and_was_replaced_stops(stocked: Bench) -> None:
    def late() -> None:
        stocked.clock.forward(minutes=5)
        stocked.locks.take("search.rebuild", "another", "oscar", stocked.clock.at - stocked.clock.at)

    for deed in ("make", "finish"):
        aliases = dict(stocked.search.aliases)
        at(stocked, deed, late)
        with pytest.raises(LeaseLost):
            rebuild(stocked)
        assert stocked.search.aliases == aliases
        stocked.locks.give_back("search.rebuild", "another")


def test_who_was_replaced_takes_nothing_of_the_others_away(stocked: Bench) -> None:
    before = set(stocked.search.kept)

    def replaced() -> None:
        """Another takes the lock, clears what is unfinished, and makes an index of the same name."""
        stocked.clock.forward(minutes=5)
        stocked.locks.take("search.rebuild", "another", "oscar", timedelta(minutes=2))
        (unfinished,) = set(stocked.search.kept) - before
        stocked.search.drop(unfinished)
        stocked.search.made -= 1  # Elasticsearch has no memory of what is gone
        assert stocked.search.make(None) == unfinished

    at(stocked, "fill", replaced)
    with pytest.raises(LeaseLost):
        rebuild(stocked)
    assert len(set(stocked.search.kept) - before) == 1


def test_a_tenant_moves_into_an_index_of_its_own_and_back(stocked: Bench) -> None:
    shared = stocked.search.aliases[ACME]
    with stocked.works.alone("olivia") as still:
        own = stocked.works.build(ACME, [ACME], still)
    assert stocked.search.aliases == {ACME: own.index, GLOBEX: shared}
    assert stocked.search.kept[own.index].own == ACME
    assert stocked.works.survey().scopes([ACME, GLOBEX]) == [Scope(ACME, (ACME,)), Scope(None, (GLOBEX,))]
    stocked.works.drop(shared, ACME)
    stocked.write([9])
    stocked.indexer()
    assert stocked.is_right([ACME, GLOBEX])
    with stocked.works.alone("olivia") as still:
        stocked.works.build.into(ACME, shared, still)
    assert stocked.search.aliases[ACME] == shared
    assert stocked.is_right([ACME, GLOBEX])


def test_who_moves_back_finds_nothing_that_was_removed_meanwhile(stocked: Bench) -> None:
    shared = stocked.search.aliases[ACME]
    with stocked.works.alone("olivia") as still:
        stocked.works.build(ACME, [ACME], still)
    stocked.articles.remove(ACME, ["a0004"])  # which no indexer has seen yet
    with stocked.works.alone("olivia") as still:
        stocked.works.build.into(ACME, shared, still)
    assert stocked.search.aliases[ACME] == shared
    assert stocked.is_right([ACME, GLOBEX])


def test_an_index_that_lost_something_is_not_gone_back_to(stocked: Bench) -> None:
    (built,) = rebuild(stocked)
    kept = stocked.search.kept[built.replaced[0]]
    kept.written[GLOBEX].clear()
    survey = stocked.works.survey()
    with stocked.works.alone("olivia") as still, pytest.raises(IndexUnproved, match=GLOBEX):
        stocked.works.go_back(survey.all_kept([ACME, GLOBEX]), survey, still, everybody=True)
    assert set(stocked.search.aliases.values()) == {built.index}


def test_what_is_kept_of_a_tenant_is_the_newest_that_does_not_answer(stocked: Bench) -> None:
    assert stocked.works.survey().kept(ACME) is None
    (built,) = rebuild(stocked)
    kept = stocked.works.survey().kept(ACME)
    assert kept is not None
    assert (kept.index, kept.behind) == (built.replaced[0], 0)
    stocked.search.make(None)
    stocked.positions.put(ACME, max(stocked.search.kept), kept.position)
    assert stocked.works.survey().kept(ACME) == kept  # what is unfinished is none


@pytest.mark.parametrize("deed", ["put", "count", "point"])
def test_a_move_into_a_shared_index_that_breaks_off_is_brought_to_its_end_by_the_indexer(
    stocked: Bench, deed: str
) -> None:
    shared = stocked.search.aliases[ACME]
    with stocked.works.alone("olivia") as still:
        stocked.works.build(ACME, [ACME], still)
        stocked.works.drop(shared, ACME)
    at(stocked, deed, die, times=99)
    with stocked.works.alone("olivia") as still, pytest.raises(Killed):
        stocked.works.build.into(ACME, shared, still)
    stocked.search.before = lambda _deed: None
    stocked.indexer()
    for each in stocked.standings.all():
        assert stocked.found(each.corp_id, each.index) == stocked.written(each.corp_id)
