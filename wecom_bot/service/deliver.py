"""Deliver a stored turn: each part in order, then the handoff; each step asked for, taken and marked."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from wecom_bot.domain.dialog import Attendant, Turn
from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import Reply
from wecom_bot.errors import NotAttending, OutcomeUnknown, WecomBotError
from wecom_bot.ports import Attempt, Ledger, Speaker
from wecom_bot.telemetry import faults, logs

log = logs.get(__name__)


def delivery_id(turn: Turn, part: int, attempt: int = 1) -> str:
    """32 hexadecimal digits, the same at every redo; `attempt` rises only after WeCom reported a failure."""
    named = "\0".join((turn.conversation.account, turn.conversation.customer, turn.turn_id, str(part), str(attempt)))
    return hashlib.sha256(named.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Deliver:
    """Say what is not yet said of a turn; whether the customer has been answered."""

    speaker: Speaker
    ledger: Ledger

    def __call__(self, lease: Lease, turn: Turn) -> bool:
        """False when the bot is silent because somebody else attends. Raises what Speaker.send raises."""
        if not turn.settled:
            return False
        try:
            return self._all(lease, turn)
        except NotAttending:
            attendant = self.speaker.attend(turn.conversation, None)
            if attendant is Attendant.BOT:
                return self._all(lease, turn)
            self.ledger.assign(lease, turn.conversation, attendant)
            log.info(
                "turn.silenced", corp_id=lease.corp_id, conversation=str(turn.conversation), attendant=attendant.value
            )
            return False

    def _all(self, lease: Lease, turn: Turn) -> bool:
        for number, part in enumerate(turn.parts, 1):
            self._say(lease, turn, number, part)
        if turn.handoff:
            self._hand_off(lease, turn, turn.handoff.reason)
        return True

    def _say(self, lease: Lease, turn: Turn, number: int, part: Reply) -> None:
        name = f"part-{number}"
        step = self.ledger.attempt(lease, turn, name)
        if step.attempt is Attempt.DONE:
            return
        repeat_of: datetime | None = step.tried_at if step.attempt is Attempt.AGAIN else None
        try:
            self.speaker.send(turn.conversation, part, delivery_id(turn, number), repeat_of)
        except OutcomeUnknown:
            raise
        except WecomBotError:
            if step.attempt is Attempt.FIRST:
                # certainly not shown: the next try need not pass for a repeat
                self.ledger.not_sent(lease, turn, name)
            raise
        faults.crash("after_send")
        faults.crash("before_mark")
        self.ledger.mark(lease, turn, name)
        faults.crash("after_mark")

    def _hand_off(self, lease: Lease, turn: Turn, reason: str) -> None:
        step = self.ledger.attempt(lease, turn, "handoff")
        if step.attempt is Attempt.DONE:
            return
        attendant = self.speaker.hand_off(turn.conversation, reason)
        self.ledger.assign(lease, turn.conversation, attendant)
        self.ledger.mark(lease, turn, "handoff")
