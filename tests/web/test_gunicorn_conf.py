import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.processes import alive
from wecom_bot.telemetry import exposition

ROOT = Path(__file__).parents[2]

APP = """
import os, sys, time
from prometheus_client import Counter, Gauge
from wecom_bot.errors import ConfigurationError
from wecom_bot.telemetry import exposition

served = Counter("served_total", "Requests")
level = Gauge("level", "A level", multiprocess_mode="livemostrecent")

def app(environ, start_response):
    path = environ["PATH_INFO"]
    served.inc()
    if path == "/broken":
        raise RuntimeError("out of order")
    if path == "/slow":
        print("slow begins", file=sys.stderr, flush=True)
        time.sleep(1)
    if path == "/level":
        level.set(7)
    body = exposition.render()[0] if path == "/metrics" else str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body))), ("X-Trace-Id", "trace-of-the-app")])
    return [body]

def refuses():
    raise ConfigurationError("WECOM_BOT_SOMETHING: it is wrong")
"""


class Gateway:
    """gunicorn with our configuration and a small app."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, output: Path) -> None:
        self.process = process
        self.port = port
        self._output = output

    def get(self, path: str, **headers: str) -> bytes:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path, headers={"Connection": "close", **headers})
        body = connection.getresponse().read()
        connection.close()
        return body

    def say(self, raw: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(raw)
            connection.recv(1024)

    def output(self) -> str:
        return self._output.read_text()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output().splitlines() if line.startswith("{")]

    def line(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        wait_until(lambda: any(wanted(line) for line in self.lines()))
        return next(line for line in self.lines() if wanted(line))


Start = Callable[..., Gateway]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start gunicorn on a socket of ours, as `serve` does."""
    (tmp_path / "small_app.py").write_text(APP)
    (tmp_path / "work").mkdir()
    started: list[subprocess.Popen[bytes]] = []

    def launch(app: str = "small_app:app", files: int = 0, **settings: str) -> Gateway:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{tmp_path}", **settings}
        with (tmp_path / "output").open("wb") as output, socket.create_server(("127.0.0.1", 0)) as door:
            bind = f"fd://{door.fileno()}"
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "python:wecom_bot.web.gunicorn_conf", "--bind", bind, app],
                env=environment,
                cwd=tmp_path / "work",
                pass_fds=[door.fileno()],
                stdout=output,
                stderr=output,
                preexec_fn=partial(resource.setrlimit, resource.RLIMIT_NOFILE, (files, files)) if files else None,  # noqa: PLW1509 - one system call
            )
            started.append(process)
            return Gateway(process, door.getsockname()[1], tmp_path / "output")

    yield launch
    for process in started:
        process.kill()
        process.wait()


def is_request(path: str) -> Callable[[dict[str, Any]], bool]:
    return lambda line: bool(line["event"] == "http.request" and line.get("path") == path)


def test_a_request_is_one_line_with_its_trace_id_and_without_its_query(start: Start) -> None:
    gateway = start()
    body = gateway.get("/callback/ww1/kf?msg_signature=secret-signature&echostr=secret-echo")
    line = gateway.line(is_request("/callback/ww1/kf"))
    assert line.pop("took") >= 0
    assert line.pop("timestamp")
    assert line == {
        "event": "http.request",
        "level": "info",
        "logger": "wecom_bot.web.access",
        "method": "GET",
        "path": "/callback/ww1/kf",
        "status": 200,
        "bytes": len(body),
        "trace_id": "trace-of-the-app",
    }
    assert "secret" not in gateway.output()


def test_a_crash_of_the_app_is_logged_with_its_traceback_and_the_sender_s_trace_id(start: Start) -> None:
    gateway = start()
    gateway.get("/broken?msg_signature=secret", **{"X-Trace-Id": "trace-of-the-sender"})
    request = gateway.line(is_request("/broken"))
    assert (request["status"], request["trace_id"]) == (500, "trace-of-the-sender")
    error = gateway.line(lambda line: bool(line["level"] == "error"))
    assert error["event"] == "Error handling request GET /broken?…"
    assert "out of order" in error["exception"]
    assert "secret" not in gateway.output()


def test_a_malformed_request_is_one_line_in_our_shape_and_without_its_query(start: Start) -> None:
    gateway = start()
    gateway.say(b"GET /callback?echostr=secret more secret\r\n\r\n")
    warning = gateway.line(lambda line: bool(line["level"] == "warning"))
    assert warning["event"].startswith("Invalid request from ip=127.0.0.1")
    assert "secret" not in gateway.output()


def test_probes_are_not_logged_unless_they_are_wanted(start: Start) -> None:
    gateway = start()
    gateway.get("/livez")
    gateway.get("/after")
    gateway.line(is_request("/after"))
    assert not any(is_request("/livez")(line) for line in gateway.lines())


def test_probes_are_logged_at_debug(start: Start) -> None:
    gateway = start(WECOM_BOT_LOG_LEVEL="debug")
    gateway.get("/livez")
    assert gateway.line(is_request("/livez"))["level"] == "debug"


def test_what_an_operator_must_change_is_said_without_a_traceback(start: Start) -> None:
    gateway = start("small_app:refuses()")
    assert gateway.process.wait(PATIENCE) == 3
    errors = [line for line in gateway.lines() if line["level"] == "error"]
    assert errors[0]["event"] == "Exception in worker process: WECOM_BOT_SOMETHING: it is wrong"
    assert "Traceback" not in gateway.output()


def test_where_next_to_no_file_may_be_open_it_does_not_start_and_says_so(start: Start) -> None:
    gateway = start(files=128)
    assert gateway.process.wait(PATIENCE) == 3
    assert "only 128 files may be open" in gateway.output()
    assert "Traceback" not in gateway.output()


def test_the_metrics_of_all_processes_are_added_up_and_a_dead_one_measures_nothing(
    start: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "counter_1.db").write_bytes(b"of an earlier run")
    gateway = start(**{exposition.FOLDER_VARIABLE: str(folder)})
    pid = int(gateway.get("/level"))
    assert b"served_total 2.0" in (before := gateway.get("/metrics"))
    assert b"level 7.0" in before
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not list(folder.glob("gauge_*.db")))
    after = gateway.get("/metrics")
    assert b"served_total 3.0" in after
    assert b"level 7.0" not in after


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends orphans")
def test_no_process_outlives_the_master(start: Start) -> None:
    gateway = start()
    pid = int(gateway.get("/"))
    gateway.process.kill()
    wait_until(lambda: not alive(pid))


def test_it_stops_when_asked_and_leaves_nothing_behind(start: Start, tmp_path: Path) -> None:
    gateway = start()
    gateway.get("/")
    gateway.process.terminate()
    assert gateway.process.wait(PATIENCE) == 0
    assert not list((tmp_path / "work").iterdir())


def test_when_it_stops_a_request_is_finished_and_an_idle_connection_is_not_waited_for(start: Start) -> None:
    gateway = start()
    idle = HTTPConnection("127.0.0.1", gateway.port, timeout=PATIENCE)
    idle.request("GET", "/")
    assert idle.getresponse().read()
    busy = HTTPConnection("127.0.0.1", gateway.port, timeout=PATIENCE)
    busy.request("GET", "/slow")
    wait_until(lambda: "slow begins" in gateway.output())
    gateway.process.terminate()
    assert busy.getresponse().status == 200
    assert gateway.process.wait(PATIENCE) == 0
    assert idle.sock is not None  # it was still open on our side
    assert not [line for line in gateway.lines() if line["level"] not in {"info", "debug"}]


def test_the_file_for_a_gateway_alone_takes_the_address_from_the_settings(tmp_path: Path) -> None:
    file = str(ROOT / "deploy" / "gunicorn.conf.py")
    command = [sys.executable, "-m", "gunicorn", "-c", file, "--print-config", "wsgiref.simple_server:demo_app"]
    settings = {"WECOM_BOT_HOST": "::1", "WECOM_BOT_PORT": "1234", "WECOM_BOT_GATEWAY_PROCESSES": "3"}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    shown = subprocess.run(
        command, env=environment | settings, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    config = {name: value.strip() for name, _, value in (line.partition("=") for line in shown.stdout.splitlines())}
    values = {name.strip(): value for name, value in config.items()}
    assert values["bind"] == "['[::1]:1234']"
    assert values["workers"] == "3"
    assert values["worker_class"] == "wecom_bot.web.gunicorn_worker.GunicornWorker"
    wrong = environment | {"WECOM_BOT_PROT": "1"}
    refused = subprocess.run(command, env=wrong, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("wecom-bot: WECOM_BOT_PROT is not a setting")
