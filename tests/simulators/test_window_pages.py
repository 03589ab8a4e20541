"""What the window's server answers, and to whom."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.deadlines import PATIENCE
from tests.fixtures.canned_desk import CAT, CLOUD, HOSTILE, CannedDesk
from wecom_bot.errors import ConfigurationError
from wecom_bot.simulators.window.pages import create_app
from wecom_bot.simulators.window.server import WindowServer

AT_CAT = {"corp_id": CAT, "channel": "kf", "account": "wk_cat", "customer": "小林"}
AT_CLOUD = {"corp_id": CLOUD, "channel": "kf", "account": "wk_cloud", "customer": "小林"}


@pytest.fixture
def desk() -> CannedDesk:
    return CannedDesk()


@pytest.fixture
def client(desk: CannedDesk) -> FlaskClient:
    return create_app(desk).test_client()


def read(answer: TestResponse) -> Any:
    """The JSON of an answer that is none but a good one."""
    assert answer.status_code == 200, answer.text
    return answer.json


def say(client: FlaskClient, text: str, where: dict[str, str] | None = None) -> str:
    return str(read(client.post("/api/say", json={**(where or AT_CAT), "text": text}))["id"])


def timeline(client: FlaskClient, where: dict[str, str] | None = None, **query: object) -> dict[str, Any]:
    told: dict[str, Any] = read(client.get("/api/timeline", query_string={**(where or AT_CAT), **query}))
    return told


def turn(client: FlaskClient, message_id: str, where: dict[str, str] | None = None) -> TestResponse:
    return client.get("/api/turn", query_string={**(where or AT_CAT), "message_id": message_id})


@pytest.mark.parametrize("path", ["/", "/static/main.js", "/api/world"])
def test_nothing_is_for_people_elsewhere(client: FlaskClient, path: str) -> None:
    assert client.get(path, environ_overrides={"REMOTE_ADDR": "192.168.1.7"}).status_code == 403
    assert client.get(path, environ_overrides={"REMOTE_ADDR": "::ffff:127.0.0.1"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("localhost", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("[::1]", 200),
        ("evil.example", 403),
        ("localhost.evil.example:80", 403),
        ("evil.example:127.0.0.1", 403),
    ],
)
def test_a_page_elsewhere_cannot_read_along_by_a_name_of_its_own(client: FlaskClient, host: str, status: int) -> None:
    assert client.get("/api/world", headers={"Host": host}).status_code == status


def test_a_form_elsewhere_cannot_speak_for_a_customer(client: FlaskClient, desk: CannedDesk) -> None:
    posted = client.post("/api/say", data={**AT_CAT, "text": "你好"})
    disguised = client.post("/api/say", data='{"text": "你好"}', content_type="text/plain")

    assert (posted.status_code, disguised.status_code) == (415, 415)
    assert not desk.conversations()


def test_the_page_loads_nothing_from_anywhere_else(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    sources = re.findall(r"'[a-z]+'|\S+:\S*", policy)
    assert set(sources) == {"'none'", "'self'"}
    assert client.get("/static/main.js").headers["Content-Security-Policy"] == policy

    folder = files("wecom_bot.simulators.window")
    shipped = [one for name in ("static", "templates") for one in folder.joinpath(name).iterdir()]
    linked = {
        link for one in shipped for link in re.findall(r"(?:https?:)?//\w[^\s\"']*\.\w+[^\s\"']*", one.read_text())
    }
    assert linked == {"http://www.w3.org/2000/svg"}


def test_every_file_that_the_page_names_is_there(client: FlaskClient) -> None:
    page = client.get("/").text
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(named) > 4
    for path in named:
        assert client.get(path).status_code == 200, path


def test_the_companies_and_what_to_ask_them_are_told(client: FlaskClient) -> None:
    world = read(client.get("/api/world"))

    assert [one["name"] for one in world["companies"]] == ["花猫百货", "云上家居"]
    assert [one["channel"] for one in world["companies"][0]["accounts"]] == ["kf", "app"]
    assert world["companies"][0]["openers"] == ["怎么查物流", "快递"]
    assert world["conversations"] == []


def test_an_answer_is_told_with_what_it_answers_and_how_long_it_took(client: FlaskClient) -> None:
    message_id = say(client, "怎么查物流")
    said, shown = timeline(client)["entries"]

    assert (said["kind"], said["id"], said["text"], said["answerer"]) == ("said", message_id, "怎么查物流", "article")
    assert (shown["kind"], shown["answers"]) == ("shown", message_id)
    assert shown["took"] == shown["at"] - said["at"] >= 0
    assert read(client.get("/api/world"))["conversations"][0]["text"] == "怎么查物流"


def test_waiting_ends_when_something_is_shown(client: FlaskClient, desk: CannedDesk) -> None:
    say(client, "等一下")
    assert [one["kind"] for one in timeline(client)["entries"]] == ["said"]

    desk.go.set()
    assert [one["kind"] for one in timeline(client, wait=20)["entries"]] == ["said", "shown"]


def test_a_turn_is_told_from_the_callback_to_the_last_stage(client: FlaskClient) -> None:
    told = read(turn(client, say(client, "查订单")))

    assert told["callback"]["state"] == "acknowledged"
    assert [one["status"] for one in told["callback"]["tries"]] == [503, 200]
    assert told["turn"]["trace_id"] == "trace-m1"
    assert told["turn"]["intent"] == {"name": "order", "score": 1.0}
    assert told["turn"]["heard"] == {"city": "杭州"}
    assert told["turn"]["state"]["asking"] == "order_id"
    assert [one["name"] for one in told["turn"]["way"]] == ["callback", "wait", "think", "deliver"]
    assert told["turn"]["spent"][2] == {"name": "FindKnowledge", "took": 11.5}


def test_messages_answered_together_are_one_turn_and_none_of_them_waits_on(client: FlaskClient) -> None:
    first, second = say(client, "先问一下"), say(client, "查订单")
    told = {one["id"]: one for one in timeline(client)["entries"]}
    assert [told[each]["parts"] for each in (first, second)] == [1, 0]
    assert [one["answers"] for one in told.values() if one["kind"] == "shown"] == [first]
    turns = [read(turn(client, each))["turn"] for each in (first, second)]
    assert turns[0] == turns[1]
    assert turns[0]["messages"] == 2


def test_a_turn_that_is_not_thought_yet_is_none(client: FlaskClient) -> None:
    assert read(turn(client, say(client, "等一下")))["turn"] is None


def test_markup_stays_text_in_what_is_told(client: FlaskClient) -> None:
    say(client, HOSTILE)
    answer = client.get("/api/timeline", query_string=AT_CAT)

    assert answer.mimetype == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert read(answer)["entries"][0]["text"] == HOSTILE


def test_customers_of_one_name_at_two_companies_share_nothing(client: FlaskClient) -> None:
    message_id = say(client, "怎么查物流")

    assert timeline(client, AT_CLOUD)["entries"] == []
    assert turn(client, message_id, AT_CLOUD).status_code == 404


def test_a_click_says_the_entry(client: FlaskClient) -> None:
    say(client, "快递")
    clicked = client.post("/api/click", json={**AT_CAT, "choice_id": "c2"})

    assert clicked.status_code == 200
    assert timeline(client)["entries"][2]["text"] == "发什么快递"
    assert client.post("/api/click", json={**AT_CAT, "choice_id": "c9"}).status_code == 400


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"corp_id": "ww_nobody"}, 404),
        ({"channel": "fax"}, 400),
        ({"text": ""}, 400),
        ({"text": "字" * 2001}, 400),
        ({"customer": ""}, 400),
        ({"more": "x"}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(client: FlaskClient, changes: dict[str, str], status: int) -> None:
    assert client.post("/api/say", json={**AT_CAT, "text": "你好", **changes}).status_code == status


def test_a_world_that_is_away_is_said_to_be(client: FlaskClient, desk: CannedDesk) -> None:
    desk.away = True

    assert client.get("/api/world").status_code == 503
    assert client.post("/api/say", json={**AT_CAT, "text": "你好"}).status_code == 503


@pytest.fixture
def server(desk: CannedDesk) -> Iterator[WindowServer]:
    window = WindowServer(desk)
    yield window
    window.stop()


def test_the_window_is_served_on_a_port_of_its_own_until_it_is_stopped(server: WindowServer, desk: CannedDesk) -> None:
    url = server.start()
    assert "客户窗口" in requests.get(url, timeout=PATIENCE).text
    with pytest.raises(ConfigurationError, match="cannot be used"):
        WindowServer(desk).start(port=int(url.rpartition(":")[2]))

    server.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=PATIENCE)
