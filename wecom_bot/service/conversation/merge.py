"""Debouncing: short messages in a row become one turn, and nobody waits for that without need (decision 9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

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
class Making:
    """A turn that may still grow: what is thought of which messages, when the last of them came.

    `over` is whether its time was over then.
    """

    thought: Thought
    jobs: tuple[AnswerMessage, ...]
    came_at: datetime
    over: bool = False

    @property
    def messages(self) -> list[InboundMessage]:
        return [each.message for each in self.jobs]

    @property
    def message_ids(self) -> list[MessageId]:
        return [each.message.message_id for each in self.jobs]


@dataclass(frozen=True, slots=True)
class Made:
    """A turn and the lease over its messages; and, where it goes `further` if more has come, what it grows from."""

    lease: Lease
    turn: Turn
    making: Making | None = None


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

    def __call__(self, tenant: Tenant, lease: Lease, start: Turn, job: AnswerMessage) -> Made:
        """The turn that begins with this message. A failure to think stays within."""
        if self.lateness.applies(job):
            return self._late(tenant, lease, start)
        thought = self.think(tenant, Thought(replace(start, messages=())), job.message)
        return self._made(tenant, lease, Making(thought, (job,), start.began_at), look=lease.behind > 0)

    def further(self, tenant: Tenant, lease: Lease, making: Making) -> Made:
        """The turn, where more stands in the mailbox than was thought over, or something of that was taken back."""
        return self._made(tenant, lease, making, look=True)

    def is_late(self, job: AnswerMessage) -> bool:
        """Whether the message has waited too long to be answered as if nothing had been."""
        return self.lateness.applies(job)

    def _late(self, tenant: Tenant, lease: Lease, start: Turn) -> Made:
        jobs = self._leading(lease, self.inbox.look(lease).jobs, 0, late=True)
        said = [each.message for each in jobs]
        gone = self._recalled(start.conversation, said)
        turn = replace(start, messages=_without(said, gone))
        return Made(replace(lease, jobs=jobs), self.lateness(tenant, turn) if len(gone) < len(said) else turn)

    def _made(self, tenant: Tenant, lease: Lease, making: Making, *, look: bool = False) -> Made:
        """What is thought over by now, with what comes while it waits for that; `look` if something may have come."""
        gone = None
        while not (making.over or making.thought.ended) and len(making.jobs) < _MOST:
            left = self._left(making)
            if left <= _AT_ONCE and not making.thought.waits:
                break
            patience = self._patience(tenant, making, left)
            if patience <= _AT_ONCE and not look:  # whoever stores the turn looks in the same step
                return self._merged(tenant, lease, making, (), making)
            waiting = self.inbox.look(lease, _MOST, making.message_ids, patience)
            look = False
            leading = self._leading(lease, waiting.jobs, len(making.jobs))
            if len(leading) <= len(making.jobs):
                gone = waiting.recalled
                break
            making = self._with(tenant, making, leading, over=left <= _AT_ONCE)
        if gone is None:
            gone = self._recalled(making.thought.start.conversation, making.messages)
        return self._merged(tenant, lease, making, gone)

    def _with(self, tenant: Tenant, making: Making, leading: tuple[AnswerMessage, ...], *, over: bool) -> Making:
        """With more thought over, of all that leads the mailbox; when the time is `over` for the last time."""
        came_at, more = self.clock.now(), [each.message for each in leading[len(making.jobs) :]]
        goes_on = partial(self._goes_on, making)
        thought = self.think(tenant, making.thought, *more, once=over, goes_on=goes_on)
        return Making(thought, leading[: thought.taken], came_at, over)

    def _merged(
        self, tenant: Tenant, lease: Lease, making: Making, gone: Collection[MessageId], goes_on: Making | None = None
    ) -> Made:
        turn = self._turn(tenant, making.thought, making.messages, gone)
        return Made(replace(lease, jobs=making.jobs), turn, goes_on)

    def _goes_on(self, making: Making) -> bool:
        return self._left(making) > _AT_ONCE

    def _left(self, making: Making) -> timedelta:
        """For how long the turn is still open."""
        return making.thought.start.began_at + _LONGEST - self.clock.now()

    def _patience(self, tenant: Tenant, making: Making, left: timedelta) -> timedelta:
        """How long to wait for more."""
        if not making.thought.waits or left <= _AT_ONCE:
            return _AT_ONCE
        window = timedelta(seconds=tenant.merge_window) - (self.clock.now() - making.came_at)
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
