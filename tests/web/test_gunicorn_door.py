"""A gateway beside another: who comes before it can answer is refused at once, and may ask the other."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.ports import free_port
from wecom_bot import processes

CONFIG = """
from wecom_bot.web import gunicorn_door
when_ready, post_worker_init = gunicorn_door.shut, gunicorn_door.unlock
workers = 2
control_socket_disable = True
"""
APP = """
import pathlib, time
here = pathlib.Path(__file__).parent
(here / "loading").touch()
while not (here / "go").exists():
    time.sleep(0.01)

def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@pytest.fixture
def loading(tmp_path: Path) -> Iterator[str]:
    """The URL of a gunicorn whose processes load their app until the file `go` is there."""
    (tmp_path / "conf.py").write_text(CONFIG)
    (tmp_path / "slow_app.py").write_text(APP)
    where = f"127.0.0.1:{free_port()}"
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "conf.py", "-b", where, "slow_app:app"],
            cwd=tmp_path, stdout=log, stderr=log,
            preexec_fn=processes.before_exec(),  # noqa: PLW1509 - it makes two system calls
        )  # fmt: skip
    wait_until((tmp_path / "loading").exists)
    yield f"http://{where}/"
    process.terminate()
    assert process.wait(PATIENCE) == 0, (tmp_path / "log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it listens from the beginning, as gunicorn does")
def test_it_refuses_until_the_app_is_loaded_and_answers_from_then_on(loading: str, tmp_path: Path) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(loading, timeout=PATIENCE)
    (tmp_path / "go").touch()
    wait_until(lambda: answers(loading))
    for _ in range(20):
        assert requests.get(loading, headers={"Connection": "close"}, timeout=PATIENCE).text == "ok"


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=PATIENCE).text == "ok"
    except requests.ConnectionError:
        return False
