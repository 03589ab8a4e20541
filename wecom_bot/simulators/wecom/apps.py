"""An own app of a corp, with the members who wrote to it and what it sent lately."""

from collections import deque
from dataclasses import dataclass, field

from wecom_bot.simulators.wecom.schema import AppSpec

_PER_MINUTE = 30
_MINUTE = 60.0


@dataclass(slots=True)
class App:
    """`sent`: when and under which msgid, by (touser, msgtype, content); `told`: when each member was written to."""

    spec: AppSpec
    writers: set[str] = field(default_factory=set)
    sent: dict[tuple[str, str, str], tuple[float, str]] = field(default_factory=dict)
    told: dict[str, deque[float]] = field(default_factory=dict)

    def sent_before(self, key: tuple[str, str, str], now: float, interval: float) -> str:
        """The msgid of the same message, if it was sent within the interval."""
        at, msgid = self.sent.get(key, (0.0, ""))
        return msgid if msgid and now - at < interval else ""

    def may_tell(self, member: str, now: float) -> bool:
        """Whether the member was told less than 30 messages within this minute; counts this one if so."""
        recent = self.told.setdefault(member, deque())
        while recent and now - recent[0] >= _MINUTE:
            recent.popleft()
        if len(recent) >= _PER_MINUTE:
            return False
        recent.append(now)
        return True
