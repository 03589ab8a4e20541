"""What customers saw, in order, and the customers still waiting to see something."""

import threading
import time
from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, datetime

from wecom_bot.simulators.wecom.content import ScreenMessage
from wecom_bot.simulators.wecom.schema import Door, Seen

Where = tuple[str, Door, str, str]
"""Corp, channel, account and customer."""
_Place = tuple[str, ...]  # (), (corp,), (corp, customer)


class Screens:
    """Every message shown, indexed by corp and customer; waiting is cheap however many wait and were shown.

    Shares the world's lock, which every caller holds.
    """

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._shown: dict[_Place, list[Seen]] = defaultdict(list)
        self._changed: dict[_Place, threading.Condition] = {}
        self._waiting: dict[Where, list[tuple[str, datetime]]] = {}

    def show(
        self,
        where: Where,
        content: ScreenMessage,
        msgid: str,
        *,
        repeated: bool = False,
        by_event: bool = False,
    ) -> None:
        """A message of the bot appears at (corp, channel, account, customer)."""
        corp_id, channel, account, customer = where
        seen = Seen(
            seq=len(self._shown[()]) + 1,
            corp_id=corp_id,
            channel=channel,
            account=account,
            customer=customer,
            msgtype=content.msgtype,
            text=content.text,
            choices=content.choices,
            msgid=msgid,
            at=datetime.now(UTC),
            repeated=repeated,
            by_event=by_event,
            fields=dict(content.fields),
        )
        self._waiting.pop(where, None)
        self._file(seen)

    def _file(self, seen: Seen) -> None:
        """Index it, and wake those who wait for it."""
        for place in ((), (seen.corp_id,), (seen.corp_id, seen.customer)):
            self._shown[place].append(seen)
            if place in self._changed:
                self._changed[place].notify_all()

    def customer_waits(self, where: Where, msgid: str) -> None:
        """A customer wrote at (corp, channel, account, customer)."""
        self._waiting.setdefault(where, []).append((msgid, datetime.now(UTC)))

    def waits_no_more(self, where: Where, msgid: str) -> None:
        """The customer took that message back."""
        left = [one for one in self._waiting.pop(where, []) if one[0] != msgid]
        if left:
            self._waiting[where] = left

    def waiting(self) -> list[tuple[Where, str, datetime]]:
        """Every message after which its customer saw nothing."""
        return [(where, msgid, at) for where, said in self._waiting.items() for msgid, at in said]

    def seen(
        self,
        corp_id: str = "",
        *,
        channel: str = "",
        account: str = "",
        customer: str = "",
        after: int = 0,
        count: int = 0,
        timeout: float = 0,
    ) -> list[Seen]:
        """What was shown there after that seq; waits until it is `count` messages, or for `timeout` seconds."""
        place = (corp_id, customer) if corp_id and customer else (corp_id,) if corp_id else ()
        until = time.monotonic() + timeout
        while True:
            shown = self._shown.get(place, [])
            found = [
                seen
                for seen in shown[bisect_right(shown, after, key=lambda seen: seen.seq) :]
                if channel in {"", seen.channel} and account in {"", seen.account} and customer in {"", seen.customer}
            ]
            left = until - time.monotonic()
            if len(found) >= count or left <= 0:
                return found
            self._changed.setdefault(place, threading.Condition(self._lock)).wait(left)
