"""The indexer: what changed in SQL reaches every index, at least once, by one process at a time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.fakes import ACME
from tests.service.knowledge.bench import GLOBEX, Bench, article
from tests.service.knowledge.memory_engine import POISON
from wecom_bot.domain.knowledge import Position
from wecom_bot.service.knowledge.index_changes import LOCK


class Killed(BaseException):
    """What a kill -9 does to a process: nothing after it is done."""


def killed_at(deed: str, bench: Bench) -> Callable[[str], None]:
    def kill(found: str) -> None:
        if found == deed:
            bench.search.before = lambda _deed: None
            raise Killed

    return kill


def test_what_a_tenant_writes_changes_and_removes_is_found(made: Bench) -> None:
    made.write(range(5))
    made.write([9], GLOBEX)
    made.indexer()
    assert made.is_right([ACME, GLOBEX])
    made.write([3, 7], answer="十点")
    made.articles.remove(ACME, ["a0001"])
    made.indexer()
    assert made.found()["a0003"] == "十点"
    assert made.is_right([ACME, GLOBEX])


def test_an_import_of_more_than_a_page_is_read_to_its_end(made: Bench) -> None:
    made.write(range(450))
    made.indexer()
    assert made.is_right()
    assert made.standings.behind() == []


def test_with_nothing_to_do_nothing_is_asked_or_locked(made: Bench) -> None:
    made.write(range(3))
    made.indexer()
    asked: list[str] = []
    made.search.before = asked.append
    made.indexer()
    assert asked == []
    assert made.locks.holder(LOCK) is None


@pytest.mark.parametrize("deed", ["place", "put", "show"])
def test_whoever_dies_at_whatever_step_another_does_it_again(made: Bench, deed: str) -> None:
    made.write(range(3))
    made.search.before = killed_at(deed, made)
    with pytest.raises(Killed):
        made.indexer()
    made.another("survivor")()
    assert made.is_right()


def test_a_position_is_stored_after_the_writing_alone(made: Bench) -> None:
    made.write(range(3))
    made.search.away = True
    made.indexer()
    assert [each.position for each in made.standings.behind()] == [Position()]


def test_every_index_that_follows_a_tenant_is_brought_what_changed(made: Bench) -> None:
    made.write(range(3))
    made.indexer()
    other = made.search.make(None)
    made.positions.put(ACME, other, Position())
    made.write([1], answer="十点")
    made.indexer()
    assert made.found(index=other) == made.found() == made.written()


def test_an_article_that_is_refused_holds_up_nobody_and_is_listed_until_it_is_taken(made: Bench) -> None:
    made.articles.save(ACME, [article(1), article(2, POISON), article(3)])
    with capture_logs() as lines:
        made.indexer()
    assert list(made.found()) == ["a0001", "a0003"]
    assert [each.article_id for _, each in made.poison.of(ACME)] == ["a0002"]
    (said,) = (each for each in lines if each["event"] == "index.refused")
    assert said["article_id"] == "a0002"
    assert POISON not in repr(lines)
    made.write([2])
    made.indexer()
    assert made.is_right()
    assert made.poison.of(ACME) == []


def test_an_index_that_is_gone_spoils_no_other(made: Bench) -> None:
    made.write(range(3))
    made.indexer()
    made.positions.put(ACME, "gone", Position())
    made.write([7])
    with capture_logs() as lines:
        made.indexer()
        made.indexer()
    assert made.is_right()
    assert [each["event"] for each in lines if each["log_level"] == "error"] == ["index.spoiled"]


def test_an_index_that_takes_no_writes_holds_up_no_other(made: Bench) -> None:
    made.write(range(3))
    made.indexer()
    other = made.search.make(None)
    made.positions.put(ACME, other, Position())
    made.search.blocked = other
    for answer in ("十点", "十一点"):
        made.write([1], answer=answer)
        with capture_logs() as lines:
            made.indexer()
        assert made.is_right()
        made.clock.forward(seconds=1)
    assert lines == [], "it is left alone for a while"
    made.search.blocked = ""
    made.clock.forward(seconds=10)
    made.indexer()
    assert made.found(index=other) == made.written()


def test_with_the_engine_away_it_waits_says_so_once_and_loses_nothing(made: Bench) -> None:
    made.write(range(3))
    made.search.away = True
    with capture_logs() as lines:
        for _ in range(5):
            made.indexer()
            made.clock.forward(minutes=1)
    assert [each["event"] for each in lines] == ["index.stale"]
    made.search.away = False
    made.indexer()
    assert made.is_right()


def test_one_process_at_a_time_is_at_it(made: Bench) -> None:
    made.write(range(3))
    at_once: list[str] = []

    def meanwhile(deed: str) -> None:
        at_once.append(deed)
        if deed == "put":
            made.another("other")()

    made.search.before = meanwhile
    made.indexer()
    assert at_once.count("put") == 1
    assert made.is_right()


def test_of_a_process_that_died_at_it_the_lock_runs_out(made: Bench) -> None:
    made.write(range(3))
    made.locks.take(LOCK, "token of the dead", "dead", timedelta(seconds=30))
    made.indexer()
    assert made.search.aliases == {}
    made.clock.forward(seconds=31)
    made.indexer()
    assert made.is_right()


def test_who_was_held_up_for_too_long_notes_no_position(made: Bench) -> None:
    made.write(range(3))

    def late(deed: str) -> None:
        if deed == "show":
            made.clock.forward(seconds=31)
            assert made.locks.take(LOCK, "another", "another", timedelta(seconds=30)).token == "another"

    made.search.before = late
    made.indexer()
    assert [each.position for each in made.standings.behind()] == [Position()]
    made.search.before = lambda _deed: None
    made.locks.give_back(LOCK, "another")
    made.another("survivor")()
    assert made.standings.behind() == []
    assert made.is_right()


def test_who_takes_its_time_keeps_the_lock(made: Bench) -> None:
    made.write(range(450))

    def slow(deed: str) -> None:
        if deed == "put":
            made.clock.forward(seconds=25)

    made.search.before = slow
    while made.standings.behind():
        made.indexer()
    assert made.is_right()


def test_what_an_article_said_before_is_told_no_more_where_its_new_words_are_refused(made: Bench) -> None:
    made.write([1, 2])
    made.indexer()
    made.write([2], answer=POISON)
    made.indexer()
    assert list(made.found()) == ["a0001"]


def test_a_tenant_with_thousands_lets_others_in(made: Bench) -> None:
    made.write(range(450))
    made.write([1], GLOBEX)
    placed: list[bool] = []
    made.search.before = lambda deed: placed.append(GLOBEX in made.search.aliases) if deed == "put" else None
    made.indexer()
    assert placed == [False, True, True, True]  # the other's turn comes before the second page
