"""A connection that is kept: how it is made, whether it is still good, and a second handle on it."""

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from socket import MSG_DONTWAIT, MSG_PEEK, SHUT_RDWR
from ssl import SSLContext
from urllib.parse import SplitResult, urlsplit

from urllib3.util.ssl_ import create_urllib3_context

from wecom_bot.outbound.connections import PlainConnection, TlsConnection
from wecom_bot.outbound.deadline import handle
from wecom_bot.outbound.egress import Egress

Way = Callable[[float], PlainConnection]
"""Makes a connection, to be connected, that takes so many seconds for it at most."""


class OpenLine:
    """An open connection."""

    def __init__(self, connection: PlainConnection) -> None:
        self._connection = connection
        self.socket = connection.sock
        self.handle = handle(connection.sock)
        self.handle.settimeout(0)
        self._deciphered: Callable[[], int] = getattr(connection.sock, "pending", lambda: 0)  # TLS has one

    def quiet(self) -> bool:
        """Whether it is still good: whoever hung up meanwhile, or spoke unasked, has left something to be read."""
        if self._deciphered():
            return False  # the handle does not see it
        try:
            self.handle.recv(1, MSG_PEEK | MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Hang up, at once: whatever else still holds the connection, as an answer that was half read does."""
        with suppress(OSError):  # the other side was faster
            self.handle.shutdown(SHUT_RDWR)
        self._connection.close()
        self.handle.close()


def way(parts: SplitResult, egress: Egress, trusts: str = "") -> Way:
    """The way to the host of a URL; `trusts` is a file of certificates, requests' own where it is empty.

    Raises ValueError for what is no URL.
    """
    if parts.scheme not in {"http", "https"}:
        raise ValueError("neither http nor https")
    host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    proxy = urlsplit(egress.proxies(parts.geturl()).get(parts.scheme, ""))
    first, at = (proxy.hostname, proxy.port) if proxy.hostname else (host, port)
    if parts.scheme == "http":
        return lambda timeout: PlainConnection(first, at, timeout=timeout)

    def tls(timeout: float) -> PlainConnection:
        made = TlsConnection(first, at, timeout=timeout, ssl_context=_context(trusts))
        if proxy.hostname:
            made.set_tunnel(host, port or made.default_port, egress.headers())
        return made

    return tls


@lru_cache(maxsize=8)
def _context(trusted: str) -> SSLContext:
    """Certificates are checked, and read once: it takes longer than a call."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH  # noqa: PLC0415 - large, and not needed for much else

    context = create_urllib3_context()
    context.load_verify_locations(trusted or DEFAULT_CA_BUNDLE_PATH)
    return context
