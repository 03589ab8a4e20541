"""The client of one app: wechatpy's namespaces, over our own wire, tokens and errors.

wechatpy 2.0.0a26 retries a refused token without end, fetches tokens without a timeout and once for every caller, files
them under a piece of the secret, and reads its media from a fixed host. All of that is replaced here; what is left of
it is what each namespace knows about paths and bodies.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn

from requests import PreparedRequest
from wechatpy.work import WeChatClient
from wechatpy.work.client.api import WeChatMedia

from wecom_bot.adapters.wecom import codes, limits
from wecom_bot.adapters.wecom.codes import Action
from wecom_bot.adapters.wecom.tokens import AccessTokens, Fetch, Fetched, fingerprint
from wecom_bot.adapters.wecom.wire import Answer, Wire
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import RateLimited, TemporaryFailure, WecomBotError
from wecom_bot.ports import Clock, SharedTokens, Tenants, TokenKey
from wecom_bot.telemetry import logs

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
    NotAttending, MustWait, Rejected.
    """

    media = Media()

    def __init__(self, tokens: AccessTokens, wire: Wire, clock: Clock) -> None:
        # no secret: wechatpy would file the token under its first ten characters
        super().__init__(tokens.key.corp_id, secret="", auto_retry=False)
        self.API_BASE_URL = wire.root
        self._http = None  # whatever of wechatpy still went past us would fail at once
        self.key = tokens.key
        self._tokens = tokens
        self._wire = wire
        self._clock = clock
        self._closed: dict[str, datetime] = {}

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
        self._respect_block(url_or_endpoint)
        request = self._prepared(method, url_or_endpoint, data, files)
        try:
            answer = self._ask(url_or_endpoint, request, params or {}, file=file)
        except RateLimited as e:
            self._closed[url_or_endpoint] = self._clock.now() + e.retry_after
            raise
        if answer.result is None:
            return answer.body
        return result_processor(answer.result) if result_processor else answer.result

    def _prepared(
        self, method: str, api: str, data: Mapping[str, Any] | None, files: Mapping[str, Any] | None
    ) -> PreparedRequest:
        if data is None or files:
            return self._wire.prepare(method, api, files=files)
        body = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
        return self._wire.prepare(method, api, data=body, headers={"Content-Type": "application/json"})

    def _ask(self, api: str, request: PreparedRequest, query: Mapping[str, Any], *, file: bool) -> Answer:
        """Call, and once more with a new token if WeCom refuses this one; never a third time."""
        token = self._tokens.get()
        answer = self._wire.ask(api, request, {**query, "access_token": token}, file=file)
        if codes.action(answer.code, api) is Action.REFRESH:
            log.info("token.expired", corp_id=self.key.corp_id, app=self.key.app, code=answer.code)
            token = self._tokens.renew(token)
            answer = self._wire.ask(api, request, {**query, "access_token": token}, file=file)
            if codes.action(answer.code, api) is Action.REFRESH:
                self._tokens.reject(token)
        if answer.code:
            raise self._refusal(answer)
        return answer

    def _refusal(self, answer: Answer) -> WecomBotError:
        log.warning(
            "wecom.refused",
            api=answer.api,
            corp_id=self.key.corp_id,
            app=self.key.app,
            code=answer.code,
            action=str(codes.action(answer.code, answer.api)),
            errmsg=answer.errmsg,
        )
        return codes.failure(answer.code, answer.errmsg, answer.api)

    def _respect_block(self, api: str) -> None:
        """WeCom closes an API for a while after its limit: calls made meanwhile could only be refused."""
        if api in self._closed:
            left = self._closed[api] - self._clock.now()
            if left > timedelta(0):
                raise RateLimited(f"WeCom asked for a pause of {api}", left)
            self._closed.pop(api, None)


class Clients:
    """The clients of all apps of a process, over one wire; a changed secret makes a new one."""

    def __init__(
        self, tenants: Tenants, shared: SharedTokens, clock: Clock, *, base_url: str, timeout: timedelta, pool: int
    ) -> None:
        """`timeout` bounds every call; `pool` is how many go on at once."""
        self._tenants = tenants
        self._shared = shared
        self._clock = clock
        self._wire = Wire(base_url, timeout, pool)
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
            kept = self._clients[corp_id, app] = WecomClient(tokens, self._wire, self._clock)
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
