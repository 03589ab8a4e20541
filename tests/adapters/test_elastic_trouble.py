"""A search engine that is away, slow, overloaded, wrong, or lets us not in: ends in time, as an error that helps."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from tests.deadlines import PATIENCE
from tests.fixtures.certificates import Authority
from tests.fixtures.ports import free_port
from tests.fixtures.scripted_elasticsearch import PRODUCT, Heard, Told, led_to, standing_in
from wecom_bot.adapters.search.elastic.address import Login, SearchAddress
from wecom_bot.adapters.search.elastic.client import connect
from wecom_bot.adapters.search.elastic.cluster import SILENT, Cluster
from wecom_bot.adapters.search.elastic.names import IndexNames
from wecom_bot.adapters.search.elastic.refusals import NotThere
from wecom_bot.adapters.search.elastic.search import ElasticSearch
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.domain.knowledge import Article, ArticleChange
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError, Misconfigured, RateLimited, Rejected, TemporaryFailure, WecomBotError
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.settings import load

CORP, ASKED = CorpId("ww_acme"), "我的退款多久到账"
PATIENT, SHORT = timedelta(seconds=PATIENCE), timedelta(seconds=0.3)
NOTHING: Mapping[str, str] = {}
QUOTED = json.dumps({"error": {"type": "parsing_exception", "reason": f"cannot parse {ASKED}"}, "status": 400}).encode()


def cluster(url: str, login: Login | None = None, ca: Path | None = None, timeout: timedelta = PATIENT) -> Cluster:
    return connect(SearchAddress.parse(url, login or Login(), ca), timeout, 4, LocalCircuitBreaker())


def search(at: Cluster) -> ElasticSearch:
    return ElasticSearch(at, IndexNames("test"))


def saying(status: int, body: bytes = b"{}", headers: Mapping[str, str] = NOTHING) -> Callable[[Heard], Told]:
    return lambda _: Told(status, body, {**PRODUCT, **headers})


def failing(url: str, **given: Any) -> WecomBotError:
    with pytest.raises(WecomBotError) as raised:
        search(cluster(url, **given)).search(CORP, ASKED, 3)
    assert ASKED not in str(raised.value)
    return raised.value


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, QUOTED, Rejected),
        (404, b"{}", NotThere),
        (429, b"{}", RateLimited),
        (500, QUOTED, TemporaryFailure),
        (503, b"<html>", TemporaryFailure),
        (504, b"", TemporaryFailure),
        (200, b"not json", TemporaryFailure),
        (200, b"[]", TemporaryFailure),
        (200, b"{}", TemporaryFailure),
        (200, b'{"responses": [{"took": 1}]}', TemporaryFailure),
        (200, b'{"responses": []}', TemporaryFailure),
    ],
)
def test_whatever_is_answered_is_an_error_of_ours(status: int, body: bytes, error: type[WecomBotError]) -> None:
    with standing_in(saying(status, body)) as url:
        assert type(failing(url)) is error


def test_what_is_no_elasticsearch_is_told_from_one_that_fails() -> None:
    with standing_in(lambda _: Told(200, b"{}", {"Content-Type": "application/json"})) as url:
        assert "WECOM_BOT_SEARCH_URL" in str(failing(url))


def test_a_pause_that_is_asked_for_is_said() -> None:
    with standing_in(saying(429, headers={"Retry-After": "7"})) as url:
        failure = failing(url)
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("status", "named"),
    [(401, ["WECOM_BOT_SEARCH_PASSWORD", "WECOM_BOT_SEARCH_API_KEY"]), (403, ["monitor", "read、write、manage"])],
)
def test_a_login_that_is_refused_is_a_matter_of_configuration_and_not_tried_again_at_once(
    status: int, named: list[str]
) -> None:
    heard: list[Heard] = []

    def refuse(asked: Heard) -> Told:
        heard.append(asked)
        return Told(status)

    with standing_in(refuse) as url:
        index = search(cluster(url))
        for _ in range(3):
            with pytest.raises(Misconfigured) as raised:
                index.search(CORP, ASKED, 3)
    assert all(each in str(raised.value) for each in named)
    assert len(heard) == 1


DENIED = {"_id": f"{CORP}/a", "status": 403, "error": {"type": "security_exception"}}


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (Told(401), Misconfigured),
        (Told(403), Misconfigured),
        (Told(405), Rejected),
        (Told(429), RateLimited),
        (Told(200, json.dumps({"errors": True, "items": [{"index": DENIED}] * 2}).encode()), Misconfigured),
    ],
)
def test_what_ails_the_login_or_the_cluster_is_blamed_on_no_article(told: Told, error: type[WecomBotError]) -> None:
    changes = [ArticleChange(each, 1, Article(each, "几点开门", "九点。")) for each in "ab"]
    with standing_in(lambda _: told) as url, pytest.raises(error):
        IndexWriter(cluster(url)).put(CORP, "wb-shared-000001", changes)


def test_a_certificate_of_somebody_elses_is_a_matter_of_configuration(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    ours, theirs = Authority(tmp_path), Authority(tmp_path / "theirs")
    with standing_in(saying(200), theirs.sign()) as url:
        failure = failing(url, ca=ours.file)
    assert isinstance(failure, Misconfigured)
    assert "WECOM_BOT_SEARCH_CA" in str(failure)


def test_a_call_ends_by_its_deadline_however_slowly_it_is_answered() -> None:
    over = Event()

    def linger(_: Heard) -> Told:
        over.wait(PATIENCE)
        return Told()

    with standing_in(linger) as url:
        failure = failing(url, timeout=SHORT)
        over.set()
    assert type(failure) is TemporaryFailure
    assert "in time" in str(failure)


def test_who_does_not_answer_is_left_alone_for_a_while() -> None:
    heard: list[Heard] = []

    def fail(asked: Heard) -> Told:
        heard.append(asked)
        return Told(503)

    with standing_in(fail) as url:
        index = search(cluster(url))
        for _ in range(SILENT.failures + 3):
            with pytest.raises(TemporaryFailure):
                index.search(CORP, ASKED, 3)
    assert len(heard) == SILENT.failures


GREENLETS = """
import sys
from gevent import monkey
monkey.patch_all()
import gevent
from datetime import timedelta
from wecom_bot.adapters.search.elastic.address import Login, SearchAddress
from wecom_bot.adapters.search.elastic.client import connect
from wecom_bot.outbound.circuit import LocalCircuitBreaker

known = connect(SearchAddress.parse(sys.argv[1], Login()), timedelta(seconds=60), 4, LocalCircuitBreaker())
asked = [gevent.spawn(lambda: known.ask(lambda es: es.cluster.health())["status"]) for _ in range(3)]
print(*[each.get() for each in asked])
"""


def test_greenlets_ask_side_by_side() -> None:
    together = Barrier(3)

    def answer(_: Heard) -> Told:
        together.wait(PATIENCE)  # each is answered once all have asked
        return Told(200, b'{"status": "green"}')

    with standing_in(answer) as url:
        command = [sys.executable, "-c", GREENLETS, url]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout.split() == ["green"] * 3


def test_another_node_is_asked_where_one_is_gone() -> None:
    with standing_in(saying(404)) as url:
        place = url.removeprefix("http://")
        assert type(failing(f"http://127.0.0.1:{free_port()},{place}")) is NotThere
        assert type(failing(f"{url},127.0.0.1:{free_port()}")) is NotThere


@pytest.mark.parametrize(
    "part",
    [
        {"error": {"type": "search_phase_execution_exception"}, "status": 503},
        {"timed_out": True, "_shards": {"failed": 0}, "hits": {"hits": []}},
        {"timed_out": False, "_shards": {"failed": 1}, "hits": {"hits": []}},
    ],
)
def test_half_an_answer_is_none(part: dict[str, Any]) -> None:
    def answer(heard: Heard) -> Told:
        searches = heard.body.count(b'{"index"')
        return Told(200, json.dumps({"responses": [part] * searches}).encode())

    with standing_in(answer) as url:
        assert type(failing(url)) is TemporaryFailure


@pytest.mark.parametrize(
    ("login", "header"),
    [
        (Login("bot", "geheim: é"), "Basic " + b64encode("bot:geheim: é".encode()).decode()),
        (Login(api_key="a2V5OnNlY3JldA=="), "ApiKey a2V5OnNlY3JldA=="),
    ],
)
def test_a_managed_cluster_is_reached_over_tls_with_a_login(
    elasticsearch_url: str, tmp_path: Path, login: Login, header: str
) -> None:
    authority = Authority(tmp_path)

    def let_in(heard: Heard) -> Told | None:
        return None if heard.headers.get("Authorization") == header else Told(401)

    with ExitStack() as doors:
        door = led_to(elasticsearch_url.partition(",")[0], let_in)
        url = doors.enter_context(standing_in(door, authority.sign()))
        known = cluster(url, login, authority.file)
        assert known.health("nobody-*") == "green"  # there are none
        with pytest.raises(NotThere):
            search(known).search(CORP, ASKED, 3)
        stranger = failing(url, login=Login("bot", "wrong"), ca=authority.file)
    assert isinstance(stranger, Misconfigured)
    assert "wrong" not in str(stranger)


@pytest.mark.parametrize(
    ("url", "login", "ca", "named"),
    [
        ("http://es", Login(), None, "WECOM_BOT_SEARCH_URL"),
        ("http://es:99999", Login(), None, "WECOM_BOT_SEARCH_URL"),
        ("http://bot:pw@es:9200", Login(), None, "WECOM_BOT_SEARCH_URL"),
        ("https://es:9200,http://other:9200", Login(), None, "WECOM_BOT_SEARCH_URL"),
        ("https://es:9200/path,other:9200", Login(), None, "WECOM_BOT_SEARCH_URL"),
        ("https://es:9200,other:9200/path", Login(), None, "WECOM_BOT_SEARCH_URL"),
        ("ftp://es:9200", Login(), None, "WECOM_BOT_SEARCH_URL"),
        ("https://es:9200", Login("bot", ""), None, "WECOM_BOT_SEARCH_PASSWORD"),
        ("https://es:9200", Login("bot", "pw", "key"), None, "WECOM_BOT_SEARCH_API_KEY"),
        ("https://es:9200", Login(api_key="two words"), None, "WECOM_BOT_SEARCH_API_KEY"),
        ("https://es:9200", Login(), Path("nowhere.pem"), "WECOM_BOT_SEARCH_CA"),
        ("https://es:9200", Login(), Path(__file__), "WECOM_BOT_SEARCH_CA"),
        ("http://es:9200", Login(), Path(__file__), "WECOM_BOT_SEARCH_CA"),
    ],
)
def test_what_is_set_wrong_is_refused_by_name_and_not_quoted(
    url: str, login: Login, ca: Path | None, named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named) as raised:
        SearchAddress.parse(url, login, ca)
    assert "pw" not in str(raised.value)
    assert " / " in str(raised.value)


@pytest.mark.parametrize("url", ["es:9200", "https+es://es:9200", "http://bot:hunter2@es:9200"])
def test_an_address_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WECOM_BOT_SEARCH_URL", url)
    with pytest.raises(ConfigurationError, match=r"^WECOM_BOT_SEARCH_URL: ") as raised:
        load()
    assert "hunter" not in str(raised.value)


def test_several_hosts_share_a_scheme_and_no_secret_is_shown() -> None:
    address = SearchAddress.parse("https://es1:9200, es2:9201/", Login("bot", "hunter2"))
    assert address.hosts == ("https://es1:9200", "https://es2:9201")
    assert "hunter" not in repr(address)
