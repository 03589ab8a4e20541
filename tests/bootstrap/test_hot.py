from datetime import timedelta
from pathlib import Path

import pytest

from tests.contracts.test_hot_answers import ACME, ANSWER
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.bootstrap.hot import hot_answers
from wecom_bot.domain.hot_answer import Unkept
from wecom_bot.errors import ConfigurationError
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.settings import Settings


def test_a_cache_url_that_is_none_is_refused_by_its_setting(redis_client: Client) -> None:
    with pytest.raises(ConfigurationError, match=r"^WECOM_BOT_CACHE_URL: ") as refused:
        hot_answers(Settings(cache_url="redis://:pa55word@one,two"), redis_client, LocalCircuitBreaker())
    assert "REDIS_URL" not in str(refused.value)
    assert "pa55word" not in str(refused.value)


def test_without_one_the_server_of_the_inbox_is_the_cache(redis_client: Client) -> None:
    answers = hot_answers(Settings(), redis_client, LocalCircuitBreaker())
    answers.keep(ACME, "q", ANSWER, timedelta(minutes=5))
    assert redis_client.exists("wb:{ww_acme}:hot:q")


def test_with_one_nothing_of_it_lies_in_the_inbox_and_it_need_not_be_there(
    redis_client: Client, tmp_path: Path
) -> None:
    away = f"unix://{tmp_path}/nowhere.sock"
    answers = hot_answers(Settings(cache_url=away), redis_client, LocalCircuitBreaker())
    assert answers.recall(ACME, "q") is Unkept.MISSING
    answers.keep(ACME, "q", ANSWER, timedelta(minutes=5))
    assert not redis_client.exists("wb:{ww_acme}:hot:q")
