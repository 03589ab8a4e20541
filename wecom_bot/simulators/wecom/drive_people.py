"""Drives the people of a simulated WeCom: customers, members and servicers."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Literal

from wecom_bot.simulators.wecom.driver import Driver, where
from wecom_bot.simulators.wecom.schema import ConversationState, Door, Saying


class PeopleDriver(Driver):
    """Everything that people do. Ids of messages and events are those by which `deliveries` knows their callback."""

    def say(
        self,
        corp_id: str,
        account: str,
        customer: str,
        text: str = "",
        channel: Door | Literal["kf", "app"] = Door.KF,
        *,
        msgtype: str = "text",
        fields: Mapping[str, Any] | None = None,
        copies: int | None = None,
        swallow: bool | None = None,
    ) -> str:
        """A customer writes to an open_kfid or an AgentID; the message's id.

        Another `msgtype` has `fields` as WeCom names and nests them; `copies` and `swallow` are of this callback alone.
        """
        saying = Saying(
            corp_id=corp_id,
            account=account,
            customer=customer,
            text=text,
            channel=Door(channel),
            msgtype=msgtype,
            fields=dict(fields or {}),
            copies=copies,
            swallow=swallow,
        )
        return self._ask(str, "POST", "say", saying)

    def put_media(
        self,
        content: bytes,
        filename: str,
        *,
        corp_id: str = "",
        kind: Literal["image", "voice", "video", "file"] | None = None,
    ) -> str:
        """A file for people to send; its media_id, good for three days, in one corp or in all.

        What `kind` it is, its name tells unless it is given.
        """
        order = {"corp_id": corp_id, "kind": kind, "name": filename, "content": b64encode(content).decode()}
        return self._ask(str, "POST", "media", order)

    def click(self, corp_id: str, account: str, customer: str, choice_id: str) -> str:
        """The customer clicks an entry of a menu that was shown; the id of the message that comes of it."""
        return self._ask(str, "POST", "click", where(corp_id, account, customer) | {"choice_id": choice_id})

    def enter(
        self,
        corp_id: str,
        account: str,
        customer: str,
        *,
        scene: str = "",
        scene_param: str = "",
        wechat_channels: Mapping[str, Any] | None = None,
    ) -> str:
        """The customer opens the conversation; the event's id.

        Its event has a welcome_code unless, within 48 hours, the customer wrote or was greeted, or the mode
        `native_welcome` is on. `scene_param` is given in plain words, and percent-encoded in the event.
        """
        entrance = {"scene": scene, "scene_param": scene_param, "wechat_channels": dict(wechat_channels or {})}
        return self._ask(str, "POST", "enter", where(corp_id, account, customer) | entrance)

    def recall(self, corp_id: str, account: str, customer: str, msgid: str) -> str:
        """The customer takes back a message, which stays on the list; the event's id."""
        return self._ask(str, "POST", "recall", where(corp_id, account, customer) | {"msgid": msgid})

    def name_customer(
        self,
        corp_id: str,
        customer: str,
        nickname: str | None = None,
        *,
        avatar: str | None = None,
        gender: Literal[0, 1, 2] | None = None,
        unionid: str | None = None,
    ) -> None:
        """Set what kf/customer/batchget says of a customer; what is None stays."""
        profile = {"nickname": nickname, "avatar": avatar, "gender": gender, "unionid": unionid}
        self._tell("profile", {"corp_id": corp_id, "customer": customer} | profile)

    def event(self, corp_id: str, account: str, fields: Mapping[str, Any]) -> str:
        """Something else happens in a kf account, with fields as WeCom names them; the event's id."""
        return self._ask(str, "POST", "event", {"corp_id": corp_id, "account": account, "event": dict(fields)})

    def app_event(
        self, corp_id: str, app: str, userid: str, event: str, fields: Mapping[str, Any] | None = None
    ) -> str:
        """An event of an own app (its name or AgentID); an id for `deliveries`.

        `fields` are the further nodes of the XML: a mapping is nested, and a list is a node repeated.
        """
        order = {"corp_id": corp_id, "app": app, "userid": userid, "event": event, "fields": dict(fields or {})}
        return self._ask(str, "POST", "app_event", order)

    def take(self, corp_id: str, account: str, customer: str, servicer: str) -> ConversationState:
        """A servicer takes the conversation, from another one if there is one."""
        return self._ask(ConversationState, "POST", "take", where(corp_id, account, customer) | {"servicer": servicer})

    def end(self, corp_id: str, account: str, customer: str) -> ConversationState:
        """A servicer ends the conversation."""
        return self._ask(ConversationState, "POST", "end", where(corp_id, account, customer))

    def servicer_says(
        self,
        corp_id: str,
        account: str,
        customer: str,
        servicer: str,
        text: str = "",
        *,
        msgtype: str = "text",
        fields: Mapping[str, Any] | None = None,
    ) -> str:
        """A servicer writes to the customer, taking the conversation if it is not theirs; the message's id."""
        words = {"servicer": servicer, "text": text, "msgtype": msgtype, "fields": dict(fields or {})}
        return self._ask(str, "POST", "servicer_says", where(corp_id, account, customer) | words)

    def servicer_recall(self, corp_id: str, account: str, customer: str, servicer: str, msgid: str) -> str:
        """A servicer takes back a message, which stays on the list; the event's id."""
        recall = {"servicer": servicer, "msgid": msgid}
        return self._ask(str, "POST", "servicer_recall", where(corp_id, account, customer) | recall)

    def reject_customer(self, corp_id: str, account: str, customer: str, servicer: str, *, on: bool = True) -> str:
        """A servicer refuses the customer's messages, or no longer; the event's id."""
        switch = {"servicer": servicer, "on": on}
        return self._ask(str, "POST", "reject", where(corp_id, account, customer) | switch)

    def set_receiving(
        self, corp_id: str, account: str, servicer: str, *, receiving: bool, stop_type: Literal[0, 1] = 0
    ) -> str:
        """A servicer receives customers from now on or not (1: away for a moment); the event's id, "" if no change."""
        order = {"corp_id": corp_id, "account": account, "servicer": servicer, "receiving": receiving}
        return self._ask(str, "POST", "receiving", order | {"stop_type": stop_type})

    def state(self, corp_id: str, account: str, customer: str) -> ConversationState:
        """Who has a kf conversation."""
        return self._ask(ConversationState, "GET", "state", where(corp_id, account, customer))
