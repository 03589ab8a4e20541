"""What the page is told, as JSON. Times are milliseconds: since 1970 for a moment, or of a stretch."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import ConversationId, MessageId
from wecom_bot.simulators.wecom.schema import DeliveryReport, Seen
from wecom_bot.simulators.window.desk import Company, Said
from wecom_bot.simulators.window.timeline import Leg

View = dict[str, Any]


def company(one: Company) -> View:
    """A company that can be written to."""
    accounts = [{"channel": each.channel, "account": each.account, "name": each.name} for each in one.accounts]
    return {"corp_id": one.corp_id, "name": one.name, "accounts": accounts, "openers": one.openers}


def place(where: ConversationId) -> View:
    """A conversation, in the fields with which the page asks for it."""
    return {
        "corp_id": where.corp_id,
        "channel": where.channel,
        "account": where.account,
        "customer": where.customer,
    }


def listed(where: ConversationId, said: Sequence[Said]) -> View:
    """A conversation in the list of them."""
    last = said[-1] if said else None
    return place(where) | {"text": last.text if last else "", "at": _moment(last.at) if last else 0}


def entries(
    said: Iterable[Said], seen: Iterable[Seen], answered: Mapping[int, Said], turns: Mapping[MessageId, Turn]
) -> list[View]:
    """Both sides of a conversation, in order."""
    found = [_said(one, turns.get(one.message_id)) for one in said]
    found += [_shown(one, answered.get(one.seq)) for one in seen]
    return sorted(found, key=lambda one: one["at"])


def _said(one: Said, turn: Turn | None) -> View:
    """`parts` is how many messages will answer it; null until the bot has thought.

    Messages in one turn are answered together, so only the first of them has parts.
    """
    first = turn is not None and turn.turn_id == one.message_id
    return {
        "kind": "said",
        "id": one.message_id,
        "text": one.text,
        "at": _moment(one.at),
        "silent": turn is not None and not turn.settled,
        "parts": None if turn is None else len(turn.parts) * first,
        "answerer": None if turn is None else turn.answerer,
    }


def _shown(one: Seen, answers: Said | None) -> View:
    return {
        "kind": "shown",
        "id": f"seen-{one.seq}",
        "text": one.text,
        "choices": [{"id": option.id, "text": option.text} for option in one.choices],
        "at": _moment(one.at),
        "answers": answers.message_id if answers else None,
        "took": _moment(one.at) - _moment(answers.at) if answers else None,
    }


def callback(report: DeliveryReport) -> View:
    """How a callback fared."""
    tries = [
        {"copy": one.copy_number, "status": one.status, "error": one.error, "took": one.took * 1000}
        for one in report.attempts
    ]
    return {"state": report.state, "app": report.app, "tries": tries}


def turn(one: Turn, way: Iterable[Leg]) -> View:
    """What the bot made of a message."""
    return {
        "trace_id": one.trace_id,
        "intent": {"name": one.intent.name, "score": one.intent.score},
        "recognizer": one.recognizer,
        "heard": one.heard,
        "search": one.search,
        "passages": [_passage(each) for each in one.passages],
        "answerer": one.answerer,
        "settled": one.settled,
        "messages": len(one.messages),
        "parts": len(one.parts),
        "handoff": one.handoff.reason if one.handoff else None,
        "state": state(one.state),
        "spent": [{"name": name, "took": seconds * 1000} for name, seconds in one.spent.items()],
        "way": [{"name": leg.name, "took": leg.seconds * 1000} for leg in way],
    }


def _passage(one: Passage) -> View:
    return {
        "id": one.article_id,
        "question": one.question,
        "answer": one.answer,
        "score": one.score,
        "matched": one.matched,
        "words": one.words,
        "meaning": one.meaning,
    }


def state(one: DialogState) -> View:
    """What is remembered of a conversation."""
    return {
        "session_id": one.session_id,
        "started_at": _moment(one.started_at),
        "attendant": one.attendant,
        "intent": one.intent,
        "slots": one.slots,
        "asking": one.asking,
        "asked": one.asked,
        "offered": [choice.text for choice in one.offered],
        "misses": one.misses,
        "writer_memory": one.writer_memory,
    }


def _moment(at: datetime) -> float:
    return at.timestamp() * 1000
