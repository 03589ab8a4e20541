"""Which of the bot's messages answers which of the customer's, and where the time between them went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.message import MessageId
from wecom_bot.simulators.wecom.schema import DeliveryReport, Seen
from wecom_bot.simulators.window.desk import Said


def answers(said: Sequence[Said], seen: Sequence[Seen], turns: Mapping[MessageId, Turn]) -> Mapping[int, Said]:
    """What each message of the bot answers, by its seq; nothing for a message that no word of the customer led to.

    WeCom does not say. A customer's messages are answered in order, so the next one of which not all parts were shown
    is meant, of several in one turn the first; where no turn is known, the last one before it.
    """
    left = _parts_by_first_message(turns)
    found: dict[int, Said] = {}
    for shown in sorted((one for one in seen if not one.by_event), key=lambda one: one.seq):
        earlier = [one for one in said if one.at <= shown.at]
        meant = _next_unanswered(earlier, left) or _last_without_turn(earlier, turns)
        if meant is None:
            continue
        found[shown.seq] = meant
        if meant.message_id in left:
            left[meant.message_id] -= 1
    return found


def _parts_by_first_message(turns: Mapping[MessageId, Turn]) -> dict[MessageId, int]:
    return {message_id: len(turn.parts) for message_id, turn in turns.items() if message_id == turn.turn_id}


def _next_unanswered(earlier: Sequence[Said], left: Mapping[MessageId, int]) -> Said | None:
    return next((one for one in earlier if left.get(one.message_id, 0) > 0), None)


def _last_without_turn(earlier: Sequence[Said], turns: Mapping[MessageId, Turn]) -> Said | None:
    return next((one for one in reversed(earlier) if one.message_id not in turns), None)


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of the way from the customer's word to the first answer; `name` is a fixed word for the page."""

    name: str
    seconds: float


def legs(said: datetime, report: DeliveryReport | None, turn: Turn, shown: datetime | None) -> tuple[Leg, ...]:
    """The way in its stretches: callback acknowledged, waiting and fetching, thinking, storing and sending."""
    acknowledged = [one for one in report.attempts if one.status == 200] if report else []  # noqa: PLR2004 - HTTP's
    began, thought = turn.began_at, sum(turn.spent.values())
    found = []
    if acknowledged:
        callback = max(0.0, (acknowledged[0].at - said).total_seconds() + acknowledged[0].took)
        # the worker may begin before the simulator has heard the end of the acknowledgement
        callback = min(callback, max(0.0, (began - said).total_seconds()))
        found.append(Leg("callback", callback))
        found.append(Leg("wait", max(0.0, (began - said).total_seconds() - callback)))
    else:
        found.append(Leg("wait", max(0.0, (began - said).total_seconds())))
    if turn.spent:
        found.append(Leg("think", thought))
    if shown is not None:
        found.append(Leg("deliver", max(0.0, (shown - began).total_seconds() - thought)))
    return tuple(found)
