"""Where a 微信客服 conversation stands, and what may be said in it (WeCom pages 94669 and 94677)."""

from dataclasses import dataclass, field
from enum import IntEnum

from wecom_bot.simulators.wecom.refusals import WecomRefusal

WINDOW = 48 * 3600.0
BUDGET = 5


class KfState(IntEnum):
    """WeCom's service_state."""

    NEW = 0
    BOT = 1
    QUEUE = 2
    SERVICER = 3
    ENDED = 4


_NEXT = {
    KfState.NEW: {KfState.BOT, KfState.QUEUE, KfState.SERVICER, KfState.ENDED},
    KfState.BOT: {KfState.BOT, KfState.QUEUE, KfState.SERVICER, KfState.ENDED},
    KfState.QUEUE: {KfState.QUEUE, KfState.SERVICER, KfState.ENDED},
    KfState.SERVICER: {KfState.SERVICER, KfState.ENDED},
    KfState.ENDED: set[KfState](),
}


@dataclass(slots=True)
class KfConversation:
    """A customer with a kf account. Stamps are the clock's; `menus` are the clickable entries shown, by id.

    `stay` is another number whenever the state has been left, even if it is entered again later.
    """

    customer: str
    servicer: str = ""
    last_servicer: str = ""
    wrote_at: float | None = None
    greeted_at: float | None = None
    stay: int = 0
    told: int = 0
    menus: dict[str, str] = field(default_factory=dict)
    _state: KfState = KfState.ENDED

    def state(self, now: float) -> KfState:
        """The state; a session ends by itself after 48 hours."""
        if self.wrote_at is None or now - self.wrote_at > WINDOW:
            return KfState.ENDED
        return self._state

    def customer_wrote(self, now: float) -> None:
        """A message of the customer opens a session, the 48 hours, and a new budget."""
        if self.state(now) is KfState.ENDED:
            self.put(KfState.NEW, "")
        self.wrote_at, self.told = now, 0

    def may_be_greeted(self, now: float) -> bool:
        """Whether, within the last 48 hours, the customer neither wrote nor saw a greeting."""
        return all(at is None or now - at > WINDOW for at in (self.wrote_at, self.greeted_at))

    def trans(self, now: float, state: KfState, servicer: str) -> None:
        """Move by API. Raises WecomRefusal."""
        if state not in _NEXT[self.state(now)]:
            raise WecomRefusal(95016, f"service_state {self.state(now)} to {state}")
        self.put(state, servicer)

    def put(self, state: KfState, servicer: str) -> None:
        """Move as the people in the client do: whatever the state was."""
        self.stay += state is not self._state
        self._state, self.servicer = state, servicer if state is KfState.SERVICER else ""
        self.last_servicer = self.servicer or self.last_servicer

    def tell(self, now: float) -> None:
        """The bot says one message, if it may. Raises WecomRefusal."""
        if self.wrote_at is not None and now - self.wrote_at > WINDOW:
            raise WecomRefusal(95002)
        if self.state(now) not in {KfState.NEW, KfState.BOT}:
            raise WecomRefusal(95018, f"service_state {self.state(now)}")
        if self.told >= BUDGET:
            raise WecomRefusal(95001)
        self.told += 1
