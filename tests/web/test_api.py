"""The API over HTTP, over requests and turns in a real SQLite; what a stranger may not learn, what never is logged."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from tests.contracts.test_records import made_record
from tests.fixtures.front_door import KnownTenants, credentials, front_door
from tests.fixtures.tenants import save
from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.engine import connect
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.bootstrap.operation import late_operation
from wecom_bot.bootstrap.stores import tenant_store
from wecom_bot.domain.message import Channel, ConversationId, CorpId, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.domain.ticket import Ticket
from wecom_bot.ports import TicketOpened
from wecom_bot.settings import Settings

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
TOKEN = "correct-horse-battery"
MASTER_KEY = base64.b64encode(bytes(32)).decode()
URL = f"/api/v1/tenants/{ACME}/requests"
TURNS = f"/api/v1/tenants/{ACME}/customers/wm1/turns"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORDS = "杯子碎了，电话 138****5678"


def tenant(corp_id: CorpId) -> Tenant:
    return Tenant.model_validate({"corp_id": corp_id})


@dataclass
class Desk:
    """The API of a gateway, and the database behind it."""

    engine: sa.Engine

    @property
    def client(self) -> FlaskClient:
        tenants = tenant(ACME), tenant(GLOBEX)
        settings = Settings(_env_file=None, database_url=str(self.engine.url), master_key=MASTER_KEY)
        verbs = late_operation(settings, KnownTenants(tenants, credentials()).get)
        return front_door(*tenants, operation=verbs, api_token=TOKEN).client

    def keep(self, request_id: str, corp_id: CorpId = ACME, minutes: int = 0) -> None:
        where = ConversationId(corp_id, Channel.KF, "wk1", "wm1")
        at = NOW + timedelta(minutes=minutes)
        SqlRecords(self.engine).write([TicketOpened(Ticket(request_id, where, "message", WORDS, at, "trace-1"))])

    def keep_turn(self, turn_id: str, corp_id: CorpId = ACME, minutes: int = 0, customer: str = "wm1") -> None:
        record = made_record(turn_id, corp_id=corp_id, customer=customer, at=NOW + timedelta(minutes=minutes))
        messages = tuple(replace(each, text="电话 13812345678") for each in record.turn.messages)
        turn = replace(record.turn, messages=messages, reply=Reply("好，打 13812345678"), handoff=None)
        SqlRecords(self.engine).write([replace(record, turn=turn)])

    def __call__(self, url: str = URL, method: str = "GET", token: str | None = TOKEN) -> TestResponse:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.client.open(url, method=method, headers=headers)

    def listed(self, query: str = "", url: str = URL) -> list[str]:
        return [each["request_id"] for each in shown(self(url + query))["requests"]]


def shown(answer: TestResponse) -> dict[str, Any]:
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.data
    found: dict[str, Any] = answer.get_json()
    return found


def refused(answer: TestResponse) -> tuple[int, str]:
    error = answer.get_json()["error"]
    assert set(error) == {"code", "message"}
    assert error["message"]
    return answer.status_code, error["code"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = connect(f"sqlite:///{tmp_path}/bot.sqlite3")
    migrate.upgrade(engine)
    yield Desk(engine)
    engine.dispose()


def test_open_requests_are_listed_the_newest_first_with_all_that_is_known_of_them(desk: Desk) -> None:
    desk.keep("r1")
    desk.keep("r2", minutes=1)
    answer = desk()
    first, second = shown(answer)["requests"]
    assert (first["request_id"], second["request_id"]) == ("r2", "r1")
    assert second == {
        "request_id": "r1",
        "reason": "message",
        "channel": "kf",
        "account": "wk1",
        "customer": "wm1",
        "words": WORDS,
        "opened_at": NOW.isoformat(),
        "closed_at": None,
        "trace_id": "trace-1",
    }
    assert answer.headers["Cache-Control"] == "no-store"
    assert desk.listed("?most=1") == ["r2"]


def test_those_who_wait_longest_can_be_reached_page_by_page(desk: Desk) -> None:
    for number in range(5):
        desk.keep(f"r{number}", minutes=number)
    assert desk.listed("?order=oldest&most=2") == ["r0", "r1"]
    desk.keep("r5", minutes=5)
    assert desk(f"{URL}/r1/close", "POST").status_code == 200
    assert desk.listed("?order=oldest&most=2&after=r1") == ["r2", "r3"]
    assert desk.listed("?order=oldest&most=2&after=r3") == ["r4", "r5"]
    assert desk.listed("?order=oldest&most=2&after=r5") == []
    assert desk.listed("?order=newest&after=r2") == desk.listed("?after=r2") == ["r0"]
    assert desk.listed("?after=r2&open=0") == ["r1", "r0"]


def test_each_page_says_where_the_next_one_begins(desk: Desk) -> None:
    for number in range(3):
        desk.keep(f"r{number}", minutes=number)
        desk.keep_turn(f"t{number}", minutes=number)
    for url, name, key in ((URL, "requests", "request_id"), (TURNS, "turns", "turn_id")):
        first = shown(desk(f"{url}?most=2"))
        assert first["next"] == first[name][-1][key]
        rest = shown(desk(f"{url}?most=2&after={first['next']}"))
        assert (len(rest[name]), rest["next"]) == (1, None)


def test_what_is_closed_is_listed_only_when_asked_for(desk: Desk) -> None:
    desk.keep("r1")
    assert shown(desk(f"{URL}/r1/close", "POST")) == {"request_id": "r1", "closed": True}
    assert desk.listed() == []
    (closed,) = shown(desk(f"{URL}?open=0"))["requests"]
    assert datetime.fromisoformat(closed["closed_at"]) > NOW - timedelta(days=365)


def test_tenants_do_not_see_each_others_requests(desk: Desk) -> None:
    desk.keep("r1")
    assert desk.listed(url=f"/api/v1/tenants/{GLOBEX}/requests") == []
    assert refused(desk(f"/api/v1/tenants/{GLOBEX}/requests/r1/close", "POST")) == (404, "unknown")
    desk.keep("g1", GLOBEX)
    assert refused(desk(f"{URL}?after=g1")) == (404, "unknown")
    assert desk.listed() == ["r1"]


@pytest.mark.parametrize(("token", "refusal"), [(None, (401, "unauthorized")), ("wrong", (403, "forbidden"))])
@pytest.mark.parametrize(
    ("url", "method"), [(URL, "GET"), (f"{URL}/r1/close", "POST"), (f"{URL}?most=x", "GET"), (TURNS, "GET")]
)
def test_a_stranger_is_refused_before_anything_is_looked_at(
    desk: Desk, url: str, method: str, token: str | None, refusal: tuple[int, str]
) -> None:
    desk.keep("r1")
    answer = desk(url, method, token)
    assert refused(answer) == refusal
    assert answer.headers.get("WWW-Authenticate", "").startswith("Bearer") is (token is None)
    assert desk.listed() == ["r1"]


@pytest.mark.parametrize("token", ["", "wröng", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), " "])
def test_nothing_but_the_token_is_the_token(desk: Desk, token: str) -> None:
    assert refused(desk(token=token))[0] in {401, 403}


def test_another_way_to_log_in_is_none(desk: Desk) -> None:
    client = desk.client
    assert refused(client.get(URL, auth=("bearer", TOKEN)))[0] == 401
    assert refused(client.get(URL, headers={"Authorization": TOKEN}))[0] == 401
    assert client.get(f"{URL}?access_token={TOKEN}").status_code == 401


@pytest.mark.parametrize(
    "url",
    [
        "/api/v1/tenants/ww_nobody/requests",
        f"{URL}/r9/close",
        f"{URL}?after=r9",
        "/api/v1/tenants/ww_nobody/customers/wm1/turns",
        f"{TURNS}?after=kf/wk1/m9",
    ],
)
def test_what_is_not_there_is_a_404_that_says_so(desk: Desk, url: str) -> None:
    assert refused(desk(url, "POST" if "close" in url else "GET")) == (404, "unknown")


@pytest.mark.parametrize(
    "query",
    [
        "open=maybe",
        "most=0",
        "most=-1",
        "most=1001",
        "most=x",
        "most=²",
        "most=" + "9" * 99,
        "order=",
        "order=random",
        "after=",
    ],
)
def test_a_wrong_question_is_a_422_that_names_it(desk: Desk, query: str) -> None:
    answer = desk(f"{URL}?{query}")
    assert refused(answer) == (422, "invalid")
    assert answer.get_json()["error"]["message"].startswith(query.partition("=")[0])


def test_with_sql_away_it_is_a_503_that_tells_nothing_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    engine = connect(f"sqlite:///{folder}/bot.sqlite3")
    folder.rmdir()
    answer = Desk(engine)()
    assert refused(answer) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "sql" not in answer.get_data(as_text=True).lower()


def test_a_bug_of_ours_is_a_500_in_json(desk: Desk) -> None:
    desk.keep("r1")
    with desk.engine.begin() as connection:
        connection.execute(sa.text("UPDATE requests SET channel = 'telegraph'"))
    assert refused(desk()) == (500, "failed")


def test_neither_the_token_nor_the_words_are_logged(desk: Desk) -> None:
    desk.keep("r1")
    with capture_logs() as lines:
        desk()
        desk(token="a-wrong-token-of-17")
        desk(f"{URL}/r1/close", "POST")
    assert [(line["event"], line["verb"]) for line in lines] == [
        ("operation.done", "tickets.list"),
        ("operation.done", "tickets.close"),
    ]
    for line in lines:
        assert (line["actor"], line["role"], line["corp_id"], line["ids"]) == ("api", "system", ACME, ["r1"])
    for secret in (TOKEN, "a-wrong-token", "杯子"):
        assert secret not in repr(lines)


def test_a_customer_s_turns_are_listed_the_newest_first_masked_unless_asked_for_in_full(desk: Desk) -> None:
    desk.keep_turn("m1")
    desk.keep_turn("m2", minutes=1)
    desk.keep_turn("n3", minutes=2, customer="wm2")
    desk.keep_turn("g1", GLOBEX)
    second, first = shown(desk(TURNS))["turns"]
    assert second["turn_id"] == "kf/wk1/m2"
    assert first == {
        "turn_id": "kf/wk1/m1",
        "channel": "kf",
        "account": "wk1",
        "customer": "wm1",
        "began_at": NOW.isoformat(),
        "words": "电话 138****5678",
        "reply": "好，打 138****5678",
        "intent": "ask",
        "handoff": "",
        "answered": True,
        "trace_id": "trace-1",
    }
    assert shown(desk(f"{TURNS}?full=1&most=1"))["turns"] == [
        second | {"words": "电话 13812345678", "reply": "好，打 13812345678"}
    ]
    assert shown(desk(f"{TURNS}?after={second['turn_id']}"))["turns"] == [first]
    assert shown(desk(f"{TURNS}?after={first['turn_id']}"))["turns"] == []


def test_twenty_turns_come_at_once_unless_another_number_is_asked_for(desk: Desk) -> None:
    for number in range(21):
        desk.keep_turn(f"m{number:02}", minutes=number)
    turns = shown(desk(TURNS))["turns"]
    assert (len(turns), turns[0]["turn_id"]) == (20, "kf/wk1/m20")
    assert len(shown(desk(f"{TURNS}?most=30"))["turns"]) == 21
    assert refused(desk(f"{TURNS}?full=maybe")) == (422, "invalid")


def test_what_was_said_in_a_turn_is_not_logged_but_whose_it_was(desk: Desk) -> None:
    desk.keep_turn("m1")
    with capture_logs() as lines:
        desk(f"{TURNS}?full=1")
    (line,) = lines
    assert (line["event"], line["verb"], line["actor"], line["role"]) == (
        "operation.done",
        "turns.customer",
        "api",
        "system",
    )
    assert (line["corp_id"], line["ids"]) == (ACME, ["wm1"])
    assert "5678" not in repr(lines)


def test_without_a_token_there_is_no_api() -> None:
    client = front_door(tenant(ACME)).client
    assert client.get(URL).status_code == 404
    assert client.get(URL, headers={"Authorization": "Bearer "}).status_code == 404


def test_the_gateway_opens_it_where_its_token_is_set(
    tmp_path: Path, bundled_valkey_url: str, made_gateway: Callable[[Settings], Flask]
) -> None:
    given: dict[str, Any] = {"data": tmp_path, "redis_url": bundled_valkey_url}
    save(tenant_store(Settings(_env_file=None, **given)), tenant(ACME), {})
    headers = {"Authorization": f"Bearer {TOKEN}"}
    shut = made_gateway(Settings(_env_file=None, **given)).test_client()
    assert shut.get(URL, headers=headers).status_code == 404
    open_ = made_gateway(Settings(_env_file=None, **given, api_token=TOKEN)).test_client()
    assert shown(open_.get(URL, headers=headers)) == {"requests": [], "next": None}
