"""Whether the Redis at the URL is fit for inbox and ledger: reachable, lasting, new enough, with our time."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import redis
from redis.exceptions import RedisClusterException

from wecom_bot.adapters.redis.address import SETTING
from wecom_bot.adapters.redis.backlogs import RedisBacklogs
from wecom_bot.adapters.redis.connection import configured, connect, said_by, servers
from wecom_bot.domain.finding import Finding, doubtful, failed, well
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError, TemporaryFailure
from wecom_bot.ports import Clock

MOST_APART = timedelta(seconds=2)
"""How far two clocks may be apart: docs/decisions/0006."""

_TIMEOUT = timedelta(seconds=5)
_PATIENCE = timedelta(minutes=1)
_OLDEST = 7  # its scripts say for themselves what they may do at maxmemory
_FULL = 0.9  # of maxmemory
_AUTH = ("noauth", "wrongpass", "noperm", "authentication required", "invalid username-password")
_TIME = (
    "在各台机器上装 NTP（chrony）并确认在同步：`chronyc tracking`"
    " / install NTP (chrony) on each machine and see that it is in step: `chronyc tracking`"
)


def look(url: str, clock: Clock) -> Iterator[Finding]:
    """The findings of each server at the URL that takes writes; of one that cannot be asked, why."""
    try:
        client: Any = connect(url, timeout=_TIMEOUT, most=4)
    except ConfigurationError as e:
        yield failed("redis", str(e), f"改对 {SETTING} / put {SETTING} right")
        return
    except TemporaryFailure as e:
        yield _unusable(str(e))
        return
    try:
        for server in servers(client):
            server.ping()
            yield from _fitness(server, clock)
    except (redis.RedisError, RedisClusterException) as e:
        yield _unusable(said_by(e))
    finally:
        client.close()


def look_at_cache(url: str) -> Iterator[Finding]:
    """The finding of the cache's own server, which no answer depends on; it is only slower without."""
    help_ = "没有它照样回答，只是每次都重想；核对 WECOM_BOT_CACHE_URL / answers go on without; check that setting"
    try:
        client: Any = connect(url, timeout=_TIMEOUT, most=2)
        try:
            for server in servers(client):
                server.ping()
        finally:
            client.close()
    except ConfigurationError as e:
        yield failed("redis.cache", str(e).replace(SETTING, "WECOM_BOT_CACHE_URL"), help_)
    except (TemporaryFailure, redis.RedisError, RedisClusterException) as e:
        yield doubtful("redis.cache", f"热答案的缓存连不上 / the cache cannot be reached: {said_by(e)}", help_)
    else:
        yield well("redis.cache", "热答案的缓存在 / the cache of hot answers answers")


def look_at_queue(url: str, corp_ids: Collection[CorpId], patience: timedelta = _PATIENCE) -> Iterator[Finding]:
    """The finding of each tenant's queue: a job that has been due for longer than `patience` is taken by no worker.

    An empty queue tells nothing of the workers. Raises TemporaryFailure.
    """
    client = connect(url, timeout=_TIMEOUT, most=2)
    try:
        for corp_id, backlog in RedisBacklogs(client).measure(corp_ids).items():
            if backlog.queue_age > patience:
                yield failed(
                    "queue",
                    f"有任务等了 {backlog.queue_age.total_seconds():.0f} 秒没有 worker 取，共 {backlog.jobs} 件"
                    f" / the oldest of {backlog.jobs} jobs has been due for that many seconds, and no worker takes it",
                    "看 worker 是否在运行（systemctl status 'wecom-bot-worker@*'）、它的日志；太忙就再加一个"
                    " / see whether workers run, and what they log; add one where they are too busy",
                    corp_id,
                )
            else:
                yield well("queue", f"{backlog.jobs} 件，没有等久的 / jobs, none of them for long", corp_id)
    finally:
        client.close()


def _unusable(said: str) -> Finding:
    if any(each in said.lower() for each in _AUTH):
        return failed(
            "redis",
            f"{SETTING}: Redis 不认用户名或密码，或要求密码 / wrong user name or password, or one is needed",
            f"核对 {SETTING} 里的用户名和密码（@ : / ? # 要写成 %40 %3A %2F %3F %23）；ACL 用户要有 +@all 和 ~wb:*"
            " / check them; escape @ : / ? # as %XX; a user of an ACL needs +@all and ~wb:*",
        )
    return failed(
        "redis",
        f"{SETTING}: 连不上 / cannot be reached: {said}",
        "看 Redis 是否在运行（systemctl status redis-server）、地址和端口、防火墙、bind"
        " / see whether it runs, its address and port, the firewall, and its `bind`",
    )


def _fitness(server: redis.Redis, clock: Clock) -> Iterator[Finding]:
    info = _info(server)
    yield _version(info)
    if info.get("role", "master") != "master":
        yield failed(
            "redis.role",
            "这台是只读副本 / this one is a replica, which takes no writes",
            f"{SETTING} 要指向主库，或用 redis+sentinel:// / point {SETTING} at the master, or use redis+sentinel://",
        )
    yield _eviction(configured(server, "maxmemory-policy", "maxmemory_policy"))
    fsync = configured(server, "appendfsync", "aof_fsync_policy")
    yield _durability(configured(server, "appendonly", "aof_enabled"), fsync)
    yield _memory(info)
    yield _clock(server, clock)


def _info(server: redis.Redis) -> Mapping[str, Any]:
    try:
        found: Any = server.info("everything")
    except redis.ResponseError:  # managed servers forbid it
        return {}
    return found if isinstance(found, dict) else {}


def _version(info: Mapping[str, Any]) -> Finding:
    if valkey := info.get("valkey_version"):
        return well("redis", f"Valkey {valkey}")
    version = str(info.get("redis_version", ""))
    major = version.partition(".")[0]
    if not major.isdecimal():
        return doubtful(
            "redis",
            "连得上，版本不明 / reachable, of unknown version",
            "确认是 Redis 7 以上 / see that it is 7 or newer",
        )
    if int(major) < _OLDEST:
        return failed(
            "redis", f"Redis {version} 太旧 / is too old", "升级到 Redis 7 以上或 Valkey / upgrade to Redis 7 or Valkey"
        )
    return well("redis", f"Redis {version}")


def _eviction(policy: str | None) -> Finding:
    check, command = "redis.eviction", "CONFIG SET maxmemory-policy noeviction"
    if policy is None:
        return doubtful(
            check,
            "CONFIG 不可用，不知道 maxmemory-policy / CONFIG is forbidden: maxmemory-policy is not known",
            "在服务商控制台确认是 noeviction / see in the provider's console that it is noeviction",
        )
    if policy == "noeviction":
        return well(check, "maxmemory-policy noeviction")
    return failed(
        check,
        f"maxmemory-policy {policy}：内存满时会丢消息 / messages are lost when its memory is full",
        f"执行并写进其配置文件 / run, and write into its configuration: {command}",
    )


def _durability(append_only: str | None, fsync: str | None) -> Finding:
    check = "redis.durability"
    if append_only is None:
        return doubtful(
            check,
            "CONFIG 不可用，不知道 appendonly / CONFIG is forbidden: appendonly is not known",
            "在服务商控制台确认打开了 AOF / see in the provider's console that AOF is on",
        )
    if append_only not in {"yes", "1"}:
        return doubtful(
            check,
            "appendonly no：崩溃时丢掉上次快照之后收到的 / what came since the last snapshot is lost in a crash",
            "执行并写进配置 / run, and write into its configuration:"
            " CONFIG SET appendonly yes; CONFIG SET appendfsync always",
        )
    if fsync is not None and fsync != "always":
        return doubtful(
            check,
            f"appendonly yes，appendfsync {fsync}：断电可能丢最后一秒或更多"
            " / a power cut may take the last second, or more",
            "不能丢就执行 / where nothing may be lost, run: CONFIG SET appendfsync always",
        )
    return well(check, f"appendonly yes, appendfsync {fsync or '?'}")


def _memory(info: Mapping[str, Any]) -> Finding:
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    seen = f"{used / 2**20:.0f} MB" + (f" / {most / 2**20:.0f} MB" if most else "，不设上限 / no limit")
    if most and used > most * _FULL:
        return doubtful(
            "redis.memory",
            f"快满了 / nearly full: {seen}",
            "加大 maxmemory，并看为什么积压（/metrics 的 wecom_bot_waiting_jobs）"
            " / raise maxmemory, and see why jobs wait (wecom_bot_waiting_jobs)",
        )
    return well("redis.memory", seen)


def _clock(server: redis.Redis, clock: Clock) -> Finding:
    before = clock.now()
    answered: Any = server.time()
    after = clock.now()
    theirs = datetime.fromtimestamp(answered[0], UTC) + timedelta(microseconds=answered[1])
    apart, doubt = theirs - (before + (after - before) / 2), (after - before) / 2
    seen = f"与 Redis 相差 {round(apart.total_seconds(), 1) + 0.0:+.1f} 秒 / seconds apart from Redis"
    if abs(apart) - doubt > MOST_APART:
        return doubtful("redis.clock", seen, _TIME)
    return well("redis.clock", seen)
