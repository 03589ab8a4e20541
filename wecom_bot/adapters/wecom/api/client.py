"""The client of one app: its calls over our own wire, with its token, within its limits, and in our errors."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wecom_bot.adapters.sharing import Allowance, SharedTokens, TokenKey
from wecom_bot.adapters.wecom.api import bodies, codes, limits
from wecom_bot.adapters.wecom.api.codes import Action
from wecom_bot.adapters.wecom.api.tokens import AccessTokens, Fetch, Fetched, fingerprint
from wecom_bot.adapters.wecom.api.wire import Body, WecomAnswer, WecomWire
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import OutcomeUnknown, RateLimited, TemporaryFailure, WecomBotError
from wecom_bot.outbound.backoff import scattered
from wecom_bot.outbound.egress import DIRECT, Egress
from wecom_bot.outbound.usage import Usage
from wecom_bot.ports import Clock, Tenants
from wecom_bot.telemetry import logs, metrics

if TYPE_CHECKING:
    from wecom_bot.adapters.wecom.api.namespaces import Namespaces

log = logs.get(__name__)

_NOTHING: Mapping[str, Any] = {}
_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked, at every try."""

    api: str
    counted: str
    query: Mapping[str, Any]
    body: Body | None
    file: bool


class WecomClient:
    """`call` for each API by its path, and `wechatpy` for what that library knows of bodies.

    A call raises what codes.failure and WecomWire.ask make: TemporaryFailure, OutcomeUnknown, RateLimited,
    Misconfigured, NotAttending, MustWait, Rejected. RateLimited without a call where WeCom would refuse it: its limits
    for a corp and an API are counted, and its pauses kept, for all our processes together.
    """

    def __init__(self, tokens: AccessTokens, wire: WecomWire, allowance: Allowance) -> None:
        self.key = tokens.key
        self._tokens = tokens
        self._wire = wire
        self._allowance = allowance

    @cached_property
    def wechatpy(self) -> "Namespaces":
        """The namespaces of wechatpy, over this client."""
        from wecom_bot.adapters.wecom.api.namespaces import Namespaces  # noqa: PLC0415 - large, and seldom needed

        return Namespaces(self)

    @property
    def access_token(self) -> str:
        """The app's token. Raises what AccessTokens.get raises."""
        return self._tokens.get()

    def call(
        self,
        api: str,
        data: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        *,
        body: Body | None = None,
        file: bool = False,
    ) -> Any:  # noqa: ANN401 - the JSON of each API, or the bytes of a file
        """What the API answers to `data` (or a `body` that is made already), or to a GET where there is neither.

        With `file` it may be a file.
        """
        if "://" in api:
            raise ValueError("only paths below /cgi-bin/: the token must not go to another host")
        sent = body if data is None else Body(bodies.encoded(data))
        request = _Request(api, _counted_as(api, data), query or _NOTHING, sent, file)
        token = self._tokens.get()
        answer = self._ask(request, token)
        if answer.code:
            answer = self._with_another_token(request, token, answer)
        if answer.code:
            answer = self._with_plainer_text(request, data, answer)
        if answer.code:
            raise self._refusal(answer, request.counted)
        return answer.body if answer.result is None else answer.result

    def _with_another_token(self, request: _Request, token: str, answer: WecomAnswer) -> WecomAnswer:
        """Call once more with a new token if WeCom refused this one; never a third time."""
        if codes.action(answer.code, request.api) is not Action.REFRESH:
            return answer
        log.info("token.expired", corp_id=self.key.corp_id, app=self.key.app, code=answer.code)
        token = self._tokens.renew(token)
        answer = self._ask(request, token)
        if codes.action(answer.code, request.api) is Action.REFRESH:
            self._tokens.reject(token)
        else:
            self._tokens.confirm()
        return answer

    def _with_plainer_text(self, request: _Request, data: Mapping[str, Any] | None, answer: WecomAnswer) -> WecomAnswer:
        """Call once more with nothing but what shows if WeCom refused the text."""
        if codes.action(answer.code, request.api) is not Action.CLEAN or (plain := bodies.printable(data)) == data:
            return answer
        log.info("text.cleaned", api=request.api, corp_id=self.key.corp_id, app=self.key.app, code=answer.code)
        request, token = replace(request, body=Body(bodies.encoded(plain))), self._tokens.get()
        return self._with_another_token(request, token, self._ask(request, token))

    def _ask(self, request: _Request, token: str) -> WecomAnswer:
        """Call, if we may."""
        api, counted = request.api, request.counted
        wait = self._allowance.take(self.key.corp_id, counted, limits.CALLS)
        if wait > _AT_ONCE:
            metrics.WECOM_CALLS.labels(api=api, outcome="held_back").inc()
            raise RateLimited(f"{api} may not be called for now: WeCom asked for a pause, or would", wait)
        try:
            return self._wire.ask(api, {**request.query, "access_token": token}, request.body, file=request.file)
        except (RateLimited, OutcomeUnknown) as e:
            if e.retry_after is not None:
                self._allowance.close(self.key.corp_id, counted, e.retry_after)
            raise

    def _refusal(self, answer: WecomAnswer, counted: str) -> WecomBotError:
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
        self._wire = WecomWire(base_url, timeout, pool, egress)
        self._clients: dict[tuple[CorpId, str], WecomClient] = {}

    def usage(self) -> Usage:
        """How the connections to WeCom are used."""
        return self._wire.usage()

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


def _fetch(wire: WecomWire, corp_id: CorpId, secret: str) -> Fetch:
    def fetch() -> Fetched:
        query = {"corpid": corp_id, "corpsecret": secret}
        answer = wire.ask(codes.GET_TOKEN, query)
        if answer.code:
            raise codes.failure(answer.code, answer.errmsg, codes.GET_TOKEN)
        result = answer.result or {}
        token, life = result.get("access_token"), result.get("expires_in")
        if not isinstance(token, str) or not token:
            raise TemporaryFailure("WeCom answered gettoken without a token")
        return Fetched(token, timedelta(seconds=life) if isinstance(life, int) and life > 0 else limits.TOKEN_LIFE)

    return fetch
