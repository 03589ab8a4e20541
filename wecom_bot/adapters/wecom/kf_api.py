"""The calls of 微信客服 that we need: wechatpy lacks some and has others wrong (pages 94669 to 94677)."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from wecom_bot.adapters.wecom import limits
from wecom_bot.adapters.wecom.client import WecomClient
from wecom_bot.domain.message import ConversationId
from wecom_bot.errors import TemporaryFailure


class ServiceState(IntEnum):
    """Who serves a customer (page 94669)."""

    NEW = 0
    BOT = 1
    QUEUE = 2
    SERVICER = 3
    ENDED = 4


class SyncPage(BaseModel):
    """A page of kf/sync_msg; an item may be of any shape, known or not."""

    next_cursor: str = ""
    has_more: bool = False
    msg_list: list[object] = Field(default_factory=list)


class _State(BaseModel):
    service_state: int


_Model = TypeVar("_Model", bound=BaseModel)


def service_state(client: WecomClient, conversation: ConversationId) -> int:
    """The state of the conversation: a ServiceState, or a number that WeCom has invented since."""
    answer = client.post("kf/service_state/get", data=_who(conversation))
    return _proved(_State, answer, "kf/service_state/get").service_state


def move(client: WecomClient, conversation: ConversationId, state: ServiceState) -> None:
    """Ask for another state. Raises NotAttending where WeCom allows no such move."""
    client.post("kf/service_state/trans", data={**_who(conversation), "service_state": int(state)})


def send(client: WecomClient, conversation: ConversationId, msgid: str, content: Mapping[str, Any]) -> None:
    """Show one message; `content` is its msgtype and the object of that name."""
    where = {"touser": conversation.customer, "open_kfid": conversation.account, "msgid": msgid}
    client.post("kf/send_msg", data={**where, **content})


def sync(client: WecomClient, open_kfid: str, cursor: str, token: str) -> SyncPage:
    """The next page of an account; an empty token is left out, and then WeCom allows it only rarely."""
    asked = {"cursor": cursor, "token": token, "open_kfid": open_kfid}
    answer = client.post(
        "kf/sync_msg", data={**{name: value for name, value in asked.items() if value}, "limit": limits.KF_PAGE}
    )
    return _proved(SyncPage, answer, "kf/sync_msg")


def _who(conversation: ConversationId) -> dict[str, str]:
    return {"open_kfid": conversation.account, "external_userid": conversation.customer}


def _proved(model: type[_Model], answer: object, api: str) -> _Model:
    try:
        return model.model_validate(answer)
    except ValidationError as e:
        where = sorted({".".join(map(str, error["loc"])) for error in e.errors()})
    # without its cause: pydantic quotes the input, and that is what customers said
    raise TemporaryFailure(f"WeCom answered {api} in a shape that we do not know: {where}")
