"""Answer one message: think once, store, then say what is not yet said. Every step may run twice; none shows twice."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from wecom_bot.domain.dialog import Answerer, Attendant, DialogState, Turn
from wecom_bot.domain.job import AnswerMessage, Lease
from wecom_bot.domain.message import Channel, InboundMessage, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Clock, Ledger, Records, Speaker, Tenants, TimeLimit
from wecom_bot.service.deliver import Deliver
from wecom_bot.telemetry import faults, logs, metrics

log = logs.get(__name__)

# The ledger remembers message ids for 24 h; what is older, or from before the ledger was born, only the record knows.
_LEDGER_REMEMBERS = timedelta(hours=23)
_CLOCKS_DIFFER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer a customer's message, unless a servicer attends or it was answered before."""

    tenants: Tenants
    speaker: Speaker
    ledger: Ledger
    records: Records
    pipeline: Callable[[Tenant, Turn], Turn]
    deliver: Deliver
    time_limit: TimeLimit
    clock: Clock
    think_deadline: timedelta
    session_timeout: timedelta

    def __call__(self, lease: Lease, job: AnswerMessage) -> None:
        """Raises what delivery raises; a failure to think never leaves here."""
        message = job.message
        turn = self.ledger.turn(message.conversation, message.message_id)
        if turn is None:
            tenant = self.tenants.get(lease.corp_id)
            if not tenant.active:
                log.info("turn.tenant_off", corp_id=lease.corp_id)
                return
            if self._answered_before(lease, message):
                log.info("turn.answered_before", corp_id=lease.corp_id, message_id=message.message_id)
                return
            turn = self.ledger.store(lease, self._make(tenant, job))
            faults.crash("after_storing")
        answered = self.deliver(lease, turn)
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
            parts=len(turn.parts),
            attempt=lease.attempt,
            took=round((self.clock.now() - turn.began_at).total_seconds(), 4),
        )

    def _answered_before(self, lease: Lease, message: InboundMessage) -> bool:
        """Ask the record, but only about what the ledger may have forgotten and WeCom may still bring again.

        That is what customers wrote to a kf account: after a loss of Redis it is pulled anew. What members write to
        an app comes by a live callback alone, known for a repeat at the door, and is never pulled: nobody asks SQL.
        """
        if message.conversation.channel is Channel.APP:
            return False
        born = lease.since + _CLOCKS_DIFFER
        if message.sent_at >= born and self.clock.now() - message.sent_at < _LEDGER_REMEMBERS:
            return False
        return self.records.answered(message.conversation, message.message_id)

    def _make(self, tenant: Tenant, job: AnswerMessage) -> Turn:
        where, now = job.message.conversation, self.clock.now()
        before = self.ledger.dialog(where)
        state = DialogState.resume(before, where.customer, now, self.session_timeout)
        # a new session is a new conversation at WeCom too, perhaps: there the bot's attendance has to be renewed
        stale = before is not None and before.attendant is Attendant.BOT and before.session_id != state.session_id
        attendant = self.speaker.attend(where, None if stale else before)
        if attendant is not state.attendant:
            state = replace(state, attendant=attendant, attendant_since=now)
        turn = Turn(where, (job.message,), job.trace_id, now, state)
        if attendant is not Attendant.BOT:
            return turn
        turn = self._think(tenant, turn)
        faults.crash("after_thinking")
        return replace(turn, parts=self.speaker.split(where, turn.reply)) if turn.reply else turn

    def _think(self, tenant: Tenant, turn: Turn) -> Turn:
        """The pipeline's turn; the tenant's phrase if it fails, whatever the failure, or takes too long."""
        try:
            with self.time_limit(self.think_deadline):
                return self.pipeline(tenant, turn)
        except Exception as e:  # noqa: BLE001 - silence would be worse than any bug; the log says where it is
            log.error("turn.trouble", corp_id=tenant.corp_id, error=type(e).__name__, at=logs.place(e))
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.trouble))
