"""What members do in a corp's own app beside writing to it (WeCom page 90240), as jobs."""

from collections.abc import Callable, Mapping

from wecom_bot.adapters.wecom.inbound.delivery import Delivery
from wecom_bot.adapters.wecom.inbound.kinds import lines
from wecom_bot.domain.event import Entered, Noticed
from wecom_bot.domain.job import AnswerMessage, ObserveEvent
from wecom_bot.domain.message import MessageKind

Job = AnswerMessage | ObserveEvent


def job(delivery: Delivery) -> Job | None:
    """What a member's event asks for: nothing is left unanswered for which the member waits.

    None for an event of the corp, behind which no member stands. Raises CallbackRefused.
    """
    if not delivery.has_member:
        return None
    act = _ACTS.get(delivery.name.lower())
    if act is not None:
        return act(delivery)
    # events of members carry the AgentID; of those that we do not know, one without it is the corp's
    return delivery.observe(Noticed()) if delivery.fields.get("AgentID", "").strip() else None


def _touched(delivery: Delivery) -> Job:
    """A touch stands for words if the tenant says so; else it is the tenant's own affair."""
    words = _words(delivery)
    if not words:
        return delivery.observe(Noticed())
    return delivery.answer(MessageKind.TEXT, words, menu_id=delivery.key)


def _entered(delivery: Delivery) -> Job:
    return delivery.observe(Entered())


def _scanned(delivery: Delivery) -> Job:
    """WeCom shows the member "receiving" until an answer comes: what was scanned is what is asked about."""
    return delivery.answer(MessageKind.TEXT, lines((_words(delivery), delivery.any_of("ScanCodeInfo.ScanResult"))))


def _placed(delivery: Delivery) -> Job:
    """A place that the member chose through a menu was sent on purpose: it is read like any other."""
    info = "SendLocationInfo"
    place = (delivery.any_of(f"{info}.Poiname"), delivery.any_of(f"{info}.Label"))
    return delivery.answer(MessageKind.LOCATION, lines((_words(delivery), *place)), detail=delivery.detail(below=info))


def _words(delivery: Delivery) -> str:
    return delivery.app.menu.get(delivery.key, "").strip()


_ACTS: Mapping[str, Callable[[Delivery], Job]] = {
    "click": _touched,
    "template_card_event": _touched,
    "template_card_menu_event": _touched,
    "taskcard_click": _touched,
    "enter_agent": _entered,
    "subscribe": _entered,
    "scancode_waitmsg": _scanned,
    "location_select": _placed,
}
