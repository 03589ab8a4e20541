"""The way back to a customer in WeChat: 微信客服 (pages 94669 and 94677)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from wecom_bot.adapters.wecom import codes, kf_api, limits, text
from wecom_bot.adapters.wecom.client import Clients, WecomClient
from wecom_bot.adapters.wecom.kf_api import ServiceState
from wecom_bot.domain.dialog import Attendant, DialogState
from wecom_bot.domain.message import Channel, Choice, ConversationId, Reply
from wecom_bot.errors import NotAttending, Rejected
from wecom_bot.ports import Tenants
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_HUMANS = {ServiceState.QUEUE: Attendant.QUEUE, ServiceState.SERVICER: Attendant.SERVICER}
_LEFT_OUT = "……"


class KfSpeaker:
    """Implements ports.Speaker for 微信客服."""

    def __init__(self, clients: Clients, tenants: Tenants, already_sent: Mapping[int, str]) -> None:
        """`already_sent`: what a repeated msgid may be refused with: code, and what its errmsg then contains."""
        self._clients = clients
        self._tenants = tenants
        self._already_sent = already_sent

    def split(self, conversation: ConversationId, reply: Reply) -> tuple[Reply, ...]:
        reply = text.spoken(conversation, reply, self._tenants.get(conversation.corp_id).phrases.trouble)
        words = list(text.split(reply.text))
        if words and reply.choices:
            words[-1:] = _with_short_end(words[-1])
        if len(words) > limits.KF_REPLIES:
            # WeCom would refuse the sixth: better the customer sees that there is more
            log.warning("reply.shortened", corp_id=conversation.corp_id, account=conversation.account, parts=len(words))
            words = _shortened(words, limits.MENU_HEAD if reply.choices else limits.TEXT)
        parts = [Reply(part) for part in words]
        if reply.choices:
            last = parts.pop() if parts else Reply("")
            parts.append(replace(last, choices=reply.choices[: limits.MENU_ITEMS]))
        return tuple(parts)

    def attend(self, conversation: ConversationId, known: DialogState | None) -> Attendant:
        if known is not None and known.attendant is Attendant.BOT:
            return Attendant.BOT  # if a servicer took it since, the first send says so
        client = self._client(conversation)
        state = kf_api.service_state(client, conversation)
        if state in {ServiceState.NEW, ServiceState.ENDED}:
            try:
                kf_api.move(client, conversation, ServiceState.BOT)
            except NotAttending:  # somebody moved it first, or it has ended and only the customer can open it again
                state = kf_api.service_state(client, conversation)
        return _attendant(state)

    def send(self, conversation: ConversationId, part: Reply, delivery_id: str, repeat_of: datetime | None) -> None:
        try:
            kf_api.send(self._client(conversation), conversation, delivery_id, _content(part))
        except Rejected as e:
            # also at what we take for a first try: after a loss of Redis we cannot know, and the id names the message
            if not codes.already_sent(e.code, str(e), self._already_sent):
                raise
            where = {"corp_id": conversation.corp_id, "account": conversation.account}
            log.info("reply.known", repeat=repeat_of is not None, code=e.code, **where)

    def hand_off(self, conversation: ConversationId, reason: str) -> Attendant:
        client = self._client(conversation)
        try:
            kf_api.move(client, conversation, ServiceState.QUEUE)
        except NotAttending:
            attendant = _attendant(kf_api.service_state(client, conversation))
            if attendant is Attendant.BOT:
                raise
            return attendant
        log.info("handoff.queued", corp_id=conversation.corp_id, account=conversation.account, reason=reason)
        return Attendant.QUEUE

    def _client(self, conversation: ConversationId) -> WecomClient:
        app = self._tenants.get(conversation.corp_id).app_of(Channel.KF, conversation.account)
        return self._clients.of(conversation.corp_id, app.name)


def _attendant(state: int) -> Attendant:
    """Nobody, and whoever WeCom may invent, is the bot: it must never be silent by mistake."""
    return next((attendant for human, attendant in _HUMANS.items() if state == human), Attendant.BOT)


def _with_short_end(part: str) -> tuple[str, ...]:
    """The part, its end cut off where it is too long to stand above a menu."""
    *before, end = text.split(part, limits.MENU_HEAD)
    return (part.removesuffix(end).rstrip(), end) if before else (part,)


def _shortened(words: list[str], most_bytes: int) -> list[str]:
    kept, end = words[: limits.KF_REPLIES - 1], words[limits.KF_REPLIES - 1]
    return [*kept, text.split(end, most_bytes - len(_LEFT_OUT.encode()))[0] + _LEFT_OUT]


def _content(part: Reply) -> dict[str, Any]:
    if not part.choices:
        return {"msgtype": "text", "text": {"content": part.text}}
    head = {"head_content": part.text} if part.text else {}
    return {"msgtype": "msgmenu", "msgmenu": {**head, "list": [_item(choice) for choice in part.choices]}}


def _item(choice: Choice) -> dict[str, Any]:
    item_id = choice.choice_id.encode()[: limits.MENU_ITEM_ID].decode(errors="ignore")
    return {"type": "click", "click": {"id": item_id, "content": text.cut(choice.text, limits.MENU_ITEM_TEXT)}}
