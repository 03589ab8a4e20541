"""A 微信客服 account: the list that kf/sync_msg pages through, its conversations, and the msgids used in it."""

import hashlib
import re
import secrets
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wecom_bot.simulators.wecom.clock import StampClock
from wecom_bot.simulators.wecom.conversation import KfConversation
from wecom_bot.simulators.wecom.refusals import WecomRefusal
from wecom_bot.simulators.wecom.schema import KfSpec

HISTORY = 3 * 24 * 3600.0
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CURSOR = re.compile(r"([0-9a-f]{12})([0-9a-f]{1,12})(-?)")
_PREFIX = {3: "MXbuYYJYGqC7TXxW", 4: "4rJQ5Bspe1Ft4FGs", 5: "5XY51m5tZLvyTVSW"}


def new_msgid(origin: int) -> str:
    """An id as WeCom makes them: base58, the same beginning for the same origin."""
    return _PREFIX[origin] + "".join(secrets.choice(_BASE58) for _ in range(25))


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the list; `body` is everything but msgid, send_time and origin."""

    msgid: str
    at: float
    origin: int
    body: Mapping[str, Any]

    def shown(self, clock: StampClock) -> dict[str, Any]:
        """As kf/sync_msg gives it."""
        return {"msgid": self.msgid, "send_time": clock.shown(self.at), "origin": self.origin, **self.body}


@dataclass(slots=True)
class Failing:
    """The next `times` messages to the customer, or to anybody, are accepted and not delivered."""

    customer: str
    fail_type: int
    times: int


class SimulatedKfAccount:
    """One account of a corp. The caller holds the world's lock.

    `stopped` has the stop_type of each servicer: None receives customers, 0 has stopped, 1 is away for a moment.
    """

    def __init__(self, spec: KfSpec) -> None:
        self.open_kfid = spec.open_kfid
        self.become(spec)
        self.items: list[Item] = []
        self.conversations: dict[str, KfConversation] = {}
        self.used_msgids: set[str] = set()
        self.failing: list[Failing] = []
        # so that the cursor of one account is of no use in another
        self._seal = hashlib.sha256(spec.open_kfid.encode()).hexdigest()[:12]

    def become(self, spec: KfSpec) -> None:
        """Take another name, app and servicers, who all receive customers."""
        self.spec, self.app = spec, spec.app
        self.stopped: dict[str, int | None] = dict.fromkeys(spec.servicers)

    def conversation(self, customer: str) -> KfConversation:
        """The customer's conversation, begun if there was none."""
        return self.conversations.setdefault(customer, KfConversation(customer))

    def fails(self, customer: str) -> int | None:
        """The fail_type of a message to the customer, if it shall not be delivered; counts as one such message."""
        for failing in self.failing:
            if failing.times and failing.customer in {"", customer}:
                failing.times -= 1
                return failing.fail_type
        return None

    def said(self, msgid: str, origin: int, customer: str) -> bool:
        """Whether there is such a message of the customer (3), or of a servicer to the customer (5)."""
        return any(
            item.msgid == msgid and item.origin == origin and item.body.get("external_userid") == customer
            for item in reversed(self.items)
        )

    def append(self, now: float, origin: int, body: Mapping[str, Any]) -> Item:
        """Something happened: 3 a customer, 4 an event, 5 a servicer."""
        item = Item(new_msgid(origin), now, origin, body)
        self.items.append(item)
        return item

    def page(self, now: float, cursor: str, limit: int, *, empty_first: bool) -> tuple[Sequence[Item], str, bool]:
        """What comes after the cursor within the last three days, the next cursor, and whether there is more.

        With `empty_first` every page that has something is preceded by an empty one: a cursor ending in "-" remembers
        that the empty one was served.
        """
        start, served_empty = self._position(cursor)
        oldest = bisect_right(self.items, now - HISTORY, key=lambda item: item.at)
        start = max(start, oldest)
        if empty_first and not served_empty and start < len(self.items):
            return (), f"{self._seal}{start:x}-", True
        items = self.items[start : start + limit]
        end = start + len(items)
        return items, f"{self._seal}{end:x}", end < len(self.items)

    def _position(self, cursor: str) -> tuple[int, bool]:
        if not cursor:
            return 0, False
        parsed = _CURSOR.fullmatch(cursor)
        if parsed is None or parsed[1] != self._seal or int(parsed[2], 16) > len(self.items):
            raise WecomRefusal(40058, "cursor")
        return int(parsed[2], 16), bool(parsed[3])
