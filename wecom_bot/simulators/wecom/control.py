"""What can be done to the simulated WeCom over its control API."""

from dataclasses import dataclass

from flask import Blueprint

from wecom_bot.simulators import deeds
from wecom_bot.simulators.wecom import notices, orders, schema
from wecom_bot.simulators.wecom.faults import Faults
from wecom_bot.simulators.wecom.kf import Failing
from wecom_bot.simulators.wecom.media import kind_of
from wecom_bot.simulators.wecom.modes import ModeChanges, Modes
from wecom_bot.simulators.wecom.news import News
from wecom_bot.simulators.wecom.people import People
from wecom_bot.simulators.wecom.sender import Sender
from wecom_bot.simulators.wecom.servicers import Servicers
from wecom_bot.simulators.wecom.world import World


@dataclass(frozen=True, slots=True)
class Control:
    """The deeds."""

    world: World
    faults: Faults
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

    def state(self, order: orders.OfConversation) -> schema.ServiceState:
        return self.people.state(order)

    def take(self, order: orders.Take) -> schema.ServiceState:
        return self.servicers.take(order)

    def end(self, order: orders.OfConversation) -> schema.ServiceState:
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

    def unanswered(self, query: orders.OfCorp) -> list[schema.Unanswered]:
        with self.world.lock:
            return [one for one in self.world.unanswered() if query.corp_id in {"", one.corp_id}]

    def calls(self, _query: orders.Nothing) -> list[schema.CallCount]:
        with self.world.lock:
            return self.world.counts()

    def deliveries(self, query: orders.DeliveriesQuery) -> list[schema.DeliveryReport]:
        return self.sender.reports(query.message_ids, query.reached, query.timeout)

    def release(self, order: orders.Release) -> int:
        return self.sender.release(order.order)

    def fault(self, fault: schema.Fault) -> None:
        self.faults.add(fault)

    def clear_faults(self, _order: orders.Nothing) -> None:
        self.faults.clear()

    def expire_tokens(self, order: orders.OfCorp) -> None:
        with self.world.lock:
            self.world.tokens.expire(order.corp_id)

    def forget_tokens(self, order: orders.OfCorp) -> None:
        with self.world.lock:
            self.world.tokens.forget(order.corp_id)

    def modes(self, _query: orders.Nothing) -> Modes:
        return self.world.modes

    def switch(self, changes: ModeChanges) -> Modes:
        with self.world.lock:
            return self.world.switch(changes.root)

    def age(self, order: orders.Age) -> None:
        self.world.clock.age(order.seconds)

    def reset(self, _order: orders.Nothing) -> None:
        self.world.reset()
        self.faults.clear()
        self.sender.clear()


DEEDS: dict[str, deeds.Deed] = {
    "add_corp": ("POST", schema.CorpSpec, Control.add_corp),
    "set_callback": ("POST", orders.NewUrl, Control.set_callback),
    "verify": ("POST", orders.OfApp, Control.verify),
    "say": ("POST", schema.Saying, Control.say),
    "click": ("POST", orders.Click, Control.click),
    "enter": ("POST", orders.Enter, Control.enter),
    "recall": ("POST", orders.Recall, Control.recall),
    "take": ("POST", orders.Take, Control.take),
    "end": ("POST", orders.OfConversation, Control.end),
    "servicer_says": ("POST", orders.ServicerWords, Control.servicer_says),
    "servicer_recall": ("POST", orders.ServicerRecall, Control.servicer_recall),
    "reject": ("POST", orders.RejectSwitch, Control.reject),
    "receiving": ("POST", orders.Receiving, Control.receiving),
    "event": ("POST", orders.AccountEvent, Control.event),
    "app_event": ("POST", orders.AppEvent, Control.app_event),
    "profile": ("POST", orders.Profile, Control.profile),
    "media": ("POST", orders.NewMedia, Control.media),
    "fail_delivery": ("POST", orders.FailDelivery, Control.fail_delivery),
    "state": ("GET", orders.OfConversation, Control.state),
    "seen": ("GET", orders.SeenQuery, Control.seen),
    "unanswered": ("GET", orders.OfCorp, Control.unanswered),
    "calls": ("GET", orders.Nothing, Control.calls),
    "deliveries": ("POST", orders.DeliveriesQuery, Control.deliveries),
    "release": ("POST", orders.Release, Control.release),
    "fault": ("POST", schema.Fault, Control.fault),
    "clear_faults": ("POST", orders.Nothing, Control.clear_faults),
    "expire_tokens": ("POST", orders.OfCorp, Control.expire_tokens),
    "forget_tokens": ("POST", orders.OfCorp, Control.forget_tokens),
    "modes": ("GET", orders.Nothing, Control.modes),
    "switch": ("POST", ModeChanges, Control.switch),
    "age": ("POST", orders.Age, Control.age),
    "reset": ("POST", orders.Nothing, Control.reset),
}


def blueprint(world: World, faults: Faults, sender: Sender, news: News) -> Blueprint:
    """The control of this world, its faults and its callbacks."""
    people, servicers = People(world, sender, news), Servicers(world, news)
    return deeds.blueprint(Control(world, faults, sender, people, servicers), DEEDS)
