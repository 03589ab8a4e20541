"""The codes of kf/send_msg_on_event: what each is for, how long it lives, and that it works once (page 95122)."""

import secrets
from dataclasses import dataclass
from enum import Enum

from wecom_bot.simulators.wecom.conversation import WINDOW, KfConversation, KfState
from wecom_bot.simulators.wecom.refusals import WecomRefusal

_SHORT = 20.0


class Occasion(Enum):
    """What a code was given for: its life in seconds, what may be said, the state that must last, the refusal."""

    WELCOME = (_SHORT, frozenset({"text", "msgmenu"}), None, 41050)
    QUEUED = (WINDOW, frozenset({"text"}), KfState.QUEUE, 95007)
    SERVED = (WINDOW, frozenset({"text"}), KfState.SERVICER, 95007)
    ENDED = (_SHORT, frozenset({"text", "msgmenu"}), KfState.ENDED, 95007)

    def __init__(self, life: float, allowed: frozenset[str], state: KfState | None, refusal: int) -> None:
        self.life = life
        self.allowed = allowed
        self.state = state
        self.refusal = refusal


OF_STATE = {one.state: one for one in Occasion if one.state is not None}
"""What a move to a state is the occasion for."""


@dataclass(slots=True)
class EventCode:
    """A permission to say one thing. `stay` is that of the conversation when it was given."""

    occasion: Occasion
    open_kfid: str
    customer: str
    until: float
    stay: int
    used: bool = False

    def check(self, conversation: KfConversation, now: float, msgtype: str) -> None:
        """Raises WecomRefusal when it is over, or is not for such a message."""
        lasts = conversation.stay == self.stay and conversation.state(now) is self.occasion.state
        if self.used or now > self.until or not (lasts or self.occasion.state is None):
            raise WecomRefusal(self.occasion.refusal)
        if msgtype not in self.occasion.allowed:
            raise WecomRefusal(40008, msgtype)


class EventCodes:
    """Every code that a corp was given, the used and the old ones too."""

    def __init__(self) -> None:
        self._issued: dict[str, EventCode] = {}

    def issue(self, occasion: Occasion, open_kfid: str, conversation: KfConversation, now: float) -> str:
        """A new code."""
        code = secrets.token_urlsafe(24)
        until = now + occasion.life
        self._issued[code] = EventCode(occasion, open_kfid, conversation.customer, until, conversation.stay)
        return code

    def find(self, code: str) -> EventCode:
        """What the code is. Raises WecomRefusal."""
        if not code:
            raise WecomRefusal(40058, "code")
        if code not in self._issued:
            raise WecomRefusal(95007)
        return self._issued[code]
