"""The articles over HTTP: nobody writes over what they have not read, or without being allowed to."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.fixtures.actors import OWNER
from tests.fixtures.front_door import KnownTenants, credentials, front_door
from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.engine import connect
from wecom_bot.bootstrap.operation import late_operation
from wecom_bot.domain.draft import ArticleDraft
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.settings import Settings

ACME = CorpId("ww_acme")
TOKEN = "correct-horse-battery"
URL = f"/api/v1/tenants/{ACME}/articles/r1"
NEW = {"If-None-Match": "*"}
REFUND = {"question": "怎么退货", "answer": "七天内可以退。", "similar": ["能退吗"]}

Ask = Callable[..., TestResponse]


@pytest.fixture(params=[True])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ask]:
    """A request to the API; with `param` false the token may write nothing."""
    engine = connect(f"sqlite:///{tmp_path}/bot.sqlite3")
    migrate.upgrade(engine)
    known = Tenant(corp_id=ACME)
    key = base64.b64encode(bytes(32)).decode()
    settings = Settings(_env_file=None, data=tmp_path, database_url=str(engine.url), master_key=key)
    verbs = late_operation(settings, KnownTenants((known,), credentials()).get)
    verbs.import_articles(OWNER, ACME, [ArticleDraft(1, "p1", "几天到货", "三天", careful="是")])
    client = front_door(known, operation=verbs, api_token=TOKEN, api_writes=request.param).client

    def asked(method: str = "GET", url: str = URL, headers: dict[str, str] | None = None, **body: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {TOKEN}"} | (headers or {})
        return client.open(url, method=method, headers=headers, json=body or None)

    yield asked
    engine.dispose()


def refused(answer: TestResponse) -> tuple[int, str, str]:
    error = answer.get_json()["error"]
    return answer.status_code, error["code"], error["message"]


def test_an_article_is_written_read_and_replaced_by_its_version(ask: Ask) -> None:
    made = ask("PUT", headers=NEW, **REFUND, tags=["售后"], careful=True, valid_until="2026-12-31")
    assert (made.status_code, made.get_etag()) == (201, ("2", False))
    told = ask().get_json()
    assert made.get_json() == told
    assert told == {
        "article_id": "r1",
        "version": 2,
        "author": "api",
        "saved_at": told["saved_at"],
        **REFUND,
        "attachments": [],
        "careful": True,
        "tags": ["售后"],
        "valid_from": None,
        "valid_until": "2026-12-31T16:00:00+00:00",
    }
    changed = ask("PUT", headers={"If-Match": ask().headers["ETag"]}, **REFUND)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"3"')
    assert {name: changed.get_json()[name] for name in ("careful", "tags", "valid_until")} == {
        "careful": False,
        "tags": [],
        "valid_until": None,
    }


def test_who_has_not_seen_the_newest_version_is_told_who_made_it(ask: Ask) -> None:
    ask("PUT", headers=NEW, **REFUND)
    ask("PUT", headers={"If-Match": '"2"'}, **{**REFUND, "answer": "不能退"})
    status, code, message = refused(ask("PUT", headers={"If-Match": '"2"'}, **REFUND))
    assert (status, code) == (409, "conflict")
    assert "版本 3，api 于 20" in message
    assert ask().get_json()["answer"] == "不能退"
    assert refused(ask("PUT", headers=NEW, **REFUND))[:2] == (409, "conflict")
    elsewhere = f"/api/v1/tenants/{ACME}/articles/r2"
    assert refused(ask("PUT", elsewhere, {"If-Match": '"7"'}, **REFUND))[:2] == (409, "conflict")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, REFUND, 428),
        ({"If-Match": "*"}, REFUND, 428),
        ({"If-Match": '"x"'}, REFUND, 422),
        ({"If-Match": '"1", "2"'}, REFUND, 422),
        ({"If-Match": '"' + "9" * 40 + '"'}, REFUND, 422),
        (NEW, {}, 422),
        (NEW, {**REFUND, "category": "x"}, 422),
        (NEW, {**REFUND, "similar": "能退吗"}, 422),
        (NEW, {**REFUND, "answer": " "}, 422),
        (NEW, {**REFUND, "valid_until": "明年"}, 422),
        (NEW, {**REFUND, "similar": ["几天到货？"]}, 422),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is(
    ask: Ask, headers: dict[str, str], body: dict[str, Any], status: int
) -> None:
    told = refused(ask("PUT", headers=headers, **body))
    assert told[0] == status, told
    assert ask().status_code == 404


def test_a_body_that_is_too_large_is_told_so_in_both_languages(ask: Ask) -> None:
    status, code, message = refused(ask("PUT", headers=NEW, **{**REFUND, "answer": "长" * 70_000}))
    assert (status, code) == (413, "too_large")
    assert message == "正文最多 64 KB / the body has 64 KB at most"


def test_an_id_with_a_slash_is_an_id(ask: Ask) -> None:
    url = f"/api/v1/tenants/{ACME}/articles/售后%2F退货"
    assert ask("PUT", url, NEW, **REFUND).status_code == 201
    assert ask(url=url).get_json()["article_id"] == "售后/退货"


def test_a_version_that_a_proxy_made_weak_is_known(ask: Ask) -> None:
    ask("PUT", headers=NEW, **REFUND)
    assert ask("PUT", headers={"If-Match": 'W/"2"'}, **REFUND, tags=["售后"]).status_code == 200
    assert refused(ask("PUT", headers={"If-Match": 'W/"2"'}, **REFUND))[:2] == (409, "conflict")


def test_the_same_words_under_two_articles_are_kept_where_that_is_asked_for(ask: Ask) -> None:
    twin = {**REFUND, "similar": ["几天到货？"]}
    assert "与已有条目 p1 的说法相同" in refused(ask("PUT", headers=NEW, **twin))[2]
    assert ask("PUT", f"{URL}?allow_duplicates=1", NEW, **twin).status_code == 201


@pytest.mark.parametrize("ask", [False], indirect=True)
def test_a_token_that_may_not_write_reads(ask: Ask) -> None:
    status, code, message = refused(ask("PUT", headers=NEW, **REFUND))
    assert (status, code) == (403, "forbidden")
    assert message.endswith("WECOM_BOT_API_WRITES=true")
    assert ask(url=f"/api/v1/tenants/{ACME}/articles/p1").get_json()["careful"] is True
    assert refused(ask())[:2] == (404, "unknown")
    assert refused(ask(url="/api/v1/tenants/ww_nobody/articles/p1"))[:2] == (404, "unknown")
