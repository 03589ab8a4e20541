"""A decrypted callback as jobs: what members write to an app, what happens in it, and what 微信客服 announces.

Sources: WeCom pages 90239 and 90240 for own apps, 94670 for 微信客服.
"""

from datetime import datetime

from wecom_bot.adapters.wecom.inbound import app_events, envelope, kinds, values
from wecom_bot.adapters.wecom.inbound.delivery import Delivery
from wecom_bot.domain.job import AnswerMessage, Job, PullMessages
from wecom_bot.domain.message import MessageKind
from wecom_bot.domain.tenant import App, Tenant
from wecom_bot.errors import CallbackRefused
from wecom_bot.telemetry import logs

log = logs.get(__name__)


def jobs(tenant: Tenant, app: App, plain: str, trace_id: str, received_at: datetime) -> tuple[Job, ...]:
    """The work that a decrypted callback of `app` asks for; none, and a log line, for what we do not act on.

    Raises CallbackRefused: xml, json, or fields when a field is missing or the AgentID is another app's (apps of one
    corp share the receiveid, so the seal alone does not tell them apart).
    """
    leaves = envelope.leaves(plain)
    fields = envelope.top(leaves)
    delivery = Delivery(tenant, app, fields, leaves, trace_id, received_at)
    name = fields.get("MsgType", "").lower()
    if "InfoType" in fields:  # a suite's command
        return _ignored(delivery, fields["InfoType"])
    if not name and "aibotid" in fields:  # a smart bot's message
        return _ignored(delivery, f"aibot.{fields.get('msgtype', '')}")
    if not name:
        raise CallbackRefused("fields")
    _check_agent(app, fields.get("AgentID", "").strip(), required=name != "event")
    return _event(delivery) if name == "event" else (_said(delivery, name),)


def _event(delivery: Delivery) -> tuple[Job, ...]:
    match delivery.name.lower():
        case "kf_msg_or_event":
            return _pulls(delivery)
        case "kf_account_auth_change":
            _log_authorised(delivery)
            return ()
        case _:
            job = app_events.job(delivery)
            return _ignored(delivery, delivery.name) if job is None else (job,)


def _said(delivery: Delivery, name: str) -> AnswerMessage:
    """A member's message; one of a kind that we do not know must still be answered."""
    kind = kinds.kind_of(name)
    match kind:
        case MessageKind.TEXT:
            return delivery.answer(kind, delivery.fields.get("Content", ""), detail=delivery.detail(without="Content"))
        case MessageKind.LOCATION:
            return delivery.answer(kind, delivery.any_of("Label"))
        case MessageKind.LINK:
            return delivery.answer(kind, kinds.lines(map(delivery.any_of, ("Title", "Description", "Url"))))
        case MessageKind.OTHER:
            return delivery.answer(kind, detail={**delivery.detail(), "msgtype": name})
        case _:
            return delivery.answer(kind)


def _check_agent(app: App, agent_id: str, *, required: bool) -> None:
    """Events of the corp (contacts, 微信客服) come without an AgentID; messages never do."""
    if agent_id != str(app.agent_id) and (agent_id or required):
        raise CallbackRefused("fields")


def _pulls(delivery: Delivery) -> tuple[PullMessages, ...]:
    """One pull for the account that is named, or, in WeCom's older form which names none, for each of the app's."""
    tenant, app, fields = delivery.tenant, delivery.app, delivery.fields
    notified_at = values.moment(fields.get("CreateTime"))
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
        PullMessages(tenant.corp_id, account.app, account.open_kfid, token, notified_at, delivery.trace_id)
        for account in accounts
    )


def _log_authorised(delivery: Delivery) -> None:
    """Which accounts the app may serve is for an operator to set; WeCom repeats a node for each of them."""
    added, removed = (delivery.leaves.get(name, ()) for name in ("AuthAddOpenKfId", "AuthDelOpenKfId"))
    log.warning(
        "kf.accounts_changed",
        corp_id=delivery.tenant.corp_id,
        app=delivery.app.name,
        added=len(added),
        removed=len(removed),
        added_accounts=list(added),
        removed_accounts=list(removed),
    )


def _ignored(delivery: Delivery, name: str) -> tuple[Job, ...]:
    log.info("callback.event_ignored", corp_id=delivery.tenant.corp_id, app=delivery.app.name, name=name)
    return ()
