"""The way in from outside, as it should be and as it goes wrong: real sockets, real TLS, a real gateway."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tests.fixtures.certificates import Authority
from tests.fixtures.front_door import credentials, front_door
from tests.fixtures.patient import served
from tests.fixtures.ports import free_port
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.inbound.callback_url import PublicAddress
from wecom_bot.domain.finding import Finding, State
from wecom_bot.domain.tenant import Tenant
from wecom_bot.telemetry import trace

CORP = "ww0123456789abcdef"
TENANT = Tenant.model_validate({"corp_id": CORP, "apps": [{"name": "shop", "agent_id": 1000002}]})
OTHER_KEY = "HB0eHxwdHh8QERITFBUWFxgZGhscHR4fAAECAwQFBgc"


def address(port: int, scheme: str = "https") -> PublicAddress:
    return PublicAddress(f"{scheme}://127.0.0.1:{port}", SystemClock(), timedelta())


def door(url: PublicAddress) -> dict[str, Finding]:
    return {each.check: each for each in url.look()}


def behind(url: PublicAddress, token: str = "testtoken123") -> Finding:
    return url.look_behind(TENANT, TENANT.app("shop"), credentials(token))


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """One that this machine trusts, as SSL_CERT_FILE has it."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


@pytest.fixture
def gateway() -> Flask:
    return front_door(TENANT).app


def answering(status: int, body: str = "", *, traced: bool = False, **headers: str) -> Flask:
    """A server that says the same to whoever asks."""
    app = Flask(__name__)
    shown = {trace.HEADER: "0123456789"} if traced else {}

    @app.route("/<path:_>")
    def say(_: str) -> Response:
        return Response(body, status=status, headers={**shown, **headers})

    return app


def test_the_whole_way_through_tls_to_the_gateway_and_back(authority: Authority, gateway: Flask) -> None:
    with served(gateway, ssl_context=authority.sign()) as port:
        seen, echo = door(address(port)), behind(address(port))
    assert {name: each.state for name, each in seen.items()} == {
        "callback.door": State.OK,
        "callback.certificate": State.OK,
    }
    assert (echo.state, echo.about) == (State.OK, f"{CORP}/shop")


def test_a_path_before_the_callback_is_kept(gateway: Flask) -> None:
    gateway.wsgi_app = DispatcherMiddleware(Flask("none").wsgi_app, {"/bot": gateway.wsgi_app})  # type: ignore[method-assign]
    with served(gateway) as port:
        assert behind(PublicAddress(f"http://127.0.0.1:{port}/bot/", SystemClock())).state is State.OK


@pytest.mark.parametrize(("days", "state"), [(13, State.WARNING), (15, State.OK)])
def test_a_certificate_is_good_for_two_weeks_or_is_warned_of(
    authority: Authority, gateway: Flask, days: int, state: State
) -> None:
    with served(gateway, ssl_context=authority.sign(lasting=timedelta(days=days, hours=1))) as port:
        seen = door(address(port))["callback.certificate"]
    assert seen.state is state
    assert ("reload nginx" in seen.mend) is (state is State.WARNING)


@pytest.mark.parametrize(
    ("made_for", "days", "trusted", "said"),
    [
        ("127.0.0.1", 90, False, "unable to get local issuer certificate"),
        ("127.0.0.2", 90, True, "IP address mismatch"),
        ("127.0.0.1", -1, True, "certificate has expired"),
    ],
)
def test_a_certificate_that_wecom_would_refuse_is_refused(
    *,
    authority: Authority,
    gateway: Flask,
    monkeypatch: pytest.MonkeyPatch,
    made_for: str,
    days: int,
    trusted: bool,
    said: str,
) -> None:
    if not trusted:
        monkeypatch.delenv("SSL_CERT_FILE")
    with served(gateway, ssl_context=authority.sign(made_for, timedelta(days=days))) as port:
        seen, echo = door(address(port))["callback.certificate"], behind(address(port))
    assert (seen.state, echo.state) == (State.FAILED, State.FAILED)
    assert said in seen.seen
    assert "fullchain.pem" in seen.mend


def test_without_tls_it_works_and_is_warned_of(gateway: Flask) -> None:
    with served(gateway) as port:
        seen, echo = door(address(port, "http")), behind(address(port, "http"))
    assert (seen["callback.certificate"].state, echo.state) == (State.WARNING, State.OK)


def test_a_port_that_speaks_no_tls_is_no_certificate(gateway: Flask) -> None:
    with served(gateway) as port:
        (seen,) = address(port).look()
    assert (seen.check, seen.state) == ("callback.door", State.FAILED)


@pytest.mark.parametrize(
    ("url", "mend"),
    [("http://127.0.0.1:{}", "nginx"), ("https://127.0.0.1:{}", "nginx"), ("https://nobody.invalid", "DNS")],
)
def test_a_door_that_is_shut_is_said(url: str, mend: str) -> None:
    shut = PublicAddress(url.format(free_port()), SystemClock())
    (seen,) = shut.look()
    echo = behind(shut)
    assert (seen.check, seen.state, echo.state) == ("callback.door", State.FAILED, State.FAILED)
    assert mend in seen.mend
    assert mend in echo.mend


def test_keys_that_are_not_the_gateways_are_said_and_not_shown(gateway: Flask) -> None:
    with served(gateway) as port:
        echo = behind(address(port, "http"), token="not-the-gateways")
    assert (echo.state, "403" in echo.seen, "same database" in echo.mend) == (State.FAILED, True, True)
    assert "not-the-gateways" not in echo.seen + echo.mend


def test_a_tenant_whom_the_gateway_does_not_know_is_said() -> None:
    with served(front_door().app) as port:
        echo = behind(address(port, "http"))
    assert (echo.state, "404" in echo.seen, "same database" in echo.mend) == (State.FAILED, True, True)


def test_what_the_gateway_is_about_to_hear_of_is_no_fault(gateway: Flask) -> None:
    late, asked = answering(404, traced=True), []

    def just_in_time(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        return (gateway if len(asked) > 1 else late)(environ, start)

    slow = Flask("slow")
    slow.wsgi_app = just_in_time  # type: ignore[method-assign,assignment]
    with served(slow) as port:
        echo = behind(address(port, "http"))
    assert (echo.state, len(asked)) == (State.OK, 2)


def test_a_key_that_is_none_is_said_before_anything_is_asked() -> None:
    keys = credentials().model_copy(update={"encoding_aes_key": credentials(key=OTHER_KEY).secret})
    echo = address(free_port()).look_behind(TENANT, TENANT.app("shop"), keys)
    assert (echo.state, "encoding_aes_key" in echo.seen) == (State.FAILED, True)


@pytest.mark.parametrize(
    ("app", "state", "words"),
    [
        (lambda: answering(403, "<html>nginx"), State.WARNING, "callers.conf"),
        (lambda: answering(404, "<html>nginx"), State.FAILED, "passes /callback/"),
        (lambda: answering(301, Location="https://elsewhere/"), State.FAILED, "without a redirect"),
        (lambda: answering(200, "welcome"), State.FAILED, "not our gateway"),
        (lambda: answering(502), State.FAILED, "proxy cannot reach the gateway"),
        (lambda: answering(503, traced=True), State.FAILED, "gateway is not ready"),
        (lambda: answering(500, traced=True), State.FAILED, "HTTP 500"),
    ],
)
def test_another_answer_than_the_echo_is_explained(app: Callable[[], Flask], state: State, words: str) -> None:
    with served(app()) as port:
        echo = behind(address(port, "http"))
    assert echo.state is state
    assert words in f"{echo.seen} {echo.mend}"
    assert "elsewhere" not in echo.seen
