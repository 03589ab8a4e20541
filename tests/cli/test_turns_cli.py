"""`wecom-bot turns`, as an operator uses it: after conversations that were kept as a worker keeps them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures.actors import OWNER
from tests.fixtures.command_line import CommandLine
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.operation import operation
from wecom_bot.bootstrap.rehearsal import rehearsal
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import TurnRecord
from wecom_bot.settings import load

ACME = CorpId("ww_acme")


def talk(customer: str, *said: str, ago: timedelta = timedelta(minutes=5)) -> None:
    """A conversation with the tenant's bot, kept."""
    settings = load()
    verbs, at = operation(settings), datetime.now(UTC) - ago
    tenant = verbs.show_tenant(OWNER, ACME).tenant
    articles = verbs.list_articles(OWNER, ACME).items
    records = SqlRecords(stores.sql_engine(settings))
    with rehearsal(settings, tenant, articles, SearchMode.LEXICAL) as bot:
        conversation = bot.begin(customer)
        for number, words in enumerate(said):
            turn = conversation.say(words)
            turn = replace(turn, trace_id=f"{customer}-{number}", began_at=at + timedelta(seconds=number))
            records.write([TurnRecord(turn, answered=turn.reply is not None, closed_at=at)])


@pytest.fixture
def shop(furnished: CommandLine) -> CommandLine:
    lines = [
        {"id": "pay", "question": "怎么付款", "answer": "微信支付。"},
        {"id": "fee", "question": "运费", "answer": "99"},
    ]
    jsonl = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert furnished("articles", "import", ACME, furnished.write("a.jsonl", jsonl)).status == 0
    return furnished


def test_what_was_not_answered_is_listed_the_most_asked_first(shop: CommandLine) -> None:
    talk("wm1", "运费", "能不能寄到月球？", "打13812345678找得到吗")
    talk("wm2", "能不能寄到月球", "运费")
    done = shop("turns", "misses", ACME)
    assert (done.status, done.complaint) == (0, "")
    first, second, total = done.output.splitlines()
    assert first.split()[0] == "2"
    assert "能不能寄到月球" in first
    assert "打138****5678找得到吗" in second
    assert second.endswith("[wm1-2]")
    assert "13812345678" not in done.output
    assert total.endswith("5 轮里 3 轮没答上 / 3 of 5 turns missed since then")


def test_programs_get_it_as_json_with_the_nearest_article(shop: CommandLine) -> None:
    talk("wm1", "可不可以先用后付，月底一起付", "吃了吗")
    told = json.loads(shop("turns", "misses", ACME, "--since", "12h", "--json").output)
    assert (told["turns"], told["missed"], told["left_out"]) == (2, 2, 0)
    meal, pay = told["said"]
    assert (meal["words"], meal["count"], meal["trace_id"], meal["nearest"]) == ("吃了吗", 1, "wm1-1", None)
    assert pay["nearest"]["article_id"] == "pay"
    assert pay["nearest"]["question"] == "怎么付款"
    assert 0 < pay["nearest"]["score"] < 0.18
    assert datetime.fromisoformat(meal["newest"]) > datetime.fromisoformat(told["since"])


def test_nothing_is_counted_that_was_said_earlier(shop: CommandLine) -> None:
    talk("wm1", "吃了吗", ago=timedelta(hours=13))
    assert "0 of 0 turns" in shop("turns", "misses", ACME, "--since", "12h").output
    for since in ("1d", "14h", "7d", f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}", "1990-01-01", "9999d"):
        assert "1 of 1 turns" in shop("turns", "misses", ACME, "--since", since).output


def test_what_does_not_fit_is_counted(shop: CommandLine) -> None:
    talk("wm1", "吃了吗", "睡了吗")
    first, more, total = shop("turns", "misses", ACME, "--limit", 1).output.splitlines()
    assert "睡了吗" in first
    assert "and 1 more: --limit" in more
    assert "2 of 2" in total


def test_one_question_is_one_line_and_steers_no_terminal(shop: CommandLine) -> None:
    talk("wm1", "吃\n了\x1b[31m吗" + "呀" * 300)
    line, _ = shop("turns", "misses", ACME).output.splitlines()
    assert "吃 了\\x1b[31m吗呀" in line
    assert "…  →" in line


@pytest.mark.parametrize("since", ["", "7", "d", "0d", "-1d", "7w", "7 d", "yesterday", "2026-13-01", "99999d", "７d"])
def test_another_span_is_refused(shop: CommandLine, since: str) -> None:
    done = shop("turns", "misses", ACME, "--since", since)
    assert (done.status, done.output) == (2, "")
    assert "应形如 7d、12h 或 2026-11-20" in done.complaint


def test_a_day_to_come_a_limit_of_none_and_another_tenant_are_refused(shop: CommandLine) -> None:
    assert "still to come" in shop("turns", "misses", ACME, "--since", "9999-12-31").complaint
    assert shop("turns", "misses", ACME, "--limit", 0).status == 2
    nobody = shop("turns", "misses", "ww_nobody")
    assert (nobody.status, nobody.output) == (1, "")
    assert "没有" in nobody.complaint


def test_turns_are_listed_the_newest_first_masked_and_page_by_page(shop: CommandLine) -> None:
    talk("wm1", "运费", "打13812345678找得到吗\x1b[31m")
    first, second = shop("turns", "list", ACME).output.splitlines()
    assert "打138****5678找得到吗\\x1b[31m" in first
    assert first.endswith("[wm1-1]")
    assert "  运费  → " in second
    assert "13812345678" in shop("turns", "list", ACME, "--full").output
    newest, more = shop("turns", "list", ACME, "--most", 1).output.splitlines()
    assert newest == first
    after = more.rpartition("--after ")[2]
    assert shop("turns", "list", ACME, "--after", after).output.splitlines() == [second]
    assert shop("turns", "list", "ww_nobody").status == 1


def test_one_customer_s_turns_are_listed_without_anybody_else_s(shop: CommandLine) -> None:
    talk("wm1", "运费", "打13812345678找得到吗")
    talk("wm2", "怎么付款", ago=timedelta(minutes=1))
    first, second = shop("turns", "customer", ACME, "wm1").output.splitlines()
    assert "打138****5678找得到吗" in first
    assert (first[-7:], second[-7:]) == ("[wm1-1]", "[wm1-0]")
    assert "13812345678" in shop("turns", "customer", ACME, "wm1", "--full").output
    newest, more = shop("turns", "customer", ACME, "wm1", "--most", 1).output.splitlines()
    assert newest == first
    after = more.rpartition("--after ")[2]
    assert shop("turns", "customer", ACME, "wm1", "--after", after).output.splitlines() == [second]
    assert shop("turns", "customer", ACME, "wm9").output == "没有 / none\n"
    assert shop("turns", "customer", "ww_nobody", "wm1").status == 1


def test_the_last_twenty_are_listed_unless_more_are_asked_for(shop: CommandLine) -> None:
    talk("wm1", *["运费"] * 21)
    *listed, more = shop("turns", "customer", ACME, "wm1").output.splitlines()
    assert (len(listed), "there are more" in more) == (20, True)
    assert len(shop("turns", "customer", ACME, "wm1", "--most", 30).output.splitlines()) == 21
