"""Access tokens: one for each app secret, the same within its life, and ways to lose them early."""

import secrets
import time
from dataclasses import dataclass

from wecom_bot.simulators.wecom.refusals import WecomRefusal


@dataclass(slots=True)
class Grant:
    """What a token allows: to call as this app of this corp, until then (monotonic)."""

    corp_id: str
    app: str
    secret: str
    until: float


class IssuedTokens:
    """Every token ever issued, so that an expired one (42001) can be told from an unknown one (40014).

    They do not age with the conversations: ending them early is a trouble of its own.
    """

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}
        self._current: dict[tuple[str, str], str] = {}

    def issue(self, corp_id: str, app: str, secret: str, life: int) -> tuple[str, int]:
        """The app's token and the seconds it has left; a new one only when the old one is over."""
        now = time.monotonic()
        token = self._current.get((corp_id, app), "")
        grant = self._grants.get(token)
        if grant is None or grant.until <= now or grant.secret != secret:
            token, grant = secrets.token_urlsafe(160), Grant(corp_id, app, secret, now + life)
            self._grants[token] = grant
            self._current[corp_id, app] = token
        return token, max(1, round(grant.until - now))

    def corp_of(self, token: str) -> str:
        """Whose token it is, valid or not; empty if nobody's."""
        grant = self._grants.get(token)
        return grant.corp_id if grant else ""

    def check(self, token: str) -> Grant:
        """What the token allows. Raises WecomRefusal."""
        if not token:
            raise WecomRefusal(41001)
        grant = self._grants.get(token)
        if grant is None:
            raise WecomRefusal(40014)
        if grant.until <= time.monotonic():
            raise WecomRefusal(42001)
        return grant

    def expire(self, corp_id: str = "") -> None:
        """End the life of all tokens of the corp, or of everybody's, now."""
        now = time.monotonic()
        for grant in self._grants.values():
            if corp_id in {"", grant.corp_id}:
                grant.until = min(grant.until, now)

    def forget(self, corp_id: str = "") -> None:
        """Know none of the tokens of the corp, or of anybody's, any more."""
        self._grants = {token: grant for token, grant in self._grants.items() if corp_id not in {"", grant.corp_id}}
