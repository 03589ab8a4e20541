"""What the control API is asked, each shape for one action; the answers are in `schema`."""

from typing import Any, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from wecom_bot.simulators.wecom.schema import DeliveryState

_LONGEST_POLL = 600.0


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WecomNothing(_Order):
    """An action that needs no words."""


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
    """A servicer says something; `fields` are those of another msgtype."""

    text: str = ""
    msgtype: str = "text"
    fields: dict[str, Any] = Field(default_factory=dict)


class Enter(OfConversation):
    """A customer opens the conversation; `scene_param` is in plain words."""

    scene: str = ""
    scene_param: str = ""
    wechat_channels: dict[str, Any] = Field(default_factory=dict)


class Recall(OfConversation):
    """A customer takes back a message."""

    msgid: str


class ServicerRecall(Take):
    """A servicer takes back a message."""

    msgid: str


class RejectSwitch(Take):
    """A servicer refuses the customer's messages, or not."""

    on: bool


class FailDelivery(_Order):
    """The next `times` messages of kf/send_msg to the customer ("" is anybody) are accepted and not delivered."""

    corp_id: str
    account: str
    customer: str = ""
    fail_type: int = Field(ge=0)
    times: int = Field(1, ge=1)


class NewMedia(_Order):
    """A file for its media_id; corp "" is for everybody, and its name tells the kind that is not given."""

    corp_id: str = ""
    kind: Literal["image", "voice", "video", "file"] | None = None
    name: str
    content: Base64Bytes


class Profile(_Order):
    """How a customer is known to a corp; None is as before."""

    corp_id: str
    customer: str
    nickname: str | None = None
    avatar: str | None = None
    gender: Literal[0, 1, 2] | None = None
    unionid: str | None = None


class Receiving(_Order):
    """A servicer of an account takes customers, or not."""

    corp_id: str
    account: str
    servicer: str
    receiving: bool
    stop_type: Literal[0, 1] = 0


class AccountEvent(_Order):
    """An event of an account, with its fields as WeCom names them."""

    corp_id: str
    account: str
    event: dict[str, Any]


class AppEvent(_Order):
    """An event of an own app, named or by its AgentID, with its further fields as WeCom names and nests them."""

    corp_id: str
    app: str
    userid: str
    event: str
    fields: dict[str, Any] = Field(default_factory=dict)


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
