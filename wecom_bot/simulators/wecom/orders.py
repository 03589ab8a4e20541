"""What the control API is asked, each shape for one deed; the answers are in `schema`."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from wecom_bot.simulators.wecom.schema import DeliveryState

_LONGEST_POLL = 600.0


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(_Order):
    """A deed that needs no words."""


class OfCorp(_Order):
    """A corp; "" is every corp."""

    corp_id: str = ""


class OfApp(_Order):
    """An app of a corp."""

    corp_id: str
    app: str


class NewUrl(OfApp):
    """Where the app's callbacks go from now on."""

    url: str


class OfConversation(_Order):
    """A customer with a kf account."""

    corp_id: str
    account: str
    customer: str


class Click(OfConversation):
    """A click on a menu entry that was shown."""

    choice_id: str


class Take(OfConversation):
    """A servicer takes the conversation."""

    servicer: str


class ServicerWords(Take):
    """A servicer says something."""

    text: str


class Receiving(_Order):
    """A servicer of an account takes customers, or not."""

    corp_id: str
    account: str
    servicer: str
    receiving: bool


class AccountEvent(_Order):
    """An event of an account, with its fields as WeCom names them."""

    corp_id: str
    account: str
    event: dict[str, Any]


class SeenQuery(_Order):
    """Which messages; what is empty is not asked. Answers when there are `count`, or after `timeout` seconds."""

    corp_id: str = ""
    channel: str = ""
    account: str = ""
    customer: str = ""
    after: int = 0
    count: int = 0
    timeout: float = Field(0.0, ge=0, le=_LONGEST_POLL)


class DeliveriesQuery(_Order):
    """Of which messages. Answers when each is `acknowledged`, or `settled`, or at once; or after `timeout` seconds."""

    message_ids: tuple[str, ...]
    until: Literal["now", "acknowledged", "settled"] = "now"
    timeout: float = Field(0.0, ge=0, le=_LONGEST_POLL)

    def reached(self, state: DeliveryState) -> bool:
        """Whether a delivery in this state is waited for no longer."""
        if self.until == "now":
            return True
        return state is DeliveryState.ACKNOWLEDGED or (self.until == "settled" and state.settled)


class Release(_Order):
    """In which order held callbacks go."""

    order: Literal["as_said", "reversed"] = "as_said"


class Age(_Order):
    """How much older the past shall be."""

    seconds: float = Field(ge=0)
