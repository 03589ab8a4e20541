"""The front door as WeCom meets it: statuses, bodies, trace ids, and what a stranger may not learn."""

import io
import json

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from tests.fixtures.front_door import KEY, TOKEN, FrontDoor, front_door
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto
from wecom_bot.domain.job import AnswerMessage
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import ConfigurationError, InboxFull, TemporaryFailure

CORP = "ww0123456789abcdef"
URL = f"/callback/{CORP}/service"
NOW, NONCE = "1700000000", "nonce123"
CRYPTO = CallbackCrypto(TOKEN, KEY)
WORDS = "我要退款，手机号 13800138000"
TEXT = (
    "<xml><FromUserName>zhangsan</FromUserName><CreateTime>1700000002</CreateTime><MsgType>text</MsgType>"
    f"<Content><![CDATA[{WORDS}]]></Content><MsgId>73</MsgId><AgentID>1000002</AgentID></xml>"
)


def tenant(*, active: bool = True) -> Tenant:
    fields = {"corp_id": CORP, "apps": [{"name": "service", "agent_id": 1000002}], "active": active}
    return Tenant.model_validate(fields)


@pytest.fixture
def door() -> FrontDoor:
    return front_door(tenant())


def post(door: FrontDoor, plain: str = TEXT, receive_id: str = CORP, url: str = URL, **headers: str) -> TestResponse:
    query, data = sealed(plain, receive_id)
    return door.client.post(url, query_string=query, data=data, headers=headers)


def sealed(plain: str, receive_id: str = CORP) -> tuple[dict[str, str], str]:
    """The query and the body of a callback."""
    seal = CRYPTO.seal(plain, receive_id, NOW, NONCE)
    return {"msg_signature": seal.signature, "timestamp": NOW, "nonce": NONCE}, json.dumps({"Encrypt": seal.encrypted})


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("wecom_bot_callbacks_total", {"outcome": outcome}) or 0


def test_a_delivery_is_answered_with_an_empty_200_once_its_job_is_stored(door: FrontDoor) -> None:
    with capture_logs() as lines:
        answer = post(door)
    assert (answer.status_code, answer.data) == (200, b"")
    (job,) = door.inbox.jobs
    assert isinstance(job, AnswerMessage)
    assert job.message.text == WORDS
    (line,) = lines
    assert {"event": "callback.accepted", "corp_id": CORP, "app": "service", "jobs": 1}.items() <= line.items()
    assert line["took_ms"] >= 0
    assert WORDS not in str(lines)


@pytest.mark.parametrize(
    "path",
    [
        f"/{URL}",
        f"{URL}/",
        f"///callback//{CORP}///service//",
        f"/callback//{CORP}/service",
        f"/callback/{CORP}//service",
    ],
)
def test_slashes_too_many_make_no_other_url(door: FrontDoor, path: str) -> None:
    came = {"PATH_INFO": path}  # as it stands on the wire: the client would take `//callback` for a host
    query, data = sealed(TEXT)
    assert door.client.post("/", query_string=query, data=data, environ_overrides=came).status_code == 200
    assert len(door.inbox.jobs) == 1
    echo = CRYPTO.seal("1234567890", CORP, NOW, NONCE)
    query = {"msg_signature": echo.signature, "timestamp": NOW, "nonce": NONCE, "echostr": echo.encrypted}
    answer = door.client.get("/", query_string=query, environ_overrides=came)
    assert (answer.status_code, answer.data) == (200, b"1234567890")


@pytest.mark.parametrize(
    "path",
    [
        "/livez/",
        "/callback//metrics",
        "/callback//livez/",
        "/callback//../metrics",
        "/callback/../metrics",
        "/callback/..//metrics/",
        "/callback/./metrics",
        "//api/v1/tenants",
        "/callback//api/v1/tenants",
        f"/callback/{CORP}",
        f"/callback/{CORP}//",
        f"/callback/{CORP}/service/metrics",
        f"/x{URL}",
        f"/./{URL}",
    ],
)
def test_slashes_too_many_open_no_other_door_and_nothing_is_redirected(door: FrontDoor, path: str) -> None:
    for method in ("GET", "POST"):
        answer = door.client.open("/", method=method, environ_overrides={"PATH_INFO": path})
        assert (answer.status_code, answer.headers.get("Location")) == (404, None)
    assert not door.inbox.jobs


def test_a_repeated_delivery_is_accepted_and_puts_nothing_new(door: FrontDoor) -> None:
    post(door)
    with capture_logs() as lines:
        assert post(door).status_code == 200
    assert len(door.inbox.jobs) == 1
    assert lines[0]["jobs"] == 0


@pytest.mark.parametrize("content_type", ["text/xml", "application/x-www-form-urlencoded", "application/json", None])
def test_the_content_type_does_not_matter(door: FrontDoor, content_type: str | None) -> None:
    sealed = CRYPTO.seal(TEXT, CORP, NOW, NONCE)
    body = f"<xml><Encrypt>{sealed.encrypted}</Encrypt><AgentID></AgentID></xml>"
    query = {"msg_signature": sealed.signature, "timestamp": NOW, "nonce": NONCE}
    assert door.client.post(URL, query_string=query, data=body, content_type=content_type).status_code == 200
    assert len(door.inbox.jobs) == 1


def test_the_verification_reply_is_the_bare_echo(door: FrontDoor) -> None:
    sealed = CRYPTO.seal("1234567890", CORP, NOW, NONCE)
    query = {"msg_signature": sealed.signature, "timestamp": NOW, "nonce": NONCE, "echostr": sealed.encrypted}
    answer = door.client.get(URL, query_string=query)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"1234567890", "text/plain")


def test_a_plus_that_became_a_space_does_not_spoil_the_verification(door: FrontDoor) -> None:
    sealed = next(s for s in (CRYPTO.seal("1", CORP, NOW, NONCE) for _ in range(1000)) if "+" in s.encrypted)
    raw = f"{URL}?msg_signature={sealed.signature}&timestamp={NOW}&nonce={NONCE}&echostr={sealed.encrypted}"
    assert door.client.get(raw).data == b"1"


@pytest.mark.parametrize(
    ("receive_id", "plain", "status", "kind"),
    [
        ("wwother", TEXT, 403, "receive_id"),
        (CORP, "{", 400, "json"),
        (CORP, "<xml>", 400, "xml"),
        (CORP, "{}", 400, "fields"),
    ],
)
def test_a_refusal_says_nothing_but_its_status(
    door: FrontDoor, receive_id: str, plain: str, status: int, kind: str
) -> None:
    before = counted(kind)
    with capture_logs() as lines:
        answer = post(door, plain, receive_id)
    assert (answer.status_code, answer.data) == (status, b"")
    assert [(line["event"], line["outcome"], line["corp_id"]) for line in lines] == [("callback.refused", kind, CORP)]
    assert counted(kind) == before + 1
    assert door.inbox.jobs == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_without_a_signature_is_refused(door: FrontDoor, method: str) -> None:
    answer = door.client.open(URL, method=method, data=b'{"encrypt":"AAAA"}' if method == "POST" else None)
    assert (answer.status_code, answer.data) == (403, b"")


@pytest.mark.parametrize("url", [f"/callback/{CORP}/other", "/callback/ww_nobody/service"])
def test_an_unknown_tenant_or_app_is_an_empty_404(door: FrontDoor, url: str) -> None:
    before = counted("unknown")
    answer = post(door, url=url)
    assert (answer.status_code, answer.data) == (404, b"")
    assert counted("unknown") == before + 1


def test_a_tenant_that_is_off_is_accepted_and_nothing_is_queued() -> None:
    door = front_door(tenant(active=False))
    with capture_logs() as lines:
        answer = post(door)
    assert (answer.status_code, answer.data) == (200, b"")
    assert door.inbox.jobs == []
    assert [line["event"] for line in lines] == ["callback.off"]


def test_what_is_forged_is_refused_also_when_the_tenant_is_off() -> None:
    door = front_door(tenant(active=False))
    answer = door.client.post(URL, query_string={"msg_signature": "0" * 40}, data=b'{"encrypt":"AAAA"}')
    assert (answer.status_code, answer.data) == (403, b"")
    assert post(door, receive_id="wwother").status_code == 403


def test_a_tenant_that_is_off_can_still_prove_its_url() -> None:
    sealed = CRYPTO.seal("1234567890", CORP, NOW, NONCE)
    query = {"msg_signature": sealed.signature, "timestamp": NOW, "nonce": NONCE, "echostr": sealed.encrypted}
    assert front_door(tenant(active=False)).client.get(URL, query_string=query).data == b"1234567890"


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [(InboxFull("100000 wait"), "inbox_full"), (TemporaryFailure("Redis is away"), "unavailable")],
)
def test_what_could_not_be_stored_is_left_for_wecom_to_repeat(
    door: FrontDoor, failure: TemporaryFailure, outcome: str
) -> None:
    door.inbox.failure = failure
    with capture_logs() as lines:
        answer = post(door)
    assert (answer.status_code, answer.data) == (503, b"")
    assert int(answer.headers["Retry-After"]) >= 1
    assert [(line["event"], line["outcome"]) for line in lines] == [("callback.put_off", outcome)]
    door.inbox.failure = None
    assert post(door).status_code == 200
    assert len(door.inbox.jobs) == 1


@pytest.mark.parametrize("failure", [ConfigurationError("set WECOM_BOT_X"), ZeroDivisionError("a bug")])
def test_a_fault_of_ours_is_an_empty_500(door: FrontDoor, failure: Exception) -> None:
    door.inbox.failure = failure
    before = counted("failed")
    with capture_logs() as lines:
        answer = post(door)
    assert (answer.status_code, answer.data) == (500, b"")
    assert [line["event"] for line in lines if line["log_level"] != "debug"] == ["callback.failed"]
    assert counted("failed") == before + 1
    assert answer.headers["X-Trace-Id"]


def test_no_log_holds_more_of_an_address_than_64_characters(door: FrontDoor, caplog: pytest.LogCaptureFixture) -> None:
    long = f"/callback/{'c' * 500}/{'a' * 500}"
    with capture_logs() as lines:
        assert post(door, url=long).status_code == 404
    assert (lines[0]["corp_id"], lines[0]["app"]) == ("c" * 64, "a" * 64)
    bug, named = front_door(tenant()), "a" * 500
    bug.app.add_url_rule(f"/{named}", view_func=lambda: str(1 // 0))
    assert bug.client.get(f"/{named}").status_code == 500
    assert "by zero" in caplog.text
    assert "a" * 65 not in caplog.messages[-1]


SHAPED = {"msg_signature": "0" * 40, "timestamp": NOW, "nonce": NONCE}


def test_a_body_over_64_kilobytes_is_not_read(door: FrontDoor) -> None:
    answer = door.client.post(URL, query_string=SHAPED, data=b"x" * (64 * 1024 + 1))
    assert (answer.status_code, answer.data) == (413, b"")
    assert door.client.post(URL, query_string=SHAPED, data=b"x" * (64 * 1024)).status_code == 400


@pytest.mark.parametrize(
    "misshapen",
    [
        {"msg_signature": "0" * 39},
        {"msg_signature": "Z" * 40},
        {"msg_signature": ""},
        {"timestamp": "1" * 200},
        {"nonce": "n" * 200},
    ],
)
def test_what_cannot_be_signed_is_refused_before_its_body_is_looked_at(
    door: FrontDoor, misshapen: dict[str, str]
) -> None:
    query = SHAPED | misshapen
    assert door.client.post(URL, query_string=query, data=b"no envelope").status_code == 403
    assert door.client.post(URL, query_string=SHAPED, data=b"no envelope").status_code == 400
    assert door.client.get(URL, query_string=query | {"echostr": "AAAA"}).status_code == 403


def test_a_chunked_body_has_the_same_limit(door: FrontDoor) -> None:
    endless = io.BytesIO(b"x" * (64 * 1024 + 1))
    chunked = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    assert door.client.post(URL, input_stream=endless, environ_overrides=chunked).status_code == 413


def test_the_callers_trace_id_is_kept_and_travels_with_the_job(door: FrontDoor) -> None:
    answer = post(door, **{"X-Trace-Id": "from-nginx-1"})
    assert answer.headers["X-Trace-Id"] == "from-nginx-1"
    assert door.inbox.jobs[0].trace_id == "from-nginx-1"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space", "line%0abreak!", ""])
def test_a_malformed_trace_id_is_replaced(door: FrontDoor, given: str) -> None:
    found = post(door, **{"X-Trace-Id": given}).headers["X-Trace-Id"]
    assert found != given
    assert len(found) == 32


def test_every_answer_has_a_trace_id_of_its_own(door: FrontDoor) -> None:
    urls = ["/livez", "/readyz", "/metrics", "/nowhere", URL]
    traces = [door.client.get(url).headers["X-Trace-Id"] for url in urls * 2]
    assert len(set(traces)) == len(traces)


def test_other_urls_and_methods_are_refused_without_words(door: FrontDoor) -> None:
    nowhere, wrong = door.client.get("/nowhere"), door.client.put(URL)
    assert (nowhere.status_code, nowhere.data) == (404, b"")
    assert (wrong.status_code, wrong.data) == (405, b"")
    assert "POST" in wrong.headers["Allow"]
