"""The client of one app: wechatpy's namespaces, over our own wire, tokens and errors.

wechatpy 2.0.0a26 retries a refused token without end, fetches tokens without a timeout and once for every caller, files
them under a piece of the secret, and reads its media from a fixed host. All of that is replaced here; what is left of
it is what each namespace knows about paths and bodies.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NoReturn

from requests import PreparedRequest
from wechatpy.work import WeChatClient
from wechatpy.work.client.api import WeChatMedia

from wecom_bot.adapters.sharing import Allowance, SharedTokens, TokenKey
from wecom_bot.adapters.wecom.api import bodies, codes, limits
from wecom_bot.adapters.wecom.api.codes import Action
from wecom_bot.adapters.wecom.api.tokens import AccessTokens, Fetch, Fetched, fingerprint
from wecom_bot.adapters.wecom.api.wire import Answer, Wire
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import OutcomeUnknown, RateLimited, TemporaryFailure, WecomBotError
from wecom_bot.outbound.backoff import scattered
from wecom_bot.outbound.egress import Egress
from wecom_bot.outbound.session import DIRECT
from wecom_bot.ports import Clock, Tenants
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)


class Media(WeChatMedia):  # type: ignore[misc]  # wechatpy has no types
    """Files, from the host that is set, within the deadline, and with no URL that holds a token."""

    def download(self, media_id: str) -> bytes:
        found: bytes = self._client.get("media/get", params={"media_id": media_id}, file=True)
        return found

    def get_url(self, media_id: str) -> NoReturn:
        raise NotImplementedError(f"a URL for {media_id} would hold the access token: use download")

    get_jssdk_url = get_url


class WecomClient(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """WecomClient(...).message.send(...), .user.get(...), .media.upload(...), and .get and .post for the rest.

    A call raises what codes.failure and Wire.ask make: TemporaryFailure, OutcomeUnknown, RateLimited, Misconfigured,
    NotAttending, MustWait, Rejected. RateLimited without a call where WeCom would refuse it: its limits for a corp and
    an API are counted, and its pauses kept, for all our processes together.
    """

    media = Media()

    def __init__(self, tokens: AccessTokens, wire: Wire, allowance: Allowance) -> None:
        # no secret: wechatpy would file the token under its first ten characters
        super().__init__(tokens.key.corp_id, secret="", auto_retry=False)
        self.API_BASE_URL = wire.root
        self._http = None  # whatever of wechatpy still went past us would fail at once
        self.key = tokens.key
        self._tokens = tokens
        self._wire = wire
        self._allowance = allowance

    @property
    def access_token(self) -> str:
        # AttributeError while wechatpy's __new__ looks at every attribute, which it takes for "none"
        return self._tokens.get()

    def fetch_access_token(self) -> None:
        self._tokens.get()

    def _request(
        self,
        method: str,
        url_or_endpoint: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        result_processor: Any = None,  # noqa: ANN401 - wechatpy's
        file: bool = False,
    ) -> Any:  # noqa: ANN401 - as wechatpy has it: the JSON of each API
        if "://" in url_or_endpoint:
            raise ValueError("only paths below /cgi-bin/: the token must not go to another host")
        api, query, counted = url_or_endpoint, params or {}, _counted_as(url_or_endpoint, data)
        answer = self._ask(api, counted, self._prepared(method, api, data, files), query, file=file)
        if codes.action(answer.code, api) is Action.CLEAN and (plain := bodies.printable(data)) != data:
            log.info("text.cleaned", api=api, corp_id=self.key.corp_id, app=self.key.app, code=answer.code)
            answer = self._ask(api, counted, self._prepared(method, api, plain, files), query, file=file)
        if answer.code:
            raise self._refusal(answer, counted)
        if answer.result is None:
            return answer.body
        return result_processor(answer.result) if result_processor else answer.result

    def _prepared(
        self, method: str, api: str, data: Mapping[str, Any] | None, files: Mapping[str, Any] | None
    ) -> PreparedRequest:
        if data is None or files:
            return self._wire.prepare(method, api, files=files)
        return self._wire.prepare(method, api, data=bodies.encoded(data), headers={"Content-Type": "application/json"})

    def _ask(self, api: str, counted: str, request: PreparedRequest, query: Mapping[str, Any], *, file: bool) -> Answer:
        """Call, and once more with a new token if WeCom refuses this one; never a third time."""
        token = self._tokens.get()
        answer = self._call(api, counted, request, {**query, "access_token": token}, file=file)
        if codes.action(answer.code, api) is Action.REFRESH:
            log.info("token.expired", corp_id=self.key.corp_id, app=self.key.app, code=answer.code)
            token = self._tokens.renew(token)
            answer = self._call(api, counted, request, {**query, "access_token": token}, file=file)
            if codes.action(answer.code, api) is Action.REFRESH:
                self._tokens.reject(token)
            else:
                self._tokens.confirm()
        return answer

    def _call(
        self, api: str, counted: str, request: PreparedRequest, query: Mapping[str, Any], *, file: bool
    ) -> Answer:
        wait = self._allowance.take(self.key.corp_id, counted, limits.CALLS)
        if wait > timedelta(0):
            metrics.WECOM_CALLS.labels(api=api, outcome="held_back").inc()
            raise RateLimited(f"{api} may not be called for now: WeCom asked for a pause, or would", wait)
        try:
            return self._wire.ask(api, request, query, file=file)
        except (RateLimited, OutcomeUnknown) as e:
            if e.retry_after is not None:
                self._allowance.close(self.key.corp_id, counted, e.retry_after)
            raise

    def _refusal(self, answer: Answer, counted: str) -> WecomBotError:
        what = codes.action(answer.code, answer.api)
        log.warning(
            "wecom.refused",
            api=answer.api,
            corp_id=self.key.corp_id,
            app=self.key.app,
            code=answer.code,
            action=str(what),
            errmsg=answer.errmsg,
        )
        error = codes.failure(answer.code, answer.errmsg, answer.api)
        if isinstance(error, RateLimited):
            error.retry_after = self._close(counted, what)
        return error

    def _close(self, counted: str, why: Action) -> timedelta:
        """Leave the API alone, all of us; for how long."""
        length, longest = limits.BLOCK, limits.LONGEST_BLOCK
        if why is Action.FEWER:
            length, longest = scattered(limits.CROWD, limits.CROWD), limits.LONGEST_CROWD
        return self._allowance.close(self.key.corp_id, counted, length, longest)


def _counted_as(api: str, data: Mapping[str, Any] | None) -> str:
    """The name under which calls are counted. WeCom limits sync_msg without a token apart, and more (page 94670)."""
    unasked = api == "kf/sync_msg" and not (data or {}).get("token")
    return f"api/{api}/unasked" if unasked else f"api/{api}"


class Clients:
    """The clients of all apps of a process, over one wire; a changed secret makes a new one."""

    def __init__(
        self,
        tenants: Tenants,
        shared: SharedTokens,
        allowance: Allowance,
        clock: Clock,
        *,
        base_url: str,
        timeout: timedelta,
        pool: int,
        egress: Egress = DIRECT,
    ) -> None:
        """`timeout` bounds every call; `pool` is how many go on at once; `egress` is their way out."""
        self._tenants = tenants
        self._shared = shared
        self._allowance = allowance
        self._clock = clock
        self._wire = Wire(base_url, timeout, pool, egress)
        self._clients: dict[tuple[CorpId, str], WecomClient] = {}

    def of(self, corp_id: CorpId, app: str) -> WecomClient:
        """The client of an app. Raises Unknown."""
        secret = self._tenants.credentials(corp_id, app).secret.get_secret_value()
        key = TokenKey(corp_id, app, fingerprint(secret))
        kept = self._clients.get((corp_id, app))
        if kept is None or kept.key != key:
            # twice the timeout: the last read of a slow answer may add one to the exchange's own
            patience = self._wire.timeout * 2
            tokens = AccessTokens(key, self._shared, _fetch(self._wire, corp_id, secret), self._clock, patience)
            kept = self._clients[corp_id, app] = WecomClient(tokens, self._wire, self._allowance)
        return kept


def _fetch(wire: Wire, corp_id: CorpId, secret: str) -> Fetch:
    def fetch() -> Fetched:
        query = {"corpid": corp_id, "corpsecret": secret}
        answer = wire.ask(codes.GET_TOKEN, wire.prepare("get", codes.GET_TOKEN), query)
        if answer.code:
            raise codes.failure(answer.code, answer.errmsg, codes.GET_TOKEN)
        result = answer.result or {}
        token, life = result.get("access_token"), result.get("expires_in")
        if not isinstance(token, str) or not token:
            raise TemporaryFailure("WeCom answered gettoken without a token")
        return Fetched(token, timedelta(seconds=life) if isinstance(life, int) and life > 0 else limits.TOKEN_LIFE)

    return fetch
