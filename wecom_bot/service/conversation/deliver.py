"""Deliver a stored turn under idempotency keys: each part, then the handoff; each step asked for, taken and marked."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from wecom_bot.domain import attendance
from wecom_bot.domain.dialog import Attendant, Turn
from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import ConversationId, Reply
from wecom_bot.errors import NotAttending, OutcomeUnknown, Rejected, WecomBotError
from wecom_bot.ports import Attempt, Clock, Ledger, Repeat, Sending, Speaker, Step
from wecom_bot.service.conversation.hand_off import HandOver
from wecom_bot.telemetry import faults, logs

log = logs.get(__name__)


def delivery_id(turn: Turn, part: int, attempt: int = 1) -> str:
    """The idempotency key of a part: 32 hexadecimal digits, the same at every redo.

    `attempt` rises only after WeCom reported a failure.

    It names all messages of the turn. After a loss of Redis one that was answered may come in a turn with one that was
    not: WeCom must not take their reply for the first one's, and hide it.
    """
    messages = (each.message_id for each in turn.messages)
    named = (turn.conversation.account, turn.conversation.customer, *messages, str(part), str(attempt))
    return hashlib.sha256("\0".join(named).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Delivered:
    """Whether the bot answered, or is silent because somebody else attends; and the last step, yet to be marked."""

    answered: bool
    step: str = ""


@dataclass(frozen=True, slots=True)
class Deliver:
    """Say what is not yet said of a turn."""

    speaker: Speaker
    ledger: Ledger
    hand_over: HandOver
    clock: Clock

    def __call__(self, lease: Lease, turn: Turn, leave: Step | None = None) -> Delivered:
        """With `leave` the first part may be said: it was asked for when the turn was stored.

        Raises what Speaker.send raises.
        """
        if not turn.settled:
            return Delivered(answered=False)
        return self._if_attending(lease, turn, partial(self._all, lease, turn), leave)

    def first(self, turn: Turn) -> Sending | None:
        """What the first step of the turn says, to ask leave for; None where it says nothing."""
        return self._sending(turn, 1, 1) if turn.settled and turn.parts else None

    def again(self, lease: Lease, turn: Turn, number: int, attempt: int) -> str:
        """Say one part under a new id: WeCom took it before, and did not show it; the step, yet to be marked.

        Raises what Speaker.send raises.
        """

        def say(leave: Step | None) -> str:
            return self._say(lease, turn, number, "", leave, attempt)

        return self._if_attending(lease, turn, say, None).step

    def _if_attending(
        self, lease: Lease, turn: Turn, act: Callable[[Step | None], str], leave: Step | None
    ) -> Delivered:
        """Do it, at most twice: people may move a conversation while we speak; whether somebody else attends."""
        try:
            return Delivered(answered=True, step=act(leave))
        except NotAttending:
            attendant = self.speaker.attend(turn.conversation, None)
            if attendant is Attendant.BOT:
                return Delivered(answered=True, step=act(None))
            self._leave_to(lease, turn.conversation, attendant)
            log.info(
                "turn.silenced", corp_id=lease.corp_id, conversation=str(turn.conversation), attendant=attendant.value
            )
            return Delivered(answered=False)

    def _leave_to(self, lease: Lease, where: ConversationId, attendant: Attendant) -> None:
        before = self.ledger.dialog(where)
        state = attendance.found(before, where.customer, self.clock.now(), attendant)
        self.ledger.remember(lease, where, state)

    def _all(self, lease: Lease, turn: Turn, leave: Step | None) -> str:
        """Each step is marked by the next one's; the last step, where it is yet to be marked."""
        taken = ""
        for number in range(1, len(turn.parts) + 1):
            taken = self._say(lease, turn, number, taken, leave if number == 1 else None)
        return self._hand_off(lease, turn, turn.handoff.reason, taken) if turn.handoff else taken

    def _say(self, lease: Lease, turn: Turn, number: int, taken: str, leave: Step | None, attempt: int = 1) -> str:
        name = f"part-{number}" if attempt == 1 else f"part-{number}.{attempt}"
        part, sending = turn.parts[number - 1], self._sending(turn, number, attempt)
        step = leave or self.ledger.attempt(lease, turn, name, sending, taken)
        if taken:
            faults.crash("after_mark")
        if step.attempt is Attempt.DONE:
            return ""
        repeat = Repeat(step.tried_at, step.same_before) if step.attempt is Attempt.AGAIN else None
        self._send(lease, turn, name, part, sending.delivery_id, repeat)
        faults.crash("after_send")
        faults.crash("before_mark")
        return name

    def _sending(self, turn: Turn, number: int, attempt: int) -> Sending:
        said = turn.parts[number - 1].text
        return Sending(delivery_id(turn, number, attempt), number, attempt, said, self._budget(turn))

    def _send(self, lease: Lease, turn: Turn, step: str, part: Reply, sent_as: str, repeat: Repeat | None) -> None:
        try:
            self.speaker.send(turn.conversation, part, sent_as, repeat)
        except OutcomeUnknown:
            raise
        except WecomBotError as e:
            if part.attachments and type(e) is Rejected:
                # the words above it were shown: they are the answer, and no human is needed for a picture
                log.warning("reply.attachment_refused", corp_id=lease.corp_id, trace_id=turn.trace_id, code=e.code)
                return
            if repeat is None:
                # certainly not shown: the next try need not pass for a repeat
                self.ledger.not_sent(lease, turn, step)
            raise

    def _budget(self, turn: Turn) -> int:
        """One message is kept for who asks for a human; a turn that hands off may take it."""
        budget = self.speaker.budget(turn.conversation)
        return budget if turn.handoff or not budget else budget - 1

    def _hand_off(self, lease: Lease, turn: Turn, reason: str, taken: str) -> str:
        step = self.ledger.attempt(lease, turn, "handoff", taken=taken)
        if step.attempt is Attempt.DONE:
            return ""
        self.hand_over(lease, turn.conversation, reason, turn.trace_id, turn)
        self.ledger.mark(lease, turn, "handoff")
        return ""
