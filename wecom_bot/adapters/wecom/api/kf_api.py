"""The calls of 微信客服 that we need: wechatpy lacks some and has others wrong (pages 94669 to 94677)."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError, model_validator

from wecom_bot.adapters.wecom.api import limits
from wecom_bot.adapters.wecom.api.client import WecomClient
from wecom_bot.domain.message import ConversationId
from wecom_bot.errors import TemporaryFailure


class ServiceState(IntEnum):
    """Who serves a customer (page 94669)."""

    NEW = 0
    BOT = 1
    QUEUE = 2
    SERVICER = 3
    ENDED = 4


class _KfAnswer(BaseModel):
    """Something in an answer of WeCom: a null in it is as good as nothing."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in given.items() if value is not None}


class SyncPage(_KfAnswer):
    """A page of kf/sync_msg; an item may be of any shape, known or not."""

    next_cursor: str = ""
    has_more: bool = False
    msg_list: list[object] = Field(default_factory=list)


class Standing(_KfAnswer):
    """The state of a conversation: a ServiceState, or a number that WeCom has invented since; and who has it in 3."""

    service_state: int
    servicer_userid: str = ""


class Listed(_KfAnswer):
    """A servicer of an account, who receives where `status` is 0; or, with no userid, a whole department."""

    userid: str = ""
    status: int = 0  # the event servicer_status_change counts otherwise: there 1 is receiving


class ListedAccount(_KfAnswer):
    """A kf account that the app sees; it may speak for it where `manage_privilege` says so."""

    open_kfid: str
    name: str = ""
    manage_privilege: bool = True


class Customer(_KfAnswer):
    """Who a customer is in WeChat."""

    external_userid: str
    nickname: str = ""


class _Moved(_KfAnswer):
    msg_code: str = ""


class _Servicers(_KfAnswer):
    servicer_list: list[Listed] = Field(default_factory=list)


class _Accounts(_KfAnswer):
    account_list: list[ListedAccount] = Field(default_factory=list)


class _Customers(_KfAnswer):
    customer_list: list[Customer] = Field(default_factory=list)


_Model = TypeVar("_Model", bound=BaseModel)


def standing(client: WecomClient, conversation: ConversationId) -> Standing:
    """Who has the conversation."""
    answer = client.call("kf/service_state/get", _who(conversation))
    return _proved(Standing, answer, "kf/service_state/get")


def move(client: WecomClient, conversation: ConversationId, state: ServiceState, servicer: str = "") -> str:
    """Ask for another state, SERVICER with the servicer's userid; the code by which one thing may be said about it.

    Raises NotAttending where WeCom allows no such move.
    """
    whom = {"servicer_userid": servicer} if servicer else {}
    data = {**_who(conversation), "service_state": int(state), **whom}
    answer = client.call("kf/service_state/trans", data)
    return _proved(_Moved, answer, "kf/service_state/trans").msg_code


def accounts(client: WecomClient) -> Sequence[ListedAccount]:
    """The kf accounts that the app sees, all pages of them."""
    found: dict[str, ListedAccount] = {}
    while True:
        asked = {"offset": len(found), "limit": limits.KF_ACCOUNTS}
        answer = client.call("kf/account/list", asked)
        page = _proved(_Accounts, answer, "kf/account/list").account_list
        new = {each.open_kfid: each for each in page if each.open_kfid not in found}
        found |= new
        if len(page) < limits.KF_ACCOUNTS or not new:  # one that knows no pages says the same again
            return [*found.values()]


def servicers(client: WecomClient, open_kfid: str) -> Sequence[Listed]:
    """Who serves an account, and who of them receives."""
    answer = client.call("kf/servicer/list", query={"open_kfid": open_kfid})
    return _proved(_Servicers, answer, "kf/servicer/list").servicer_list


def customers(client: WecomClient, external_userids: Sequence[str]) -> Sequence[Customer]:
    """Who they are, at most limits.CONTACTS; those whom WeCom does not know are left out."""
    asked = {"external_userid_list": list(external_userids), "need_enter_session_context": 0}
    answer = client.call("kf/customer/batchget", asked)
    return _proved(_Customers, answer, "kf/customer/batchget").customer_list


def send(client: WecomClient, conversation: ConversationId, msgid: str, content: Mapping[str, Any]) -> None:
    """Show one message; `content` is its msgtype and the object of that name."""
    where = {"touser": conversation.customer, "open_kfid": conversation.account, "msgid": msgid}
    client.call("kf/send_msg", {**where, **content})


def send_on_event(client: WecomClient, code: str, msgid: str, content: Mapping[str, Any]) -> None:
    """Say the one thing that a code allows, a text or (at a welcome or an end) a msgmenu."""
    client.call("kf/send_msg_on_event", {"code": code, "msgid": msgid, **content})


def sync(client: WecomClient, open_kfid: str, cursor: str, token: str) -> SyncPage:
    """The next page of an account; an empty token is left out, and then WeCom allows it only rarely."""
    asked = {"cursor": cursor, "token": token, "open_kfid": open_kfid}
    answer = client.call(
        "kf/sync_msg", {**{name: value for name, value in asked.items() if value}, "limit": limits.KF_PAGE}
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
