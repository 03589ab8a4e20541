"""The tenants that a process keeps in memory, when something goes wrong behind them."""

import os
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.tenants import ACME, GLOBEX, made_credentials, made_tenant, save
from wecom_bot.adapters.sql import migrate, schema
from wecom_bot.adapters.sql.engine import connect, writing
from wecom_bot.adapters.sql.secrets import Cipher
from wecom_bot.adapters.sql.tenants import CachedTenants, SqlTenants
from wecom_bot.errors import ConfigurationError, Misconfigured, TemporaryFailure

KEY = Cipher(os.urandom(32))
SOON = timedelta(milliseconds=10)


def nowhere() -> SqlTenants:
    return SqlTenants(connect("mysql+pymysql://root@127.0.0.1:1/nowhere", patience=timedelta(seconds=1)), KEY)


@pytest.fixture
def store(sql_engine: sa.Engine) -> SqlTenants:
    return SqlTenants(sql_engine, KEY)


def test_nothing_is_unknown_before_anything_was_loaded(store: SqlTenants) -> None:
    with pytest.raises(TemporaryFailure):
        CachedTenants(store).get(ACME)


def test_secrets_under_another_master_key_stop_one_tenant_and_not_the_others(store: SqlTenants) -> None:
    save(SqlTenants(store.engine, Cipher(os.urandom(32))), made_tenant(ACME), {"shop": made_credentials()})
    save(store, made_tenant(GLOBEX), {"shop": made_credentials()})
    cache = CachedTenants(store)
    cache.refresh()
    assert cache.get(ACME) == made_tenant(ACME)
    assert cache.credentials(GLOBEX, "shop") == made_credentials()
    with pytest.raises(Misconfigured, match=r"tenant ww_acme were written under another master key.*tenants import"):
        cache.credentials(ACME, "shop")


def test_a_database_that_went_back_in_time_is_loaded_too(store: SqlTenants) -> None:
    save(store, made_tenant(), {})
    save(store, made_tenant(name="later"), {})
    cache = CachedTenants(store)
    cache.refresh()
    with writing(store.engine) as connection:  # as when a backup is put back
        connection.execute(sa.update(schema.revisions).values(revision=1))
        connection.execute(sa.update(schema.tenants).values(profile=made_tenant().model_dump_json()))
    cache.refresh()
    assert cache.get(ACME) == made_tenant()


def test_with_sql_away_it_goes_on_with_what_it_knows(store: SqlTenants) -> None:
    save(store, made_tenant(), {"shop": made_credentials()})
    cache = CachedTenants(store, SOON)
    cache.refresh()
    cache.store = nowhere()
    with pytest.raises(TemporaryFailure):
        cache.refresh()
    assert cache.get(ACME) == made_tenant()
    assert cache.credentials(ACME, "shop") == made_credentials()


def test_the_background_look_outlives_an_outage(store: SqlTenants) -> None:
    class Interrupted(SqlTenants):
        """Away whenever the test says so."""

        def revision(self) -> int:
            if away.is_set():
                asked.set()
                raise TemporaryFailure("away")
            return super().revision()

    away, asked = threading.Event(), threading.Event()
    cache = CachedTenants(Interrupted(store.engine, KEY), SOON)
    cache.start()
    away.set()
    save(store, made_tenant(), {})
    assert asked.wait(PATIENCE)
    assert cache.all() == []
    away.clear()
    wait_until(lambda: cache.all() == [made_tenant()])
    cache.stop()


def test_a_start_with_sql_away_knows_nothing_until_sql_is_there(store: SqlTenants) -> None:
    save(store, made_tenant(), {})
    cache = CachedTenants(nowhere(), SOON)
    cache.start()
    with pytest.raises(TemporaryFailure):
        cache.get(ACME)
    assert not cache.loaded
    cache.store = store
    wait_until(lambda: cache.loaded)
    assert cache.get(ACME) == made_tenant()
    cache.stop()


def test_a_start_does_not_wait_for_an_sql_that_hangs(store: SqlTenants) -> None:
    save(store, made_tenant(), {})
    goes_on = threading.Event()
    cache = CachedTenants(store, SOON, check=lambda: None if goes_on.wait(60) else pytest.fail("nobody went on"))
    cache.start(patience=SOON)
    assert not cache.loaded
    goes_on.set()
    wait_until(lambda: cache.loaded)
    cache.stop()


def test_a_store_that_is_not_fit_stops_the_start(sql_url: str) -> None:
    empty = connect(sql_url)
    with pytest.raises(ConfigurationError, match="migrate"):
        CachedTenants(SqlTenants(empty, KEY), SOON, check=lambda: migrate.check(empty)).start()


def test_a_store_that_is_found_unfit_later_is_looked_at_until_it_is_fit(
    store: SqlTenants,
) -> None:
    def check() -> None:
        looks.append(states[0])
        if states[0] != "fit":
            raise TemporaryFailure("away") if states[0] == "away" else ConfigurationError("run `wecom-bot migrate`")

    looks: list[str] = []
    states = ["away"]
    cache = CachedTenants(store, SOON, check=check)
    cache.start()
    states[0] = "unfit"
    wait_until(lambda: looks.count("unfit") > 2)
    with pytest.raises(TemporaryFailure):
        cache.all()
    states[0] = "fit"
    wait_until(lambda: cache.loaded)
    cache.stop()
