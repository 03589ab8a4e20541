"""The contract of ports.TenantStore and ports.Tenants."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from tests.deadlines import wait_until
from tests.fixtures.tenants import ACME, GLOBEX, made_credentials, made_secrets, made_tenant, save
from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.engine import writing
from wecom_bot.adapters.sql.secrets import Cipher
from wecom_bot.adapters.sql.tenants import CachedTenants, SqlTenants
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.secrets import TenantSecrets
from wecom_bot.errors import Misconfigured, TemporaryFailure, Unknown
from wecom_bot.ports import StoredTenant

KEY = Cipher(os.urandom(32))
SOON = timedelta(milliseconds=10)


@pytest.fixture
def store(sql_engine: sa.Engine) -> SqlTenants:
    return SqlTenants(sql_engine, KEY)


@pytest.fixture
def cached(store: SqlTenants) -> Iterator[Callable[[], CachedTenants]]:
    """Makes as many caches as a test wants processes, each of which looks often."""
    made: list[CachedTenants] = []

    def start() -> CachedTenants:
        made.append(CachedTenants(store, SOON))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        each.stop()


def test_a_saved_tenant_comes_back_whole(store: SqlTenants) -> None:
    save(store, made_tenant(), {"shop": made_credentials()})
    assert store.load_all() == [StoredTenant(made_tenant(), {"shop": made_credentials()})]


def test_one_tenant_is_loaded_by_its_id_and_no_other_is(store: SqlTenants) -> None:
    save(store, made_tenant(), {"shop": made_credentials()})
    save(store, made_tenant(GLOBEX), {"shop": made_credentials("s2")})
    assert store.load(GLOBEX) == StoredTenant(made_tenant(GLOBEX), {"shop": made_credentials("s2")})
    for strange in (f"{ACME} ", ACME.upper(), "", "ww_nobody"):
        with pytest.raises(Unknown):
            store.load(CorpId(strange))


def test_saving_again_replaces_the_profile_and_the_secrets(store: SqlTenants) -> None:
    save(store, made_tenant(), {"shop": made_credentials(), "help": made_credentials()})
    save(store, made_tenant(name="新名"), {"shop": made_credentials("s2")})
    assert store.load_all() == [StoredTenant(made_tenant(name="新名"), {"shop": made_credentials("s2")})]


def test_the_tenants_own_tokens_come_back_with_it(store: SqlTenants, cached: Callable[[], CachedTenants]) -> None:
    stored = StoredTenant(made_tenant(), {"shop": made_credentials()}, secrets=made_secrets("pat_1", "nlu_1"))
    store.save_all([stored, StoredTenant(made_tenant(GLOBEX), {})])
    assert store.load_all()[0] == stored
    cache = cached()
    assert cache.secrets(ACME) == made_secrets("pat_1", "nlu_1")
    assert cache.secrets(GLOBEX) == TenantSecrets()


def test_secrets_that_were_sealed_before_tenants_had_tokens_still_open(store: SqlTenants) -> None:
    save(store, made_tenant(), {})
    old = json.dumps({"shop": {"secret": "s1", "token": "t", "encoding_aes_key": "k" * 43}}).encode()
    with writing(store.engine) as connection:
        connection.execute(sa.update(schema.tenants).values(secrets=KEY.seal(ACME, old)))
    assert store.load_all() == [StoredTenant(made_tenant(), {"shop": made_credentials()})]


def test_corp_ids_that_differ_by_case_are_different_tenants(store: SqlTenants) -> None:
    store.save_all([StoredTenant(made_tenant(CorpId(corp_id)), {}) for corp_id in ("wwA", "wwa")])
    assert [stored.tenant.corp_id for stored in store.load_all()] == ["wwA", "wwa"]


def test_several_tenants_are_saved_all_or_none(store: SqlTenants) -> None:
    def entries() -> Iterator[StoredTenant]:
        yield StoredTenant(made_tenant(), {})
        raise TemporaryFailure("the source went away")

    with pytest.raises(TemporaryFailure):
        store.save_all(entries())
    assert (store.load_all(), store.revision()) == ([], 0)


def test_the_secrets_are_not_in_the_database_as_text(store: SqlTenants) -> None:
    secrets = made_secrets("pat_correct-horse")
    store.save_all([StoredTenant(made_tenant(), {"shop": made_credentials("correct-horse-battery")}, secrets=secrets)])
    with store.engine.connect() as connection:
        row = connection.execute(sa.select(schema.tenants)).one()
    assert b"correct-horse" not in row.secrets
    assert "correct-horse" not in row.profile


def test_the_revision_rises_with_every_change(store: SqlTenants) -> None:
    changes: list[Callable[[], None]] = [
        lambda: save(store, made_tenant(), {}),
        lambda: store.set_active(ACME, active=False),
        lambda: store.remove(ACME),
    ]
    seen = [store.revision()]
    for change in changes:
        change()
        seen.append(store.revision())
    assert all(before < after for before, after in pairwise(seen))


def test_a_refused_change_leaves_the_revision_alone(store: SqlTenants) -> None:
    with pytest.raises(Unknown):
        store.remove(ACME)
    with pytest.raises(Unknown):
        store.set_active(ACME, active=True)
    assert store.revision() == 0


def test_switching_off_and_on_keeps_everything_else(store: SqlTenants) -> None:
    save(store, made_tenant(), {"shop": made_credentials()})
    store.set_active(ACME, active=False)
    assert [stored.tenant.active for stored in store.load_all()] == [False]
    store.set_active(ACME, active=True)
    assert store.load_all() == [StoredTenant(made_tenant(), {"shop": made_credentials()})]


def test_changes_of_many_writers_are_all_counted(store: SqlTenants) -> None:
    def write(number: int) -> None:
        save(store, made_tenant(CorpId(f"ww{number}")), {})

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (len(store.load_all()), store.revision()) == (8, 8)


def test_a_change_reaches_every_process_by_itself(store: SqlTenants, cached: Callable[[], CachedTenants]) -> None:
    caches = [cached(), cached()]
    save(store, made_tenant(), {"shop": made_credentials()})
    wait_until(lambda: all(each.all() == [made_tenant()] for each in caches))
    assert caches[0].get(ACME) == made_tenant()
    assert caches[1].credentials(ACME, "shop") == made_credentials()
    store.set_active(ACME, active=False)
    wait_until(lambda: not any(each.get(ACME).active for each in caches))
    store.remove(ACME)
    wait_until(lambda: not any(each.all() for each in caches))


def test_an_unknown_tenant_app_or_secret_is_said_to_be_unknown(
    store: SqlTenants, cached: Callable[[], CachedTenants]
) -> None:
    save(store, made_tenant(), {"shop": made_credentials()})
    cache = cached()
    for ask in (
        lambda: cache.get(GLOBEX),
        lambda: cache.credentials(GLOBEX, "shop"),
        lambda: cache.secrets(GLOBEX),
        lambda: cache.credentials(ACME, "help"),
        lambda: cache.credentials(ACME, "nothing"),
    ):
        with pytest.raises(Unknown):
            ask()


def test_a_profile_of_a_newer_program_hides_one_tenant_and_not_the_others(store: SqlTenants) -> None:
    store.save_all([StoredTenant(made_tenant(ACME), {}), StoredTenant(made_tenant(GLOBEX), {})])
    table = schema.tenants
    with writing(store.engine) as connection:
        newer = '{"corp_id": "ww_acme", "from_the_future": 1}'
        connection.execute(sa.update(table).where(table.c.corp_id == ACME).values(profile=newer))
    assert [stored.tenant.corp_id for stored in store.load_all()] == [GLOBEX]
    store.set_active(ACME, active=False)  # and it can be switched off without being understood


def test_tenants_do_not_see_each_other(store: SqlTenants) -> None:
    store.save_all(
        StoredTenant(made_tenant(CorpId(f"ww_{name}")), {"shop": made_credentials(name)}, secrets=made_secrets(name))
        for name in ("acme", "globex")
    )
    table = schema.tenants
    with writing(store.engine) as connection:  # even if somebody puts one's secrets into the other's row
        of_acme = sa.select(table.c.secrets).where(table.c.corp_id == ACME).scalar_subquery()
        stolen = connection.scalar(sa.select(of_acme))
        connection.execute(sa.update(table).where(table.c.corp_id == GLOBEX).values(secrets=stolen))
    cache = CachedTenants(store)
    cache.refresh()
    assert cache.credentials(ACME, "shop") == made_credentials("acme")
    assert cache.secrets(ACME) == made_secrets("acme")
    with pytest.raises(Misconfigured):
        cache.credentials(GLOBEX, "shop")
    with pytest.raises(Misconfigured):
        cache.secrets(GLOBEX)
    store.remove(GLOBEX)
    cache.refresh()
    assert cache.all() == [made_tenant(ACME)]
