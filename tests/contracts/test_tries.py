"""The contract of ports.Tries."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest

from tests.deadlines import PATIENCE
from wecom_bot.adapters.redis import keys
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.tries import MOST, SPAN, RedisTries
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Tries

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
ME, RECORD = "customer:order:me", "record:order:this"


@pytest.fixture
def tries(redis_client: Client) -> Tries:
    return RedisTries(redis_client)


@pytest.fixture
def elsewhere(redis_client: Client) -> Tries:
    """What another process has."""
    return RedisTries(redis_client)


def begins(tries: Tries, *names: str, guess: str = "", corp_id: CorpId = ACME) -> bool:
    """Whether another guess may be made; each is another, unless it is said which."""
    return tries.begin(corp_id, names, guess or uuid4().hex)


def test_there_are_three_under_each_name_in_all_processes_together(tries: Tries, elsewhere: Tries) -> None:
    assert begins(tries, ME, RECORD)
    assert begins(elsewhere, ME, "record:order:2")
    assert begins(tries, ME, "record:order:3")
    assert not begins(elsewhere, ME, "record:order:4")
    assert begins(tries, "customer:order:2", RECORD)
    assert begins(elsewhere, "customer:order:3", RECORD)
    assert not begins(tries, "customer:order:4", RECORD)


def test_where_one_name_has_none_left_the_other_loses_none(tries: Tries) -> None:
    for number in range(MOST):
        assert begins(tries, ME, f"record:order:{number}")
    assert not begins(tries, ME, RECORD)
    assert [begins(tries, f"another:{number}", RECORD) for number in range(4)] == [True, True, True, False]


def test_the_same_guess_is_counted_once_also_when_none_is_left(tries: Tries, elsewhere: Tries) -> None:
    for _ in range(2 * MOST):
        assert begins(tries, ME, RECORD, guess="a")
    assert begins(elsewhere, ME, RECORD, guess="b")
    assert begins(tries, ME, RECORD, guess="c")
    assert not begins(tries, ME, RECORD, guess="d")
    assert begins(elsewhere, ME, RECORD, guess="a")


def test_one_that_is_given_back_was_none(tries: Tries) -> None:
    for number in range(3 * MOST):
        assert begins(tries, ME, RECORD, guess=str(number))
        tries.give_back(ACME, [ME, RECORD], str(number))
    tries.give_back(ACME, [ME, RECORD], "0")
    assert [begins(tries, ME) for _ in range(4)] == [True, True, True, False]


def test_of_many_who_try_side_by_side_three_may(tries: Tries, elsewhere: Tries) -> None:
    begin = Barrier(8)

    def attempt(number: int) -> bool:
        begin.wait(timeout=PATIENCE)
        return begins(tries if number % 2 else elsewhere, f"customer:order:{number}", RECORD)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(8))) == MOST


def test_they_are_counted_for_an_hour_from_the_first_on(tries: Tries, redis_client: Client) -> None:
    assert begins(tries, ME)
    key = f"{keys.tenant(ACME)}proof:{ME}"
    assert 0 < redis_client.pttl(key) <= SPAN.total_seconds() * 1000
    redis_client.pexpire(key, 500_000)
    assert begins(tries, ME, guess="a")
    tries.give_back(ACME, [ME], "a")
    assert redis_client.pttl(key) <= 500_000
    redis_client.delete(key)  # as when the hour is over
    assert [begins(tries, ME) for _ in range(4)] == [True, True, True, False]


def test_tenants_do_not_see_each_other(tries: Tries) -> None:
    for _ in range(MOST):
        assert begins(tries, ME)
    assert not begins(tries, ME)
    assert begins(tries, ME, corp_id=GLOBEX)
