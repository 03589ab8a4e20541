"""The kf/ calls (WeCom pages 94669, 94670, 94677)."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from wecom_bot.simulators.wecom.conversation import State
from wecom_bot.simulators.wecom.kf import KfAccount, new_msgid
from wecom_bot.simulators.wecom.menu import Menu, within
from wecom_bot.simulators.wecom.refusals import ApiError
from wecom_bot.simulators.wecom.schema import Door, Option
from wecom_bot.simulators.wecom.tokens import Grant
from wecom_bot.simulators.wecom.world import World

_TEXT_BYTES = 2048
_MOST_ITEMS = 1000


class _Sync(BaseModel):
    cursor: Annotated[str, StringConstraints(max_length=64)] = ""
    token: Annotated[str, StringConstraints(max_length=128)] = ""
    limit: Annotated[int, Field(ge=0, le=_MOST_ITEMS)] = 0
    voice_format: Annotated[int, Field(ge=0, le=1)] = 0
    open_kfid: str = ""


class _Text(BaseModel):
    content: str = ""


class _Send(BaseModel):
    touser: str = ""
    open_kfid: str = ""
    msgid: Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z_-]{0,32}$")] = ""
    msgtype: str = ""
    text: _Text | None = None
    msgmenu: Menu | None = None

    def shown(self) -> tuple[str, tuple[Option, ...]]:
        """The words and the choices as the customer sees them. Raises ApiError."""
        if self.msgtype == "text":
            if self.text is None or not self.text.content:
                raise ApiError(44004)
            return within(self.text.content, _TEXT_BYTES), ()
        if self.msgtype == "msgmenu":
            if self.msgmenu is None:
                raise ApiError(44004)
            return self.msgmenu.shown()
        raise ApiError(40008, self.msgtype)


class _Whose(BaseModel):
    open_kfid: str = ""
    external_userid: str = ""


class _Trans(_Whose):
    service_state: Annotated[int, Field(ge=0, le=4)]
    servicer_userid: str = ""


def sync_msg(world: World, grant: Grant, body: dict[str, Any]) -> dict[str, Any]:
    """One page of what customers, servicers and the system did, after the cursor."""
    request = _Sync.model_validate(body)
    account = _account(world, grant, request.open_kfid)
    now = world.clock.now()
    if request.token and not world.corps[grant.corp_id].notified(request.token, now):
        raise ApiError(95007)
    limit = min(request.limit or _MOST_ITEMS, world.modes.page_size)
    items, cursor, more = account.page(now, request.cursor, limit, empty_first=world.modes.empty_pages)
    shown = [item.shown(world.clock) for item in items]
    return {"next_cursor": cursor, "has_more": int(more), "msg_list": shown}


def send_msg(world: World, grant: Grant, body: dict[str, Any]) -> dict[str, Any]:
    """Show the customer a text or a menu, if the conversation allows it."""
    request = _Send.model_validate(body)
    account = _account(world, grant, request.open_kfid)
    text, choices = request.shown()
    _known_customer(world, grant, request.touser)
    repeated = bool(request.msgid) and request.msgid in account.used_msgids
    if repeated and world.modes.repeated_msgid == "refused":
        raise ApiError(95033)
    conversation = account.conversation(request.touser)
    conversation.tell(world.clock.now())
    msgid = request.msgid or new_msgid(5)
    account.used_msgids.add(msgid)
    conversation.menus |= {choice.id: choice.text for choice in choices}
    where = (grant.corp_id, Door.KF, account.open_kfid, request.touser)
    world.screens.show(where, request.msgtype, text, msgid, choices, repeated=repeated)
    return {"msgid": msgid}


def get_state(world: World, grant: Grant, body: dict[str, Any]) -> dict[str, Any]:
    """Who has the conversation."""
    request = _Whose.model_validate(body)
    account = _account(world, grant, request.open_kfid)
    _known_customer(world, grant, request.external_userid)
    conversation = account.conversation(request.external_userid)
    state = conversation.state(world.clock.now())
    fields: dict[str, Any] = {"service_state": int(state)}
    if state is State.SERVICER:
        fields["servicer_userid"] = conversation.servicer
    return fields


def trans_state(world: World, grant: Grant, body: dict[str, Any]) -> dict[str, Any]:
    """Move the conversation to the bot, the queue, a servicer, or its end."""
    request = _Trans.model_validate(body)
    account = _account(world, grant, request.open_kfid)
    _known_customer(world, grant, request.external_userid)
    state = State(request.service_state)
    if state is State.SERVICER:
        _may_serve(account, request.servicer_userid)
    account.conversation(request.external_userid).trans(world.clock.now(), state, request.servicer_userid)
    # a reply code or an end code; kf/send_msg_on_event would take it
    return {"msg_code": new_msgid(4)} if state in {State.QUEUE, State.SERVICER, State.ENDED} else {}


def list_servicers(world: World, grant: Grant, query: dict[str, Any]) -> dict[str, Any]:
    """The account's servicers; here 0 is receiving and 1 is not, unlike in the event that tells of a change."""
    account = _account(world, grant, query.get("open_kfid", ""))
    listed = [{"userid": userid, "status": int(not receiving)} for userid, receiving in account.receiving.items()]
    return {"servicer_list": listed}


def _account(world: World, grant: Grant, open_kfid: str) -> KfAccount:
    account = world.corps[grant.corp_id].accounts.get(open_kfid)
    if account is None:
        raise ApiError(95004 if open_kfid.startswith("wk") else 95000)
    if account.app != grant.app:
        raise ApiError(48007)
    return account


def _known_customer(world: World, grant: Grant, customer: str) -> None:
    if customer not in world.corps[grant.corp_id].customers:
        raise ApiError(40096)


def _may_serve(account: KfAccount, servicer: str) -> None:
    if not servicer:
        raise ApiError(40058, "servicer_userid")
    if servicer not in account.receiving:
        raise ApiError(95014)
    if not account.receiving[servicer]:
        raise ApiError(95019)
