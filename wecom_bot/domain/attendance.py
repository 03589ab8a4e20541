"""Who attends a conversation from now on: the transitions of its dialog state, each by its name.

Whoever asks holds the conversation's lease, so that nobody else changes the state meanwhile (single writer).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from wecom_bot.domain.dialog import Attendant, DialogState

_TALK_IS_OVER = timedelta(hours=24)  # since the last message: who attends now attends another talk


def taken(before: DialogState | None, customer: str, now: datetime) -> DialogState:
    """A servicer has it: the bot is silent, and nobody is waited for."""
    return _attended(_talk(before, customer, now), now, Attendant.SERVICER)


def queued(before: DialogState | None, customer: str, now: datetime, request_id: str = "") -> DialogState:
    """It waits for a servicer; `request_id` is an open ticket for who was called, kept until somebody comes."""
    talk = _talk(before, customer, now)
    called = tuple(dict.fromkeys((*talk.called, *filter(None, [request_id]))))
    return replace(_attended(talk, now, Attendant.QUEUE), called=called)


def left_to_bot(before: DialogState | None, customer: str, now: datetime) -> DialogState:
    """Nobody is there: the bot has it, and the customer was asked to leave a message."""
    return replace(returned(before, customer, now), leaving_message=True, message_at=now)


def returned(
    before: DialogState | None, customer: str, now: datetime, served_until: datetime | None = None
) -> DialogState:
    """The bot has it; `served_until` is when a servicer ended it, by WeCom's clock. The latest such end counts."""
    talk = _talk(before, customer, now)
    latest = max(filter(None, (served_until, talk.served_until)), default=None)
    return replace(_attended(talk, now, Attendant.BOT), served_until=latest)


def handed_off(
    before: DialogState | None, customer: str, now: datetime, attendant: Attendant, request_id: str = ""
) -> DialogState:
    """What becomes of it when the bot asked for a servicer and this is who has it now."""
    match attendant:
        case Attendant.BOT:
            return left_to_bot(before, customer, now)
        case Attendant.QUEUE:
            return queued(before, customer, now, request_id)
        case Attendant.SERVICER:
            return taken(before, customer, now)


def found(before: DialogState | None, customer: str, now: datetime, attendant: Attendant) -> DialogState:
    """Somebody else turned out to have it: people may move a conversation while we speak."""
    return queued(before, customer, now) if attendant is Attendant.QUEUE else taken(before, customer, now)


def _talk(before: DialogState | None, customer: str, now: datetime) -> DialogState:
    if before is None or now - before.last_at > _TALK_IS_OVER:
        return DialogState.resume(None, customer, now, _TALK_IS_OVER)
    return before


def _attended(talk: DialogState, now: datetime, attendant: Attendant) -> DialogState:
    return replace(talk, attendant=attendant, attendant_since=now, called=(), leaving_message=False)
