"""deploy/nginx, in front of real gateways: what passes, what does not, and what is written down of it."""

import json
import socket
from contextlib import ExitStack, closing, suppress

import pytest

from tests.deadlines import wait_until
from tests.fixtures.callers import PATH, TIME, WORDS, forged, posted
from tests.fixtures.front_door import KEY, TOKEN, credentials
from tests.fixtures.front_proxy import LIST_OF_ONE, FrontProxy, header, status
from tests.fixtures.ports import free_ports
from tests.fixtures.served_door import CORP, TENANT
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.inbound.callback_url import PublicAddress
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto
from wecom_bot.domain.finding import State

STRANGER = "127.0.0.2"


def asked(path: str, *headers: str, method: str = "GET") -> bytes:
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", "")).encode()


def verification() -> bytes:
    sealed = CallbackCrypto(TOKEN, KEY).seal("echo 4711", CORP, TIME, "nonce")
    echo = sealed.encrypted.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return asked(f"{PATH}?msg_signature={sealed.signature}&timestamp={TIME}&nonce=nonce&echostr={echo}")


def test_the_configuration_is_valid_and_nothing_in_it_is_warned_of(front: FrontProxy) -> None:
    warnings = [line for line in front.test().splitlines() if "[warn]" in line and '"user" directive' not in line]
    assert warnings == []


def test_a_callback_that_wechatpy_sealed_is_taken(front: FrontProxy) -> None:
    answer = front.say(posted())
    assert status(answer) == 200
    assert answer.endswith(b"\r\n\r\n")
    (trace,) = header(answer, "X-Trace-Id")
    wait_until(lambda: front.lines(trace_id=trace, status=200, path=PATH, gateways="stable"))


def test_the_url_is_verified_and_its_echo_comes_back_bare(front: FrontProxy) -> None:
    answer = front.say(verification())
    assert status(answer) == 200
    assert answer.endswith(b"\r\n\r\necho 4711")


def test_a_trace_id_that_comes_is_kept_and_what_is_none_is_replaced(front: FrontProxy) -> None:
    assert header(front.say(posted(1, "X-Trace-Id: from-the-sender_1")), "X-Trace-Id") == ["from-the-sender_1"]
    (made,) = header(front.say(posted(2, "X-Trace-Id: <no trace>")), "X-Trace-Id")
    assert len(made) == 32


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/metrics",
        "/readyz",
        "/livez",
        "/api/requests",
        "/callback",
        "/callback/",
        "/callback/metrics",
        "/callback/../metrics",
        "/callback/%2e%2e/metrics",
        "/callback/..%2fmetrics",
        "/callback/x/../../metrics",
        "/callback/x/%2e%2e/%2e%2e/readyz",
        "/CALLBACK/ww1/service",
        "/metrics#/callback/ww1/service",
        "/metrics;/callback/ww1/service",
        f"{PATH}/more",
        f"{PATH}%00",
        f"{PATH}%0d%0aX-Header:%20x",
        f"{PATH}%3fmsg_signature=1",
        f"{PATH}/../../../metrics",
        "/callback/ww1/%E5%BA%97",
        f"/callback/{'w' * 65}/service",
        f"/callback/ww1/{'a' * 33}",
    ],
)
def test_everything_else_is_not_there(front: FrontProxy, path: str) -> None:
    answer = front.say(asked(path))
    # nginx itself refuses a NUL
    assert status(answer) == (400 if "%00" in path else 404)
    assert b"python" not in answer.lower()


@pytest.mark.parametrize(
    "path", [f"/{PATH}", f"{PATH}/", f"{PATH}/.", PATH.replace("callback", "c%61llback"), f"/x/..{PATH}"]
)
def test_other_spellings_of_the_url_reach_the_gateway_in_its_plain_one(front: FrontProxy, path: str) -> None:
    assert status(front.say(posted(1, path=path))) == 200


@pytest.mark.parametrize(
    "name", ["SCRIPT_NAME: /callback", "PATH_INFO: /metrics", "X-Forwarded-Prefix: /x", "X-Original-URL: /metrics"]
)
def test_no_header_moves_a_request(front: FrontProxy, name: str) -> None:
    assert status(front.say(posted(1, name))) == 200
    assert status(front.say(asked("/callback/metrics", name))) == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD", "TRACE"])
def test_other_methods_are_refused(front: FrontProxy, method: str) -> None:
    assert status(front.say(asked(PATH, method=method))) == 405


def test_a_body_over_64_kilobytes_is_refused_before_it_comes(front: FrontProxy) -> None:
    assert status(front.say(asked(PATH, "Content-Length: 65537", method="POST"))) == 413


def test_the_plain_port_says_nothing(front: FrontProxy) -> None:
    said = b""
    with closing(socket.create_connection(("127.0.0.1", front.plain_port))) as wire, suppress(ConnectionResetError):
        wire.sendall(asked(PATH))
        said = wire.recv(1024)
    assert said == b""


def test_old_tls_is_refused(front: FrontProxy) -> None:
    configuration = (front.folder / "nginx.conf").read_text()
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in configuration
    with closing(front.connect()) as wire:
        assert wire.version() == "TLSv1.3"


def test_the_log_holds_neither_query_nor_words_and_of_refusals_a_sample(front: FrontProxy) -> None:
    for number in range(60):
        front.say(forged(number).replace(b"Host: localhost", b"Host: localhost\r\nConnection: close"))
    front.say(verification())
    front.say(asked(f"/{'x' * 900}"))
    front.say(posted(1, "X-Trace-Id: the-last-one"))
    wait_until(lambda: front.lines(trace_id="the-last-one"))
    text = (front.folder / "nginx-access.log").read_text()
    for never in ("msg_signature", "echostr", "nonce", WORDS, "x" * 65):
        assert never not in text
    refused = [line for line in front.lines() if line["status"] >= 400]
    assert len(refused) < 60
    assert {line["one_in"] for line in refused} <= {20}
    assert {line["one_in"] for line in front.lines(status=200)} == {1}
    assert json.loads(text.splitlines()[-1])["event"] == "nginx.request"


# Who may come


def test_with_a_list_strangers_are_refused_and_wecom_is_not(front: FrontProxy) -> None:
    assert status(front.say(posted(1), STRANGER)) == 200
    front.write("callers.conf", LIST_OF_ONE)
    front.reload()
    assert status(front.say(posted(2), STRANGER)) == 403
    assert status(front.say(posted(3))) == 200


def test_doctor_tells_what_nginx_answers_from_what_a_gateway_does(
    front: FrontProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(front.folder / "tls" / "fullchain.pem"))

    def seen() -> tuple[State, str]:
        address = PublicAddress(f"https://localhost:{front.port}", SystemClock())
        found = address.look_behind(TENANT, TENANT.app("service"), credentials(TOKEN))
        return found.state, found.seen

    assert seen()[0] is State.OK
    front.write("callers.conf", f"default stranger;\n{STRANGER} wecom;\n")
    front.reload()
    state, words = seen()
    assert (state, "代理不让进" in words) == (State.WARNING, True)
    front.write("callers.conf", LIST_OF_ONE)
    (gone,) = free_ports(1)
    for port in front.stable:
        front.edit("upstreams.conf", f":{port} max_fails", f":{gone} max_fails")
    front.reload()
    state, words = seen()
    assert (state, "代理连不上网关" in words) == (State.FAILED, True)


def test_who_asks_too_often_is_refused_by_address_and_wecom_is_not_counted(front: FrontProxy) -> None:
    front.edit("nginx.conf", "rate=100r/s", "rate=1r/m")
    front.edit("nginx.conf", "burst=200", "burst=3")
    front.write("callers.conf", "default unknown;\n127.0.0.1 wecom;\n")
    front.reload()
    assert [status(front.say(posted(number), STRANGER)) for number in range(6)] == [200] * 4 + [429] * 2
    assert status(front.say(posted(7), "127.0.0.3")) == 200
    assert {status(front.say(posted(number))) for number in range(10, 20)} == {200}


def test_slow_ones_hold_up_nobody(front: FrontProxy) -> None:
    with ExitStack() as held:
        for number in range(300):  # some say half a head, some half a body
            wire = held.enter_context(closing(front.connect(f"127.0.1.{number % 10 + 1}")))
            wire.sendall(b"P" if number % 2 else forged(length=5000)[:400])
        assert [status(front.say(posted(number))) for number in range(10)] == [200] * 10


def test_of_one_address_only_so_many_bodies_are_waited_for(front: FrontProxy) -> None:
    # Bodies that wait are let go after five seconds: a slow machine would not have all 64 at once.
    front.edit("nginx.conf", "client_body_timeout 5s", "client_body_timeout 1h")
    front.reload()
    with ExitStack() as held:
        for _ in range(64):
            wire = held.enter_context(closing(front.connect(STRANGER)))
            wire.sendall(forged(length=5000)[:400])
        wait_until(lambda: status(front.say(posted(1), STRANGER)) == 429)
        assert status(front.say(posted(2))) == 200


def test_half_a_head_is_given_up_whatever_still_comes(front: FrontProxy) -> None:
    with closing(front.connect()) as wire:
        wire.settimeout(0.2)
        said, over = b"", False

        def given_up() -> bool:
            nonlocal said, over
            try:
                wire.sendall(b"x")
                data = wire.recv(4096)
            except TimeoutError:
                return over
            except OSError:
                return True
            said, over = said + data, not data
            return over

        wire.sendall(b"POST /")
        wait_until(given_up)
        assert status(said or b"HTTP/1.1 408") == 408
