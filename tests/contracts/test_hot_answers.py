"""The contract of ports.HotAnswers."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.fakes import SettableClock, no_limit
from tests.fixtures.full_redis import full
from wecom_bot.adapters.redis.connection import Client, connect
from wecom_bot.adapters.redis.hot_answers import CIRCUIT, RedisHotAnswers
from wecom_bot.domain.dialog import FALLBACK, Answerer
from wecom_bot.domain.hot_answer import HotAnswer, MissCount, Unkept
from wecom_bot.domain.knowledge import Passage, SearchMode
from wecom_bot.domain.message import Attachment, Choice, CorpId, Reply
from wecom_bot.errors import TookTooLong
from wecom_bot.outbound.circuit import CircuitState, LocalCircuitBreaker
from wecom_bot.outbound.single_flight import SingleFlight
from wecom_bot.ports import HotAnswers

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
LONG, SHORT = timedelta(minutes=5), timedelta(milliseconds=50)
PASSAGE = Passage("a", "几点关门", "晚上九点。", 1.0, "几点关门", mode=SearchMode.LEXICAL, words=1.0)
ANSWER = HotAnswer(
    Reply("晚上九点。", (Choice("a", "几点关门"),), (Attachment("link", "营业时间", url="https://a.example/"),)),
    *(Answerer.ARTICLE, FALLBACK, "rules", (PASSAGE,), None, MissCount.NONE),
)
Build = Callable[[], RedisHotAnswers]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def build(redis_client: Client, clock: SettableClock) -> Build:
    """Each is what another process has."""
    return lambda: RedisHotAnswers(lambda: redis_client, no_limit, LocalCircuitBreaker(), clock)


@pytest.fixture
def answers(build: Build) -> HotAnswers:
    return build()


def test_what_one_kept_all_are_given_whole(answers: HotAnswers, build: Build) -> None:
    assert answers.recall(ACME, "q") is Unkept.MISSING
    answers.keep(ACME, "q", ANSWER, LONG)
    assert answers.recall(ACME, "q") == build().recall(ACME, "q") == ANSWER
    assert answers.recall(ACME, "other") is Unkept.MISSING


def test_that_there_is_none_for_others_is_known_for_as_long(
    answers: HotAnswers, build: Build, clock: SettableClock
) -> None:
    assert answers.recall(ACME, "q") is Unkept.MISSING
    answers.keep(ACME, "q", None, LONG)
    build().keep(ACME, "q", ANSWER, LONG)
    assert answers.recall(ACME, "q") is Unkept.OWN, "and nobody is asked"
    clock.forward(minutes=6)
    build().keep(ACME, "q", ANSWER, LONG)
    assert answers.recall(ACME, "q") == ANSWER


def test_where_nobody_knows_whether_there_is_one_it_is_looked_for_again(answers: HotAnswers, build: Build) -> None:
    assert answers.recall(ACME, "q") is Unkept.MISSING
    answers.keep(ACME, "q", None, timedelta(0))
    build().keep(ACME, "q", ANSWER, LONG)
    assert answers.recall(ACME, "q") == ANSWER


def test_of_what_is_none_for_others_not_all_is_remembered(answers: HotAnswers, build: Build) -> None:
    for number in range(1001):
        answers.keep(ACME, f"q{number}", None, LONG)
    build().keep(ACME, "q0", ANSWER, LONG)
    build().keep(ACME, "q1", ANSWER, LONG)
    assert answers.recall(ACME, "q0") == ANSWER
    assert answers.recall(ACME, "q1") == ANSWER, "the one that was noted before it made room in its turn"
    assert answers.recall(ACME, "q1000") is Unkept.OWN


def test_it_is_gone_when_its_life_is_over(answers: HotAnswers, build: Build, clock: SettableClock) -> None:
    answers.keep(ACME, "q", ANSWER, SHORT)
    wait_until(lambda: build().recall(ACME, "q") is Unkept.MISSING)
    clock.forward(minutes=1)
    assert answers.recall(ACME, "q") is Unkept.MISSING


def test_who_was_given_it_asks_nobody_again_while_it_is_fresh(build: Build, redis_client: Client) -> None:
    build().keep(ACME, "q", ANSWER, LONG)
    another = build()
    assert another.recall(ACME, "q") == ANSWER
    redis_client.flushdb()
    assert another.recall(ACME, "q") == ANSWER
    assert build().recall(ACME, "q") is Unkept.MISSING


def test_a_clock_that_is_wrong_keeps_it_near_for_no_longer(
    build: Build, redis_client: Client, clock: SettableClock
) -> None:
    build().keep(ACME, "q", ANSWER, LONG)
    clock.forward(hours=-3)  # of this machine, or set back
    another = build()
    assert another.recall(ACME, "q") == ANSWER
    redis_client.flushdb()
    assert another.recall(ACME, "q") == ANSWER
    clock.forward(minutes=1)
    assert another.recall(ACME, "q") is Unkept.MISSING
    another.keep(ACME, "q", ANSWER, LONG)
    another.keep(ACME, "r", None, LONG)
    redis_client.flushdb()
    build().keep(ACME, "r", ANSWER, LONG)
    clock.forward(hours=-3)
    assert (another.recall(ACME, "q"), another.recall(ACME, "r")) == (Unkept.MISSING, ANSWER)


def test_one_that_is_about_to_run_out_is_made_anew_by_one_of_all_while_the_others_have_it_still(
    answers: HotAnswers, build: Build, clock: SettableClock
) -> None:
    answers.keep(ACME, "q", ANSWER, LONG)
    clock.forward(minutes=4.5)
    begin, processes = Barrier(8), [build() for _ in range(4)]

    def recall(number: int) -> HotAnswer | Unkept:
        begin.wait(timeout=PATIENCE)
        return processes[number % 4].recall(ACME, "q")

    with ThreadPoolExecutor(8) as threads:
        given = list(threads.map(recall, range(8)))
    assert given.count(Unkept.MISSING) == 1
    assert given.count(ANSWER) == 7
    assert answers.recall(ACME, "q") == ANSWER, "who died at it holds nobody up"


def test_of_many_who_ask_in_one_process_one_makes_it_and_the_others_wait_for_it(
    redis_client: Client, clock: SettableClock
) -> None:
    flights = SingleFlight(timedelta(seconds=PATIENCE))
    answers = RedisHotAnswers(lambda: redis_client, no_limit, LocalCircuitBreaker(), clock, flights)
    assert answers.recall(ACME, "q") is Unkept.MISSING
    with ThreadPoolExecutor(8) as threads:
        others = [threads.submit(answers.recall, ACME, "q") for _ in range(8)]
        wait_until(lambda: flights.followers("wb:{ww_acme}:hot:q") == 8)
        answers.keep(ACME, "q", ANSWER, LONG)
        assert [each.result(PATIENCE) for each in others] == [ANSWER] * 8


def test_what_another_version_wrote_is_not_known(answers: HotAnswers, redis_client: Client) -> None:
    store: Any = redis_client
    answers.keep(ACME, "p", ANSWER, LONG)
    whole = store.get("wb:{ww_acme}:hot:p").replace(b"hot:p", b"hot:q")
    for kept in (b"9999999999999 wb:{ww_acme}:hot:q {}", b"nothing", b"x wb:{ww_acme}:hot:q {}", b"x" + whole):
        redis_client.set("wb:{ww_acme}:hot:q", kept)
        assert answers.recall(ACME, "q") is Unkept.MISSING
        answers.keep(ACME, "q", None, timedelta(0))


def test_what_was_kept_for_something_else_is_not_given(answers: HotAnswers, redis_client: Client) -> None:
    store: Any = redis_client
    answers.keep(ACME, "q", ANSWER, LONG)
    store.set("wb:{ww_acme}:hot:r", store.get("wb:{ww_acme}:hot:q"))
    assert answers.recall(ACME, "r") is Unkept.MISSING


def test_at_maxmemory_what_is_there_is_given_and_nothing_more_is_kept(
    answers: HotAnswers, build: Build, redis_client: Client
) -> None:
    answers.keep(ACME, "q", ANSWER, LONG)
    with full(redis_client):
        answers.keep(ACME, "r", ANSWER, LONG)
        another = build()
        assert another.recall(ACME, "r") is Unkept.MISSING
        another.keep(ACME, "r", None, timedelta(0))
        assert another.recall(ACME, "q") == ANSWER


def test_a_server_that_is_away_is_left_alone_and_nobody_waits(clock: SettableClock) -> None:
    breaker, connected = LocalCircuitBreaker(), list[str]()

    def client() -> Client:
        connected.append("")
        return connect("unix:///nowhere/at/all.sock", timeout=timedelta(seconds=1), most=4)

    @contextmanager
    def at_once(_span: timedelta) -> Iterator[None]:
        raise TookTooLong("it took longer than 0.1 s")
        yield

    answers = RedisHotAnswers(client, at_once, breaker, clock)
    for number in range(5):
        assert answers.recall(ACME, f"q{number}") is Unkept.MISSING
        answers.keep(ACME, f"q{number}", ANSWER, LONG)
        assert answers.recall(ACME, f"q{number}") == ANSWER, "it is near"
    assert breaker.state(CIRCUIT) is CircuitState.OPEN
    assert connected == []


def test_it_is_asked_again_when_its_server_is_back(redis_client: Client, build: Build, clock: SettableClock) -> None:
    away, now = [True], [0.0]

    @contextmanager
    def limit(_span: timedelta) -> Iterator[None]:
        if away[0]:
            raise TookTooLong("it took longer than 0.1 s")
        yield

    answers = RedisHotAnswers(lambda: redis_client, limit, LocalCircuitBreaker(lambda: now[0]), clock)
    for _ in range(3):
        answers.keep(ACME, "q", ANSWER, LONG)
    away[0] = False
    answers.keep(ACME, "q", ANSWER, LONG)
    assert build().recall(ACME, "q") is Unkept.MISSING, "it is left alone for a while"
    now[0] = 11.0
    answers.keep(ACME, "q", ANSWER, LONG)
    assert build().recall(ACME, "q") == ANSWER


def test_tenants_do_not_see_each_other(answers: HotAnswers) -> None:
    answers.keep(ACME, "q", ANSWER, LONG)
    assert answers.recall(GLOBEX, "q") is Unkept.MISSING
    answers.keep(GLOBEX, "q", None, LONG)
    assert answers.recall(GLOBEX, "q") is Unkept.OWN
    assert answers.recall(ACME, "q") == ANSWER
