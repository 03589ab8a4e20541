"""A gateway that starts while what stands behind it does not: it answers 503 and is there when that comes back."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.deadlines import wait_until
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.engine import connect
from wecom_bot.errors import ConfigurationError
from wecom_bot.settings import Settings

CALLBACK = "/callback/ww_nobody/shop?msg_signature=x&timestamp=1&nonce=1"


Gateway = Callable[[Path, str, str], FlaskClient]


@pytest.fixture
def gateway(made_gateway: Callable[[Settings], Flask]) -> Gateway:
    def made(folder: Path, database_url: str, redis_url: str) -> FlaskClient:
        given: dict[str, Any] = {"data": folder, "database_url": database_url, "redis_url": redis_url}
        return made_gateway(Settings(_env_file=None, **given)).test_client()

    return made


def missing(client: FlaskClient) -> list[str]:
    answer = client.get("/readyz").json
    assert answer is not None
    return list(answer["missing"])


def test_with_sql_away_it_starts_and_takes_callbacks_once_sql_is_there(
    tmp_path: Path, mysql_url: str, bundled_valkey_url: str, gateway: Gateway
) -> None:
    migrate.upgrade(connect(mysql_url))
    url = sa.make_url(mysql_url)
    door = Path(tempfile.mkdtemp(prefix="wb-door-")) / "sql"  # a socket's path has at most 107 bytes
    away = url.set(query={"unix_socket": str(door)}).render_as_string(hide_password=False)
    client = gateway(tmp_path, away, bundled_valkey_url)
    assert missing(client) == ["sql"]
    assert client.get("/livez").status_code == 200
    assert client.post(CALLBACK).status_code == 503
    door.symlink_to(str(url.query["unix_socket"]))
    wait_until(lambda: missing(client) == [])
    assert client.post(CALLBACK).status_code == 404


def test_an_old_schema_stops_the_start(
    tmp_path: Path, mysql_url: str, bundled_valkey_url: str, gateway: Gateway
) -> None:
    with pytest.raises(ConfigurationError, match="wecom-bot migrate"):
        gateway(tmp_path, mysql_url, bundled_valkey_url)


def test_a_redis_that_loses_messages_stops_the_start(tmp_path: Path, gateway: Gateway) -> None:
    with EmbeddedValkey(tmp_path / "valkey") as server:
        evict(server.url)
        with pytest.raises(ConfigurationError, match="noeviction"):
            gateway(tmp_path, "", server.url)


@pytest.mark.slow
def test_with_redis_away_it_starts_and_is_ready_once_a_fit_one_is_there(tmp_path: Path, gateway: Gateway) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    client = gateway(tmp_path, "", server.url)
    assert missing(client) == ["redis"]
    assert client.get("/livez").status_code == 200
    with server:
        evict(server.url)
        assert missing(client) == ["redis"]
        evict(server.url, "noeviction")
        assert missing(client) == []


def evict(url: str, policy: str = "allkeys-lru") -> None:
    with redis.Redis.from_url(url) as client:
        client.config_set("maxmemory-policy", policy)
