"""The way to the database, and what its failures become."""

import socket
import sqlite3
import subprocess
import sys
import threading
import traceback
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.engine import connect, embedded, reading, writing
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError, TemporaryFailure

ACME = CorpId("ww_acme")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "postgresql://u@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql+pymysql://root@localhost",
        "mysql+pymysql://root@localhost:port/db",
        "mysql+pymysql://root@localhost/db?no_such_option=1",
        "mysql+pymysql://root@localhost/db?connect_timeout=soon",
    ],
)
def test_a_wrong_url_names_the_setting(url: str) -> None:
    with pytest.raises(ConfigurationError, match="WECOM_BOT_DATABASE_URL"):
        connect(url)


@pytest.mark.parametrize(
    "url",
    [
        "mysql+pymysql://bot:geh@eim@localhost/db",
        "mysql+pymysql://bot:geh@eim@/db",
        "mysql+pymysql://bot:geh@eim/geheim@localhost:3306/db",
        "mysql+pymysql://bot:geh@eim:geheim@localhost/db",
        "mysql+pymysql://bot:geh@eim#geheim@localhost/db",
        "mysql+pymysql://bot:geh@eim?geheim=1&eim@localhost/db",
        "mysql+pymysql://bot:geh@eim%40@localhost/db",
        "mysql+pymysql://bot:@geheim@localhost/db",
        "mysql+pymysql://bot/geh:eim@localhost/db",
        "mysql+pymysql://bot:geheim@localhost/db?ssl_key_password=geh@eim",
        "mysql+pymysql://bot@localhost:geheim/db",
        "mysql+pymysql://localhost:geheim",
    ],
)
def test_a_password_that_is_not_encoded_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(ConfigurationError, match="WECOM_BOT_DATABASE_URL") as refusal:
        connect(url)
    said = "".join(traceback.format_exception(refusal.value))
    assert "geh" not in said
    assert "eim" not in said
    if url.count("@") > 1:
        assert "%40" in said


@pytest.mark.parametrize(
    ("written", "meant"), [("p%40s%25", "p@s%"), ("p/s#s:s?s=1&%", "p/s#s:s?s=1&%"), ("%E5%AF%86", "密"), ("", "")]
)
def test_a_password_that_can_be_told_is_taken_as_it_is_meant(written: str, meant: str) -> None:
    engine = connect(f"mysql+pymysql://bot@corp:{written}@localhost/db")
    assert (engine.url.username, engine.url.password, engine.url.host) == ("bot@corp", meant, "localhost")


def test_a_path_of_sqlite_may_hold_an_at(tmp_path: Path) -> None:
    assert connect(f"sqlite:///{tmp_path}/a@b@c/d.sqlite3").url.database == f"{tmp_path}/a@b@c/d.sqlite3"


def test_a_refused_password_is_the_operators_and_is_not_repeated(mysql_url: str) -> None:
    wrong = sa.make_url(mysql_url).set(username="root", password="hunter2")
    for step in (migrate.check, migrate.upgrade):
        with pytest.raises(ConfigurationError, match=r"WECOM_BOT_DATABASE_URL.*Access denied") as refusal:
            step(connect(wrong))
        assert "hunter2" not in str(refusal.value)
        assert "%25" in str(refusal.value)


def test_an_unknown_database_is_the_operators(mysql_url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"WECOM_BOT_DATABASE_URL.*Unknown database"):
        migrate.check(connect(sa.make_url(mysql_url).set(database="nowhere")))


def test_a_server_that_is_away_is_a_temporary_failure() -> None:
    engine = connect("mysql+pymysql://root:hunter2@127.0.0.1:1/db", patience=timedelta(seconds=1))
    for ask in (lambda: SqlArticles(engine).load(ACME), lambda: migrate.check(engine), lambda: migrate.upgrade(engine)):
        with pytest.raises(TemporaryFailure) as failure:
            ask()
        assert "hunter2" not in str(failure.value)


def test_a_connection_that_the_server_closed_is_replaced_unseen(mysql_url: str) -> None:
    engine = connect(mysql_url, pool_size=1)
    with reading(engine) as connection:
        mine = connection.scalar(sa.select(sa.func.connection_id()))
    with writing(connect(mysql_url)) as connection:
        connection.exec_driver_sql(f"KILL {mine}")
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.connection_id())) != mine


def test_a_value_that_does_not_fit_is_never_repeated_in_the_error(mysql_url: str) -> None:
    engine = connect(mysql_url)
    migrate.upgrade(engine)
    with pytest.raises(TemporaryFailure) as failure:
        SqlArticles(engine).save(ACME, [Article("私" * 300, "问", "答")])
    assert "私" not in str(failure.value)


def test_a_database_that_stays_locked_is_a_temporary_failure(tmp_path: Path) -> None:
    engine = connect(embedded(tmp_path), patience=timedelta(milliseconds=50))
    migrate.upgrade(engine)
    with closing(sqlite3.connect(tmp_path / "wecom-bot.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TemporaryFailure, match="locked"):
            SqlArticles(engine).save(ACME, [Article("a", "问", "答")])
        assert SqlArticles(engine).load(ACME) == []  # readers do not wait for a writer


def test_under_gevent_a_locked_file_keeps_only_its_writer_waiting(tmp_path: Path) -> None:
    program = """
from wecom_bot import startup; startup.patch_all()
import sqlite3, sys, gevent, sqlalchemy as sa
from pathlib import Path
from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.engine import connect, embedded, reading, writing
engine, order = connect(embedded(Path(sys.argv[1]))), []
migrate.upgrade(engine)
other = sqlite3.connect(engine.url.database, isolation_level=None)
other.execute("BEGIN IMMEDIATE")
def write():
    order.append("write begins")
    with writing(engine) as connection:
        connection.execute(sa.text("INSERT INTO revisions VALUES ('x', '', 1)"))
    order.append("write ends")
def read():
    while not order: gevent.sleep(0.001)
    with reading(engine) as connection:
        connection.execute(sa.text("SELECT * FROM revisions")).all()
    order.append("read")
    other.execute("ROLLBACK")  # never, if the writer had stopped all of us
gevent.joinall([gevent.spawn(write), gevent.spawn(read)], raise_error=True)
print(order)
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "['write begins', 'read', 'write ends']"


def test_without_the_log_ahead_a_commit_waits_for_who_reads(tmp_path: Path) -> None:
    path = tmp_path / "wecom-bot.sqlite3"
    engine = connect(embedded(tmp_path))
    with writing(engine) as connection:
        connection.execute(sa.text("CREATE TABLE notes (said TEXT)"))
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM notes").fetchall()
        leaves = threading.Timer(0.1, lambda: reader.execute("ROLLBACK"))
        leaves.start()
        with writing(engine) as connection:
            connection.execute(sa.text("INSERT INTO notes VALUES ('x')"))
        leaves.join()
    with reading(engine) as connection:
        assert connection.scalar(sa.text("SELECT COUNT(*) FROM notes")) == 1


def test_a_server_that_hangs_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and never says a word
        engine = connect(f"mysql+pymysql://root@127.0.0.1:{silent.getsockname()[1]}/db", patience=timedelta(seconds=1))
        with pytest.raises(TemporaryFailure):
            SqlArticles(engine).revision(ACME)


def test_nobody_waits_half_a_minute_for_a_server(mysql_url: str) -> None:
    with reading(connect(mysql_url)) as connection:
        driver: Any = connection.connection.driver_connection
        assert (driver.connect_timeout, driver._read_timeout, driver._write_timeout) == (3, 10, 10)  # noqa: SLF001 - they have no other names


def test_sqlite_keeps_what_it_confirmed_through_a_power_cut_and_knows_foreign_keys(tmp_path: Path) -> None:
    engine = connect(embedded(tmp_path / "new" / "folder"))
    migrate.upgrade(engine)
    with reading(engine) as connection:
        found = [
            connection.scalar(sa.text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o077 == 0


def test_half_a_transaction_is_taken_back(sql_engine: sa.Engine) -> None:
    def broken() -> None:
        with writing(sql_engine) as connection:
            connection.execute(sa.text("INSERT INTO revisions VALUES ('x', '', 1)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    with reading(sql_engine) as connection:
        assert connection.scalar(sa.text("SELECT COUNT(*) FROM revisions")) == 0


def test_under_gevent_a_waiting_query_lets_others_run(mysql_url: str) -> None:
    program = """
from wecom_bot import startup; startup.patch_all()
import sys, gevent, sqlalchemy as sa
from wecom_bot.adapters.sql.engine import connect, reading
engine, order = connect(sys.argv[1]), []
other = engine.connect()
other.execute(sa.text("SELECT GET_LOCK('the door', 0)")).scalar_one()
def slow():
    with reading(engine) as connection:
        order.append("slow begins")
        connection.execute(sa.text("SELECT GET_LOCK('the door', 8)"))
        order.append("slow ends")
def quick():
    while not order: gevent.sleep(0.001)
    with reading(engine) as connection:
        connection.execute(sa.text("SELECT 1"))
        order.append("quick")
    other.execute(sa.text("SELECT RELEASE_LOCK('the door')"))
gevent.joinall([gevent.spawn(slow), gevent.spawn(quick)], raise_error=True)
print(order)
"""
    done = subprocess.run([sys.executable, "-c", program, mysql_url], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "['slow begins', 'quick', 'slow ends']"


def test_under_gevent_a_query_cut_short_does_not_spoil_the_next(mysql_url: str) -> None:
    program = """
from wecom_bot import startup; startup.patch_all()
import sys, gevent, sqlalchemy as sa
from wecom_bot.adapters.sql.engine import connect, reading
from wecom_bot.errors import TookTooLong
engine = connect(sys.argv[1], pool_size=1)
try:
    with gevent.Timeout(0.1, TookTooLong("too long")), reading(engine) as connection:
        connection.execute(sa.text("SELECT SLEEP(5)"))
except TookTooLong:
    with reading(engine) as connection:
        print(connection.scalar(sa.text("SELECT 42")))
"""
    done = subprocess.run([sys.executable, "-c", program, mysql_url], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "42"
