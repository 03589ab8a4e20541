"""What people do: customers say and click, servicers take, speak and end; a callback tells the bot of each deed."""

import secrets
from typing import Any

from wecom_bot.errors import InvalidInput
from wecom_bot.simulators.wecom import notices
from wecom_bot.simulators.wecom.conversation import State
from wecom_bot.simulators.wecom.kf import KfAccount, new_msgid
from wecom_bot.simulators.wecom.schema import Door, Saying, ServiceState
from wecom_bot.simulators.wecom.sender import Notice, Sender
from wecom_bot.simulators.wecom.world import NOTIFICATION_LIFE, Corp, World

_CUSTOMER, _EVENT, _SERVICER = 3, 4, 5
_TAKEN, _TRANSFERRED, _ENDED, _ENTERED_AGAIN = 1, 2, 3, 4  # change_type of session_status_change


class People:
    """The people of a world. Deeds raise Unknown and InvalidInput."""

    def __init__(self, world: World, sender: Sender) -> None:
        self._world = world
        self._sender = sender

    def say(self, saying: Saying) -> str:
        """A customer writes; the message's id."""
        with self._world.lock:
            corp = self._world.corp(saying.corp_id)
            say = self._say_to_account if saying.channel is Door.KF else self._say_to_app
            return say(corp, saying)

    def click(self, corp_id: str, account: str, customer: str, choice_id: str) -> str:
        """A customer clicks a menu entry that the bot showed; the id of the message that comes of it."""
        with self._world.lock:
            corp = self._world.corp(corp_id)
            shown = corp.account(account).conversation(customer).menus
            if choice_id not in shown:
                raise InvalidInput(f"{customer} was shown no entry {choice_id!r}, only {sorted(shown)}")
            saying = Saying(corp_id=corp_id, account=account, customer=customer, text=shown[choice_id])
            return self._say_to_account(corp, saying, {"menu_id": choice_id})

    def take(self, corp_id: str, account: str, customer: str, servicer: str) -> ServiceState:
        """A servicer takes the conversation: out of the queue, from the bot, or from another servicer."""
        with self._world.lock:
            corp, kf, before = self._standing(corp_id, account, customer)
            if before is State.ENDED:
                raise InvalidInput(f"the conversation with {customer} has ended: a servicer can only write to it")
            old = kf.conversation(customer).servicer
            kf.conversation(customer).put(State.SERVICER, servicer)
            event: dict[str, Any] = {"change_type": _TAKEN, "new_servicer_userid": servicer, "msg_code": new_msgid(4)}
            if before is State.SERVICER:
                event = {"change_type": _TRANSFERRED, "old_servicer_userid": old, "new_servicer_userid": servicer}
            self._status_changed(corp, kf, customer, event)
            return ServiceState(service_state=3, servicer_userid=servicer)

    def end(self, corp_id: str, account: str, customer: str) -> ServiceState:
        """A servicer ends the conversation."""
        with self._world.lock:
            corp, kf, before = self._standing(corp_id, account, customer)
            if before is State.ENDED:
                raise InvalidInput(f"the conversation with {customer} has ended already")
            old = kf.conversation(customer).servicer
            kf.conversation(customer).put(State.ENDED, "")
            event = {"change_type": _ENDED, "old_servicer_userid": old, "msg_code": new_msgid(4)}
            self._status_changed(corp, kf, customer, event)
            return ServiceState(service_state=4)

    def servicer_says(self, corp_id: str, account: str, customer: str, servicer: str, text: str) -> str:
        """A servicer writes, and has the conversation from then on; the message's id."""
        with self._world.lock:
            corp, kf, before = self._standing(corp_id, account, customer)
            if before is State.ENDED:
                kf.conversation(customer).put(State.SERVICER, servicer)
                event = {"change_type": _ENTERED_AGAIN, "new_servicer_userid": servicer}
                self._status_changed(corp, kf, customer, event)
            elif before is not State.SERVICER or kf.conversation(customer).servicer != servicer:
                self.take(corp_id, account, customer, servicer)
            body = {"open_kfid": account, "external_userid": customer, "servicer_userid": servicer}
            return self._append(corp, kf, _SERVICER, body | {"msgtype": "text", "text": {"content": text}})

    def event(self, corp_id: str, account: str, fields: dict[str, Any]) -> str:
        """Any other event of an account, under WeCom's names; its id."""
        with self._world.lock:
            corp = self._world.corp(corp_id)
            return self._append(corp, corp.account(account), _EVENT, {"msgtype": "event", "event": fields})

    def state(self, corp_id: str, account: str, customer: str) -> ServiceState:
        """Who has a kf conversation, without an API call being counted."""
        with self._world.lock:
            conversation = self._world.corp(corp_id).account(account).conversation(customer)
            state = conversation.state(self._world.clock.now())
            return ServiceState(service_state=state, servicer_userid=conversation.servicer)

    def set_receiving(self, corp_id: str, account: str, servicer: str, *, receiving: bool) -> None:
        """A servicer starts or stops receiving customers; one who is new joins the account."""
        with self._world.lock:
            self._world.corp(corp_id).account(account).receiving[servicer] = receiving

    def _standing(self, corp_id: str, account: str, customer: str) -> tuple[Corp, KfAccount, State]:
        corp = self._world.corp(corp_id)
        kf = corp.account(account)
        if customer not in kf.conversations:
            raise InvalidInput(f"{customer} never wrote to {account}")
        return corp, kf, kf.conversations[customer].state(self._world.clock.now())

    def _status_changed(self, corp: Corp, kf: KfAccount, customer: str, event: dict[str, Any]) -> None:
        about = {"event_type": "session_status_change", "open_kfid": kf.open_kfid, "external_userid": customer}
        self._append(corp, kf, _EVENT, {"msgtype": "event", "event": about | event})

    def _say_to_account(self, corp: Corp, saying: Saying, extra: dict[str, Any] | None = None) -> str:
        kf = corp.account(saying.account)
        corp.customers.add(saying.customer)
        kf.conversation(saying.customer).customer_wrote(self._world.clock.now())
        fields = {"content": saying.text} if saying.msgtype == "text" else saying.fields
        whose = {"open_kfid": kf.open_kfid, "external_userid": saying.customer}
        body = whose | {"msgtype": saying.msgtype, saying.msgtype: {**fields, **(extra or {})}}
        msgid = self._append(corp, kf, _CUSTOMER, body, saying.copies, swallow=saying.swallow)
        self._world.screens.customer_waits((corp.corp_id, Door.KF, kf.open_kfid, saying.customer), msgid)
        return msgid

    def _append(
        self,
        corp: Corp,
        kf: KfAccount,
        origin: int,
        body: dict[str, Any],
        copies: int | None = None,
        *,
        swallow: bool | None = None,
    ) -> str:
        """Put it on the account's list and notify the app; the item's msgid."""
        now = self._world.clock.now()
        item = kf.append(now, origin, body)
        token = "ENC" + secrets.token_urlsafe(33)
        corp.notices[token] = now + NOTIFICATION_LIFE
        about = {"ToUserName": corp.corp_id, "CreateTime": self._world.clock.shown(now), "MsgType": "event"}
        about |= {"Event": "kf_msg_or_event", "Token": token, "OpenKfId": kf.open_kfid}
        notice = Notice(item.msgid, corp.corp_id, corp.app(kf.app).spec, notices.xml(about))
        self._sender.submit(notice, copies, swallow=swallow)
        return item.msgid

    def _say_to_app(self, corp: Corp, saying: Saying) -> str:
        app = corp.app_of_agent(saying.account)
        app.writers.add(saying.customer)
        message_id, spec = notices.new_message_id(), app.spec
        about: dict[str, object] = {"ToUserName": corp.corp_id, "FromUserName": saying.customer}
        about |= {"CreateTime": self._world.clock.shown(self._world.clock.now()), "MsgType": saying.msgtype}
        about |= {"Content": saying.text} if saying.msgtype == "text" else saying.fields
        about |= {"MsgId": int(message_id), "AgentID": spec.agent_id}
        lane = f"{corp.corp_id}/{spec.name}/{saying.customer}"
        notice = Notice(message_id, corp.corp_id, spec, notices.xml(about), named_agent=True, lane=lane)
        self._sender.submit(notice, saying.copies, swallow=saying.swallow)
        self._world.screens.customer_waits((corp.corp_id, Door.APP, saying.account, saying.customer), message_id)
        return message_id
