"""What servicers do in the client; a callback tells the bot of each action."""

from typing import Any

from wecom_bot.errors import InvalidInput
from wecom_bot.simulators.wecom import orders
from wecom_bot.simulators.wecom.codes import OF_STATE
from wecom_bot.simulators.wecom.conversation import KfState
from wecom_bot.simulators.wecom.kf import SimulatedKfAccount
from wecom_bot.simulators.wecom.news import SERVICER, News
from wecom_bot.simulators.wecom.sayings import item_body
from wecom_bot.simulators.wecom.schema import ConversationState
from wecom_bot.simulators.wecom.world import Corp, WecomWorld

_TAKEN, _TRANSFERRED, _ENDED, _ENTERED_AGAIN = 1, 2, 3, 4  # change_type of session_status_change
_RECEIVING, _STOPPED = 1, 2  # status of servicer_status_change; servicer/list has 0 and 1


class Servicers:
    """The servicers of a world. Actions raise Unknown and InvalidInput."""

    def __init__(self, world: WecomWorld, news: News) -> None:
        self._world = world
        self._news = news

    def take(self, take: orders.Take) -> ConversationState:
        """A servicer takes the conversation: out of the queue, from the bot, or from another servicer."""
        with self._world.lock:
            corp, kf, before = self._standing(take)
            if before is KfState.ENDED:
                raise InvalidInput(f"the conversation with {take.customer} has ended: a servicer can only write to it")
            old = self._put(kf, take, KfState.SERVICER, take.servicer)
            event: dict[str, Any] = {"new_servicer_userid": take.servicer}
            if before is KfState.SERVICER:
                event |= {"change_type": _TRANSFERRED, "old_servicer_userid": old}
            else:
                event |= {"change_type": _TAKEN, "msg_code": self._code(corp, kf, take.customer, KfState.SERVICER)}
            self._changed(corp, kf, take.customer, event)
            return ConversationState(service_state=3, servicer_userid=take.servicer)

    def end(self, end: orders.OfConversation) -> ConversationState:
        """A servicer ends the conversation."""
        with self._world.lock:
            corp, kf, before = self._standing(end)
            if before is KfState.ENDED:
                raise InvalidInput(f"the conversation with {end.customer} has ended already")
            old = self._put(kf, end, KfState.ENDED, "")
            code = self._code(corp, kf, end.customer, KfState.ENDED)
            event = {"change_type": _ENDED, "old_servicer_userid": old, "msg_code": code}
            self._changed(corp, kf, end.customer, event)
            return ConversationState(service_state=4)

    def says(self, words: orders.ServicerWords) -> str:
        """A servicer writes, and has the conversation from then on; the message's id."""
        with self._world.lock:
            corp, kf, before = self._standing(words)
            if before is KfState.ENDED:
                old = kf.conversation(words.customer).last_servicer
                self._put(kf, words, KfState.SERVICER, words.servicer)
                event = {"change_type": _ENTERED_AGAIN, "new_servicer_userid": words.servicer}
                self._changed(corp, kf, words.customer, event | ({"old_servicer_userid": old} if old else {}))
            elif before is not KfState.SERVICER or kf.conversation(words.customer).servicer != words.servicer:
                self.take(orders.Take(**words.model_dump(include=set(orders.Take.model_fields))))
            whose = {"open_kfid": words.account, "external_userid": words.customer, "servicer_userid": words.servicer}
            body = whose | item_body(self._world.media, words.msgtype, words.text, words.fields)
            return self._news.append(corp, kf, SERVICER, body)

    def recall(self, recall: orders.ServicerRecall) -> str:
        """A servicer takes back a message, which stays on the list; the event's id."""
        with self._world.lock:
            corp, kf, _ = self._standing(recall)
            if not kf.said(recall.msgid, SERVICER, recall.customer):
                raise InvalidInput(f"no servicer said {recall.msgid!r} to {recall.customer}")
            fields = {"recall_msgid": recall.msgid, "servicer_userid": recall.servicer}
            return self._news.event(corp, kf, "servicer_recall_msg", recall.customer, **fields)

    def rejects(self, switch: orders.RejectSwitch) -> str:
        """A servicer refuses the messages of a customer, or no longer; the event's id."""
        with self._world.lock:
            corp, kf, _ = self._standing(switch)
            fields: dict[str, object] = {"servicer_userid": switch.servicer, "reject_switch": int(switch.on)}
            return self._news.event(corp, kf, "reject_customer_msg_switch_change", switch.customer, **fields)

    def set_receiving(self, order: orders.Receiving) -> str:
        """A servicer starts or stops receiving customers; one who is new joins the account. The event's id, if any."""
        with self._world.lock:
            corp = self._world.corp(order.corp_id)
            kf = corp.account(order.account)
            stopped = None if order.receiving else order.stop_type
            if order.servicer in kf.stopped and kf.stopped[order.servicer] == stopped:
                return ""
            kf.stopped[order.servicer] = stopped
            fields: dict[str, object] = {"servicer_userid": order.servicer}
            fields |= {"status": _RECEIVING} if stopped is None else {"status": _STOPPED, "stop_type": stopped}
            return self._news.event(corp, kf, "servicer_status_change", "", **fields)

    def _standing(self, of: orders.OfConversation) -> tuple[Corp, SimulatedKfAccount, KfState]:
        corp = self._world.corp(of.corp_id)
        kf = corp.account(of.account)
        if of.customer not in kf.conversations:
            raise InvalidInput(f"{of.customer} never wrote to {of.account}")
        return corp, kf, kf.conversations[of.customer].state(self._world.clock.now())

    def _put(self, kf: SimulatedKfAccount, of: orders.OfConversation, state: KfState, servicer: str) -> str:
        """Move the conversation; who had it before."""
        conversation = kf.conversation(of.customer)
        old = conversation.servicer
        conversation.put(state, servicer)
        return old

    def _code(self, corp: Corp, kf: SimulatedKfAccount, customer: str, state: KfState) -> str:
        now = self._world.clock.now()
        return corp.codes.issue(OF_STATE[state], kf.open_kfid, kf.conversation(customer), now)

    def _changed(self, corp: Corp, kf: SimulatedKfAccount, customer: str, fields: dict[str, Any]) -> None:
        self._news.event(corp, kf, "session_status_change", customer, **fields)
