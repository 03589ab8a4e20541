"""What can be done to the simulated WeCom over its control API."""

from dataclasses import dataclass

from flask import Blueprint

from wecom_bot.simulators import actions
from wecom_bot.simulators.wecom import notices, orders, schema
from wecom_bot.simulators.wecom.faults import WecomFaults
from wecom_bot.simulators.wecom.kf import Failing
from wecom_bot.simulators.wecom.media import kind_of
from wecom_bot.simulators.wecom.modes import ModeChanges, Modes
from wecom_bot.simulators.wecom.news import News
from wecom_bot.simulators.wecom.people import People
from wecom_bot.simulators.wecom.sender import Sender
from wecom_bot.simulators.wecom.servicers import Servicers
from wecom_bot.simulators.wecom.world import WecomWorld


@dataclass(frozen=True, slots=True)
class WecomControl:
    """The actions."""

    world: WecomWorld
    faults: WecomFaults
    sender: Sender
    people: People
    servicers: Servicers

    def add_corp(self, spec: schema.CorpSpec) -> None:
        for app in spec.apps:
            notices.prove(app)
        with self.world.lock:
            self.world.add(spec)

    def set_callback(self, order: orders.NewUrl) -> None:
        with self.world.lock:
            app = self.world.corp(order.corp_id).app(order.app)
            app.spec = app.spec.model_copy(update={"callback_url": order.url})

    def verify(self, order: orders.OfApp) -> schema.Verification:
        with self.world.lock:
            app = self.world.corp(order.corp_id).app(order.app).spec
        return self.sender.verify(order.corp_id, app)

    def say(self, saying: schema.Saying) -> str:
        return self.people.say(saying)

    def click(self, order: orders.Click) -> str:
        return self.people.click(order)

    def enter(self, order: orders.Enter) -> str:
        return self.people.enter(order)

    def recall(self, order: orders.Recall) -> str:
        return self.people.recall(order)

    def event(self, order: orders.AccountEvent) -> str:
        return self.people.event(order)

    def app_event(self, order: orders.AppEvent) -> str:
        return self.people.app_event(order)

    def state(self, order: orders.OfConversation) -> schema.ConversationState:
        return self.people.state(order)

    def take(self, order: orders.Take) -> schema.ConversationState:
        return self.servicers.take(order)

    def end(self, order: orders.OfConversation) -> schema.ConversationState:
        return self.servicers.end(order)

    def servicer_says(self, order: orders.ServicerWords) -> str:
        return self.servicers.says(order)

    def servicer_recall(self, order: orders.ServicerRecall) -> str:
        return self.servicers.recall(order)

    def reject(self, order: orders.RejectSwitch) -> str:
        return self.servicers.rejects(order)

    def receiving(self, order: orders.Receiving) -> str:
        return self.servicers.set_receiving(order)

    def profile(self, order: orders.Profile) -> None:
        with self.world.lock:
            self.world.corp(order.corp_id).customer(order.customer).become(order.model_dump(exclude_none=True))

    def media(self, order: orders.NewMedia) -> str:
        kind = order.kind or kind_of(order.name)
        with self.world.lock:
            return self.world.media.put(order.corp_id, kind, order.name, order.content, self.world.clock.now())

    def fail_delivery(self, order: orders.FailDelivery) -> None:
        failing = Failing(order.customer, order.fail_type, order.times)
        with self.world.lock:
            self.world.corp(order.corp_id).account(order.account).failing.append(failing)

    def seen(self, query: orders.SeenQuery) -> list[schema.Seen]:
        with self.world.lock:
            return self.world.screens.seen(**query.model_dump())

    def unanswered(self, query: orders.OfCorp) -> list[schema.UnansweredMessage]:
        with self.world.lock:
            return [one for one in self.world.unanswered() if query.corp_id in {"", one.corp_id}]

    def calls(self, _query: orders.WecomNothing) -> list[schema.ApiCalls]:
        with self.world.lock:
            return self.world.counts()

    def deliveries(self, query: orders.DeliveriesQuery) -> list[schema.DeliveryReport]:
        return self.sender.reports(query.message_ids, query.reached, query.timeout)

    def release(self, order: orders.Release) -> int:
        return self.sender.release(order.order)

    def fault(self, fault: schema.WecomFault) -> None:
        self.faults.add(fault)

    def clear_faults(self, _order: orders.WecomNothing) -> None:
        self.faults.clear()

    def expire_tokens(self, order: orders.OfCorp) -> None:
        with self.world.lock:
            self.world.tokens.expire(order.corp_id)

    def forget_tokens(self, order: orders.OfCorp) -> None:
        with self.world.lock:
            self.world.tokens.forget(order.corp_id)

    def modes(self, _query: orders.WecomNothing) -> Modes:
        return self.world.modes

    def switch(self, changes: ModeChanges) -> Modes:
        with self.world.lock:
            return self.world.switch(changes.root)

    def age(self, order: orders.Age) -> None:
        self.world.clock.age(order.seconds)

    def reset(self, _order: orders.WecomNothing) -> None:
        self.world.reset()
        self.faults.clear()
        self.sender.clear()


ACTIONS: dict[str, actions.Action] = {
    "add_corp": ("POST", schema.CorpSpec, WecomControl.add_corp),
    "set_callback": ("POST", orders.NewUrl, WecomControl.set_callback),
    "verify": ("POST", orders.OfApp, WecomControl.verify),
    "say": ("POST", schema.Saying, WecomControl.say),
    "click": ("POST", orders.Click, WecomControl.click),
    "enter": ("POST", orders.Enter, WecomControl.enter),
    "recall": ("POST", orders.Recall, WecomControl.recall),
    "take": ("POST", orders.Take, WecomControl.take),
    "end": ("POST", orders.OfConversation, WecomControl.end),
    "servicer_says": ("POST", orders.ServicerWords, WecomControl.servicer_says),
    "servicer_recall": ("POST", orders.ServicerRecall, WecomControl.servicer_recall),
    "reject": ("POST", orders.RejectSwitch, WecomControl.reject),
    "receiving": ("POST", orders.Receiving, WecomControl.receiving),
    "event": ("POST", orders.AccountEvent, WecomControl.event),
    "app_event": ("POST", orders.AppEvent, WecomControl.app_event),
    "profile": ("POST", orders.Profile, WecomControl.profile),
    "media": ("POST", orders.NewMedia, WecomControl.media),
    "fail_delivery": ("POST", orders.FailDelivery, WecomControl.fail_delivery),
    "state": ("GET", orders.OfConversation, WecomControl.state),
    "seen": ("GET", orders.SeenQuery, WecomControl.seen),
    "unanswered": ("GET", orders.OfCorp, WecomControl.unanswered),
    "calls": ("GET", orders.WecomNothing, WecomControl.calls),
    "deliveries": ("POST", orders.DeliveriesQuery, WecomControl.deliveries),
    "release": ("POST", orders.Release, WecomControl.release),
    "fault": ("POST", schema.WecomFault, WecomControl.fault),
    "clear_faults": ("POST", orders.WecomNothing, WecomControl.clear_faults),
    "expire_tokens": ("POST", orders.OfCorp, WecomControl.expire_tokens),
    "forget_tokens": ("POST", orders.OfCorp, WecomControl.forget_tokens),
    "modes": ("GET", orders.WecomNothing, WecomControl.modes),
    "switch": ("POST", ModeChanges, WecomControl.switch),
    "age": ("POST", orders.Age, WecomControl.age),
    "reset": ("POST", orders.WecomNothing, WecomControl.reset),
}


def blueprint(world: WecomWorld, faults: WecomFaults, sender: Sender, news: News) -> Blueprint:
    """The control of this world, its faults and its callbacks."""
    people, servicers = People(world, sender, news), Servicers(world, news)
    return actions.blueprint(WecomControl(world, faults, sender, people, servicers), ACTIONS)
