"""How a wish for a human is answered: the one place that decides it, whoever wishes and why."""

from dataclasses import replace
from datetime import timedelta

from wecom_bot.dialog.template import render
from wecom_bot.domain.dialog import Answerer, DialogState, Handoff, Turn
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import WecomBotError
from wecom_bot.ports import Duty
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_SAME_WISH = timedelta(minutes=30)  # who asks again so soon wants the same


def hand_off(tenant: Tenant, turn: Turn, reason: str, duty: Duty) -> Turn:
    """The turn, handed off; where no human can come now, the turn that says so and asks for a message.

    Then the ticket is kept for later: that the customer wanted a human must not be lost if they leave without a word.
    """
    where = turn.conversation
    hours = tenant.hours_of(where.channel, where.account)
    if not hours.open_at(turn.began_at):
        values = {"hours": hours.words(), "opens": hours.opens(turn.began_at)}
        return ask_for_message(turn, reason, render(tenant.phrases.closed, values))
    if not _is_anyone_there(tenant, where, duty):
        return ask_for_message(turn, reason, tenant.phrases.nobody)
    state = replace(_at_rest(turn.state), leaving_message=False, message_at=None)
    return turn.say(Answerer.PHRASE, Reply(tenant.phrases.handoff), state=state, handoff=Handoff(reason))


def hand_off_or_listen(tenant: Tenant, turn: Turn, reason: str, duty: Duty) -> Turn:
    """The same; but a customer who knows already that no human can come is not told again: this is their message."""
    handed_off = hand_off(tenant, turn, reason, duty)
    return turn if turn.state.takes_message(turn.began_at) and not handed_off.handoff else handed_off


def ask_for_message(turn: Turn, reason: str, text: str) -> Turn:
    """The turn that asks for a message in these words, and keeps a ticket at once: its answer may never come."""
    if turn.state.leaving_message and turn.state.message_at and turn.began_at - turn.state.message_at <= _SAME_WISH:
        reason = ""  # the ticket stands already
    state = replace(_at_rest(turn.state), leaving_message=True, message_at=turn.began_at)
    return turn.say(Answerer.PHRASE, Reply(text), state=state, request=reason)


def take_message(tenant: Tenant, turn: Turn) -> Turn:
    """The turn whose words are the message; what follows shortly is more of it."""
    state = replace(turn.state, offered=(), misses=0, leaving_message=False, message_at=turn.began_at)
    return turn.say(Answerer.PHRASE, Reply(tenant.phrases.message_taken), state=state, request="message")


def _at_rest(state: DialogState) -> DialogState:
    """The state with no question of ours open."""
    return replace(state, asking=None, asked=0, offered=(), misses=0)


def _is_anyone_there(tenant: Tenant, where: ConversationId, duty: Duty) -> bool:
    """Whether somebody would see a handoff; the servicers of an app are the tenant's to name, those of kf WeCom's."""
    if where.channel is Channel.APP and not tenant.app_of(where.channel, where.account).servicers:
        return False
    try:
        return duty.anyone(where)
    except WecomBotError as e:  # better a human called in vain than one who waits unasked
        log.warning("duty.unknown", corp_id=tenant.corp_id, error=type(e).__name__)
        return True
