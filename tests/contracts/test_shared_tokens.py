"""The contract of sharing.SharedTokens."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.deadlines import wait_until
from tests.fixtures.full_redis import full
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.shared_tokens import RedisSharedTokens
from wecom_bot.adapters.sharing import Refusal, SharedTokens, TokenKey
from wecom_bot.domain.message import CorpId

KEY = TokenKey(CorpId("ww_acme"), "shop", "f1")
LONG, SHORT = timedelta(hours=1), timedelta(milliseconds=50)


def token_of(shared: SharedTokens) -> str | None:
    fresh = shared.get(KEY)
    return fresh.token if fresh else None


@pytest.fixture
def tokens(redis_client: Client) -> SharedTokens:
    return RedisSharedTokens(redis_client)


@pytest.fixture
def elsewhere(redis_client: Client) -> SharedTokens:
    """What another process has."""
    return RedisSharedTokens(redis_client)


def test_a_token_that_was_put_is_there_for_everybody(tokens: SharedTokens, elsewhere: SharedTokens) -> None:
    assert token_of(elsewhere) is None
    tokens.put(KEY, "t1", LONG)
    assert token_of(elsewhere) == "t1"
    fresh = elsewhere.get(KEY)
    assert fresh is not None
    assert timedelta(0) < fresh.left <= LONG


def test_a_token_of_the_greatest_length_comes_out_whole(tokens: SharedTokens) -> None:
    tokens.put(KEY, "-_t" * 171, LONG)
    assert token_of(tokens) == "-_t" * 171


def test_a_token_is_gone_when_its_life_is_over(tokens: SharedTokens) -> None:
    tokens.put(KEY, "t1", SHORT)
    wait_until(lambda: token_of(tokens) is None)


def test_only_one_may_fetch(tokens: SharedTokens, elsewhere: SharedTokens) -> None:
    assert tokens.claim(KEY, LONG)
    assert not elsewhere.claim(KEY, LONG)


def test_a_claim_ends_with_a_token(tokens: SharedTokens, elsewhere: SharedTokens) -> None:
    tokens.claim(KEY, LONG)
    tokens.put(KEY, "t1", LONG)
    assert elsewhere.claim(KEY, LONG)


def test_a_claim_ends_when_it_is_released(tokens: SharedTokens, elsewhere: SharedTokens) -> None:
    tokens.claim(KEY, LONG)
    tokens.release(KEY)
    assert elsewhere.claim(KEY, LONG)


def test_a_claim_of_somebody_who_died_ends_by_itself(tokens: SharedTokens, elsewhere: SharedTokens) -> None:
    tokens.claim(KEY, SHORT)
    wait_until(lambda: elsewhere.claim(KEY, LONG))


def test_a_token_is_forgotten_only_if_it_is_still_that_one(tokens: SharedTokens, elsewhere: SharedTokens) -> None:
    tokens.put(KEY, "new", LONG)
    elsewhere.forget(KEY, "old")
    assert token_of(tokens) == "new"
    elsewhere.forget(KEY, "new")
    assert token_of(tokens) is None


def test_a_refused_token_is_replaced_once_in_a_while(tokens: SharedTokens, elsewhere: SharedTokens) -> None:
    tokens.put(KEY, "t1", LONG)
    assert tokens.replace(KEY, "t1", LONG)
    assert token_of(elsewhere) is None
    assert elsewhere.replace(KEY, "t1", LONG), "who is late with the old one may take the new one"
    tokens.put(KEY, "t2", LONG)
    assert not elsewhere.replace(KEY, "t2", LONG)
    assert token_of(tokens) == "t2", "who gives it up says why before"


def test_a_token_that_was_taken_may_be_replaced_at_once(tokens: SharedTokens) -> None:
    for token in ("t1", "t2"):
        tokens.put(KEY, token, LONG)
        assert tokens.replace(KEY, token, LONG)
        tokens.confirm(KEY)


def test_a_token_that_was_good_for_a_while_may_be_replaced_again(tokens: SharedTokens) -> None:
    def again() -> bool:
        tokens.put(KEY, "t", LONG)
        return tokens.replace(KEY, "t", SHORT)

    assert again()
    wait_until(again)


def test_a_refusal_is_known_to_everybody_and_ends_the_claim(tokens: SharedTokens, elsewhere: SharedTokens) -> None:
    refusal = Refusal("40001 密钥不对", 40001, datetime(2030, 1, 1, tzinfo=UTC), 3)
    assert tokens.refusal(KEY) is None
    tokens.claim(KEY, LONG)
    tokens.refuse(KEY, refusal, LONG)
    assert elsewhere.refusal(KEY) == refusal
    assert elsewhere.claim(KEY, LONG)


def test_a_refusal_is_over_when_a_token_comes_and_when_its_time_has_passed(tokens: SharedTokens) -> None:
    refusal = Refusal("busy", None, datetime(2030, 1, 1, tzinfo=UTC))
    tokens.refuse(KEY, refusal, LONG)
    tokens.put(KEY, "t1", LONG)
    assert tokens.refusal(KEY) is None
    tokens.refuse(KEY, refusal, SHORT)
    wait_until(lambda: tokens.refusal(KEY) is None)


def test_a_full_server_still_shares_tokens(tokens: SharedTokens, elsewhere: SharedTokens, redis_client: Client) -> None:
    refusal = Refusal("busy", None, datetime(2030, 1, 1, tzinfo=UTC))
    with full(redis_client):
        assert tokens.claim(KEY, LONG)
        assert not elsewhere.claim(KEY, LONG)
        tokens.refuse(KEY, refusal, LONG)
        assert elsewhere.refusal(KEY) == refusal
        assert tokens.claim(KEY, LONG)
        tokens.put(KEY, "t1", LONG)
        assert token_of(elsewhere) == "t1"
        tokens.forget(KEY, "t1")
        assert token_of(elsewhere) is None


@pytest.mark.parametrize(
    "other",
    [TokenKey(KEY.corp_id, "support", KEY.fingerprint), TokenKey(KEY.corp_id, KEY.app, "f2")],
    ids=["another app of the corp", "another secret of the app"],
)
def test_apps_and_secrets_do_not_share(tokens: SharedTokens, other: TokenKey) -> None:
    tokens.put(KEY, "t1", LONG)
    assert tokens.claim(KEY, LONG)
    assert tokens.get(other) is None
    assert tokens.claim(other, LONG)


def test_tenants_do_not_see_each_other(tokens: SharedTokens) -> None:
    globex = TokenKey(CorpId("ww_globex"), KEY.app, KEY.fingerprint)
    tokens.put(KEY, "t1", LONG)
    tokens.claim(KEY, LONG)
    tokens.refuse(KEY, Refusal("no", 40001, datetime(2030, 1, 1, tzinfo=UTC)), LONG)
    assert tokens.get(globex) is None
    assert tokens.refusal(globex) is None
    assert tokens.claim(globex, LONG)
    tokens.forget(globex, "t1")
    assert token_of(tokens) == "t1"
