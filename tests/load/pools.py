"""What kept connections save: the calls of a turn over the pools of a worker, beside a new connection for each call.

Both by our own clients, over TCP on loopback, without TLS, in rounds that take turns: what a farther network or TLS
adds to a connection comes on top. A turn is what one of 微信客服 asks: Redis eight times, SQL for an order, WeCom once.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from tests.fixtures.ports import free_ports
from tests.load.canned import canned
from tests.load.engines import MariaDb, Redis
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.connection import connect as connect_redis
from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.engine import connect as connect_sql
from wecom_bot.adapters.sql.orders import SqlOrders
from wecom_bot.domain.message import CorpId
from wecom_bot.outbound.deadline import Deadline
from wecom_bot.outbound.pool import HostPool

KEYS = ("pool_call_ms", "pool_new_call_ms", "pool_ratio", "pool_saved_ms")
ROUNDS, TURNS = 7, 10
OF_A_TURN = {"redis": 8, "sql": 1, "wecom": 1}
_CORP, _SECONDS = CorpId("ww_acme"), timedelta(seconds=5)
_BODY = b'{"touser":"wm1","open_kfid":"wk1","msgtype":"text","text":{"content":"\xe4\xb9\x9d\xe7\x82\xb9"}}'

Calls = Mapping[str, Callable[[], object]]


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    kept: dict[str, list[float]] = {name: [] for name in OF_A_TURN}
    new: dict[str, list[float]] = {name: [] for name in OF_A_TURN}
    with _neighbours() as (over_pools, anew):
        for calls, took in [(over_pools, kept), (anew, new)] * ROUNDS:
            for name, call in calls.items():
                took[name].append(_timed(call, TURNS * OF_A_TURN[name]))
    found = figures(kept, new)
    for name in OF_A_TURN:
        old, fresh = found["pool_call_ms"][name], found["pool_new_call_ms"][name]
        print(f"  {name:6} {old:6.2f} ms a call over a kept connection, {fresh:6.2f} over a new one")
    print(f"  a turn: {found['pool_saved_ms']:.1f} ms saved, {found['pool_ratio']:.2f} times as many in a second")
    return found


def figures(kept: Mapping[str, list[float]], new: Mapping[str, list[float]]) -> dict[str, Any]:
    """What the rounds come to: the median of each kind of call, and a turn of all of them."""
    with_pool, without = ({name: median(each) for name, each in took.items()} for took in (kept, new))
    turn, turn_anew = (sum(took[name] * count for name, count in OF_A_TURN.items()) for took in (with_pool, without))
    return {
        "pool_call_ms": with_pool,
        "pool_new_call_ms": without,
        "pool_ratio": turn_anew / turn,
        "pool_saved_ms": turn_anew - turn,
    }


def _timed(call: Callable[[], object], count: int) -> float:
    """Milliseconds of one."""
    began = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - began) * 1000 / count


@contextmanager
def _neighbours() -> Iterator[tuple[Calls, Calls]]:
    """The calls over pools, and those over a connection each."""
    with ExitStack() as leaving:
        folder = Path(
            leaving.enter_context(tempfile.TemporaryDirectory(prefix="wb-pools-", ignore_cleanup_errors=True))
        )
        port, sql_port = free_ports(2)
        redis, sql = Redis(folder / "redis", port=port), MariaDb(folder / "sql", port=sql_port)
        leaving.callback(redis.close)
        leaving.callback(sql.close)
        redis.start()
        sql.install()
        url = leaving.enter_context(canned())
        client, engine, pool = _redis(redis.url), _sql(sql.url), HostPool(url, 8)
        migrate.upgrade(engine)
        hasty = _sql(sql.url)  # what is learnt of the server at first stays known, as with a pool
        sa.event.listen(hasty, "checkin", lambda _connection, record: record.invalidate())
        yield (
            {
                "redis": lambda: client.get("wb:nothing"),
                "sql": lambda: _order(engine),
                "wecom": lambda: _show(pool),
            },
            {
                "redis": lambda: _and_hang_up(_redis(redis.url), lambda one: one.get("wb:nothing")),
                "sql": lambda: _order(hasty),
                "wecom": lambda: _show(HostPool(url, 0)),
            },
        )
        client.close()
        engine.dispose()
        hasty.dispose()
        pool.close()


def _redis(url: str) -> Client:
    return connect_redis(url, timeout=_SECONDS, most=8)


def _sql(url: str) -> sa.Engine:
    return connect_sql(url, pool_size=8)


def _order(engine: sa.Engine) -> object:
    return SqlOrders(engine).find(_CORP, "wm1", "202600000001")


def _and_hang_up(client: Client, ask: Callable[[Any], object]) -> None:
    ask(client)
    client.close()


def _show(pool: HostPool) -> bytes:
    with pool.send("/kf/send_msg?access_token=t", {}, _BODY, Deadline.after(_SECONDS)) as reply:
        return reply.whole(1 << 20)
