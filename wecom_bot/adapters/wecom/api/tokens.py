"""Access tokens: fetched once for all our processes, renewed early, and never asked for in a loop.

WeCom limits how often a token may be fetched, and bans an address for an hour that sends wrong secrets again and again.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from wecom_bot.adapters.sharing import Refusal, SharedTokens, TokenKey
from wecom_bot.adapters.wecom.api import codes
from wecom_bot.errors import Misconfigured, RateLimited, TemporaryFailure
from wecom_bot.outbound.backoff import Backoff, scattered
from wecom_bot.ports import Clock
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)

_USE = 0.9  # of its life: what is in flight when a token is renewed must still arrive in time
_TRUST = timedelta(seconds=10)  # in what was shared when we last looked
_LOOK_AGAIN = timedelta(milliseconds=15)  # between two looks for a token that somebody else fetches: so long at least
_LATEST_LOOK = timedelta(milliseconds=30)  # and by chance so much longer
# No jitter: of all our processes one alone has the claim, and asks again
_PUNISHED = Backoff(timedelta(seconds=60), timedelta(minutes=15), jitter=0)  # after a wrong secret
_AFTER_REJECTION = timedelta(seconds=10)
# After a fetch that failed: or each that waits for it would try in its turn
_LULL = Backoff(timedelta(seconds=1), timedelta(seconds=10), jitter=0)
_REMEMBER = timedelta(hours=1)  # beyond the pause, so that the next one is longer


@dataclass(frozen=True, slots=True)
class Fetched:
    """A token as gettoken gave it."""

    token: str
    life: timedelta


Fetch = Callable[[], Fetched]
"""Asks WeCom for a token. Raises what codes.failure makes, and TemporaryFailure."""


def fingerprint(secret: str) -> str:
    """What tells one secret from another and reveals no part of it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


class AccessTokens:
    """The access token of one app under one secret."""

    def __init__(self, key: TokenKey, shared: SharedTokens, fetch: Fetch, clock: Clock, patience: timedelta) -> None:
        """`patience` is how long to wait for somebody else's fetch; no fetch may take longer."""
        self.key = key
        self._shared = shared
        self._fetch = fetch
        self._clock = clock
        self._patience = patience
        self._mine: tuple[str, datetime] | None = (
            None  # what was shared when we last looked, and how long to trust that
        )

    def get(self) -> str:
        """A token that was good when we last heard. Raises TemporaryFailure, RateLimited, Misconfigured.

        What was shared is trusted for a moment: a token that somebody else has replaced since is refused once, and
        then looked for again.
        """
        if self._mine and self._clock.now() < self._mine[1]:
            return self._mine[0]
        end = time.monotonic() + self._patience.total_seconds()
        while True:
            if fresh := self._shared.get(self.key):
                self._mine = fresh.token, self._clock.now() + min(fresh.left, _TRUST)
                return fresh.token
            self._respect_refusal()
            if self._shared.claim(self.key, self._patience):
                return self._fetch_for_all()
            if time.monotonic() > end:
                raise TemporaryFailure(f"no access token for app {self.key.app} of {self.key.corp_id} came in time")
            time.sleep(scattered(_LOOK_AGAIN, _LATEST_LOOK).total_seconds())

    def renew(self, refused: str) -> str:
        """A token other than the refused one, if WeCom has another; somebody may have fetched it meanwhile.

        None for a token that had itself just replaced a refused one: one new try is for all who are under way.
        """
        self._mine = None
        if not self._shared.replace(self.key, refused, _AFTER_REJECTION):
            self.reject(refused)
        return self.get()

    def confirm(self) -> None:
        """The renewed token was taken: when it is refused one day, that is news."""
        self._shared.confirm(self.key)

    def reject(self, refused: str) -> None:
        """Give up a token that was refused although just fetched, and ask for no other for a moment."""
        self._mine = None
        message = "WeCom refuses an access token that it has just given"
        self._alert(message, None, _AFTER_REJECTION)
        self._pause(Refusal(message, None, self._clock.now() + _AFTER_REJECTION))
        self._shared.forget(self.key, refused)  # now, for who finds no token must find why

    def _fetch_for_all(self) -> str:
        if fresh := self._shared.get(self.key):  # it came between our look and our claim
            self._shared.release(self.key)
            return fresh.token
        try:
            fetched = self._fetch()
        except Misconfigured as e:
            refusal = self._refusal(e)
            self._alert(str(e), e.code, refusal.until - self._clock.now())
            self._pause(refusal)
            raise
        except RateLimited as e:
            self._put_off(Refusal(str(e), None, self._clock.now() + e.retry_after))
            raise
        except TemporaryFailure as e:
            times = self._times(None)
            self._put_off(Refusal(str(e), None, self._clock.now() + _LULL.after(times), times))
            raise
        except BaseException:
            self._shared.release(self.key)
            raise
        self._shared.put(self.key, fetched.token, fetched.life * _USE)
        self._show(refused=False)
        log.info("token.fetched", corp_id=self.key.corp_id, app=self.key.app)
        return fetched.token

    def _refusal(self, error: Misconfigured) -> Refusal:
        times = self._times(error.code)
        # only a wrong secret is punished; what else is wrong is put right in WeCom's console and should then work soon
        pause = _PUNISHED.after(times if error.code in codes.WRONG_SECRET else 1)
        return Refusal(str(error), error.code, self._clock.now() + pause, times)

    def _times(self, code: int | None) -> int:
        """How often in a row it has gone wrong in this way, with this time."""
        before = self._shared.refusal(self.key)
        return before.times + 1 if before and before.code == code else 1

    def _pause(self, refusal: Refusal) -> None:
        self._shared.refuse(self.key, refusal, refusal.until - self._clock.now() + _REMEMBER)

    def _put_off(self, refusal: Refusal) -> None:
        pause = (refusal.until - self._clock.now()).total_seconds()
        where = {"corp_id": self.key.corp_id, "app": self.key.app}
        log.warning("token.put_off", reason=refusal.message, pause=pause, **where)
        self._pause(refusal)

    def _alert(self, reason: str, code: int | None, pause: timedelta) -> None:
        """Tell the operator, once for each try: those who find the circuit open say nothing."""
        log.error(
            "token.refused",
            corp_id=self.key.corp_id,
            app=self.key.app,
            code=code,
            reason=reason,
            pause=pause.total_seconds(),
            advice=_advice(self.key, code),
        )
        self._show(refused=True)

    def _show(self, *, refused: bool) -> None:
        metrics.TOKEN_REFUSED.labels(corp_id=self.key.corp_id, app=self.key.app).set(refused)

    def _respect_refusal(self) -> None:
        refusal = self._shared.refusal(self.key)
        if refusal is None:
            return
        left = refusal.until - self._clock.now()
        if left <= timedelta(0):
            return
        if refusal.code is None:
            raise RateLimited(refusal.message, left)
        self._show(refused=True)  # whoever found out may have ended since, and what it showed with it
        raise Misconfigured(f"{refusal.message}; not asked again for {left.total_seconds():.0f} s", refusal.code)


def _advice(key: TokenKey, code: int | None) -> str:
    if code is None:
        return (
            f"企业微信不认刚发给应用 {key.app} 的 access_token，已暂停片刻；若持续出现，请核对 WECOM_BOT_WECOM_BASE_URL"
            f" / WeCom refuses the access token it has just given to app {key.app}: if it goes on, check the base URL"
        )
    if code in codes.WRONG_SECRET:
        return (
            f"请在租户 {key.corp_id} 的配置里核对企业 ID 和应用 {key.app} 的 Secret，改对即恢复；"
            "在此之前越来越少地重试，免得出口 IP 被封一小时"
            f" / check the corp ID and the secret of app {key.app}: right ones work at once; until then it is"
            " tried ever more rarely, or WeCom would ban our IP for an hour"
        )
    return (
        f"请按 reason 在企业微信管理后台为应用 {key.app} 处理，一分钟后自动再试"
        f" / do as the reason says for app {key.app} in WeCom's console; it is tried again every minute"
    )
