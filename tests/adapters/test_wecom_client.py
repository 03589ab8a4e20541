"""The client: what wechatpy does wrong cannot happen here, and every way to fail has its own error."""

import io
import json
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Response, request
from structlog.testing import capture_logs

from tests.deadlines import PATIENCE
from tests.fakes import ACME, RememberedAllowance
from tests.fixtures.ports import free_port
from tests.fixtures.scripted_wecom import Call, Caller, ScriptedWecom, raw_server, reset
from wecom_bot.adapters.redis.allowance import RedisAllowance
from wecom_bot.adapters.redis.connection import connect
from wecom_bot.adapters.redis.shared_tokens import RedisSharedTokens
from wecom_bot.adapters.sharing import TokenKey
from wecom_bot.adapters.wecom.api import limits
from wecom_bot.adapters.wecom.api.client import WecomClient
from wecom_bot.adapters.wecom.api.tokens import fingerprint
from wecom_bot.errors import (
    Misconfigured,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryFailure,
    Unknown,
    WecomBotError,
)
from wecom_bot.telemetry import metrics

SHOWS = ["kf/send_msg", "message/send", "kf/send_msg_on_event"]
ASKS = ["kf/sync_msg", "kf/service_state/get", "kf/service_state/trans"]
QUICK = timedelta(seconds=1.5)  # and enough for a call to go out
WORDS = "我的电话是 13800138000"


@pytest.fixture
def shop(caller: Caller) -> WecomClient:
    return caller.clients().of(ACME, "shop")


@pytest.fixture
def token_in_store(caller: Caller) -> str:
    """A token, so that the first thing that goes out is the call itself."""
    key = TokenKey(ACME, "shop", fingerprint("shop-secret"))
    RedisSharedTokens(caller.valkey).put(key, "token-stored", timedelta(hours=1))
    return "token-stored"


def failing(caller: Caller, url: str, api: str) -> WecomBotError:
    """How a call to a server at this URL fails."""
    with pytest.raises(WecomBotError) as raised:
        caller.clients(url, QUICK).of(ACME, "shop").call(api, {"text": WORDS})
    return raised.value


# A token that WeCom refuses


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_refused_token_is_renewed_once_and_the_call_made_once_more(
    shop: WecomClient, wecom: ScriptedWecom, code: int
) -> None:
    wecom.script("kf/sync_msg", {"errcode": code, "errmsg": "token"}, {"errcode": 0, "next_cursor": "c"})
    assert shop.call("kf/sync_msg", {"cursor": "a"})["next_cursor"] == "c"
    assert [call.token for call in wecom.calls if call.api == "kf/sync_msg"] == ["token-1", "token-2"]
    assert wecom.bodies("kf/sync_msg") == [{"cursor": "a"}, {"cursor": "a"}]
    assert wecom.count("gettoken") == 2


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_token_that_is_always_refused_costs_one_renewal_and_one_repeat_and_then_is_an_error(
    shop: WecomClient, wecom: ScriptedWecom, code: int
) -> None:
    wecom.refuse("message/send", code)
    with pytest.raises(TemporaryFailure, match=str(code)) as refused:
        shop.wechatpy.message.send_text(1000002, "li", "你好")
    assert type(refused.value) is TemporaryFailure
    assert (wecom.count("message/send"), wecom.count("gettoken")) == (2, 2)


def test_while_new_tokens_are_refused_none_is_fetched(caller: Caller, shop: WecomClient, wecom: ScriptedWecom) -> None:
    wecom.refuse("message/send", 40014)
    with pytest.raises(TemporaryFailure):
        shop.wechatpy.message.send_text(1000002, "li", "你好")
    for client in (shop, caller.clients().of(ACME, "shop")):
        with pytest.raises(RateLimited):
            client.wechatpy.message.send_text(1000002, "li", "你好")
    assert wecom.count("gettoken") == 2
    wecom.script("message/send", {"errcode": 0})
    caller.clock.forward(seconds=10)
    shop.wechatpy.message.send_text(1000002, "li", "你好")
    assert wecom.calls[-1].token == "token-3"


def test_a_rejected_token_is_not_kept(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.script("kf/sync_msg", {"errcode": 42001}, {"errcode": 0})
    caller.clients().of(ACME, "shop").call("kf/sync_msg", {})
    caller.clients().of(ACME, "shop").call("kf/sync_msg", {})
    assert wecom.calls[-1].token == "token-2"
    assert wecom.count("gettoken") == 2


def test_many_who_hold_the_same_expired_token_renew_it_once(shop: WecomClient, wecom: ScriptedWecom) -> None:
    together = threading.Barrier(10)

    def expired(call: Call) -> dict[str, int]:
        if call.token == "token-1":
            together.wait(timeout=PATIENCE)
            return {"errcode": 42001}
        return {"errcode": 0}

    wecom.script("kf/sync_msg", expired)
    threads = [threading.Thread(target=shop.call, args=("kf/sync_msg", {})) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wecom.count("gettoken") == 2
    assert wecom.count("kf/sync_msg") == 20


def test_two_apps_of_a_corp_never_share_a_token(caller: Caller, wecom: ScriptedWecom) -> None:
    clients = caller.clients()
    for _ in range(2):
        clients.of(ACME, "shop").call("kf/sync_msg", {})
        clients.of(ACME, "support").call("kf/sync_msg", {})
    secrets = [call.query["corpsecret"] for call in wecom.calls if call.api == "gettoken"]
    tokens = [call.token for call in wecom.calls if call.api == "kf/sync_msg"]
    assert secrets == ["shop-secret", "support-secret"]
    assert tokens == ["token-1", "token-2", "token-1", "token-2"]


def test_a_client_is_kept_until_its_secret_changes(caller: Caller) -> None:
    clients = caller.clients()
    first = clients.of(ACME, "shop")
    assert clients.of(ACME, "shop") is first
    caller.tenants.app_secrets["shop"] = "another"
    assert clients.of(ACME, "shop") is not first
    with pytest.raises(Unknown):
        clients.of(ACME, "nothing")


# An answer that does not come


@pytest.mark.usefixtures("token_in_store")
@pytest.mark.parametrize("api", [*SHOWS, *ASKS])
def test_a_request_that_did_not_go_out_may_be_repeated(caller: Caller, api: str) -> None:
    for url in (f"http://127.0.0.1:{free_port()}", "http://nowhere.invalid"):
        assert type(failing(caller, url, api)) is TemporaryFailure


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):  # until the other side gives up
        pass


def half(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"errcode":')


def dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    try:
        while True:
            connection.sendall(b" ")
            threading.Event().wait(0.01)
    except OSError:
        return


def garbage(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")


@pytest.mark.usefixtures("token_in_store")
@pytest.mark.parametrize("act", [silent, reset, half, dripping, garbage])
@pytest.mark.parametrize(
    ("apis", "expected"), [(SHOWS[:1], OutcomeUnknown), (ASKS[:1], TemporaryFailure)], ids=["shows", "asks"]
)
def test_an_answer_that_is_lost_leaves_open_only_whether_a_message_was_shown(
    caller: Caller, act: Callable[[socket.socket], None], apis: list[str], expected: type[WecomBotError]
) -> None:
    with raw_server(act) as url:
        for api in apis:
            assert type(failing(caller, url, api)) is expected


def test_fetching_a_token_has_a_deadline_too_and_leaves_nothing_open(caller: Caller) -> None:
    with raw_server(silent) as url:
        assert type(failing(caller, url, "message/send")) is TemporaryFailure


def html(status: int, **headers: str) -> Response:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response("<html>token-1 bad gateway</html>", status, headers, content_type="text/html")


@pytest.mark.parametrize(
    ("answer", "shown", "asked"),
    [
        (html(200), OutcomeUnknown, TemporaryFailure),
        (Response("", 200), OutcomeUnknown, TemporaryFailure),
        (Response("[1, 2]", 200, content_type="application/json"), OutcomeUnknown, TemporaryFailure),
        (html(502), OutcomeUnknown, TemporaryFailure),
        (html(500), OutcomeUnknown, TemporaryFailure),
        (html(404), TemporaryFailure, TemporaryFailure),
        (html(302, Location="/cgi-bin/stranger"), TemporaryFailure, TemporaryFailure),
        (html(429), RateLimited, RateLimited),
    ],
    ids=["html", "empty", "no object", "502", "500", "404", "302", "429"],
)
def test_what_is_no_answer_of_wecom_is_no_success(
    shop: WecomClient, wecom: ScriptedWecom, answer: Response, shown: type[Exception], asked: type[Exception]
) -> None:
    for api, expected in (("message/send", shown), ("kf/sync_msg", asked)):
        wecom.script(api, answer)
        with pytest.raises(expected) as raised:
            shop.call(api, {})
        assert type(raised.value) is expected
    assert wecom.count("stranger") == 0
    assert wecom.count("message/send") == 1


def test_a_gateways_page_instead_of_a_token_is_a_temporary_failure(
    caller: Caller, shop: WecomClient, wecom: ScriptedWecom
) -> None:
    for answer in (html(200), html(502), Response('{"errcode":0}', 200), Response('{"access_token":""}', 200)):
        wecom.script("gettoken", answer)
        with pytest.raises(TemporaryFailure):
            shop.call("message/send", {})
        caller.clock.forward(seconds=10)
    assert (wecom.count("gettoken"), wecom.count("message/send")) == (4, 0)


# What WeCom says


@pytest.mark.parametrize("answer", [{"next_cursor": "c"}, {"errcode": "0"}, {"errcode": None}, {"errcode": 0}])
def test_an_answer_without_a_code_or_with_a_zero_is_a_success(
    shop: WecomClient, wecom: ScriptedWecom, answer: dict[str, Any]
) -> None:
    wecom.script("kf/sync_msg", answer)
    assert shop.call("kf/sync_msg", {}) == answer


def test_a_code_becomes_its_error_and_is_not_retried(shop: WecomClient, wecom: ScriptedWecom) -> None:
    wecom.refuse("kf/send_msg", -1)
    with pytest.raises(TemporaryFailure):
        shop.call("kf/send_msg", {})
    wecom.refuse("kf/send_msg", 60020, "from ip: 198.51.100.7,")
    with pytest.raises(Misconfigured, match=r"198\.51\.100\.7"):
        shop.call("kf/send_msg", {})
    assert wecom.count("kf/send_msg") == 2


def test_a_code_that_nobody_wrote_down_is_logged_with_what_was_said_and_drops_the_call(
    shop: WecomClient, wecom: ScriptedWecom
) -> None:
    wecom.refuse("user/get", 123456, "brand new")
    with capture_logs() as lines, pytest.raises(Rejected, match="123456") as dropped:
        shop.wechatpy.user.get("li")
    assert type(dropped.value) is Rejected
    (line,) = [each for each in lines if each["event"] == "wecom.refused"]
    assert (line["log_level"], line["code"], line["errmsg"]) == ("warning", 123456, "brand new")


# How often we may call


@pytest.fixture
def counted_calls(caller: Caller) -> RememberedAllowance:
    """An allowance by the test's clock, for all clients of the caller."""
    allowance = RememberedAllowance(caller.clock)
    caller.allowance = allowance
    return allowance


def refused(client: WecomClient, api: str = "kf/sync_msg") -> timedelta:
    """For how long a call is not to be made again."""
    with pytest.raises(RateLimited) as limited:
        client.call(api, {})
    return limited.value.retry_after


@pytest.mark.usefixtures("counted_calls")
def test_after_a_limit_an_api_is_left_alone_by_all_processes_until_it_opens_again(
    caller: Caller, wecom: ScriptedWecom
) -> None:
    here, elsewhere = (caller.clients().of(ACME, app) for app in ("shop", "support"))
    wecom.refuse("kf/sync_msg", 45009)
    assert refused(here) == timedelta(seconds=60)
    wecom.script("kf/sync_msg", {"errcode": 0})
    caller.clock.forward(seconds=45)
    assert refused(here) == refused(elsewhere) == timedelta(seconds=15)
    elsewhere.call("kf/send_msg", {})
    assert wecom.count("kf/sync_msg") == 1
    caller.clock.forward(seconds=15)
    elsewhere.call("kf/sync_msg", {})
    assert wecom.count("kf/sync_msg") == 2


@pytest.mark.usefixtures("counted_calls")
def test_a_limit_that_comes_again_right_after_its_block_blocks_ever_longer_up_to_an_hour(
    caller: Caller, wecom: ScriptedWecom
) -> None:
    wecom.refuse("kf/sync_msg", 45009)
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        assert refused(caller.clients().of(ACME, "shop")) == timedelta(minutes=minutes)
        caller.clock.forward(minutes=minutes)
    caller.clock.forward(hours=1)
    assert refused(caller.clients().of(ACME, "shop")) == timedelta(minutes=1)
    assert wecom.count("kf/sync_msg") == 9


@pytest.mark.usefixtures("counted_calls")
def test_too_many_at_once_makes_all_wait_a_moment_that_grows_while_it_goes_on(
    caller: Caller, wecom: ScriptedWecom
) -> None:
    wecom.refuse("media/get", 45033)
    first = refused(caller.clients().of(ACME, "shop"), "media/get")
    assert timedelta(seconds=1) <= first <= timedelta(seconds=2)
    assert refused(caller.clients().of(ACME, "support"), "media/get") == first
    caller.clock.forward(seconds=first.total_seconds())
    assert refused(caller.clients().of(ACME, "support"), "media/get") == 2 * first
    assert wecom.count("media/get") == 2


def test_calls_are_counted_for_the_corp_and_the_api_and_none_is_made_beyond_wecoms_limit(
    caller: Caller, wecom: ScriptedWecom, counted_calls: RememberedAllowance
) -> None:
    minute, hour = limits.CALLS
    assert (minute.count, minute.span) < (10_000, timedelta(minutes=1, seconds=1))
    assert (hour.count, hour.span) < (150_000, timedelta(hours=1, seconds=1))
    counted_calls.taken[ACME, "api/media/get"] = [caller.clock.now()] * (minute.count - 1)
    caller.clients().of(ACME, "shop").call("media/get", {})
    assert refused(caller.clients().of(ACME, "support"), "media/get") == minute.span
    assert wecom.count("media/get") == 1
    assert wecom.count("gettoken") == 2
    assert counted_calls.taken.keys() == {(ACME, "api/media/get")}


@pytest.mark.usefixtures("counted_calls")
def test_a_pause_for_who_asks_without_a_token_is_none_for_who_was_told_of_news(
    caller: Caller, wecom: ScriptedWecom
) -> None:
    shop = caller.clients().of(ACME, "shop")
    wecom.script("kf/sync_msg", {"errcode": 45009}, {"errcode": 0, "next_cursor": "c"})
    assert refused(shop) > timedelta(0)
    assert shop.call("kf/sync_msg", {"token": "t1"})["next_cursor"] == "c"
    assert refused(shop) > timedelta(0)
    assert wecom.count("kf/sync_msg") == 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.usefixtures("counted_calls")
def test_a_pause_that_http_asks_for_is_made_by_all_processes(caller: Caller, wecom: ScriptedWecom, status: int) -> None:
    wecom.script("kf/sync_msg", html(status, Retry_After="7"), html(status, Retry_After="9" * 5000), {"errcode": 0})
    assert refused(caller.clients().of(ACME, "shop")) == timedelta(seconds=7)
    assert refused(caller.clients().of(ACME, "support")) == timedelta(seconds=7)
    caller.clock.forward(seconds=7)
    assert refused(caller.clients().of(ACME, "shop")) == timedelta(hours=1)
    assert wecom.count("kf/sync_msg") == 2


@pytest.mark.usefixtures("counted_calls")
def test_a_pause_is_made_where_a_message_may_have_been_shown_too(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.script("message/send", html(503, Retry_After="7"))
    with pytest.raises(OutcomeUnknown):
        caller.clients().of(ACME, "shop").call("message/send", {})
    assert refused(caller.clients().of(ACME, "shop"), "message/send") == timedelta(seconds=7)
    assert wecom.count("message/send") == 1


def test_with_redis_away_nothing_is_sent_and_the_call_may_be_made_later(
    shop: WecomClient, wecom: ScriptedWecom, caller: Caller
) -> None:
    shop.call("kf/sync_msg", {})
    caller.allowance = RedisAllowance(connect("redis://127.0.0.1:1", timeout=QUICK, most=1))
    with pytest.raises(TemporaryFailure, match="Redis"):
        caller.clients().of(ACME, "shop").call("kf/sync_msg", {})
    assert wecom.count("kf/sync_msg") == 1


# Text that WeCom does not take


def test_text_that_wecom_refuses_is_cleaned_strictly_and_sent_once_more(
    shop: WecomClient, wecom: ScriptedWecom
) -> None:
    wecom.script("kf/send_msg", {"errcode": 82004}, {"errcode": 0, "msgid": "m1"})
    words = {"head": "一\n二\u200d\ue000", "list": [{"id": "a\x07"}, 3]}
    assert shop.call("kf/send_msg", {"msgid": "m1", "text": words})["msgid"] == "m1"
    first, second = wecom.bodies("kf/send_msg")
    assert first["text"] == words
    assert second == {"msgid": "m1", "text": {"head": "一\n二", "list": [{"id": "a"}, 3]}}


@pytest.mark.parametrize(("words", "calls"), [("好", 1), ("好\u200d", 2)])
def test_text_that_is_refused_when_nothing_more_can_be_cleaned_is_given_up(
    shop: WecomClient, wecom: ScriptedWecom, words: str, calls: int
) -> None:
    wecom.refuse("kf/send_msg", 82004)
    with pytest.raises(Rejected, match="82004"):
        shop.call("kf/send_msg", {"text": words})
    assert wecom.count("kf/send_msg") == calls


def test_one_broken_character_in_an_answer_does_not_spoil_the_rest(shop: WecomClient, wecom: ScriptedWecom) -> None:
    wecom.script("kf/sync_msg", Response(b'{"errcode":0,"a":"\xff\x01","b":"\xe5\xa5\xbd"}', 200))
    assert shop.call("kf/sync_msg", {})["b"] == "好"


# What must not get out


@pytest.mark.usefixtures("token_in_store")
def test_no_error_and_no_log_line_holds_a_token_a_secret_or_a_customers_words(
    caller: Caller, wecom: ScriptedWecom
) -> None:
    wecom.refuse("kf/sync_msg", 95000, "invalid open_kfid")
    with capture_logs() as lines, raw_server(reset) as url, raw_server(silent) as quiet:
        errors = [
            failing(caller, url, "message/send"),
            failing(caller, quiet, "kf/send_msg"),
            failing(caller, "http://127.0.0.1:1", "message/send"),
            failing(caller, wecom.url, "kf/sync_msg"),
        ]
    caller.valkey.flushall()
    errors += [failing(caller, "http://127.0.0.1:1", "message/send")]
    said = json.dumps(lines, default=str) + "".join("".join(traceback.format_exception(each)) for each in errors)
    assert "invalid open_kfid" in said
    for secret in ("token-stored", "access_token=", "shop-secret", "corpsecret", WORDS):
        assert secret not in said


def test_a_token_goes_to_no_other_host(shop: WecomClient, wecom: ScriptedWecom) -> None:
    with pytest.raises(ValueError, match="another host"):
        shop.call("https://example.com/cgi-bin/media/get")
    with pytest.raises(NotImplementedError):
        shop.wechatpy.media.get_url("m1")
    assert wecom.calls == []


def test_no_cookie_is_kept_and_no_proxy_of_the_machine_is_asked(
    caller: Caller, wecom: ScriptedWecom, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    came: list[str | None] = []

    def cookie(_call: Call) -> Response:
        came.append(request.headers.get("Cookie"))
        return Response('{"errcode":0}', 200, {"Set-Cookie": "who=me; Path=/"})

    wecom.script("kf/sync_msg", cookie)
    client = caller.clients().of(ACME, "shop")
    for _ in range(2):
        client.call("kf/sync_msg", {})
    assert came == [None, None]


# The rest


def test_connections_are_used_again_by_all_clients_of_a_process(caller: Caller) -> None:
    paths, connections = list[str](), set[tuple[str, int]]()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            paths.append(self.path)
            connections.add(self.client_address)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            body = b'{"errcode":0,"access_token":"t"}'
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - as above

        def log_message(self, *_args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        clients = caller.clients(f"http://127.0.0.1:{server.server_port}")
        for _ in range(5):
            clients.of(ACME, "shop").call("kf/sync_msg", {})
            clients.of(ACME, "support").call("kf/sync_msg", {})
        server.shutdown()
        thread.join()
    assert len(paths) == 12
    assert len(connections) == 1


def test_text_goes_out_as_utf8_whatever_it_holds(shop: WecomClient, wecom: ScriptedWecom) -> None:
    shop.call("kf/send_msg", {"text": "好\ud83d"})
    assert wecom.bodies("kf/send_msg") == [{"text": "好?"}]
    assert "好".encode() in wecom.calls[-1].raw


def test_a_file_goes_out_whole_again_after_its_token_was_refused(shop: WecomClient, wecom: ScriptedWecom) -> None:
    wecom.script("media/upload", {"errcode": 42001}, {"errcode": 0, "media_id": "m1"})
    assert shop.wechatpy.media.upload("file", ("订单.txt", io.BytesIO(b"the content")))["media_id"] == "m1"
    first, second = (call for call in wecom.calls if call.api == "media/upload")
    assert first.raw == second.raw
    assert b"the content" in second.raw
    assert "订单.txt".encode() in second.raw
    assert second.query == {"type": "file", "access_token": "token-2"}


def test_a_file_comes_from_the_host_that_is_set(shop: WecomClient, wecom: ScriptedWecom) -> None:
    attached = {"Content-Disposition": 'attachment; filename="a.json"'}
    wecom.script("media/get", Response(b'{"errcode": 1}', 200, attached, content_type="application/json"))
    assert shop.wechatpy.media.download("m1") == b'{"errcode": 1}'
    assert wecom.calls[-1].query["media_id"] == "m1"
    wecom.script("media/get", Response(b"\x89PNG", 200, content_type="image/png"))
    assert shop.wechatpy.media.download("m1") == b"\x89PNG"
    wecom.refuse("media/get", 40007)
    with pytest.raises(Rejected, match="40007"):
        shop.wechatpy.media.download("m1")


def test_wechatpys_namespaces_speak_over_our_wire(shop: WecomClient, wecom: ScriptedWecom) -> None:
    wecom.script("user/get", {"errcode": 0, "userid": "li"})
    assert shop.wechatpy.user.get("li")["userid"] == "li"
    assert wecom.calls[-1].query == {"userid": "li", "access_token": "token-1"}
    assert shop.access_token == "token-1"
    shop.wechatpy.fetch_access_token()
    assert wecom.count("gettoken") == 1


@pytest.fixture
def counted() -> Callable[[str, str], float]:
    before = dict(_counts())

    def since(api: str, outcome: str) -> float:
        return dict(_counts()).get((api, outcome), 0) - before.get((api, outcome), 0)

    return since


def _counts() -> Iterator[tuple[tuple[str, str], float]]:
    for family in metrics.WECOM_CALLS.collect():
        for sample in family.samples:
            if sample.name.endswith("_total"):
                yield (sample.labels["api"], sample.labels["outcome"]), sample.value


def test_every_call_is_counted_by_its_outcome(
    caller: Caller, shop: WecomClient, wecom: ScriptedWecom, counted: Callable[[str, str], float]
) -> None:
    shop.call("kf/send_msg", {})
    wecom.refuse("kf/send_msg", 95001)
    with pytest.raises(Rejected):
        shop.call("kf/send_msg", {})
    wecom.script("kf/send_msg", html(502))
    with pytest.raises(OutcomeUnknown):
        shop.call("kf/send_msg", {})
    wecom.script("kf/send_msg", html(200))
    with pytest.raises(OutcomeUnknown):
        shop.call("kf/send_msg", {})
    failing(caller, "http://127.0.0.1:1", "kf/send_msg")
    for outcome in ("ok", "95001", "http_502", "not_json", "no_answer"):
        assert counted("kf/send_msg", outcome) == 1
    assert counted("gettoken", "ok") == 1
