"""`wecom-bot requests`, as an operator uses it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures.command_line import CommandLine
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.bootstrap import stores
from wecom_bot.domain.message import Channel, ConversationId, CorpId
from wecom_bot.domain.ticket import Ticket
from wecom_bot.ports import TicketOpened
from wecom_bot.settings import load

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def keep(request_id: str, words: str, *, corp_id: CorpId = ACME, minutes: int = 0) -> None:
    where = ConversationId(corp_id, Channel.KF, "wk1", "wm1")
    request = Ticket(request_id, where, "message", words, NOW + timedelta(minutes=minutes), "trace-1")
    SqlRecords(stores.sql_engine(load())).write([TicketOpened(request)])


@pytest.fixture
def desk(furnished: CommandLine) -> CommandLine:
    """A house with two tenants: the one has two requests, the other one."""
    keep("r1", "杯子碎了\n电话 13812345678")
    keep("r2", "什么时候到", minutes=1)
    keep("g1", "别家的", corp_id=GLOBEX)
    return furnished


def test_open_requests_are_listed_one_a_line_the_newest_first(desk: CommandLine) -> None:
    done = desk("requests", "list", ACME)
    first, second = done.output.splitlines()
    assert first.startswith("r2  ")
    assert second.startswith("r1  ")
    assert second.endswith("  message  kf/wk1/wm1  杯子碎了 电话 138****5678")
    assert "13812345678" not in done.output
    assert desk("requests", "list", ACME, "--most", 1).output.splitlines() == [first]


def test_those_who_wait_longest_can_be_reached_page_by_page(desk: CommandLine) -> None:
    keep("r3", "在吗", minutes=2)
    oldest = desk("requests", "list", ACME, "--oldest", "--most", 2).output.splitlines()
    assert [line.split()[0] for line in oldest] == ["r1", "r2"]
    assert desk("requests", "list", ACME, "--oldest", "--after", "r2").output.startswith("r3  ")
    assert desk("requests", "list", ACME, "--after", "r2").output.startswith("r1  ")
    assert "none after it" in desk("requests", "list", ACME, "--oldest", "--after", "r3").output


def test_who_calls_back_can_see_the_words_as_they_were_written(desk: CommandLine) -> None:
    keep("r3", "1381234\n5678", minutes=2)
    assert [line.rpartition("  ")[2] for line in desk("requests", "list", ACME, "--full").output.splitlines()] == [
        "1381234 5678",
        "什么时候到",
        "杯子碎了 电话 13812345678",
    ]
    assert desk("requests", "list", ACME, "--most", 1).output.endswith("  138****5678\n")


def test_what_a_customer_wrote_steers_no_terminal(desk: CommandLine) -> None:
    keep("r3", "在吗\x1b]0;改了标题\x07\u202e", minutes=2)
    for how in ((), ("--full",)):
        line, *_ = desk("requests", "list", ACME, *how).output.splitlines()
        assert line.endswith("  在吗\\x1b]0;改了标题\\x07\\u202e")


def test_what_is_closed_is_gone_from_the_list_but_not_from_all(desk: CommandLine) -> None:
    assert desk("requests", "close", ACME, "r1", "r2").output.splitlines() == [
        "已处理 / closed r1",
        "已处理 / closed r2",
    ]
    assert "none" in desk("requests", "list", ACME).output
    assert all("closed" in line for line in desk("requests", "list", ACME, "--all").output.splitlines())


def test_what_is_not_there_is_said(desk: CommandLine) -> None:
    for arguments in (
        ("close", ACME, "r9"),
        ("close", GLOBEX, "r1"),
        ("close", "ww_nobody", "r1"),
        ("list", "ww_nobody"),
        ("list", ACME, "--after", "g1"),
    ):
        done = desk("requests", *arguments)
        assert (done.status, done.output) == (1, "")
        assert "没有" in done.complaint
    assert len(desk("requests", "list", ACME).output.splitlines()) == 2


HOURS = """
[[tenants]]
corp_id = "ww_shop"
[[tenants.apps]]
name = "shop"
agent_id = 1
secret = "s"
token = "t"
encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
[[tenants.kf_accounts]]
open_kfid = "wk1"
app = "shop"
[tenants.kf_accounts.hours]
weekly = { "周一至周五" = ["9:00-12:00", "13:00-18:00"], sat = ["22:00-02:00"] }
holidays = [2026-10-01, "2026-10-02"]
exceptions = { 2026-10-10 = ["09:00-18:00"] }
[tenants.handoff]
misses = 2
words = ["投诉"]
kinds = ["video"]
[[tenants.intents]]
name = "damage"
handoff = true
"""


def test_hours_and_rules_are_imported_exported_and_imported_again_unchanged(wecom_bot: CommandLine) -> None:
    done = wecom_bot("tenants", "import", wecom_bot.write("one.toml", HOURS))
    assert (done.status, done.complaint) == (0, "")
    exported = wecom_bot("tenants", "export", "--with-secrets").output
    assert '"09:00-12:00"' in exported
    again = wecom_bot("tenants", "import", wecom_bot.write("again.toml", exported))
    assert again.status == 0, again.complaint
    assert "unchanged" in again.output


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ('"13:00-18:00"', '"11:00-18:00"', "tenants[0].kf_accounts[0].hours: the spans of 周一至周五 overlap"),
        ('"9:00-12:00"', '"9-12"', 'a span should look like "09:00-12:00"'),
        ("周一至周五", "workdays", "'workdays' names no days"),
        ('["video"]', '["films"]', "tenants[0].handoff.kinds[0]"),
        (
            "handoff = true",
            'handoff = true\nreply = "好"',
            "tenants[0].intents[0]: handoff = true calls a human at once",
        ),
    ],
)
def test_a_mistake_in_them_is_said_with_its_place(
    wecom_bot: CommandLine, right: str, wrong: str, complaint: str
) -> None:
    done = wecom_bot("tenants", "import", wecom_bot.write("one.toml", HOURS.replace(right, wrong)))
    assert done.status == 2
    assert complaint in done.complaint
