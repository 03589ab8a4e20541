"""Connection pools of redis-py with our manners: they connect again, and send no command twice."""

import time
from functools import reduce
from operator import add
from queue import Empty
from socket import MSG_PEEK
from typing import TYPE_CHECKING, Any

import redis
from redis.connection import BlockingConnectionPool, Connection, SSLConnection, UnixDomainSocketConnection
from redis.sentinel import SentinelConnectionPool, SentinelManagedConnection, SentinelManagedSSLConnection

from wecom_bot.outbound.usage import NOTHING, Usage

if TYPE_CHECKING:

    class _PooledConnection:  # what redis-py leaves untyped
        def connect(self) -> None:
            raise AssertionError

        def disconnect(self) -> None:
            raise AssertionError

        def check_health(self) -> None:
            raise AssertionError

else:
    _PooledConnection = object

# A restart of Valkey or the last moments of a failover; longer outages are the caller's to retry.
_PAUSES = (0.05, 0.2)


class _Persistent(_PooledConnection):
    """Tries again to connect, at most twice; a wrong password is not tried again."""

    _connecting = False

    def connect(self) -> None:
        self._connecting = True
        try:
            for pause in _PAUSES:
                try:
                    super().connect()
                except (redis.AuthenticationError, redis.exceptions.AuthorizationError):
                    raise
                except redis.ConnectionError:
                    time.sleep(pause)
                else:
                    return
            super().connect()
        finally:
            self._connecting = False

    def check_health(self) -> None:
        try:
            super().check_health()
        except (redis.ConnectionError, redis.TimeoutError):
            if self._connecting:
                raise
            self.disconnect()  # nothing of the command is sent yet: it may go over a new connection
            self.connect()

    def is_ready(self) -> bool:
        """Whether it is connected, and nothing came, not even an end; False where that cannot be told at a glance.

        The pool asks before every command. redis-py would build a poller for it, and gevent's poll a watcher and a trip
        through the hub.
        """
        reader = getattr(getattr(self, "_parser", None), "_reader", None)
        ours: Any = getattr(self, "_sock", None)
        inner = getattr(ours, "_sock", None)  # gevent's own never waits; what TLS holds back it does not show
        if reader is None or reader.has_data() or inner is None or hasattr(ours, "pending"):
            return False
        try:
            inner.recv(1, MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False


class Tcp(_Persistent, Connection):
    """To a host and port."""


class Tls(_Persistent, SSLConnection):
    """To a host and port, under TLS."""


class Unix(_Persistent, UnixDomainSocketConnection):
    """To a socket of this machine."""


class ToMaster(_Persistent, SentinelManagedConnection):
    """To whoever is master at the time of connecting."""


class ToMasterTls(_Persistent, SentinelManagedSSLConnection):
    """To whoever is master at the time of connecting, under TLS."""


class WaitingPool(BlockingConnectionPool):
    """Lets greenlets wait for a connection instead of failing them."""

    waited = failed = 0  # since the start: who had to wait for a connection, and which of them failed

    def usage(self) -> Usage:
        """How the connections are used."""
        most = self.max_connections
        return Usage(most - self.pool.qsize(), most, self.waited, self.failed)

    def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> Any:  # noqa: ANN401, ARG002 - redis-py's
        # as redis-py's own, without the telemetry and the warnings around it
        self._checkpid()
        try:
            connection = self.pool.get_nowait()
        except Empty:
            connection = self._await_one()
        if connection is None:
            connection = self.make_connection()  # type: ignore[no-untyped-call]
        try:
            if not connection.is_ready():
                self._make_ready(connection)
        except BaseException:
            self.failed += 1
            self.release(connection)  # type: ignore[no-untyped-call]
            raise
        return connection

    def _await_one(self) -> Any:  # noqa: ANN401 - as above
        self.waited += 1
        try:
            return self.pool.get(block=True, timeout=self.timeout)
        except Empty:
            self.failed += 1
            raise redis.ConnectionError("No connection available.") from None

    @staticmethod
    def _make_ready(connection: Any) -> None:  # noqa: ANN401 - as above
        """Connected, and nothing left to read: what an earlier command was answered is no answer to the next."""
        connection.connect()
        try:
            if not connection.can_read():
                return
        except (redis.ConnectionError, redis.TimeoutError, OSError):
            pass
        connection.disconnect()
        connection.connect()
        if connection.can_read():
            raise redis.ConnectionError("Connection not ready")


def usage(client: redis.Redis | redis.RedisCluster) -> Usage:
    """How the client's connections are used, those to all nodes of a cluster together."""
    nodes: Any = client
    each = [client] if isinstance(client, redis.Redis) else [node.redis_connection for node in nodes.get_nodes()]
    return reduce(add, (pool.usage() for one in each if (pool := getattr(one, "connection_pool", None))), NOTHING)


class MasterPool(SentinelConnectionPool, WaitingPool):
    """Follows the master."""

    def disconnect(self, inuse_connections: bool = True) -> None:  # noqa: FBT001, FBT002 - redis-py's
        """Close them; after a failover only the idle ones, which redis-py before 6 cannot do for a blocking pool."""
        if inuse_connections:
            super().disconnect()
            return
        for connection in list(self.pool.queue):
            if connection is not None:
                connection.disconnect()
