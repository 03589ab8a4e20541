"""The schema: how it comes to be, and who refuses to work without it."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import wecom_bot
from wecom_bot.adapters.sql import migrate, schema
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.contacts import SqlContacts
from wecom_bot.adapters.sql.engine import connect, writing
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError
from wecom_bot.ports import Contact

UPGRADE = (
    "import sys; from wecom_bot.adapters.sql import migrate; from wecom_bot.adapters.sql.engine import connect;"
    "engine = connect(sys.argv[1]); sys.stdin.readline(); migrate.upgrade(engine); migrate.check(engine)"
)


NEWEST, NEXT = "0009", "0010"
_NEXT_MIGRATION = f"""\
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{NEXT}", "{NEWEST}", None, None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("mood", sa.String(16)))
"""


def test_migrations_are_named_by_their_revision_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    chain = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(chain)) == migrate.VERSIONS
    assert chain[0] == NEWEST


@pytest.mark.parametrize("asked", ["migrate.check(engine)", "migrate.upgrade(engine)"])
def test_where_nothing_is_to_be_changed_no_alembic_is_imported(tmp_path: Path, asked: str) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    migrate.upgrade(connect(url))
    steps = f"{asked}; print(any(name.startswith('alembic') for name in sys.modules))"
    assert run(Path(wecom_bot.__file__).parents[1], steps, url) == "False"


@pytest.fixture
def next_release(tmp_path: Path) -> Path:
    """A folder with the program as it may be next: one migration more."""
    folder = tmp_path / "next"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(wecom_bot.__file__).parent, folder / "wecom_bot", ignore=ignored)
    versions = folder / "wecom_bot/adapters/sql/migrations/versions"
    (versions / f"{NEXT}_next.py").write_text(_NEXT_MIGRATION, encoding="utf-8")
    return folder


def run(program: Path, steps: str, url: str) -> str:
    """What the program in that folder says: its output, or the last line of its traceback."""
    start = "import sys; from wecom_bot.adapters.sql import migrate; from wecom_bot.adapters.sql.engine import connect;"
    done = subprocess.run(
        [sys.executable, "-c", f"{start} engine = connect(sys.argv[1]); {steps}", url],
        cwd=program,
        env={**os.environ, "PYTHONPATH": str(program)},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout or done.stderr).strip().splitlines()[-1]


def set_version(engine: sa.Engine, version: str) -> None:
    with writing(engine) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def test_an_empty_database_is_refused_with_the_command_that_helps(sql_url: str) -> None:
    with pytest.raises(ConfigurationError, match="run `wecom-bot migrate`"):
        migrate.check(connect(sql_url))


def test_an_upgraded_database_is_accepted(sql_url: str) -> None:
    engine = connect(sql_url)
    before, now = migrate.upgrade(engine)
    assert before == ""
    assert now
    migrate.check(engine)
    assert migrate.upgrade(engine) == (now, now)


def test_an_old_schema_stops_the_start_until_it_is_upgraded(
    sql_url: str, sql_engine: sa.Engine, next_release: Path
) -> None:
    migrate.check(sql_engine)
    refused = run(next_release, "migrate.check(engine)", sql_url)
    assert "ConfigurationError" in refused
    assert f"is {NEWEST} and this program needs {NEXT}: run `wecom-bot migrate`" in refused
    upgraded = run(next_release, "print(migrate.upgrade(engine)); migrate.check(engine)", sql_url)
    assert upgraded == f"('{NEWEST}', '{NEXT}')"
    with pytest.raises(ConfigurationError, match=f"is {NEXT}, newer than this program"):
        migrate.check(sql_engine)


def test_a_schema_newer_than_the_program_stops_the_start_and_the_upgrade(sql_engine: sa.Engine) -> None:
    set_version(sql_engine, "9999")
    for step in (migrate.check, migrate.upgrade):
        with pytest.raises(ConfigurationError, match=r"newer than this program.*upgrade wecom-bot"):
            step(sql_engine)


def test_the_migrations_make_what_the_program_expects(sql_engine: sa.Engine) -> None:
    with sql_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_a_database_of_the_first_release_keeps_its_rows(sql_engine: sa.Engine) -> None:
    SqlArticles(sql_engine).save(CorpId("ww_acme"), [Article("a", "问", "答")])
    later = ("orders", "kept_messages", "events", "cursors", "requests", "contacts")
    with writing(sql_engine) as connection:
        for table in later:
            connection.exec_driver_sql(f"DROP TABLE {table}")
    set_version(sql_engine, "0001")
    assert migrate.upgrade(sql_engine) == ("0001", NEWEST)
    assert set(later) <= set(sa.inspect(sql_engine).get_table_names())
    assert SqlArticles(sql_engine).load(CorpId("ww_acme")) == [Article("a", "问", "答")]


def test_who_is_known_by_name_stays_so_when_their_picture_goes(sql_engine: sa.Engine) -> None:
    known = {"wm1": (Contact("小李"), datetime(2026, 11, 20, 10, tzinfo=UTC))}
    SqlContacts(sql_engine).save(CorpId("ww_acme"), {"wm1": Contact("小李")}, known["wm1"][1])
    with writing(sql_engine) as connection:  # as version 0005 has it
        connection.exec_driver_sql("ALTER TABLE contacts ADD COLUMN avatar VARCHAR(99) NOT NULL DEFAULT 'https://a/1'")
    set_version(sql_engine, "0005")
    assert migrate.upgrade(sql_engine) == ("0005", NEWEST)
    assert "avatar" not in {each["name"] for each in sa.inspect(sql_engine).get_columns("contacts")}
    assert SqlContacts(sql_engine).load(CorpId("ww_acme"), ["wm1"]) == known


def test_an_upgrade_that_broke_off_goes_on_where_it_was(sql_url: str) -> None:
    engine = connect(sql_url)
    migrate.upgrade(engine)
    with writing(engine) as connection:  # as MySQL leaves it: it cannot take back a CREATE TABLE
        connection.exec_driver_sql("DROP TABLE messages")
        connection.exec_driver_sql("DELETE FROM alembic_version")
    assert migrate.upgrade(engine)[0] == ""
    migrate.check(engine)
    assert sa.inspect(engine).has_table("messages")


def test_a_file_that_lost_its_log_gets_it_back_although_its_schema_is_the_newest(tmp_path: Path) -> None:
    file, mode = tmp_path / "a.sqlite3", "PRAGMA journal_mode"
    migrate.upgrade(connect(f"sqlite:///{file}"))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute(f"{mode} = DELETE").fetchone() == ("delete",)
    migrate.upgrade(connect(f"sqlite:///{file}"))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute(mode).fetchone() == ("wal",)


def test_processes_that_upgrade_at_once_do_it_once(sql_url: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, sql_url], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    said = [process.communicate(timeout=100)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, said
    migrate.check(connect(sql_url))


def test_threads_that_upgrade_at_once_do_it_once(sql_url: str) -> None:
    engine, came = connect(sql_url), []
    threads = [threading.Thread(target=lambda: came.append(migrate.upgrade(engine)[0])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["", NEWEST, NEWEST]


def test_the_programs_folder_needs_no_alembic_ini(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/odd %(name)s/db.sqlite3"
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", UPGRADE, url], cwd=tmp_path, env=here, input=b"\n", check=True)
    migrate.check(connect(url))


def test_mysql_compares_ids_byte_by_byte_whatever_the_databases_default(mysql_url: str) -> None:
    engine = connect(mysql_url)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        collations = connection.scalars(
            sa.text(
                "SELECT DISTINCT collation_name FROM information_schema.columns"
                " WHERE table_schema = DATABASE() AND collation_name IS NOT NULL AND table_name <> 'alembic_version'"
            )
        )
        assert list(collations) == ["utf8mb4_bin"]
