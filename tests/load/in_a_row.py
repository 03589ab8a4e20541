"""How many chats Coze is asked for when one customer says several things in a row, each a moment after the other.

One chat would do for all of them, however many. Merging is as it is by default, and each chat takes its time.
"""

import time
from statistics import median
from typing import Any

from tests.e2e.house import ACME, KF
from tests.load.scene import Scene, paced, scene, until

KEYS = ("coze_calls",)
MESSAGES = (1, 2, 5, 10)
TIMES = 3
APART, CHAT = 0.05, 0.5  # seconds
_HUSH = 2.0  # seconds without a new chat and with every message answered, after which none is to come


def measure() -> dict[str, Any]:
    """The figures of KEYS: the median of a few customers."""
    with scene({}, CHAT) as made:
        _chats(made, "warm", 1)
        asked = {
            str(count): median(_chats(made, f"c{count}_{time}", count) for time in range(TIMES)) for count in MESSAGES
        }
    for count, chats in asked.items():
        print(f"  {chats:g} chats for {count} messages of one customer, {1000 * APART:g} ms apart; one would do")
    return {"coze_calls": asked}


def _chats(made: Scene, customer: str, count: int) -> int:
    """The chats that come of so many messages."""
    wecom, before = made.house.wecom, made.chats()
    paced(1 / APART, count, lambda number: made.say(KF, customer, f"第{number + 1}件事：你们有什么优惠"))
    wecom.wait_seen(ACME, KF, customer)
    until(lambda: not any(each.customer == customer for each in wecom.unanswered(ACME)))
    chats, since = made.chats(), time.monotonic()
    while time.monotonic() - since < _HUSH:
        time.sleep(0.1)
        if (now := made.chats()) != chats:
            chats, since = now, time.monotonic()
    return chats - before
