"""kf/send_msg and kf/send_msg_on_event (WeCom pages 94677 and 95122)."""

from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints

from wecom_bot.simulators.wecom import kf_content
from wecom_bot.simulators.wecom.caller import CallingApp
from wecom_bot.simulators.wecom.codes import Occasion
from wecom_bot.simulators.wecom.content import ScreenMessage
from wecom_bot.simulators.wecom.conversation import KfConversation
from wecom_bot.simulators.wecom.kf import SimulatedKfAccount, new_msgid
from wecom_bot.simulators.wecom.refusals import WecomRefusal
from wecom_bot.simulators.wecom.schema import Door

_MsgId = Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z_-]{0,32}$")]


class _KfSend(BaseModel):
    touser: str = ""
    open_kfid: str = ""
    msgid: _MsgId = ""
    msgtype: str = ""


class _SendOnEvent(BaseModel):
    code: str = ""
    msgid: _MsgId = ""
    msgtype: str = ""


def send_msg(caller: CallingApp, body: dict[str, Any]) -> dict[str, Any]:
    """Show the customer a message, if the conversation allows it; it may fail later all the same."""
    request = _KfSend.model_validate(body)
    account = caller.account(request.open_kfid)
    content = kf_content.read(caller, request.msgtype, body)
    caller.knows(request.touser)
    repeated = _repeated(caller, account, request.msgid)
    conversation = account.conversation(request.touser)
    conversation.tell(caller.now)
    msgid = request.msgid or new_msgid(5)
    account.used_msgids.add(msgid)
    fail_type = account.fails(request.touser)
    if fail_type is None:
        _show(caller, account, conversation, content, msgid, repeated=repeated)
    else:
        _fail(caller, account, request.touser, msgid, fail_type)
    return {"msgid": msgid}


def send_msg_on_event(caller: CallingApp, body: dict[str, Any]) -> dict[str, Any]:
    """Show the customer one message by the code of an event: in any state, and outside of the budget of five."""
    request = _SendOnEvent.model_validate(body)
    code = caller.corp.codes.find(request.code)
    account = caller.account(code.open_kfid)
    conversation = account.conversation(code.customer)
    code.check(conversation, caller.now, request.msgtype)
    content = kf_content.read(caller, request.msgtype, body)
    repeated = _repeated(caller, account, request.msgid)
    code.used = True
    msgid = request.msgid or new_msgid(5)
    account.used_msgids.add(msgid)
    if code.occasion is Occasion.WELCOME:
        conversation.greeted_at = caller.now
    _show(caller, account, conversation, content, msgid, repeated=repeated, by_event=True)
    return {"msgid": msgid}


def _repeated(caller: CallingApp, account: SimulatedKfAccount, msgid: str) -> bool:
    """Whether the msgid was used already in the account. Raises WecomRefusal where that is refused."""
    repeated = bool(msgid) and msgid in account.used_msgids
    if repeated and caller.world.modes.repeated_msgid == "refused":
        raise WecomRefusal(95033)
    return repeated


def _show(
    caller: CallingApp,
    account: SimulatedKfAccount,
    conversation: KfConversation,
    content: ScreenMessage,
    msgid: str,
    *,
    repeated: bool,
    by_event: bool = False,
) -> None:
    """Put it on the customer's screen, where menus can be clicked from then on."""
    conversation.menus |= {choice.id: choice.text for choice in content.choices}
    where = (caller.grant.corp_id, Door.KF, account.open_kfid, conversation.customer)
    caller.world.screens.show(where, content, msgid, repeated=repeated, by_event=by_event)


def _fail(caller: CallingApp, account: SimulatedKfAccount, customer: str, msgid: str, fail_type: int) -> None:
    """Tell of the failure a moment after the message was accepted."""
    corp, news = caller.corp, caller.news
    fields = {"fail_msgid": msgid, "fail_type": fail_type}
    news.later(caller.world.modes.fail_after, lambda: news.event(corp, account, "msg_send_fail", customer, **fields))
