"""The contract of sharing.MediaIds."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.full_redis import full
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.media_ids import RedisMediaIds
from wecom_bot.adapters.sharing import MediaIds
from wecom_bot.domain.message import CorpId

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
LONG, SHORT = timedelta(hours=1), timedelta(milliseconds=50)


@pytest.fixture
def media_ids(redis_client: Client) -> MediaIds:
    return RedisMediaIds(redis_client)


@pytest.fixture
def elsewhere(redis_client: Client) -> MediaIds:
    """What another process has."""
    return RedisMediaIds(redis_client)


def put(media_ids: MediaIds, media_id: str, life: timedelta = LONG, lost: str = "") -> str:
    return media_ids.put(ACME, "shop", "d1", media_id, life, lost)


def test_what_one_uploaded_all_show(media_ids: MediaIds, elsewhere: MediaIds) -> None:
    assert elsewhere.get(ACME, "shop", "d1") is None
    assert put(media_ids, "m1") == "m1"
    assert elsewhere.get(ACME, "shop", "d1") == "m1"


def test_who_uploaded_the_same_meanwhile_shows_the_first(media_ids: MediaIds, elsewhere: MediaIds) -> None:
    put(media_ids, "m1")
    assert put(elsewhere, "m2") == "m1"
    assert media_ids.get(ACME, "shop", "d1") == "m1"


def test_of_many_who_upload_side_by_side_all_show_one(media_ids: MediaIds, elsewhere: MediaIds) -> None:
    begin = Barrier(8)

    def upload(number: int) -> str:
        begin.wait(timeout=PATIENCE)
        return put(media_ids if number % 2 else elsewhere, f"m{number}")

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(upload, range(8)))) == 1


def test_one_that_is_lost_is_replaced_once(media_ids: MediaIds, elsewhere: MediaIds) -> None:
    put(media_ids, "m1")
    assert put(media_ids, "m2", lost="m1") == "m2"
    assert put(elsewhere, "m3", lost="m1") == "m2"
    assert elsewhere.get(ACME, "shop", "d1") == "m2"


def test_it_is_gone_when_its_life_is_over(media_ids: MediaIds) -> None:
    put(media_ids, "m1", SHORT)
    wait_until(lambda: media_ids.get(ACME, "shop", "d1") is None)
    assert put(media_ids, "m2") == "m2"


def test_apps_and_files_are_kept_apart(media_ids: MediaIds) -> None:
    put(media_ids, "m1")
    assert media_ids.get(ACME, "support", "d1") is None
    assert media_ids.get(ACME, "shop", "d2") is None


def test_it_is_shared_at_maxmemory_too(media_ids: MediaIds, redis_client: Client) -> None:
    with full(redis_client):
        put(media_ids, "m1")
        assert media_ids.get(ACME, "shop", "d1") == "m1"


def test_tenants_do_not_see_each_other(media_ids: MediaIds) -> None:
    put(media_ids, "m1")
    assert media_ids.get(GLOBEX, "shop", "d1") is None
    assert media_ids.put(GLOBEX, "shop", "d1", "g1", LONG, "") == "g1"
    assert media_ids.get(ACME, "shop", "d1") == "m1"
