"""Where a 微信客服 conversation stands, and what may be said in it (WeCom pages 94669 and 94677)."""

from dataclasses import dataclass, field
from enum import IntEnum

from wecom_bot.simulators.wecom.refusals import ApiError

WINDOW = 48 * 3600.0
BUDGET = 5


class State(IntEnum):
    """WeCom's service_state."""

    NEW = 0
    BOT = 1
    QUEUE = 2
    SERVICER = 3
    ENDED = 4


_NEXT = {
    State.NEW: {State.BOT, State.QUEUE, State.SERVICER, State.ENDED},
    State.BOT: {State.BOT, State.QUEUE, State.SERVICER, State.ENDED},
    State.QUEUE: {State.QUEUE, State.SERVICER, State.ENDED},
    State.SERVICER: {State.SERVICER, State.ENDED},
    State.ENDED: set[State](),
}


@dataclass(slots=True)
class Conversation:
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
    _state: State = State.ENDED

    def state(self, now: float) -> State:
        """The state; a session ends by itself after 48 hours."""
        if self.wrote_at is None or now - self.wrote_at > WINDOW:
            return State.ENDED
        return self._state

    def customer_wrote(self, now: float) -> None:
        """A message of the customer opens a session, the 48 hours, and a new budget."""
        if self.state(now) is State.ENDED:
            self.put(State.NEW, "")
        self.wrote_at, self.told = now, 0

    def may_be_greeted(self, now: float) -> bool:
        """Whether, within the last 48 hours, the customer neither wrote nor saw a greeting."""
        return all(at is None or now - at > WINDOW for at in (self.wrote_at, self.greeted_at))

    def trans(self, now: float, state: State, servicer: str) -> None:
        """Move by API. Raises ApiError."""
        if state not in _NEXT[self.state(now)]:
            raise ApiError(95016, f"service_state {self.state(now)} to {state}")
        self.put(state, servicer)

    def put(self, state: State, servicer: str) -> None:
        """Move as the people in the client do: whatever the state was."""
        self.stay += state is not self._state
        self._state, self.servicer = state, servicer if state is State.SERVICER else ""
        self.last_servicer = self.servicer or self.last_servicer

    def tell(self, now: float) -> None:
        """The bot says one message, if it may. Raises ApiError."""
        if self.wrote_at is not None and now - self.wrote_at > WINDOW:
            raise ApiError(95002)
        if self.state(now) not in {State.NEW, State.BOT}:
            raise ApiError(95018, f"service_state {self.state(now)}")
        if self.told >= BUDGET:
            raise ApiError(95001)
        self.told += 1
