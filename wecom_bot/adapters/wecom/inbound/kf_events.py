"""What happens in an account of 微信客服, in our words: items of kf/sync_msg that nobody wrote (page 94670)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from wecom_bot.adapters.wecom.inbound import values
from wecom_bot.domain.event import (
    Entered,
    FailureReason,
    Happening,
    InboundEvent,
    Noticed,
    Recalled,
    SendFailed,
    SessionChange,
    SessionChanged,
)
from wecom_bot.domain.message import Channel, ConversationId, CorpId, MessageId

Body = Mapping[Any, Any]

NOBODY_NAMED = "unknown"
"""A servicer whom WeCom does not name: still a servicer, and not the customer."""

_TOLD_ELSEWHERE = frozenset({"event_type", "open_kfid", "external_userid", "welcome_code", "msg_code"})
_FROM_CHANNELS = "wechat_channels"
_CHANGES = {1: SessionChange.TAKEN, 2: SessionChange.TRANSFERRED, 3: SessionChange.ENDED, 4: SessionChange.REENTERED}
_REASONS = {
    0: FailureReason.UNKNOWN,
    4: FailureReason.WAIT,
    5: FailureReason.WAIT,
    6: FailureReason.WAIT,
    10: FailureReason.REFUSED,
}


def event(corp_id: CorpId, app: str, open_kfid: str, item: Body, happened_at: datetime) -> InboundEvent:
    """An item of kf/sync_msg with an id, as what happened; its ids stand within its object, not beside it.

    What we do not know, or what lacks what we would need to act on it, is Noticed.
    """
    kind = values.word(item, "msgtype").lower()
    found = item.get(kind)
    body: Body = found if isinstance(found, Mapping) else {}
    name = (kind == "event" and values.word(body, "event_type")) or kind or "event"
    account = values.word(body, "open_kfid") or values.word(item, "open_kfid") or open_kfid
    customer = values.word(body, "external_userid") or values.word(item, "external_userid")
    read = _READERS.get(name.lower()) if kind == "event" and customer else None
    return InboundEvent(
        event_id=MessageId(values.word(item, "msgid")),
        conversation=ConversationId(corp_id, Channel.KF, account, customer),
        app=app,
        name=name,
        happened_at=happened_at,
        happening=(read(body) if read else None) or Noticed(),
        detail=_detail(body),
    )


def _detail(body: Body) -> dict[str, str]:
    """Everything else of the event; where the customer came from in Channels (视频号) as `wechat_channels.nickname`."""
    detail = {name: text for name, text in values.detail(body).items() if name not in _TOLD_ELSEWHERE}
    source = body.get(_FROM_CHANNELS)
    if isinstance(source, Mapping):
        detail.pop(_FROM_CHANNELS, None)
        detail |= {f"{_FROM_CHANNELS}.{name}": text for name, text in values.scalars(source).items()}
    return detail


def _entered(body: Body) -> Happening:
    param = values.well_formed(unquote(values.word(body, "scene_param"), errors="replace"))
    return Entered(values.word(body, "welcome_code"), values.word(body, "scene"), param)


def _send_failed(body: Body) -> Happening | None:
    delivery_id, code = values.word(body, "fail_msgid"), values.number(body, "fail_type") or 0
    return SendFailed(delivery_id, _REASONS.get(code, FailureReason.STOP), code) if delivery_id else None


def _recalled_by_customer(body: Body) -> Happening | None:
    message_id = values.word(body, "recall_msgid")
    return Recalled(MessageId(message_id)) if message_id else None


def _recalled_by_servicer(body: Body) -> Happening | None:
    message_id = values.word(body, "recall_msgid")
    servicer = values.word(body, "servicer_userid") or NOBODY_NAMED
    return Recalled(MessageId(message_id), servicer) if message_id else None


def _session_changed(body: Body) -> Happening | None:
    change = _CHANGES.get(values.number(body, "change_type") or 0)
    if change is None:
        return None
    servicer = "" if change is SessionChange.ENDED else values.word(body, "new_servicer_userid")
    return SessionChanged(change, servicer, values.word(body, "msg_code"))


_READERS: Mapping[str, Callable[[Body], Happening | None]] = {
    "enter_session": _entered,
    "msg_send_fail": _send_failed,
    "user_recall_msg": _recalled_by_customer,
    "servicer_recall_msg": _recalled_by_servicer,
    "session_status_change": _session_changed,
}
