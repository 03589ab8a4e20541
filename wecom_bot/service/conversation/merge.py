"""Debouncing: short messages in a row become one turn, and nobody waits for that without need (decision 9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.job import AnswerMessage, Job, Lease
from wecom_bot.domain.message import ConversationId, InboundMessage, MessageId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Clock, Ledger, Mailboxes
from wecom_bot.service.conversation.dealt_with import DealtWith
from wecom_bot.service.conversation.lateness import Lateness
from wecom_bot.service.conversation.think import Think
from wecom_bot.service.conversation.thought import Thought
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_LONGEST = timedelta(seconds=5)  # that a turn is open for what the customer says meanwhile
_MOST = 20  # messages in one turn
_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Merge:
    """Make the turn of a message and of what belongs with it.

    Thinking starts at once, and what comes meanwhile is thought over when that thought is finished, all of it together.
    A reply that is sure leaves as soon as nothing waits; one that is not waits a moment for what the customer may still
    be typing. When the time is over, an unsure reply is thought over a last time with all that has come; what else
    waits has a turn of its own.
    """

    inbox: Mailboxes
    ledger: Ledger
    think: Think
    lateness: Lateness
    dealt_with: DealtWith
    clock: Clock

    def __call__(self, tenant: Tenant, lease: Lease, start: Turn, job: AnswerMessage) -> tuple[Lease, Turn]:
        """The turn that begins with this message, and the lease over its messages. A failure to think stays within."""
        if self.lateness.applies(job):
            return self._late(tenant, lease, start)
        return self._thought(tenant, lease, start, job)

    def is_late(self, job: AnswerMessage) -> bool:
        """Whether the message has waited too long to be answered as if nothing had been."""
        return self.lateness.applies(job)

    def _late(self, tenant: Tenant, lease: Lease, start: Turn) -> tuple[Lease, Turn]:
        jobs = self._leading(lease, self.inbox.look(lease).jobs, 0, late=True)
        said = [each.message for each in jobs]
        gone = self._recalled(start.conversation, said)
        turn = replace(start, messages=_without(said, gone))
        return replace(lease, jobs=jobs), self.lateness(tenant, turn) if len(gone) < len(said) else turn

    def _thought(self, tenant: Tenant, lease: Lease, start: Turn, job: AnswerMessage) -> tuple[Lease, Turn]:
        thought = self.think(tenant, Thought(replace(start, messages=())), job.message)
        jobs: tuple[AnswerMessage, ...] = (job,)
        came_at, over, gone = start.began_at, False, None
        while not (over or thought.ended) and len(jobs) < _MOST:
            left = self._left(start)
            over = left <= _AT_ONCE
            if over and not thought.waits:
                break
            patience = self._patience(tenant, thought, came_at, left)
            waiting = self.inbox.look(lease, _MOST, [each.message.message_id for each in jobs], patience)
            leading = self._leading(lease, waiting.jobs, len(jobs))
            if len(leading) <= len(jobs):
                gone = waiting.recalled
                break
            came_at = self.clock.now()
            more = [each.message for each in leading[len(jobs) :]]
            thought = self.think(tenant, thought, *more, once=over, goes_on=lambda: self._left(start) > _AT_ONCE)
            jobs = leading[: thought.taken]
        messages = [each.message for each in jobs]
        if gone is None:
            gone = self._recalled(start.conversation, messages)
        return replace(lease, jobs=jobs), self._turn(tenant, thought, messages, gone)

    def _left(self, start: Turn) -> timedelta:
        """For how long the turn is still open."""
        return start.began_at + _LONGEST - self.clock.now()

    def _patience(self, tenant: Tenant, thought: Thought, came_at: datetime, left: timedelta) -> timedelta:
        """How long to wait for more."""
        if not thought.waits or left <= _AT_ONCE:
            return _AT_ONCE
        window = timedelta(seconds=tenant.merge_window) - (self.clock.now() - came_at)
        return min(left, max(window, _AT_ONCE))

    def _leading(
        self, lease: Lease, waiting: Sequence[Job], held: int, *, late: bool = False
    ) -> tuple[AnswerMessage, ...]:
        """The messages at the head of the mailbox that belong in one turn."""
        jobs: list[AnswerMessage] = []
        for number, job in enumerate(waiting):
            if not isinstance(job, AnswerMessage):
                break
            if number >= max(held, 1) and (
                self.lateness.applies(job) is not late or self.dealt_with(lease, job.message)
            ):
                break
            jobs.append(job)
        return tuple(jobs)

    def _turn(
        self, tenant: Tenant, thought: Thought, messages: Sequence[InboundMessage], gone: Collection[MessageId]
    ) -> Turn:
        """The turn; what was taken back meanwhile stands in it without words, and is not thought about."""
        if not gone:
            return thought.turn(tuple(messages))
        log.info("turn.recalled", corp_id=thought.start.conversation.corp_id, messages=len(gone))
        kept = _without(messages, gone)
        thought = thought.afresh()
        if left := [each for each in messages if each.message_id not in gone]:
            return self.think(tenant, thought, *left).turn(kept)
        return replace(thought.start, messages=kept)

    def _recalled(self, where: ConversationId, messages: Sequence[InboundMessage]) -> Collection[MessageId]:
        return self.ledger.recalled(where, [each.message_id for each in messages])


def _without(messages: Sequence[InboundMessage], gone: Collection[MessageId]) -> tuple[InboundMessage, ...]:
    """The messages, without words where the customer took them back."""
    return tuple(_emptied(each) if each.message_id in gone else each for each in messages)


def _emptied(message: InboundMessage) -> InboundMessage:
    return replace(message, text="", menu_id=None, detail={"recalled": "true"})
