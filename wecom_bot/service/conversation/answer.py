"""Answer messages, idempotently: think once, store, say what is unsaid. Every step may run twice; none shows twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from wecom_bot.domain.dialog import Attendant, DialogState, Turn
from wecom_bot.domain.event import SessionChanged
from wecom_bot.domain.job import AnswerMessage, Job, KeepMessage, Lease, ObserveEvent
from wecom_bot.domain.message import InboundMessage
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import MustWait
from wecom_bot.ports import Clock, Ending, Entry, Ledger, Mailboxes, Speaker, Stored, Tenants, TurnRecord
from wecom_bot.service.conversation.dealt_with import DealtWith
from wecom_bot.service.conversation.deliver import Deliver, Delivered
from wecom_bot.service.conversation.lateness import LATE
from wecom_bot.service.conversation.merge import Made, Merge
from wecom_bot.service.conversation.tickets import turns_ticket
from wecom_bot.service.conversation.unknown_time import RESTORED, UnknownTime
from wecom_bot.telemetry import faults, logs, metrics

log = logs.get(__name__)

_BACKLOG = timedelta(minutes=1)  # what is older waited for us, and people may have dealt with it


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer what a customer says, unless a servicer attends or it was dealt with before."""

    tenants: Tenants
    inbox: Mailboxes
    speaker: Speaker
    ledger: Ledger
    dealt_with: DealtWith
    merge: Merge
    deliver: Deliver
    clock: Clock
    unknown_time: UnknownTime
    session_timeout: timedelta

    def __call__(self, lease: Lease, job: AnswerMessage) -> Ending | None:
        """Raises what delivery raises; a failure to think never leaves here."""
        begun = self.ledger.begin(lease)
        turn = begun.turn
        if turn is not None and self._all_recalled(turn):
            return self._close(self._over(lease, turn), turn, Delivered(answered=False))
        if turn is not None and self._taken_since(lease):
            # part of it may have been shown: that a message was taken, say
            return self._close(self._over(lease, turn), turn, Delivered(answered=False), self._ticket(turn))
        if turn is None or (self.merge.is_late(job) and turn.request != LATE):
            return self._answer(lease, job, begun.dialog)
        return self._finish(self._over(lease, turn), turn)

    def _answer(self, lease: Lease, job: AnswerMessage, before: DialogState | None) -> Ending | None:
        tenant = self.tenants.get(lease.corp_id)
        if not tenant.active:
            log.info("turn.tenant_off", corp_id=lease.corp_id)
            return None
        if self.dealt_with(lease, job.message):
            log.info("turn.answered_before", corp_id=lease.corp_id, message_id=job.message.message_id)
            return None
        made = self._make(tenant, lease, job, before)
        stored = self._store(made)
        while stored.more and made.making is not None:
            made = self._ready(self.merge.further(tenant, lease, made.making))
            stored = self._store(made)
        faults.crash("after_storing")
        lease, turn = made.lease, made.turn
        if stored.turn is turn:
            return self._close(lease, turn, self.deliver(lease, turn, stored.leave))
        return self._finish(self.inbox.gather(lease, len(stored.turn.messages)), stored.turn)

    def _store(self, made: Made) -> Stored:
        """Keep the turn, unless more has come that it would take in.

        What was thought long ago, and could not be sent, is an apology now, unless some of it may have been shown.
        """
        turn, grows = made.turn, made.making is not None
        return self.ledger.store(made.lease, turn, self.deliver.first(turn), self._ticket(turn), unless_more=grows)

    def _all_recalled(self, turn: Turn) -> bool:
        """Whether the customer took back all of it while its delivery was put off."""
        ids = {message.message_id for message in turn.messages}
        return len(self.ledger.recalled(turn.conversation, ids)) == len(ids)

    def _finish(self, lease: Lease, turn: Turn) -> Ending:
        """Say what was stored before, and close it."""
        for entry in self._ticket(turn):  # before: whoever cannot be told may still be called back
            self.ledger.note(lease, entry)
        return self._close(lease, turn, self.deliver(lease, turn))

    def _ticket(self, turn: Turn) -> Sequence[Entry]:
        """The ticket for a human that the turn asks for."""
        return [turns_ticket(turn.request, turn, self.clock.now())] if turn.request else []

    def _close(self, lease: Lease, turn: Turn, delivered: Delivered, entries: Sequence[Entry] = ()) -> Ending:
        metrics.TURNS.labels(turn.answerer).inc()
        if turn.search:
            metrics.SEARCHES.labels(turn.search).inc()
        if turn.request:
            metrics.TICKETS.labels(turn.request).inc()
        log.info(
            "turn.closed",
            corp_id=lease.corp_id,
            conversation=str(turn.conversation),
            answered=delivered.answered,
            answerer=turn.answerer.value,
            hot=turn.hot or None,
            intent=turn.intent.name,
            search=turn.search.value if turn.search else None,
            handoff=turn.handoff.reason if turn.handoff else None,
            request=turn.request or None,
            messages=len(turn.messages),
            parts=len(turn.parts),
            attempt=lease.attempt,
            took=round((self.clock.now() - turn.began_at).total_seconds(), 4),
        )
        return Ending(turn, delivered.step, TurnRecord(turn, delivered.answered, self.clock.now()), entries)

    def _over(self, lease: Lease, turn: Turn) -> Lease:
        """The lease over just the messages of the turn: a redo is lent only the first of them."""
        if len(turn.messages) == len(lease.jobs):
            return lease
        return self.inbox.gather(lease, len(turn.messages))

    def _make(self, tenant: Tenant, lease: Lease, job: AnswerMessage, before: DialogState | None) -> Made:
        where, now = job.message.conversation, self.clock.now()
        state = DialogState.resume(before, where.customer, now, self.session_timeout)
        if state.was_for_servicer(job.message.sent_at):
            return Made(lease, Turn(where, (job.message,), job.trace_id, now, state))
        if job.message in self.unknown_time:
            seen_to = self._taken_since(lease)
            log.warning("turn.unknown", corp_id=where.corp_id, message_id=job.message.message_id, seen_to=seen_to)
            reason = "" if seen_to else RESTORED
            return Made(lease, Turn(where, (job.message,), job.trace_id, now, state, request=reason))
        attendant = self._attendant(lease, job.message, before, stale=_is_stale(before, state))
        if attendant is not state.attendant:
            state = replace(state, attendant=attendant, attendant_since=now)
        turn = Turn(where, (job.message,), job.trace_id, now, state)
        if attendant is not Attendant.BOT:
            return Made(lease, turn)
        return self._ready(self.merge(tenant, lease, turn, job))

    def _ready(self, made: Made) -> Made:
        """To be stored, and said."""
        faults.crash("after_thinking")
        heard_at = max(each.sent_at for each in made.turn.messages)
        turn = replace(made.turn, state=replace(made.turn.state, heard_at=heard_at))
        return replace(made, turn=self._cut(turn))

    def _attendant(
        self, lease: Lease, message: InboundMessage, before: DialogState | None, *, stale: bool
    ) -> Attendant:
        """Who attends; and people do where they took the conversation since: they have dealt with the message."""
        if self.clock.now() - message.sent_at > _BACKLOG and self._taken_since(lease):
            return Attendant.SERVICER
        try:
            return self.speaker.attend(message.conversation, None if stale else before)
        except MustWait:  # it has ended since the message, for else that would have opened it again
            if (before is None or before.attendant is not Attendant.SERVICER) and not self._taken_since(lease):
                raise
            return Attendant.SERVICER

    def _taken_since(self, lease: Lease) -> bool:
        """Whether a servicer's deeds stand behind the message in its mailbox."""
        return any(map(_is_servicers, self.inbox.look(lease).jobs))

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


def _is_servicers(job: Job) -> bool:
    match job:
        case KeepMessage():
            return bool(job.message.servicer)
        case ObserveEvent():
            return isinstance(job.event.happening, SessionChanged)
        case _:
            return False
