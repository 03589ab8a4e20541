"""The kf/ calls that pull, and that ask and move the state of a conversation (WeCom pages 94669 and 94670)."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from wecom_bot.simulators.wecom.caller import CallingApp
from wecom_bot.simulators.wecom.codes import OF_STATE
from wecom_bot.simulators.wecom.conversation import KfState
from wecom_bot.simulators.wecom.frequency import MINUTE, Limit
from wecom_bot.simulators.wecom.kf import SimulatedKfAccount
from wecom_bot.simulators.wecom.refusals import WecomRefusal

_MOST_ITEMS = 1000


class _Sync(BaseModel):
    cursor: Annotated[str, StringConstraints(max_length=64)] = ""
    token: Annotated[str, StringConstraints(max_length=128)] = ""
    limit: Annotated[int, Field(ge=0, le=_MOST_ITEMS)] = 0
    voice_format: Annotated[int, Field(ge=0, le=1)] = 0
    open_kfid: str = ""


class _Whose(BaseModel):
    open_kfid: str = ""
    external_userid: str = ""


class _Trans(_Whose):
    service_state: Annotated[int, Field(ge=0, le=4)]
    servicer_userid: str = ""


def sync_msg(caller: CallingApp, body: dict[str, Any]) -> dict[str, Any]:
    """One page of what customers, servicers and the system did, after the cursor."""
    request = _Sync.model_validate(body)
    account, world = caller.account(request.open_kfid), caller.world
    if not request.token:
        _may_do_without_token(caller)
    elif not caller.corp.notified(request.token, caller.now):
        raise WecomRefusal(95007)
    limit = min(request.limit or _MOST_ITEMS, world.modes.page_size)
    items, cursor, more = account.page(caller.now, request.cursor, limit, empty_first=world.modes.empty_pages)
    shown = [item.shown(world.clock) for item in items]
    return {"next_cursor": cursor, "has_more": int(more), "msg_list": shown}


def get_state(caller: CallingApp, body: dict[str, Any]) -> dict[str, Any]:
    """Who has the conversation."""
    request = _Whose.model_validate(body)
    account = caller.account(request.open_kfid)
    caller.knows(request.external_userid)
    conversation = account.conversation(request.external_userid)
    state = conversation.state(caller.now)
    fields: dict[str, Any] = {"service_state": int(state)}
    if state is KfState.SERVICER:
        fields["servicer_userid"] = conversation.servicer
    return fields


def trans_state(caller: CallingApp, body: dict[str, Any]) -> dict[str, Any]:
    """Move the conversation to the bot, the queue, a servicer, or its end; a new state may bring a code to say so."""
    request = _Trans.model_validate(body)
    account = caller.account(request.open_kfid)
    caller.knows(request.external_userid)
    state = KfState(request.service_state)
    if state is KfState.SERVICER:
        _may_serve(account, request.servicer_userid)
    conversation = account.conversation(request.external_userid)
    stay = conversation.stay
    conversation.trans(caller.now, state, request.servicer_userid)
    if state not in OF_STATE or conversation.stay == stay:
        return {}
    return {"msg_code": caller.corp.codes.issue(OF_STATE[state], account.open_kfid, conversation, caller.now)}


def _may_do_without_token(caller: CallingApp) -> None:
    """Pulling without a notification's token has a limit of its own, if it is switched on. Raises WecomRefusal."""
    modes = caller.world.modes
    if modes.sync_without_token_per_minute:
        limit = Limit(modes.sync_without_token_per_minute, MINUTE, modes.block_seconds or MINUTE)
        caller.world.frequency.count((caller.grant.corp_id, "without token"), caller.now, limit)


def _may_serve(account: SimulatedKfAccount, servicer: str) -> None:
    if not servicer:
        raise WecomRefusal(40058, "servicer_userid")
    if servicer not in account.stopped:
        raise WecomRefusal(95014)
    if account.stopped[servicer] is not None:
        raise WecomRefusal(95019)
