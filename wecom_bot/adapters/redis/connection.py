"""Clients of Redis or Valkey, whatever stands at the URL: one server, a socket, Sentinel or a cluster.

One set of manners for all: every wait ends, connecting is tried again but a command never is (it may have been done,
and only its adapter knows whether a second time is harmless), replies are bytes under RESP2, whose shapes are the same
from every server, proxy and release of redis-py.
"""

from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any

import redis
from redis import cluster, sentinel
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException
from redis.retry import Retry

from wecom_bot.adapters.redis import pools
from wecom_bot.adapters.redis.address import SETTING, Address, parse
from wecom_bot.adapters.redis.direct import Direct
from wecom_bot.errors import ConfigurationError, InboxFull, TemporaryFailure
from wecom_bot.telemetry import logs

Client = redis.Redis | redis.RedisCluster

log = logs.get(__name__)

# Firewalls forget idle connections without a word: found out before a command is entrusted to one.
_IDLE_BEFORE_PING = 30
_LONGEST_CONNECT = timedelta(seconds=2)
_RELEASE = int(redis.__version__.partition(".")[0])
_FIRST_WITH_RETRY_OBJECT = 6

# redis-py has no types for what they take
_Pool: Any = pools.WaitingPool
_MasterPool: Any = pools.MasterPool
_Sentinel: Any = sentinel.Sentinel
_Node: Any = cluster.ClusterNode


def connect(url: str, *, timeout: timedelta, most: int) -> Client:
    """A client with at most `most` connections (to each node of a cluster), for all greenlets of the process.

    `timeout` bounds every wait: for a free connection, for connecting, and for a reply; a blocking command must ask for
    less. Only a cluster is contacted at once. Raises ConfigurationError for a wrong URL, TemporaryFailure for a cluster
    that is away; both name the setting.
    """
    address = parse(url)
    bounds = {"timeout": timeout.total_seconds(), "max_connections": most}
    arguments = _arguments(address, timeout)
    match address.topology:
        case "redis":
            host, port = address.hosts[0]
            kind = pools.Tls if address.tls else pools.Tcp
            pool = _Pool(host=host, port=port, connection_class=kind, **bounds, **arguments)
            return Direct.from_pool(pool)
        case "unix":
            return Direct.from_pool(_Pool(path=address.path, connection_class=pools.Unix, **bounds, **arguments))
        case "sentinel":
            return _master(address, bounds, arguments)
        case "cluster":
            return _cluster(address, bounds, arguments)


def _arguments(address: Address, timeout: timedelta) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "username": address.username,
        "password": address.password,
        "db": address.db,
        "socket_timeout": timeout.total_seconds(),
        "health_check_interval": _IDLE_BEFORE_PING,
        "retry": Retry(NoBackoff(), 0),
        "decode_responses": False,
        "protocol": 2,
    }
    if address.topology != "unix":
        arguments["socket_connect_timeout"] = min(timeout, _LONGEST_CONNECT).total_seconds()
        arguments["socket_keepalive"] = True
    if address.tls:
        arguments |= address.tls_options()
    return arguments


def _master(address: Address, bounds: dict[str, Any], arguments: dict[str, Any]) -> redis.Redis:
    of_sentinels = {name: value for name, value in arguments.items() if name != "db"} | {
        "username": address.options.get("sentinel_username"),
        "password": address.options.get("sentinel_password"),
        "ssl": address.tls,
    }
    watch = _Sentinel(address.hosts, sentinel_kwargs=of_sentinels)
    kind = pools.ToMasterTls if address.tls else pools.ToMaster
    return Direct.from_pool(_MasterPool(address.service, watch, connection_class=kind, **bounds, **arguments))


def _cluster(address: Address, bounds: dict[str, Any], arguments: dict[str, Any]) -> redis.RedisCluster:
    retry = arguments.pop("retry")
    del arguments["db"]
    # RedisCluster drops arguments that it does not know; the pool takes them all
    kind = partial(_Pool, **bounds, **arguments, connection_class=pools.Tls if address.tls else pools.Tcp)
    attempts: dict[str, Any] = {"retry": retry}
    if _RELEASE < _FIRST_WITH_RETRY_OBJECT:
        attempts = {"cluster_error_retry_attempts": 0}
    (host, port), *others = address.hosts
    try:
        return redis.RedisCluster(
            url=f"redis://{f'[{host}]' if ':' in host else host}:{port}",  # not host=: only a URL brings our pool in
            startup_nodes=[_Node(*other) for other in others],
            connection_pool_class=kind,
            protocol=arguments["protocol"],
            **attempts,
        )
    except (redis.RedisError, RedisClusterException) as e:
        raise TemporaryFailure(f"{SETTING}: 连不上 {address} / cannot reach it: {said_by(e)}") from e


def check(client: Client) -> None:
    """Refuse a server that would lose what it is given; warn of one that might.

    Raises ConfigurationError, TemporaryFailure when the server is away; both name the setting.
    """
    try:
        for server in servers(client):
            server.ping()
            _check_eviction(configured(server, "maxmemory-policy", "maxmemory_policy"))
            _check_durability(configured(server, "appendonly", "aof_enabled"))
    except (redis.AuthenticationError, redis.exceptions.AuthorizationError, redis.exceptions.NoPermissionError) as e:
        raise ConfigurationError(f"{SETTING}: Redis 不认用户名或密码 / wrong user name or password: {e}") from e
    except (redis.RedisError, RedisClusterException) as e:
        if "NOAUTH" in str(e) or "Authentication required" in str(e):
            raise ConfigurationError(f"{SETTING}: Redis 要密码 / a password is needed: redis://:PASSWORD@HOST") from e
        raise TemporaryFailure(f"{SETTING}: Redis 连不上 / Redis does not answer: {said_by(e)}") from e


def servers(client: Client) -> list[redis.Redis]:
    """Each server that takes writes: one, or the primaries of a cluster."""
    if isinstance(client, redis.Redis):
        return [client]
    nodes: Any = client
    return [node.redis_connection for node in nodes.get_primaries()]


def configured(server: redis.Redis, name: str, in_info: str) -> str | None:
    """A setting of the server, as CONFIG says or, where CONFIG is forbidden, INFO; None if neither may be asked."""
    for ask in (lambda: server.config_get(name), lambda: server.info("everything")):
        try:
            answer: Any = ask()
        except redis.ResponseError:  # managed servers rename or forbid these
            continue
        for key in (name, name.encode(), in_info):
            if key in answer:
                value = answer[key]
                return value.decode() if isinstance(value, bytes) else str(value)
    return None


def _check_eviction(policy: str | None) -> None:
    if policy is None:
        log.warning("redis.eviction_unknown", advice="CONFIG 不可用，请确认 maxmemory-policy 是 noeviction / check it")
    elif policy != "noeviction":
        raise ConfigurationError(
            f"{SETTING}: Redis 会淘汰键（maxmemory-policy {policy}），会丢消息；请执行下面的命令，并写进其配置文件"
            " / Redis evicts keys and would lose messages; run: CONFIG SET maxmemory-policy noeviction"
        )


def _check_durability(append_only: str | None) -> None:
    if append_only is None:
        log.warning("redis.durability_unknown", advice="CONFIG 不可用，请确认 appendonly 是 yes / check it")
    elif append_only not in {"yes", "1"}:
        log.warning(
            "redis.not_durable",
            advice="appendonly 是 no：Redis 一旦崩溃，上次快照之后收到而未答的消息会丢。请执行"
            " CONFIG SET appendonly yes / what came since the last snapshot is lost if Redis dies",
        )


class translated:  # noqa: N801 - it stands after `with`
    """Around every call to Redis: what it does not do now is a TemporaryFailure, its memory used up is InboxFull."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing yet."""

    def __exit__(self, _kind: type[BaseException] | None, e: BaseException | None, _at: TracebackType | None) -> None:
        """Raises one of ours for one of redis-py's; what is neither goes its way."""
        if e is None:
            return
        if isinstance(e, redis.ResponseError):
            said = said_by(e)
            if isinstance(e, redis.OutOfMemoryError) or "OOM command not allowed" in said:
                raise InboxFull(f"Redis is at its maxmemory: {said}") from None
            # not `from e`: redis-py quotes the command in some of these, and commands hold what customers wrote
            raise TemporaryFailure(f"Redis refused: {type(e).__name__}: {said}") from None
        if isinstance(e, redis.RedisError | RedisClusterException):
            raise TemporaryFailure(f"Redis did not answer: {type(e).__name__}: {said_by(e)}") from e


def said_by(e: Exception) -> str:
    """The error's words, without the commands and connection arguments that redis-py quotes in some."""
    said = str(e).rpartition("of pipeline caused error: ")[2]
    return said.partition(", with args beginning with")[0].partition(" : <redis")[0]
