"""A callback that goes to the app directly is answered as one that goes over a WSGI environment."""

import io
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fixtures.front_door import FrontDoor, front_door
from tests.fixtures.served_door import CORP, TENANT
from tests.fixtures.stormed_door import genuine
from wecom_bot.web import direct

URL = f"/callback/{CORP}/service"


@dataclass
class Wire:
    """A connection's other end."""

    said: bytes = b""
    refused: bool = False

    def sendall(self, data: bytes) -> None:
        self.said += data


@dataclass
class Worker:
    """What of a gunicorn worker is asked; it is its own log."""

    alive: bool = True
    nr: int = 0
    lines: list[tuple[str, int]] = field(default_factory=list)

    @property
    def log(self) -> "Worker":
        return self

    def access(self, answer: Any, _req: Any, asked: dict[str, str], _took: Any) -> None:
        self.lines.append((asked["PATH_INFO"], answer.status))


@pytest.fixture
def door() -> FrontDoor:
    return front_door(TENANT)


def request(method: str, url: str, body: bytes = b"", *, closes: bool = False, **headers: str) -> SimpleNamespace:
    """As gunicorn's parser gives it."""
    path, _, query = url.partition("?")
    named = [(name.upper().replace("_", "-"), value) for name, value in headers.items()]
    return SimpleNamespace(
        method=method, path=path, query=query, headers=named, version=(1, 1), body=io.BytesIO(body),
        should_close=lambda: closes,
    )  # fmt: skip


def genuine_request() -> tuple[str, bytes]:
    """A callback's URL and body."""
    head, _, body = genuine().partition(b"\r\n\r\n")
    return head.split(b" ")[1].decode(), body


def answered(wire: Wire) -> tuple[str, dict[str, str], bytes]:
    head, _, body = wire.said.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines), body


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", URL),
        ("POST", URL),
        ("PUT", URL),
        ("HEAD", URL),
        ("POST", f"/callback/{CORP}/%E5%BA%97"),
        ("POST", f"//callback//{CORP}/service/"),
        ("POST", f"{URL}?{'&' * 20}"),
    ],
)
def test_both_ways_give_one_answer(door: FrontDoor, method: str, url: str) -> None:
    given = {"X-Trace-Id": "trace-of-both"}
    usual = door.client.open(url.replace("//callback", "/callback"), method=method, headers=given)
    wire, worker = Wire(), Worker()
    assert direct.serve(door.app.callback, worker, request(method, url, x_trace_id="trace-of-both"), wire)  # type: ignore[arg-type]
    first, headers, body = answered(wire)
    assert (int(first.split()[1]), body) == (usual.status_code, usual.data)
    assert {name: headers[name] for name in usual.headers.keys()} == dict(usual.headers)  # noqa: SIM118 - may repeat
    assert (wire.refused, len(worker.lines)) == (True, 1)


def test_a_callback_is_taken_and_the_app_alone_tells_of_it(door: FrontDoor) -> None:
    url, body = genuine_request()
    wire, worker = Wire(), Worker()
    assert direct.serve(door.app.callback, worker, request("POST", url, body), wire)  # type: ignore[arg-type]
    first, headers, _ = answered(wire)
    assert (first, headers["Connection"], wire.refused) == ("HTTP/1.1 200 OK", "keep-alive", False)
    assert (worker.nr, worker.lines) == (1, [])


@pytest.mark.parametrize(("alive", "closes"), [(False, False), (True, True)])
def test_the_last_answer_of_a_connection_says_so(door: FrontDoor, *, alive: bool, closes: bool) -> None:
    url, body = genuine_request()
    wire = Wire()
    with pytest.raises(StopIteration):
        direct.serve(door.app.callback, Worker(alive), request("POST", url, body, closes=closes), wire)  # type: ignore[arg-type]
    assert answered(wire)[1]["Connection"] == "close"


def test_of_two_trace_ids_none_is_believed(door: FrontDoor) -> None:
    wire, twice = Wire(), request("GET", URL)
    twice.headers = [("X-TRACE-ID", "trace-one"), ("X-TRACE-ID", "trace-two")]
    direct.serve(door.app.callback, Worker(), twice, wire)  # type: ignore[arg-type]
    assert answered(wire)[1]["X-Trace-Id"] not in {"trace-one", "trace-two"}


@pytest.mark.parametrize("url", ["/livez", "/callback/metrics", "/api/v1/callback/a"])
def test_what_is_no_callback_goes_the_usual_way(door: FrontDoor, url: str) -> None:
    wire = Wire()
    assert not direct.serve(door.app.callback, Worker(), request("GET", url), wire)  # type: ignore[arg-type]
    assert wire.said == b""


def test_under_another_root_it_goes_the_usual_way(door: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIPT_NAME", "/callback")
    assert not direct.serve(door.app.callback, Worker(), request("GET", URL), Wire())  # type: ignore[arg-type]
