"""What the doctor says of real databases and of the master key, and that it makes neither."""

import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from tests.fixtures.ports import free_port
from tests.fixtures.tenants import made_credentials, made_tenant
from wecom_bot.adapters.sql import checkup, migrate
from wecom_bot.adapters.sql.engine import connect
from wecom_bot.adapters.sql.secrets import Cipher, master_key
from wecom_bot.adapters.sql.tenants import SqlTenants
from wecom_bot.domain.finding import Finding, State
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import StoredTenant


def found(url: str | sa.URL) -> dict[str, Finding]:
    return {each.check: each for each in checkup.look(url)}


def test_a_database_with_our_schema_is_well(sql_engine: sa.Engine) -> None:
    seen = found(sql_engine.url)
    assert {each.state for each in seen.values()} == {State.OK}
    assert {"sql", "sql.schema"} <= set(seen)


def test_an_empty_one_needs_our_tables(sql_url: str) -> None:
    if path := checkup.sqlite_file(sql_url):
        path.touch(0o600)
    seen = found(sql_url)["sql.schema"]
    assert (seen.state, "wecom-bot migrate" in seen.mend) == (State.FAILED, True)


@pytest.mark.parametrize(("revision", "mend"), [("0001", "wecom-bot migrate"), ("9999", "upgrade wecom-bot")])
def test_another_schema_than_ours_is_said(sql_engine: sa.Engine, revision: str, mend: str) -> None:
    with sql_engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    seen = found(sql_engine.url)["sql.schema"]
    assert (seen.state, mend in seen.mend, revision in seen.seen) == (State.FAILED, True, True)


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "wecom-bot.sqlite3"
    (seen,) = checkup.look(f"sqlite:///{path}")
    assert (seen.check, seen.state) == ("sql", State.FAILED)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_away_is_told_from_one_that_refuses(mysql_url: str) -> None:
    (away,) = checkup.look(f"mysql+pymysql://u:geheim@127.0.0.1:{free_port()}/d")
    refused = sa.make_url(mysql_url).set(username="nobody", password="geh@eim")
    (wrong,) = checkup.look(refused.render_as_string(hide_password=False))
    (nowhere,) = checkup.look(sa.make_url(mysql_url).set(database="not_there"))
    assert {each.state for each in (away, wrong, nowhere)} == {State.FAILED}
    assert "see whether it runs" in away.mend
    assert "check user, password" in wrong.mend
    assert "check user, password" in nowhere.mend
    assert not [each for each in (away, wrong) if "geh" in each.seen + each.mend]


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "mysql+pymysql://host", "sqlite://", "nonsense", f"sqlite:///{quote('a b')}?x"]
)
def test_what_is_no_address_names_its_setting(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (seen,) = checkup.look(url)
    assert (seen.check, seen.state) == ("sql", State.FAILED)


def test_tables_that_take_no_emoji_are_named(mysql_url: str) -> None:
    engine = connect(mysql_url)
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE contacts CONVERT TO CHARACTER SET latin1"))
    engine.dispose()
    seen = found(mysql_url)["sql.charset"]
    assert (seen.state, "contacts" in seen.seen) == (State.FAILED, True)


def test_a_file_that_waits_or_that_others_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "wecom-bot.sqlite3"
    engine = connect(f"sqlite:///{path}")
    migrate.upgrade(engine)
    engine.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    seen = found(f"sqlite:///{path}")["sql.journal"]
    assert (seen.state, "delete" in seen.seen) == (State.WARNING, True)


def test_the_master_key_is_looked_at_and_never_made(tmp_path: Path) -> None:
    def key(given: str = "", *, needed: bool = True) -> Finding:
        (seen,) = checkup.look_at_key(given, tmp_path, needed=needed)
        return seen

    assert (key().state, key(needed=False).state) == (State.FAILED, State.WARNING)
    assert list(tmp_path.iterdir()) == []
    master_key("", tmp_path)
    assert key().state is State.OK
    (tmp_path / "master.key").chmod(0o644)
    assert (key().state, "chmod 600" in key().seen) == (State.FAILED, True)
    assert key("too-short").state is State.FAILED
    assert "too-short" not in key("too-short").seen


def test_tenants_are_counted_and_those_whose_secrets_do_not_open_are_named(sql_engine: sa.Engine) -> None:
    def tenants(key: bytes) -> list[Finding]:
        stored = SqlTenants(sql_engine, Cipher(key)).load_all()
        return [*checkup.look_at_tenants(stored, checkup.count_tenants(sql_engine))]

    (none,) = tenants(b"k" * 32)
    assert (none.state, "tenants import" in none.mend) == (State.WARNING, True)
    off = made_tenant(CorpId("ww_off")).model_copy(update={"active": False})
    SqlTenants(sql_engine, Cipher(b"k" * 32)).save_all(
        [StoredTenant(made_tenant(), {"shop": made_credentials(), "help": made_credentials()}), StoredTenant(off, {})]
    )
    count, bare = tenants(b"k" * 32)
    assert (count.state, "2 个，启用 1 个" in count.seen) == (State.OK, True)
    assert (bare.check, bare.about, "shop, help" in bare.seen) == ("tenants.secrets", "ww_off", True)
    _, *closed = tenants(b"x" * 32)
    assert [(each.check, each.state, each.about) for each in closed] == [
        ("tenants.secrets", State.FAILED, "ww_acme"),
        ("tenants.secrets", State.FAILED, "ww_off"),
    ]


def test_a_tenant_that_cannot_be_read_is_counted(sql_engine: sa.Engine) -> None:
    store = SqlTenants(sql_engine, Cipher(b"k" * 32))
    store.save_all([StoredTenant(made_tenant(), {"shop": made_credentials(), "help": made_credentials()})])
    with sql_engine.begin() as connection:
        connection.execute(sa.text("UPDATE tenants SET profile = '{}'"))
    (seen,) = checkup.look_at_tenants(store.load_all(), checkup.count_tenants(sql_engine))
    assert (seen.check, seen.state, "upgrade" in seen.mend) == ("tenants", State.FAILED, True)
