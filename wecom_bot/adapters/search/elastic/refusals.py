"""What becomes of a call that failed: one of our errors, which says what to do and quotes nothing of the request.

What Elasticsearch says of a request that it refuses may quote it, and so a customer's words: its reason is never told.
"""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import ApiError, UnsupportedProductError

from wecom_bot.errors import Misconfigured, RateLimited, Rejected, TemporaryFailure, WecomBotError
from wecom_bot.outbound import trouble

_PAUSE = timedelta(seconds=1)
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.FORBIDDEN)
_BLOCKS = ("cluster_block_exception",)  # a full disk: it goes away, and no permission helps
_CLOSED = "index_closed_exception"  # a 400, and nothing is wrong with what was asked

_LOGIN = (
    "Elasticsearch 不认这个用户或 API key（401）：请核对 WECOM_BOT_SEARCH_USER 与 WECOM_BOT_SEARCH_PASSWORD，或"
    " WECOM_BOT_SEARCH_API_KEY / it refuses the login (401): check these settings"
)
_PERMISSION = (
    "Elasticsearch 的这个用户权限不够（403）：集群权限要 monitor，索引 WECOM_BOT_SEARCH_PREFIX-* 要 read、write、manage"
    " / the user lacks a permission (403): it needs monitor on the cluster, and read, write and manage on these indexes"
)
_UNTRUSTED = (
    "Elasticsearch 的证书不受信任：请把签发它的 CA 写进 WECOM_BOT_SEARCH_CA，并核对主机名"
    " / its certificate is not trusted: name the CA that signed it in WECOM_BOT_SEARCH_CA, and check the host's name"
)
_STRANGER = (
    "应答的不是 Elasticsearch 8，请核对 WECOM_BOT_SEARCH_URL（也可能是中间的代理出错）"
    " / what answers is no Elasticsearch 8: check WECOM_BOT_SEARCH_URL, and what proxies stand between"
)


class LoginRefused(Misconfigured):
    """Who we are, or what we may do, or who it is: only an operator can help."""


class NotThere(TemporaryFailure):
    """The index or alias does not exist, yet or any more, or is closed: somebody has to index first."""


class OfAnotherVersion(NotThere):
    """The index is there, and made by an earlier or later state of this program: nobody can read it here."""

    def __init__(self, index: str) -> None:
        super().__init__(
            f"{index} 是别的版本建的，请运行 wecom-bot search rebuild / was made by another version: rebuild it"
        )


def refused(error: ApiError) -> WecomBotError:
    """What an answer that is an error comes to."""
    if isinstance(error, UnsupportedProductError):
        return TemporaryFailure(_STRANGER)
    return failure(error.meta.status, error.body, error.meta.headers.get("retry-after") or "")


def failure(status: int, body: Any, retry_after: str = "") -> WecomBotError:  # noqa: ANN401 - what was in the JSON
    """What an error of this status comes to, whole or of one part of an answer."""
    said = f"Elasticsearch: {status} {kind(body)}".rstrip()
    if status == HTTPStatus.UNAUTHORIZED:
        return LoginRefused(_LOGIN, status)
    if status == HTTPStatus.FORBIDDEN and kind(body) not in _BLOCKS:
        return LoginRefused(_PERMISSION, status)
    if status == HTTPStatus.NOT_FOUND or kind(body) == _CLOSED:
        return NotThere(said)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(said, trouble.pause(retry_after) or _PAUSE)
    passing = status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return TemporaryFailure(said) if passing else Rejected(said, status)


def lost(error: TransportError) -> WecomBotError:
    """What it comes to that no answer came, or none that can be read."""
    if isinstance(error, TlsError):
        return LoginRefused(_UNTRUSTED)
    if isinstance(error, ConnectionTimeout):
        return TemporaryFailure("Elasticsearch did not answer in time")
    return TemporaryFailure(f"Elasticsearch did not answer: {type(error).__name__}")


def kind(body: Any) -> str:  # noqa: ANN401 - what was in the JSON
    """The class of the error, and nothing that it says."""
    error = body.get("error") if isinstance(body, dict) else None
    said = error.get("type") if isinstance(error, dict) else None
    return said if isinstance(said, str) and said.isidentifier() else ""
