"""`wecom-bot dead-letters`, as an operator uses it, on a Redis of its own."""

from datetime import timedelta

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.kept_places import message
from wecom_bot.adapters.redis.connection import connect
from wecom_bot.adapters.redis.inbox import RedisInbox
from wecom_bot.adapters.redis.leases import RedisLeases
from wecom_bot.domain.job import AnswerMessage
from wecom_bot.domain.message import CorpId

ACME = CorpId("ww_acme")
A_MINUTE, A_SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def given_up(furnished: CommandLine, bundled_valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A house in which two messages were given up."""
    monkeypatch.setenv("WECOM_BOT_REDIS_URL", bundled_valkey_url)
    client = connect(bundled_valkey_url, timeout=5 * A_SECOND, most=4)
    client.flushall()
    inbox, leases = RedisInbox(client, 100), RedisLeases(client, 100)
    for number in (1, 2):
        inbox.put(ACME, [AnswerMessage(message(f"m{number}"), "trace-1")])
        lease = leases.lease("tester", A_MINUTE, A_SECOND)
        assert lease is not None
        leases.bury(lease, "Rejected")
    client.close()
    return furnished


def listed(house: CommandLine, *arguments: object) -> list[str]:
    done = house("dead-letters", "list", ACME, *arguments)
    assert (done.status, done.complaint) == (0, "")
    return done.output.splitlines()


def test_they_are_listed_the_newest_first_replayed_and_dropped(given_up: CommandLine) -> None:
    newest, oldest = listed(given_up)
    assert newest.endswith("1×  Rejected")
    assert "  answer kf/" in newest
    first, second = newest.split()[0], oldest.split()[0]
    assert listed(given_up, "--most", 1) == [newest]
    assert listed(given_up, "--after", first) == [oldest]
    assert listed(given_up, "--after", second) == ["后面没有了 / none after it"]
    assert given_up("dead-letters", "replay", ACME, first).output == f"已放回 / replayed {first}\n"
    assert given_up("dead-letters", "drop", ACME, second).output == f"已删除 / dropped {second}\n"
    assert listed(given_up) == ["没有死信 / none"]


@pytest.mark.parametrize("arguments", [("list",), ("replay", "d1"), ("drop", "d1")])
def test_a_mistyped_tenant_is_an_error_as_everywhere(given_up: CommandLine, arguments: tuple[str, ...]) -> None:
    command, *ids = arguments
    done = given_up("dead-letters", command, "ww_acmee", *ids)
    assert (done.status, done.output) == (1, "")
    assert "ww_acmee" in done.complaint
