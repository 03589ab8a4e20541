"""A decrypted callback of an app, and how it becomes jobs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wecom_bot.adapters.wecom.inbound import envelope, values
from wecom_bot.domain.event import Happening, InboundEvent
from wecom_bot.domain.job import AnswerMessage, ObserveEvent
from wecom_bot.domain.message import (
    LONGEST_MESSAGE,
    Channel,
    ConversationId,
    InboundMessage,
    MessageId,
    MessageKind,
    made_id,
)
from wecom_bot.domain.tenant import App, Tenant
from wecom_bot.errors import CallbackRefused

_COMMON = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "AgentID", "Event"})
_TELLS_APART = ("FromUserName", "CreateTime", "Event", "ChangeType", "EventKey", "TaskId")
_NO_MEMBER = frozenset({"", "sys"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came, through which app, and when it reached us."""

    tenant: Tenant
    app: App
    fields: Mapping[str, str]
    leaves: envelope.Leaves
    trace_id: str
    received_at: datetime

    @property
    def name(self) -> str:
        """The event, as WeCom writes it."""
        return self.fields.get("Event", "")

    @property
    def key(self) -> str:
        """Which entry of a menu, or which button of a card, was touched."""
        return self.fields.get("EventKey", "")

    @property
    def has_member(self) -> bool:
        """Whether a member stands behind it; events of the corp come from nobody or from `sys`."""
        return self.fields.get("FromUserName", "") not in _NO_MEMBER

    def any_of(self, *paths: str) -> str:
        """The first of these values that says something; names are compared without case."""
        found = {path.lower(): texts[-1] for path, texts in self.leaves.items()}
        return next((text for path in paths if (text := found.get(path.lower(), "")).strip()), "")

    def answer(
        self, kind: MessageKind, text: str = "", *, menu_id: str | None = None, detail: Mapping[str, str] | None = None
    ) -> AnswerMessage:
        """The job to answer this. Raises CallbackRefused where it has no sender or no time."""
        message_id, conversation, sent_at = self._ids()
        detail = self.detail() if detail is None else detail
        message = InboundMessage(
            message_id, conversation, self.app.name, kind, sent_at, text[:LONGEST_MESSAGE], menu_id, detail
        )
        return AnswerMessage(message, self.trace_id, received_at=self.received_at)

    def observe(self, happening: Happening) -> ObserveEvent:
        """The job to see to this. Raises CallbackRefused where it has no sender or no time."""
        event_id, conversation, happened_at = self._ids()
        app, detail = self.app.name, self.detail()
        return ObserveEvent(
            InboundEvent(event_id, conversation, app, self.name, happened_at, happening, detail), self.trace_id
        )

    def detail(self, *, without: str = "", below: str = "") -> dict[str, str]:
        """The other fields under WeCom's names; those `below` an object without its name. Repeated ones are a list."""
        return {
            path.removeprefix(f"{below}."): texts[0][:LONGEST_MESSAGE] if len(texts) == 1 else values.compact(texts)
            for path, texts in self.leaves.items()
            if path not in _COMMON and path != without
        }

    def _ids(self) -> tuple[MessageId, ConversationId, datetime]:
        """MsgId, or what tells apart what has none: sender, second and event (WeCom page 90238)."""
        customer, at = self.fields.get("FromUserName", ""), values.moment(self.fields.get("CreateTime"))
        if not customer or at is None:
            raise CallbackRefused("fields")
        where = ConversationId(self.tenant.corp_id, Channel.APP, str(self.app.agent_id), customer)
        given = self._msg_id
        return MessageId(given) if given and not self.name else self._made_id(), where, at

    @property
    def _msg_id(self) -> str:
        """WeCom's MsgId; 0 is none, for it would be everybody's."""
        given = self.fields.get("MsgId", "").strip()
        return given if given.strip("0") else ""

    def _made_id(self) -> MessageId:
        """Events have no MsgId of their own: should one bring some, it stands behind the sender's name."""
        told = [self.fields.get(name, "") for name in _TELLS_APART]
        happened = "-".join(filter(None, (*told, self._msg_id)))
        return made_id(happened, "" if self.name else json.dumps(sorted(self.leaves.items())))
