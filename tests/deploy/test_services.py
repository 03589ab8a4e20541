"""The scripts that start real servers for tests and drills."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from tests.deadlines import PATIENCE
from tests.deploy.tools import tool

SERVICES = Path(__file__).parents[2] / "deploy" / "services"
Run = Callable[..., subprocess.CompletedProcess[str]]


def ask_mariadb(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1
    engine.dispose()


def ask_redis(url: str) -> None:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


@pytest.fixture(
    params=[("mariadb", "mariadbd", ask_mariadb), ("redis", "redis-server", ask_redis)], ids=lambda of: of[0]
)
def service(request: pytest.FixtureRequest) -> Iterator[tuple[Run, Path, Callable[[str], None]]]:
    """Its script, in a folder of this test's own, whose path is short for the sake of the socket; and a question."""
    name, program, ask = request.param
    tool(program, f"apt-get install {name}-server")
    with tempfile.TemporaryDirectory(prefix="wb-service-") as parent:
        folder = Path(parent) / "i t"
        env = {**os.environ, f"{name.upper()}_FOLDER": str(folder)}
        run = partial(subprocess.run, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
        yield lambda *words: run([SERVICES / f"{name}.sh", *words]), folder, ask
        run([SERVICES / f"{name}.sh", "stop"])


def test_a_server_is_started_once_and_gone_with_its_data_when_it_is_stopped(
    service: tuple[Run, Path, Callable[[str], None]],
) -> None:
    run, folder, ask = service
    assert run("url").returncode == 1, "none runs yet"
    folder.mkdir()
    (folder / "pid").write_text(str(os.getpid()))  # as after a crash, when its number is another's
    assert run("url").returncode == 1, "what runs is something else"
    with ThreadPoolExecutor(2) as both:
        assert [each.returncode for each in both.map(run, ["start", "start"])] == [0, 0]
    pid, url = (folder / "pid").read_text(), run("url").stdout.strip()
    ask(url)
    assert run("start").returncode == 0
    assert (folder / "pid").read_text() == pid, "the same one"
    assert run("stop").returncode == 0
    assert not folder.exists()
    assert run("url").returncode == 1


def test_a_folder_that_is_somebody_elses_stays(service: tuple[Run, Path, Callable[[str], None]]) -> None:
    run, folder, _ = service
    folder.mkdir()
    (folder / "letters").touch()
    assert run("stop").returncode == 1
    assert (folder / "letters").exists()


def test_who_asks_for_something_else_is_told_what_there_is(service: tuple[Run, Path, Callable[[str], None]]) -> None:
    run, _, _ = service
    done = run("restart")
    assert done.returncode == 2
    assert "start" in done.stderr
    assert "stop" in done.stderr
