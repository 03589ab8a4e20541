"""The driver's connection as we need it: its answers have a greatest size, and values come as what they mean.

Imported where a tenant has a database, and nowhere else: a process without one has no driver.
"""

from ssl import SSLCertVerificationError
from typing import Any

import sqlalchemy as sa
from pymysql import converters, err
from pymysql.connections import Connection
from pymysql.constants import CR, FIELD_TYPE
from sqlalchemy import event

MOST_BYTES = 4 * 1024 * 1024
"""Of one answer of a server: fifty rows of what customers read are far less."""

# a bit is 0 or 1 and no byte, of which even b"\0" is true; a time of day is no span of time
_CONVERSIONS: dict[Any, Any] = {
    **converters.conversions,
    FIELD_TYPE.BIT: lambda value: int.from_bytes(value, "big"),
    FIELD_TYPE.TIME: converters.convert_time,
}


class BoundedConnection(Connection):
    """A connection that reads no answer that is larger than there is room for; it is closed then."""

    _left = MOST_BYTES  # of the server's greeting, too

    def query(self, sql: Any, unbuffered: bool = False) -> int:  # noqa: ANN401, FBT001, FBT002 - the driver's signature
        self._left = MOST_BYTES
        return super().query(sql, unbuffered)

    def rollback(self) -> None:
        """Nothing: each SELECT is a transaction of its own, and over. The pool asks for one after every query."""

    def _read_bytes(self, num_bytes: int) -> bytes:
        self._left -= num_bytes
        if self._left < 0:
            self._force_close()  # type: ignore[attr-defined] # the stubs have only what is public
            raise err.OperationalError(CR.CR_NET_PACKET_TOO_LARGE, "larger than there is room for")
        read: bytes = super()._read_bytes(num_bytes)  # type: ignore[misc] # as above
        return read


def use(engine: sa.Engine) -> None:
    """Let the engine connect so."""
    event.listen(engine, "do_connect", _connected)


def _connected(_dialect: object, _record: object, arguments: Any, named: Any) -> BoundedConnection:  # noqa: ANN401 - the driver's own
    """The connection. Raises what the driver raises; what is wrong with certificates by that number."""
    try:
        return BoundedConnection(*arguments, **named, conv=_CONVERSIONS)
    except err.OperationalError as e:
        if isinstance(getattr(e, "original_exception", None), SSLCertVerificationError):
            raise err.OperationalError(CR.CR_SSL_CONNECTION_ERROR, "the certificate is not trusted") from e
        if e.args[0] == CR.CR_NET_PACKET_TOO_LARGE:
            raise err.OperationalError(CR.CR_SERVER_HANDSHAKE_ERR, "this is no greeting") from e
        raise
    except OSError as e:  # whatever it finds wrong on the way to the server it raises as its own
        raise err.OperationalError(CR.CR_SSL_CONNECTION_ERROR, type(e).__name__) from e
