"""The image, its steps carried out one by one in clean folders, and what runs in it: no container engine is needed."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.deadlines import wait_until
from tests.deploy import clean_room
from tests.deploy.built_image import Builder, Image
from tests.deploy.containers import once, running, until_ready
from tests.deploy.dockerfile import read
from tests.fixtures.redis_servers import redis_server_binary, start_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # the dependencies are installed once more


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    clean_room.possible()
    if shutil.which("mvn") is None:
        reason = "maven is not installed: apt-get install maven"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("image")
    yield Builder(read(), folder, {}).build()
    shutil.rmtree(folder)  # half a gigabyte


@pytest.fixture
def volume(image: Image, tmp_path: Path) -> dict[str, Path]:
    """A volume as an engine makes it: with the owner and the mode of the folder in the image."""
    (inner,) = image.volumes
    made = image.room.inside(inner).stat()
    folder = tmp_path / "volume"
    folder.mkdir(mode=made.st_mode)
    os.chown(folder, made.st_uid, made.st_gid)
    return {inner: folder}


@pytest.fixture
def redis_folder(tmp_path: Path) -> Iterator[Path]:
    """The folder of a Redis that containers reach by a socket, for each has a network of its own."""
    folder = tmp_path / "redis"
    folder.mkdir()
    socket = folder / "redis.sock"
    options = ("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "777", "--appendonly", "yes")
    server = start_server(redis_server_binary(), folder, (*options, "--appendfsync", "always"))
    with redis.Redis(unix_socket_path=str(socket)) as client:
        wait_until(lambda: _answers(client))
    yield folder
    server.kill()
    server.wait()


def test_the_user_can_write_the_volume_alone(image: Image, volume: dict[str, Path]) -> None:
    look = "find / -xdev '(' -path /usr -o -path /proc ')' -prune -o -not -type l -writable -print"
    said = once(image, {}, volume, "/bin/sh", "-c", f"id -u; {look}")
    assert said.stdout.split() == [image.user.partition(":")[0], *image.volumes], said.stderr
    assert image.user.partition(":")[0] not in {"", "0", "root"}


def test_it_holds_the_program_and_nothing_of_how_it_was_made(image: Image, volume: dict[str, Path]) -> None:
    kept = {path.name for path in image.room.inside("/opt/wecom-bot").iterdir()}
    assert kept == {".venv", "deploy", "model"}
    packages = next(image.room.inside("/opt/wecom-bot/.venv/lib").glob("python3*")) / "site-packages"
    tools = ("pip", "setuptools", "hatchling", "pytest", "editables")
    assert not [name for name in tools if (packages / name).exists()]
    assert (packages / "wecom_bot" / "py.typed").exists() or (packages / "wecom_bot" / "__init__.py").exists()
    assert not image.room.inside("/build").exists()
    said = once(image, {}, volume, "wecom-bot", "--version")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("wecom-bot, version ")


def test_gateway_and_worker_live_in_it_with_a_root_that_nobody_can_write(
    image: Image, volume: dict[str, Path], redis_folder: Path, tmp_path: Path
) -> None:
    settings = {"WECOM_BOT_REDIS_URL": "unix:///run/redis/redis.sock"}
    mounts = volume | {"/run/redis": redis_folder}
    migrated = once(image, settings, mounts, "wecom-bot", "migrate")
    assert migrated.returncode == 0, migrated.stderr
    with (
        running(image, settings, mounts, tmp_path / "gateway.log") as gateway,
        running(image, settings, mounts, tmp_path / "worker.log", "wecom-bot", "worker") as worker,
    ):
        for each in (gateway, worker):
            until_ready(each)
            assert each.healthy()
        known = worker.inside("python", "-c", ASK, "http://127.0.0.1:9101/readyz").stdout
        assert '"search": "hybrid"' in known, "the model of the image is not used"
        for each in (gateway, worker):
            assert each.stop() == 0, each.output.read_text()


def test_who_does_not_answer_is_not_healthy(image: Image, volume: dict[str, Path], tmp_path: Path) -> None:
    with running(image, {}, volume, tmp_path / "log", "sleep", "infinity") as idle:
        looked = idle.inside(*image.healthcheck)
        assert looked.returncode == 1
        assert "nobody listens" in looked.stderr


ASK = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=60).read().decode())"


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
