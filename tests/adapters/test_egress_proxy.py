"""Calls through a company's proxy: to WeCom, Coze and an intent service, with the deadlines and errors of others."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.deadlines import PATIENCE
from tests.fixtures.connect_proxy import (
    ESTABLISHED,
    NAME,
    Asked,
    Certificate,
    answering,
    certificate,
    listening,
    over_tls,
    plainly,
    proxy,
)
from tests.fixtures.ports import free_port
from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.adapters.coze.nlu import NluClient, Query
from wecom_bot.adapters.coze.wire import CozeWire
from wecom_bot.adapters.wecom.api.wire import Body, WecomWire
from wecom_bot.errors import Misconfigured, OutcomeUnknown, TemporaryFailure, WecomBotError
from wecom_bot.outbound.egress import Egress

ROOT = Path(__file__).parents[2]
Ask = Callable[..., None]

SECRET, LONG, SHORT = "geheim", timedelta(seconds=PATIENCE), timedelta(seconds=1.5)
ANSWER = answering(b'{"errcode":0,"code":0,"data":"{}","intents":[]}')


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"))


def by(url: str, direct: str = "") -> Egress:
    return Egress.parse(url.replace("http://", f"http://bot:{SECRET}@"), direct)


def ask_wecom(
    url: str, egress: Egress, api: str = "message/send", deadline: timedelta = LONG, trusts: str = ""
) -> None:
    wire = WecomWire(url, deadline, 4, egress, trusts)  # the machine does not know the test's certificate
    wire.ask(api, {"access_token": "tok"}, Body(b"{}"))


def ask_coze(url: str, egress: Egress, deadline: timedelta = LONG, trusts: str = "") -> None:
    client = CozeClient(url, 4, pause=timedelta(0), egress=egress)
    client._wire = CozeWire(url, 4, egress=egress, trusts=trusts)  # noqa: SLF001 - as above
    client.run_workflow("pat_x", workflow_id="7", parameters={}, user_id="u", deadline=deadline)


def ask_nlu(url: str, egress: Egress, deadline: timedelta = LONG, trusts: str = "") -> None:
    client = NluClient(4, pause=timedelta(0), egress=egress)
    client._wires[url] = CozeWire(url, 4, egress=egress, trusts=trusts)  # noqa: SLF001 - as above
    client.predict(url, "nlu_x", Query("你好", "key"), deadline)


EVERYBODY = pytest.mark.parametrize("ask", [ask_wecom, ask_coze, ask_nlu])


def failed(ask: Ask, url: str, egress: Egress, **more: Any) -> WecomBotError:
    with pytest.raises(WecomBotError) as failure:
        ask(url, egress, **more)
    told = str(failure.value)
    assert SECRET not in told
    assert "Basic" not in told
    assert failure.value.__cause__ is None
    return failure.value


@EVERYBODY
def test_https_goes_through_a_tunnel_and_the_proxy_reads_nothing(ask: Ask, identity: Certificate) -> None:
    heard: list[bytes] = []
    asked = Asked()
    with listening(over_tls(identity, ANSWER, heard)) as port, proxy(port, asked) as url:
        ask(f"https://{NAME}", by(url), trusts=str(identity.certificate))
    (head,) = asked.heads
    assert head.startswith(f"CONNECT {NAME}:443 HTTP/1.".encode())
    assert b"Proxy-Authorization: Basic Ym90OmdlaGVpbQ==\r\n" in head
    assert b"Proxy-Authorization" not in b"".join(heard)
    for token in (b"tok", b"pat_x", b"nlu_x"):
        assert token not in head
        assert token not in asked.tunnelled


@EVERYBODY
def test_http_is_handed_to_the_proxy_and_what_is_on_this_side_is_not(ask: Ask) -> None:
    heard: list[bytes] = []
    asked = Asked()
    with listening(plainly(ANSWER, heard)) as port, proxy(port, asked) as url:
        ask(f"http://{NAME}", by(url))
        assert asked.heads[0].startswith(b"POST http://" + NAME.encode())
        assert b"Proxy-Authorization: Basic" in asked.heads[0]
        ask(f"http://127.0.0.1:{port}", by(url, "127.0.0.0/8"))
    assert len(asked.heads) == 1
    assert b"Proxy-Authorization" not in heard[-1]


@EVERYBODY
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_proxy_that_wants_credentials_is_a_misconfiguration_that_says_which_setting(ask: Ask, scheme: str) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with proxy(0, Asked(), lambda line: line.sendall(refusal)) as url:
        error = failed(ask, f"{scheme}://{NAME}", by(url))
    assert type(error) is Misconfigured
    assert "WECOM_BOT_EGRESS_PROXY" in str(error)


@EVERYBODY
def test_a_proxy_that_lets_nobody_through_to_a_host_is_one_too(ask: Ask) -> None:
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    with proxy(0, Asked(), lambda line: line.sendall(refusal)) as url:
        error = failed(ask, f"https://{NAME}", by(url))
    assert type(error) is Misconfigured
    assert "WECOM_BOT_EGRESS_DIRECT" in str(error)


@EVERYBODY
@pytest.mark.parametrize("said", [b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b"", b"nonsense\r\n\r\n"])
def test_a_proxy_that_cannot_now_is_a_temporary_failure_and_nothing_was_shown(ask: Ask, said: bytes) -> None:
    with proxy(0, Asked(), lambda line: line.sendall(said)) as url:
        error = failed(ask, f"https://{NAME}", by(url))
    assert isinstance(error, TemporaryFailure)
    assert not isinstance(error, OutcomeUnknown)


@EVERYBODY
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_proxy_that_is_away_is_a_temporary_failure_and_nothing_was_shown(ask: Ask, scheme: str) -> None:
    error = failed(ask, f"{scheme}://{NAME}", by(f"http://127.0.0.1:{free_port()}"))
    assert isinstance(error, TemporaryFailure)
    assert not isinstance(error, OutcomeUnknown)


class Stuck:
    """Acts that never come to an end by themselves: who waits for it waits for ever."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def drip(self, line: socket.socket, first: bytes, slowly: bytes) -> None:
        line.sendall(first)
        with suppress(OSError):
            while not self.over.wait(0.05):
                line.sendall(slowly)

    def in_silence(self, line: socket.socket) -> None:
        self.drip(line, b"", b"")

    def in_the_head(self, line: socket.socket) -> None:
        self.drip(line, b"HTTP/1.1 200 Connection established\r\nX-Padding: ", b"x")

    def before_the_head(self, line: socket.socket) -> None:
        self.drip(line, b"HTTP/1.1 200 ", b"x")

    def in_the_handshake(self, line: socket.socket) -> None:
        self.drip(line, ESTABLISHED + b"\x16\x03\x03\x10\x00\x02\x00\x0f\xfc", b"\x03")


@contextmanager
def stuck(how: str) -> Iterator[str]:
    acts = Stuck()
    with proxy(0, Asked(), getattr(acts, how)) as url:
        yield url
        acts.over.set()


@EVERYBODY
@pytest.mark.parametrize("how", ["in_silence", "before_the_head", "in_the_head", "in_the_handshake"])
def test_a_proxy_that_hangs_is_left_at_the_deadline(ask: Ask, how: str) -> None:
    with stuck(how) as url:
        assert isinstance(failed(ask, f"https://{NAME}", by(url), deadline=SHORT), TemporaryFailure)


def test_what_never_went_through_the_tunnel_was_not_shown() -> None:
    for how in ("in_silence", "in_the_head"):
        with stuck(how) as url:
            error = failed(ask_wecom, f"https://{NAME}", by(url), deadline=SHORT)
        assert not isinstance(error, OutcomeUnknown), how


def test_it_is_so_for_greenlets_too(identity: Certificate) -> None:
    program = """if True:
        from wecom_bot import startup
        startup.patch_all()
        import sys
        from datetime import timedelta
        from tests.adapters.test_egress_proxy import ask_coze, ask_wecom, by
        from wecom_bot.errors import TemporaryFailure
        trusts, good, *bad = sys.argv[1:]
        for ask in (ask_wecom, ask_coze):
            ask("https://neighbour.test", by(good), trusts=trusts)
            print("through")
            for url in bad:
                try:
                    ask("https://neighbour.test", by(url), deadline=timedelta(seconds=1.5))
                except TemporaryFailure:
                    print("in time")
    """
    with (
        listening(over_tls(identity, ANSWER, [])) as port,
        proxy(port, Asked()) as good,
        stuck("in_silence") as silent,
        stuck("in_the_head") as dripping,
    ):
        command = [sys.executable, "-c", program, str(identity.certificate), good, silent, dripping]
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=PATIENCE)
    said = [line for line in done.stdout.splitlines() if line in {"through", "in time"}]
    assert said == ["through", "in time", "in time"] * 2, done.stderr
