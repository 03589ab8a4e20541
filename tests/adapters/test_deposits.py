"""What a callback costs the server: one trip, with the hint in it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.deadlines import wait_until
from tests.fixtures.redis_servers import TIMEOUT
from tests.load.counting_proxy import CountingProxy
from wecom_bot.adapters.redis import keys, sockets
from wecom_bot.adapters.redis.connection import connect
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.redis.inbox import RedisInbox
from wecom_bot.adapters.redis.scripting import Scripts, for_tenant
from wecom_bot.domain.job import AnswerMessage
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.errors import TemporaryFailure

ACME = CorpId("ww_acme")


def message(number: int) -> AnswerMessage:
    where = ConversationId(ACME, Channel.KF, "wk1", f"wm{number}")
    return AnswerMessage(
        InboundMessage(MessageId(f"m{number}"), where, "shop", MessageKind.TEXT, datetime.now(UTC), "好"), "trace"
    )


def test_a_job_and_its_hint_take_one_trip(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "valkey"), CountingProxy(tmp_path / "s", sockets.path(tmp_path / "valkey")) as proxy:
        inbox = RedisInbox(connect(proxy.url, timeout=TIMEOUT, most=4), most_waiting=100)
        inbox.put(ACME, [message(0)])
        before = proxy.so_far()
        for number in range(1, 6):
            assert inbox.put(ACME, [message(number)]) == 1
        assert proxy.so_far() - before == Counter({"EVALSHA": 5})


def test_a_hint_that_the_server_does_not_know_is_sent_in_full(tmp_path: Path) -> None:
    """Behind one address may stand several servers: the hint's may have been replaced, and no other."""
    with EmbeddedValkey(tmp_path / "valkey") as server:
        client: Any = connect(server.url, timeout=TIMEOUT, most=4)
        inbox = RedisInbox(client, most_waiting=100)
        inbox.put(ACME, [message(0)])
        client.flushall()
        client.script_flush()
        client.execute_command(*for_tenant("put", ACME, 100, 1000).in_full())
        assert client.zscore(keys.DUE, ACME) is None
        assert inbox.put(ACME, [message(1)]) == 1
        assert client.zscore(keys.DUE, ACME) is not None
        assert inbox.put(ACME, [message(1)]) == 0


def test_scripts_that_come_during_a_trip_share_the_next_and_each_has_its_own_answer(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "valkey"), CountingProxy(tmp_path / "s", sockets.path(tmp_path / "valkey")) as proxy:
        client: Any = connect(proxy.url, timeout=TIMEOUT, most=1)
        scripts = Scripts(client)
        scripts.tenant("extend", ACME, 1000)
        scripts.tenant("note", ACME, "box", "token", "entry")
        client.set(keys.tenant(ACME) + "lease:broken", "no hash")
        before, held = proxy.so_far(), client.connection_pool.get_connection()
        with ThreadPoolExecutor(3) as threads:
            first = threads.submit(scripts.tenant, "extend", ACME, 1000)
            wait_until(lambda: client.trips._under_way)  # noqa: SLF001 - it waits for the one connection
            wrong = threads.submit(scripts.tenant, "note", ACME, "broken", "token", "entry")
            lost = threads.submit(scripts.tenant, "note", ACME, "box", "token", "entry")
            wait_until(lambda: len(client.trips._gathering) + client.trips._under_way == 3)  # noqa: SLF001
            client.connection_pool.release(held)
            assert (first.result(), lost.result()) == ([], -1)
            with pytest.raises(TemporaryFailure, match="WRONGTYPE"):
                wrong.result()
        assert proxy.so_far() - before == Counter({"EVALSHA": 2})
