"""A client that sends a command, or several together, and reads the replies, once."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import redis

from wecom_bot.adapters.redis.group_commit import GroupCommit

_FIRST_WITHOUT_NAME = 6
# a pool wanted the command's name, and used it not
_OF_OLD = () if int(redis.__version__.partition(".")[0]) >= _FIRST_WITHOUT_NAME else ("_",)


class Direct(redis.Redis):
    """Sends a command, or several together, and reads the replies, once.

    redis-py's own way comes to the same at twice the CPU: it closes over every call for a retry that we never ask for,
    and keeps a telemetry that nobody reads.
    """

    def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - redis-py's
        pool: Any = self.connection_pool
        parse: Any = self.parse_response
        connection: Any = pool.get_connection(*_OF_OLD)
        try:
            connection.send_command(*args)
            return parse(connection, args[0], **options)
        except (redis.ConnectionError, redis.TimeoutError, OSError):
            pool.failed += 1
            connection.disconnect()  # a reply that comes late must not be taken for the next command's
            raise
        finally:
            pool.release(connection)

    @cached_property
    def trips(self) -> GroupCommit[Sequence[Any], Any]:
        """Sends a command along with those that come while a trip is under way: they share the next, and an fsync.

        Each gets its own reply, or the error that the server replied; not for one that waits at the server.
        """
        return GroupCommit(self.together)

    def together(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """The replies to these commands, which share one trip; what the server refuses of them is its reply."""
        pool: Any = self.connection_pool
        connection: Any = pool.get_connection(*_OF_OLD)
        try:
            connection.send_packed_command(connection.pack_commands(commands))
            return [_reply(connection) for _ in commands]
        except BaseException:  # what is not read to its end must not be taken for the next command's reply
            pool.failed += 1
            connection.disconnect()
            raise
        finally:
            pool.release(connection)


def _reply(connection: Any) -> Any:  # noqa: ANN401 - redis-py's
    try:
        return connection.read_response()
    except redis.ResponseError as e:
        return e
