"""The items of kf/sync_msg (page 94670) in our words: what was said, and what happened."""

from collections.abc import Mapping
from datetime import datetime

from wecom_bot.adapters.wecom.inbound import kf_events, kinds, values
from wecom_bot.domain.event import InboundEvent
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_FROM_CUSTOMER, _FROM_SYSTEM, _FROM_SERVICER = "3", "4", "5"


def read(
    corp_id: CorpId, app: str, open_kfid: str, item: object, undated: datetime
) -> InboundMessage | InboundEvent | None:
    """An item as a message of the customer's or of a servicer's, or as an event; None only where it has no ids.

    `undated` stands in for a send_time that cannot be read. Whose words an item is, is told by `origin` alone
    (`servicer_userid` stands in documented items of customers too); of an origin that we do not know it is an event,
    because answering a stranger's words could go on for ever.
    """
    if not isinstance(item, Mapping):
        _log_malformed(corp_id, open_kfid, "", "", "")
        return None
    message_id, name = values.word(item, "msgid"), values.word(item, "msgtype").lower()
    customer, origin = values.word(item, "external_userid"), values.word(item, "origin")
    at = values.moment(item.get("send_time")) or undated
    if not message_id or (not customer and name != "event" and origin != _FROM_SYSTEM):
        _log_malformed(corp_id, open_kfid, message_id, name, origin)
        return None
    if origin in {_FROM_CUSTOMER, _FROM_SERVICER} and name != "event":
        account = values.word(item, "open_kfid") or open_kfid
        return _said(ConversationId(corp_id, Channel.KF, account, customer), app, item, at)
    if origin not in {_FROM_CUSTOMER, _FROM_SYSTEM, _FROM_SERVICER}:
        log.warning("kf.origin_unknown", corp_id=corp_id, open_kfid=open_kfid, message_id=message_id, origin=origin)
    return kf_events.event(corp_id, app, open_kfid, item, at)


def _said(where: ConversationId, app: str, item: Mapping[str, object], at: datetime) -> InboundMessage:
    name = values.word(item, "msgtype").lower()
    content = kinds.content(name, item.get(name))
    is_servicers = values.word(item, "origin") == _FROM_SERVICER
    return InboundMessage(
        message_id=MessageId(values.word(item, "msgid")),
        conversation=where,
        app=app,
        kind=content.kind,
        sent_at=at,
        text=content.text,
        menu_id=content.menu_id,
        detail=content.detail,
        servicer=(values.word(item, "servicer_userid") or kf_events.NOBODY_NAMED) if is_servicers else "",
    )


def _log_malformed(corp_id: CorpId, open_kfid: str, message_id: str, msgtype: str, origin: str) -> None:
    log.warning(
        "kf.item_malformed",
        corp_id=corp_id,
        open_kfid=open_kfid,
        message_id=message_id,
        msgtype=msgtype,
        origin=origin,
    )
