"""Answer messages: think once, store, then say what is not yet said. Every step may run twice; none shows twice."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wecom_bot.domain.dialog import Attendant, DialogState, Turn
from wecom_bot.domain.job import AnswerMessage, Lease
from wecom_bot.domain.message import Channel, InboundMessage
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Clock, Inbox, Ledger, Records, Speaker, Tenants
from wecom_bot.service.deliver import Deliver
from wecom_bot.service.lateness import Lateness
from wecom_bot.service.requests import turns_request
from wecom_bot.service.think import Think, Thought
from wecom_bot.telemetry import faults, logs, metrics

log = logs.get(__name__)

# The ledger remembers message ids for 24 h; what is older, or from before the ledger was born, only the record knows.
_LEDGER_REMEMBERS = timedelta(hours=23)
_CLOCKS_DIFFER = timedelta(minutes=2)
_LONGEST = timedelta(seconds=5)  # that a turn is open for what the customer says meanwhile
_MOST = 20  # messages in one turn
_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer what a customer says, unless a servicer attends or it was answered before.

    Thinking starts at once. What comes before the reply leaves is taken into the same turn; a reply that is sure
    leaves at once, one that is not waits a moment for what the customer may still be typing.
    """

    tenants: Tenants
    inbox: Inbox
    speaker: Speaker
    ledger: Ledger
    records: Records
    think: Think
    deliver: Deliver
    lateness: Lateness
    clock: Clock
    session_timeout: timedelta

    def __call__(self, lease: Lease, job: AnswerMessage) -> None:
        """Raises what delivery raises; a failure to think never leaves here."""
        message = job.message
        turn = self.ledger.turn(message.conversation, message.message_id)
        if turn is not None and self._all_recalled(turn):
            self._close(self._over(lease, turn), turn, answered=False)
            return
        if turn is None:
            tenant = self.tenants.get(lease.corp_id)
            if not tenant.active:
                log.info("turn.tenant_off", corp_id=lease.corp_id)
                return
            if self._dealt_with(lease, message):
                log.info("turn.answered_before", corp_id=lease.corp_id, message_id=message.message_id)
                return
            lease, turn = self._make(tenant, lease, job)
            turn = self.ledger.store(lease, turn)
            faults.crash("after_storing")
        self._finish(self._over(lease, turn), turn)

    def _all_recalled(self, turn: Turn) -> bool:
        """Whether the customer took back all of it while its delivery was put off."""
        ids = {message.message_id for message in turn.messages}
        return len(self.ledger.recalled(turn.conversation, ids)) == len(ids)

    def _finish(self, lease: Lease, turn: Turn) -> None:
        """Say what is stored, and close it."""
        answered = self.deliver(lease, turn)
        if turn.request:
            self.ledger.note(lease, turns_request(turn.request, turn, self.clock.now()))
        self._close(lease, turn, answered=answered)

    def _close(self, lease: Lease, turn: Turn, *, answered: bool) -> None:
        self.ledger.close(lease, turn, answered=answered)
        metrics.TURNS.labels(turn.answerer).inc()
        log.info(
            "turn.closed",
            corp_id=lease.corp_id,
            conversation=str(turn.conversation),
            answered=answered,
            answerer=turn.answerer.value,
            intent=turn.intent.name,
            handoff=turn.handoff.reason if turn.handoff else None,
            request=turn.request or None,
            messages=len(turn.messages),
            parts=len(turn.parts),
            attempt=lease.attempt,
            took=round((self.clock.now() - turn.began_at).total_seconds(), 4),
        )

    def _over(self, lease: Lease, turn: Turn) -> Lease:
        """The lease over just the messages of the turn: a redo is lent only the first of them."""
        if len(turn.messages) == len(lease.jobs):
            return lease
        return self.inbox.gather(lease, len(turn.messages))

    def _dealt_with(self, lease: Lease, message: InboundMessage) -> bool:
        """Ask the record, but only about what the ledger may have forgotten and WeCom may still bring again.

        That is what customers wrote to a kf account: after a loss of Redis it is pulled anew. What members write to
        an app comes by a live callback alone, known for a repeat at the door, and is never pulled: nobody asks SQL.
        """
        return self._forgotten(lease, message) and self.records.dealt_with(message.conversation, message.message_id)

    def _forgotten(self, lease: Lease, message: InboundMessage) -> bool:
        if message.conversation.channel is Channel.APP:
            return False
        born = lease.since + _CLOCKS_DIFFER
        return message.sent_at < born or self.clock.now() - message.sent_at >= _LEDGER_REMEMBERS

    def _make(self, tenant: Tenant, lease: Lease, job: AnswerMessage) -> tuple[Lease, Turn]:
        where, now = job.message.conversation, self.clock.now()
        before = self.ledger.dialog(where)
        state = DialogState.resume(before, where.customer, now, self.session_timeout)
        attendant = self.speaker.attend(where, None if _is_stale(before, state) else before)
        if attendant is not state.attendant:
            state = replace(state, attendant=attendant, attendant_since=now)
        turn = Turn(where, (job.message,), job.trace_id, now, state)
        if attendant is not Attendant.BOT:
            return lease, turn
        if self.lateness.applies(job):
            lease, jobs = self._leading(lease, self.inbox.gather(lease), 0, late=True)
            turn = self.lateness(tenant, replace(turn, messages=tuple(each.message for each in jobs)))
        else:
            lease, turn = self._thought(tenant, lease, turn, job)
        faults.crash("after_thinking")
        return lease, self._cut(turn)

    def _thought(self, tenant: Tenant, lease: Lease, start: Turn, job: AnswerMessage) -> tuple[Lease, Turn]:
        """Think about the message, and about what comes until the reply is to leave."""
        start = replace(start, messages=())
        thought, taken, came_at = self.think(tenant, Thought(start), job.message), 1, start.began_at
        while not thought.ended and taken < _MOST:
            wait = self._patience(tenant, thought, came_at)
            if wait is None:
                break
            lease, jobs = self._leading(lease, self.inbox.gather(lease, _MOST, wait), taken)
            if len(jobs) <= taken:
                break
            came_at = self.clock.now()
            for each in jobs[taken:]:
                if not thought.ended:
                    thought, taken = self.think(tenant, thought, each.message), taken + 1
        if taken < len(lease.jobs):
            lease = self.inbox.gather(lease, taken)
        messages = tuple(each.message for each in lease.jobs if isinstance(each, AnswerMessage))
        return lease, self._without_recalled(tenant, thought, messages)

    def _patience(self, tenant: Tenant, thought: Thought, came_at: datetime) -> timedelta | None:
        """How long to wait for more; None when the turn is to close, whatever comes."""
        now = self.clock.now()
        left = thought.start.began_at + _LONGEST - now
        if left <= _AT_ONCE:
            return None
        window = timedelta(seconds=tenant.merge_window) - (now - came_at)
        return min(left, max(window, _AT_ONCE)) if thought.waits else _AT_ONCE

    def _leading(
        self, lease: Lease, wider: Lease, held: int, *, late: bool = False
    ) -> tuple[Lease, tuple[AnswerMessage, ...]]:
        """The messages at the head of the mailbox that belong in one turn, and the lease over just these."""
        jobs: list[AnswerMessage] = []
        for number, job in enumerate(wider.jobs):
            if not isinstance(job, AnswerMessage):
                break
            if number >= max(held, 1) and (
                self.lateness.applies(job) is not late or self._dealt_with(lease, job.message)
            ):
                break
            jobs.append(job)
        if len(jobs) < len(wider.jobs):
            wider = self.inbox.gather(wider, len(jobs))
        return wider, tuple(jobs)

    def _without_recalled(self, tenant: Tenant, thought: Thought, messages: tuple[InboundMessage, ...]) -> Turn:
        """The turn; what was taken back meanwhile stands in it without words, and is not thought about."""
        gone = set(self.ledger.recalled(thought.start.conversation, [each.message_id for each in messages]))
        if not gone:
            return thought.turn(messages)
        log.info("turn.recalled", corp_id=tenant.corp_id, messages=len(gone))
        thought = Thought(thought.start)
        for message in messages:
            if message.message_id not in gone:
                thought = self.think(tenant, thought, message)
        kept = tuple(_emptied(each) if each.message_id in gone else each for each in messages)
        return thought.turn(kept) if thought.sure or thought.open else replace(thought.start, messages=kept)

    def _cut(self, turn: Turn) -> Turn:
        if turn.reply is None:
            return turn
        cut = self.speaker.split(turn.conversation, turn.reply)
        return replace(turn, parts=cut.parts, state=replace(turn.state, rest=cut.rest))


def _is_stale(before: DialogState | None, state: DialogState) -> bool:
    """Whether WeCom has to be asked again who attends, although it was the bot.

    A new session may be a new conversation at WeCom too, where the bot's attendance has to be renewed; and after a
    servicer ended one, the customer's next word opens a new one.
    """
    if before is None or before.attendant is not Attendant.BOT:
        return False
    came_back = before.attendant_since is not None and before.attendant_since >= before.last_at
    return came_back or before.session_id != state.session_id


def _emptied(message: InboundMessage) -> InboundMessage:
    return replace(message, text="", menu_id=None, detail={"recalled": "true"})
