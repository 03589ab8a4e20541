"""An own app of a corp, with the members who wrote to it and what it sent lately."""

from bisect import bisect_right
from dataclasses import dataclass, field

from wecom_bot.simulators.wecom.frequency import HOUR, MINUTE
from wecom_bot.simulators.wecom.schema import AppSpec

_PER_MINUTE, _PER_HOUR = 30, 1000


@dataclass(slots=True)
class SimulatedApp:
    """`sent`: when and under which msgid, by (touser, msgtype, content); `told`: when each member was written to."""

    spec: AppSpec
    writers: set[str] = field(default_factory=set)
    sent: dict[tuple[str, str, str], tuple[float, str]] = field(default_factory=dict)
    told: dict[str, list[float]] = field(default_factory=dict)

    def reaches(self, member: str) -> bool:
        """Whether the member can be written to."""
        members = self.spec.members
        return (members is None or member in members) and member not in self.spec.unlicensed

    def sent_before(self, key: tuple[str, str, str], now: float, interval: float) -> str:
        """The msgid of the same message, if it was sent within the interval."""
        at, msgid = self.sent.get(key, (0.0, ""))
        return msgid if msgid and now - at < interval else ""

    def may_tell(self, member: str, now: float) -> bool:
        """Whether the member was told less than 30 messages in a minute and 1000 in an hour; counts this one if so."""
        recent = self.told.setdefault(member, [])
        del recent[: bisect_right(recent, now - HOUR)]
        in_minute = len(recent) - bisect_right(recent, now - MINUTE)
        if in_minute >= _PER_MINUTE or len(recent) >= _PER_HOUR:
            return False
        recent.append(now)
        return True
