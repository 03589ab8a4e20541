"""A place with everything that a backup has to hold, and places that hold nothing yet."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.test_records import ACME, made_record
from tests.fixtures.actors import OWNER
from tests.fixtures.kept_places import message
from tests.fixtures.sql_servers import fresh_database
from tests.fixtures.tenant_files import ACME as ACME_TOML
from tests.fixtures.whole_inbox import WholeInbox
from wecom_bot.adapters.redis.connection import connect as redis_connect
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.operation import operation
from wecom_bot.domain.job import AnswerMessage
from wecom_bot.ports import Ending
from wecom_bot.settings import Settings


@pytest.fixture
def place(tmp_path: Path, sql_url: str) -> Iterator[Callable[[str], Settings]]:
    """Makes places to keep all in: a data folder, and a database of the kind that is tested."""
    databases: list[Any] = []

    def made(name: str) -> Settings:
        folder = tmp_path / name
        given: dict[str, Any] = {"data": folder}
        if not sql_url.startswith("sqlite"):
            databases.append(fresh_database(sql_url))
            given["database_url"] = databases[-1].__enter__()
        return Settings(_env_file=None, **given)

    yield made
    for each in databases:
        each.__exit__(None, None, None)


@pytest.fixture
def old(place: Callable[[str], Settings], tmp_path: Path) -> Settings:
    """A place with a tenant, two turns, an order, a picture and work in its Valkey."""
    settings = place("old")
    stores.migrate(settings)
    engine = stores.sql_engine(settings)
    (tmp_path / "tenants.toml").write_text(ACME_TOML)
    operation(settings, engine).import_tenants(OWNER, stores.read_tenants(tmp_path / "tenants.toml"))
    SqlRecords(engine).write([made_record("m1", "m2"), made_record("m3", at=datetime.now(UTC))])
    engine.dispose()
    picture = settings.data / "media" / ACME / "floor.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"\x89PNG picture")
    with EmbeddedValkey(settings.data / "valkey") as server:
        client = redis_connect(server.url, timeout=timedelta(seconds=5), most=4)
        inbox = WholeInbox(client, 100)
        inbox.put(ACME, [AnswerMessage(message("closing"), "trace-c")])
        lease = inbox.lease("tester", timedelta(minutes=1), timedelta(seconds=1))
        assert lease is not None
        record = made_record("closing")
        inbox.done(lease, Ending(record.turn, closed=record))  # on its way to SQL
        inbox.put(ACME, [AnswerMessage(message("waits"), "trace-w"), AnswerMessage(message("m1"), "trace-m")])
        client.close()
    return settings
