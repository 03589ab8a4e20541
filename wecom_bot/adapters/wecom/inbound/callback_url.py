"""Whether WeCom's calls would reach us: the public address, its certificate, and each app's callback behind it.

What WeCom does when somebody saves the URL in its console is done here: an echo, sealed with the tenant's own keys,
must come back open. That proves DNS, TLS, the proxy, the gateway and the keys at once.
"""

import http.client
import secrets
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter, sleep
from urllib.parse import SplitResult, urlencode, urlsplit

from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto
from wecom_bot.domain.finding import Finding, doubtful, failed, well
from wecom_bot.domain.secrets import Credentials
from wecom_bot.domain.tenant import App, Tenant
from wecom_bot.errors import ConfigurationError
from wecom_bot.ports import Clock
from wecom_bot.telemetry import trace

DOOR, CERTIFICATE, CALLBACK = "callback.door", "callback.certificate", "callback"

_SETTING = "WECOM_BOT_PUBLIC_URL"
_TIMEOUT = 8.0  # seconds
_PATIENCE = 1.0  # seconds that WeCom waits for an echo (page 90238)
_SOON = timedelta(days=14)
_MOST_BYTES = 4096
_PORTS = {"http": 80, "https": 443}
_AWAY = {502, 503, 504}
_NOT_KNOWN = {http.client.BAD_REQUEST, http.client.FORBIDDEN, http.client.NOT_FOUND}
_FROM_INSIDE = (
    "；云主机从内网访问自己的公网地址有时不通，换台外面的机器再试"
    " / a machine sometimes cannot reach its own public address: try from outside"
)


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """The address under which WeCom calls us. Certificates are proved as the system does (SSL_CERT_FILE counts).

    `news` is how long it takes until a gateway has heard of an import.
    """

    url: str
    clock: Clock
    news: timedelta = timedelta(seconds=2)

    def look(self) -> Iterator[Finding]:
        """The findings of the door itself: its name, its port, and its certificate."""
        parts = urlsplit(self.url)
        try:
            with _connected(parts) as line:
                yield well(DOOR, self.url)
                yield self._certificate(line)
        except OSError as e:
            yield self._shut(e)

    def look_behind(self, tenant: Tenant, app: App, keys: Credentials) -> Finding:
        """The finding of one app's callback: a sealed echo must come back open."""
        about = f"{tenant.corp_id}/{app.name}"
        path = f"/callback/{tenant.corp_id}/{app.name}"
        try:
            crypto = CallbackCrypto(keys.token.get_secret_value(), keys.encoding_aes_key.get_secret_value())
        except ConfigurationError as e:
            return failed(CALLBACK, str(e), "在租户文件里改对再导入 / put it right in the tenants' file", about)
        echo, stamp, nonce = secrets.token_hex(8), str(int(self.clock.now().timestamp())), secrets.token_hex(5)
        sealed = crypto.seal(echo, (app.receive_ids or (tenant.corp_id,))[0], stamp, nonce)
        query = {"msg_signature": sealed.signature, "timestamp": stamp, "nonce": nonce, "echostr": sealed.encrypted}
        try:
            answer = _got(urlsplit(self.url), path, query)
            if answer.by_us and answer.status in _NOT_KNOWN:  # what was just imported, perhaps: it is asked once more
                sleep(self.news.total_seconds())
                answer = _got(urlsplit(self.url), path, query)
        except (OSError, http.client.HTTPException) as e:
            return self._shut(e, about)
        return _judged(answer, echo, path, about)

    def _certificate(self, line: socket.socket) -> Finding:
        if not isinstance(line, ssl.SSLSocket):
            return doubtful(
                CERTIFICATE,
                "没有 TLS：回调在路上能被看见（内容是加密的）/ no TLS: calls can be watched (what they hold is sealed)",
                f"用 https，{_SETTING} 写成 https://… / use https",
            )
        certificate = line.getpeercert() or {}
        until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
        left = until - self.clock.now()
        seen = f"证书有效到 / the certificate is good until {until:%Y-%m-%d}"
        if left < _SOON:
            return doubtful(
                CERTIFICATE,
                f"{seen}，只剩 {left.days} 天 / so many days are left",
                "续证书并让 nginx 重新加载；看看自动续期为什么没续 / renew it, reload nginx",
            )
        return well(CERTIFICATE, seen)

    def _shut(self, error: Exception, about: str = "") -> Finding:
        check = CALLBACK if about else DOOR
        if isinstance(error, ssl.SSLCertVerificationError):
            return failed(
                check if about else CERTIFICATE,
                f"证书不受信任 / the certificate is not trusted: {error.verify_message}",
                "企业微信也不会信：换受信任机构签的、含这个域名、带全中间证书的（nginx 用 fullchain.pem）"
                " / WeCom will not trust it either: use one of a known authority, for this name, with its chain",
                about,
            )
        if isinstance(error, socket.gaierror):
            return failed(
                check,
                f"域名解析不了 / its name does not resolve: {urlsplit(self.url).hostname}",
                f"看 DNS 记录和 {_SETTING} / see the DNS record and {_SETTING}",
                about,
            )
        return failed(
            check,
            f"连不上 / cannot be reached: {self.url} ({type(error).__name__})",
            "看 nginx 是否在运行、监听的端口、防火墙、安全组" + _FROM_INSIDE,
            about,
        )


@dataclass(frozen=True, slots=True)
class _DoorAnswer:
    status: int
    body: bytes
    by_us: bool  # only our gateway names a trace
    took: float


def _connected(parts: SplitResult) -> socket.socket:
    """A connection, with TLS where the URL says so. Raises OSError."""
    where = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    line = socket.create_connection(where, _TIMEOUT)
    if parts.scheme == "http":
        return line
    try:
        return ssl.create_default_context().wrap_socket(line, server_hostname=parts.hostname)
    except BaseException:
        line.close()
        raise


def _got(parts: SplitResult, path: str, query: Mapping[str, str]) -> _DoorAnswer:
    """What a GET is answered with; a redirect is not followed, for WeCom follows none."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    made: http.client.HTTPConnection
    if parts.scheme == "http":
        made = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    else:
        made = http.client.HTTPSConnection(host, port, timeout=_TIMEOUT, context=ssl.create_default_context())
    try:
        made.connect()
        began = perf_counter()
        made.request("GET", f"{parts.path.rstrip('/')}{path}?{urlencode(query)}")
        answer = made.getresponse()
        body = answer.read(_MOST_BYTES)
        return _DoorAnswer(answer.status, body, answer.getheader(trace.HEADER) is not None, perf_counter() - began)
    finally:
        made.close()


def _judged(answer: _DoorAnswer, echo: str, path: str, about: str) -> Finding:
    if answer.status == http.client.OK and answer.body == echo.encode():
        if answer.took > _PATIENCE:
            return doubtful(
                CALLBACK,
                f"通，但用了 {answer.took:.1f} 秒，企业微信只等 1 秒 / it works, slowly: WeCom waits one second",
                "看网关机器的 CPU、nginx 与网关之间的网络 / see the gateway's CPU and the network before it",
                about,
            )
        return well(CALLBACK, f"{path}：一来一回解开了 / the echo came back open", about)
    seen, mend = _explained(answer, path)
    tell = doubtful if answer.status == http.client.FORBIDDEN and not answer.by_us else failed
    return tell(CALLBACK, seen, mend, about)


_SAME_DATABASE = (
    "看网关是不是连着同一个数据库（WECOM_BOT_DATABASE_URL、WECOM_BOT_DATA），刚导入的等 2 秒"
    " / see that the gateway uses the same database; after an import wait two seconds"
)


def _explained(answer: _DoorAnswer, path: str) -> tuple[str, str]:
    """What was seen and what to do, for an answer that is not the echo."""
    number, by_us = answer.status, answer.by_us
    if number == http.client.FORBIDDEN and not by_us:
        seen = "403，前面的代理不让进：它多半只放企业微信的地址 / the proxy lets nobody in but, most likely, WeCom"
        mend = (
            "从这里查不到后面；在管理后台“保存”回调 URL 就是同样的检查，或暂时把本机加进 deploy/nginx/callers.conf"
            " / saving the URL in WeCom's console does the same check; or let this machine in for a while"
        )
        return seen, mend
    if by_us and number in {http.client.FORBIDDEN, http.client.BAD_REQUEST}:
        seen = f"{number}，网关解不开：它用的 Token 或 EncodingAESKey 不同 / the gateway has other keys for this app"
        return seen, _SAME_DATABASE
    if by_us and number == http.client.NOT_FOUND:
        return "404，网关不认识这个租户或应用 / the gateway does not know the tenant or app", _SAME_DATABASE
    if number in _AWAY:
        who = (
            "网关还没就绪 / the gateway is not ready"
            if by_us
            else "代理连不上网关 / the proxy cannot reach the gateway"
        )
        mend = "看网关在不在、/readyz 缺什么、nginx 的 upstream / see the gateway, its /readyz, and nginx's upstream"
        return f"{number}，{who}", mend
    seen = f"HTTP {number}，不是我们的网关在答 / not our gateway answers" if not by_us else f"HTTP {number}"
    mend = (
        f"{_SETTING} 要指到能转发 {path} 的代理，不要跳转（企业微信不跟随）"
        f" / {_SETTING} must lead to a proxy that passes {path} on, without a redirect"
    )
    return seen, mend
