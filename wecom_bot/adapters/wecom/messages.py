"""WeCom's messages in our words: a decrypted callback becomes jobs, and an item of kf/sync_msg a message.

Sources: own-app messages are WeCom pages 90239 and 90240, 微信客服 is page 94670.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from wecom_bot.adapters.wecom import envelope
from wecom_bot.domain.job import AnswerMessage, Job, PullMessages
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.domain.tenant import App, Tenant
from wecom_bot.errors import CallbackRefused
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_KINDS = {kind.value: kind for kind in MessageKind if kind is not MessageKind.OTHER}
_COMMON = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "AgentID", "Content"})
_FROM_CUSTOMER = "3"
_FROM_OTHERS = frozenset({"4", "5"})  # an event of the system; a servicer in the WeCom client
_NO_LATER_THAN = 2**32  # seconds: the year 2106, so that no later sum leaves what a datetime can hold


def jobs(tenant: Tenant, app: App, plain: str, trace_id: str) -> tuple[Job, ...]:
    """The work that a decrypted callback of `app` asks for; none, and a log line, for what we do not act on.

    Raises CallbackRefused: xml, json, or fields when a field is missing or the AgentID is another app's (apps of one
    corp share the receiveid, so the seal alone does not tell them apart).
    """
    fields = envelope.fields(plain)
    name = fields.get("MsgType", "").lower()
    if "InfoType" in fields:  # a suite's command
        return _ignored(tenant, app, fields["InfoType"])
    if not name and "aibotid" in fields:  # a smart bot's message
        return _ignored(tenant, app, f"aibot.{fields.get('msgtype', '')}")
    if not name:
        raise CallbackRefused("fields")
    _check_agent(app, fields.get("AgentID", "").strip(), required=name != "event")
    if name != "event":
        return (AnswerMessage(_app_message(tenant.corp_id, app, name, fields), trace_id),)
    event = fields.get("Event", "")
    if event.lower() == "kf_msg_or_event":
        return _pulls(tenant, app, fields, trace_id)
    return _ignored(tenant, app, event)


def kf_message(corp_id: CorpId, app: str, open_kfid: str, item: object) -> InboundMessage | None:
    """An item of kf/sync_msg, if a customer wrote it; None for events, servicers' words and what has no ids.

    A customer's message of a kind or shape that we do not know is OTHER: it must still be answered.
    """
    if not isinstance(item, Mapping):
        _malformed(corp_id, open_kfid, "", "")
        return None
    name = _word(item, "msgtype").lower()
    origin = _word(item, "origin")
    if name == "event" or origin in _FROM_OTHERS:
        return None
    message_id, customer = _word(item, "msgid"), _word(item, "external_userid")
    sent_at = _moment(item.get("send_time"))
    if origin != _FROM_CUSTOMER or not message_id or not customer or sent_at is None:
        _malformed(corp_id, open_kfid, message_id, name)
        return None
    kind, text, detail = _kf_content(name, item.get(name))
    return InboundMessage(
        message_id=MessageId(message_id),
        conversation=ConversationId(corp_id, Channel.KF, _word(item, "open_kfid") or open_kfid, customer),
        app=app,
        kind=kind,
        sent_at=sent_at,
        text=text,
        menu_id=detail.pop("menu_id", "") or None if kind is MessageKind.TEXT else None,
        detail=detail,
    )


def _kf_content(name: str, body: object) -> tuple[MessageKind, str, dict[str, str]]:
    """Kind, text and the other fields of an item's object."""
    detail = envelope.scalars(body) if isinstance(body, Mapping) else {}
    kind = _KINDS.get(name, MessageKind.OTHER)
    if not detail or (kind is MessageKind.TEXT and "content" not in detail):
        kind = MessageKind.OTHER
    if kind is MessageKind.OTHER:
        return kind, "", {**detail, "msgtype": name}
    return kind, detail.pop("content", "") if kind is MessageKind.TEXT else "", detail


def _app_message(corp_id: CorpId, app: App, name: str, fields: dict[str, str]) -> InboundMessage:
    customer, sent_at = fields.get("FromUserName", ""), _moment(fields.get("CreateTime"))
    if not customer or sent_at is None:
        raise CallbackRefused("fields")
    kind = _KINDS.get(name, MessageKind.OTHER)
    detail = {field: value for field, value in fields.items() if field not in _COMMON}
    if kind is MessageKind.OTHER:
        detail["msgtype"] = name
    return InboundMessage(
        message_id=_message_id(fields),
        conversation=ConversationId(corp_id, Channel.APP, str(app.agent_id), customer),
        app=app.name,
        kind=kind,
        sent_at=sent_at,
        text=fields.get("Content", "") if kind is MessageKind.TEXT else "",
        detail=detail,
    )


def _message_id(fields: dict[str, str]) -> MessageId:
    """MsgId; what has none is told apart by sender, second and event (WeCom page 90238)."""
    names = ("FromUserName", "CreateTime", "Event", "ChangeType", "EventKey")
    return MessageId(fields.get("MsgId", "") or "-".join(fields[name] for name in names if fields.get(name)))


def _check_agent(app: App, agent_id: str, *, required: bool) -> None:
    """Events of the corp (contacts, 微信客服) come without an AgentID; messages never do."""
    if agent_id != str(app.agent_id) and (agent_id or required):
        raise CallbackRefused("fields")


def _pulls(tenant: Tenant, app: App, fields: dict[str, str], trace_id: str) -> tuple[PullMessages, ...]:
    """One pull for the account that is named, or, in WeCom's older form which names none, for each of the app's."""
    notified_at = _moment(fields.get("CreateTime"))
    if notified_at is None:
        raise CallbackRefused("fields")
    named = fields.get("OpenKfId", "").strip()
    if named:
        accounts = [account for account in tenant.kf_accounts if account.open_kfid == named]
    else:
        accounts = [account for account in tenant.kf_accounts if account.app == app.name]
    if not accounts:
        log.warning("callback.account_unknown", corp_id=tenant.corp_id, app=app.name, open_kfid=named)
    token = fields.get("Token", "")
    return tuple(
        PullMessages(tenant.corp_id, account.app, account.open_kfid, token, notified_at, trace_id)
        for account in accounts
    )


def _ignored(tenant: Tenant, app: App, name: str) -> tuple[Job, ...]:
    log.info("callback.event_ignored", corp_id=tenant.corp_id, app=app.name, name=name)
    return ()


def _malformed(corp_id: CorpId, open_kfid: str, message_id: str, msgtype: str) -> None:
    log.warning("kf.item_malformed", corp_id=corp_id, open_kfid=open_kfid, message_id=message_id, msgtype=msgtype)


def _word(item: Mapping[object, object], name: str) -> str:
    """A field that is a word or a number, as text; empty if it is missing or anything else."""
    value = item.get(name)
    return envelope.well_formed(str(value)) if isinstance(value, str | int) else ""


def _moment(seconds: object) -> datetime | None:
    try:
        since_1970 = int(str(seconds))
    except ValueError:
        return None
    return datetime.fromtimestamp(since_1970, UTC) if 0 < since_1970 < _NO_LATER_THAN else None
