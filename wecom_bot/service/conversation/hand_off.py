"""Escalation: hand a conversation to a human, tell the customer, and leave a trace where no human could be told."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from wecom_bot.domain import attendance
from wecom_bot.domain.dialog import Attendant, Turn
from wecom_bot.domain.job import GIVEN_UP, HandOff, Lease
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.errors import MustWait, NotAttending, RateLimited, Rejected, TemporaryFailure, WecomBotError
from wecom_bot.ports import (
    Clock,
    HandedOff,
    Ledger,
    Line,
    Records,
    Speaker,
    Tenants,
    TicketClosed,
    TicketOpened,
)
from wecom_bot.service.conversation.tickets import ticket, turns_ticket
from wecom_bot.telemetry import logs, metrics
from wecom_bot.text.privacy import mask

log = logs.get(__name__)

_ADVICE = (
    "转不了人工：请按同时的 wecom.refused 核对应用的微信客服权限与接待人员 / see wecom.refused: permissions, servicers"
)
_PATIENCE = timedelta(minutes=2)  # with a WeCom that cannot call anybody: who was promised a human waits in silence
_LINES = 20  # ten turns: what was said, and what was answered


@dataclass(frozen=True, slots=True)
class HandOver:
    """Ask WeCom for a servicer, and be silent from then on; without one an open ticket is kept."""

    speaker: Speaker
    ledger: Ledger
    records: Records
    tenants: Tenants
    clock: Clock

    def __call__(
        self,
        lease: Lease,
        conversation: ConversationId,
        reason: str,
        trace_id: str,
        turn: Turn | None = None,
        words: str = "",
    ) -> None:
        """`turn` is the one that asks for it, which the record does not know yet; without one `words` are what for.

        Raises what Speaker.hand_off does.
        """
        lines = [*self._recent(conversation), *(_lines(turn) if turn else ())][-_LINES:]
        now = self.clock.now()
        kept = turns_ticket(reason, turn, now) if turn else ticket(conversation, reason, words, trace_id, now)
        handed = self._handed_off(lease, kept, lines, turn)
        nobody = handed.attendant is Attendant.BOT
        self._remember(lease, kept, handed, listed=turn is not None and bool(turn.request))
        metrics.HANDOFFS.labels(reason, "nobody" if nobody else handed.attendant.value).inc()
        if nobody or handed.code or (reason == GIVEN_UP and conversation.channel is Channel.APP):
            self._tell(conversation, handed, turn.turn_id if turn else trace_id)

    def _remember(self, lease: Lease, kept: TicketOpened, handed: HandedOff, *, listed: bool) -> None:
        """Who attends now, and the ticket that stays open where nobody has come yet.

        A servicer of kf has the conversation before their eyes; of the queue and of an app nobody may look. Who takes
        it from the queue closes the ticket; that of an app is closed by hand, and so is one that the turn itself has
        `listed`: an answer that came too late.
        """
        where, called = kept.request.conversation, ""
        came = handed.attendant is Attendant.SERVICER and where.channel is Channel.KF
        if came and not listed:  # an earlier try may have left it
            self.ledger.note(lease, TicketClosed(where.corp_id, kept.request.request_id, self.clock.now()))
        elif not listed:
            self.ledger.note(lease, kept)
            metrics.TICKETS.labels(kept.request.reason).inc()
            called = kept.request.request_id if handed.attendant is Attendant.QUEUE else ""
        before, now = self.ledger.dialog(where), self.clock.now()
        state = attendance.handed_off(before, where.customer, now, handed.attendant, called)
        self.ledger.remember(lease, where, state)

    def _handed_off(self, lease: Lease, kept: TicketOpened, lines: Sequence[Line], turn: Turn | None) -> HandedOff:
        """What WeCom refuses for good, or cannot do for a while, is as if nobody served: the customer hears that."""
        where = kept.request.conversation
        try:
            return self.speaker.hand_off(where, kept.request.reason, lines)
        except (MustWait, NotAttending, TemporaryFailure) as e:
            if turn is None or not self._too_long(turn, e):
                self.ledger.note(lease, kept)  # whoever looks at the tickets may come before WeCom can call them
                raise
            log.error("handoff.failed", corp_id=where.corp_id, account=where.account, error=type(e).__name__)
        except Rejected as e:
            error = {"error": type(e).__name__, "code": e.code, "advice": _ADVICE}
            log.error("handoff.refused", corp_id=where.corp_id, account=where.account, **error)
        return HandedOff(Attendant.BOT)

    def _too_long(self, turn: Turn, error: WecomBotError) -> bool:
        """Whether the customer, who was promised a human, would have to wait too long for the next try."""
        pause = error.retry_after if isinstance(error, RateLimited) else timedelta(0)
        return isinstance(error, TemporaryFailure) and self.clock.now() + pause - turn.began_at >= _PATIENCE

    def _recent(self, conversation: ConversationId) -> list[Line]:
        try:
            return list(self.records.recent(conversation, _LINES))
        except TemporaryFailure as e:  # a servicer without the past is better than none
            log.warning("handoff.without_lines", corp_id=conversation.corp_id, error=str(e))
            return []

    def _tell(self, conversation: ConversationId, handed: HandedOff, about: str) -> None:
        """Say who attends now, by the code where WeCom gave one. The handoff stands whether this is shown or not."""
        phrases = self.tenants.get(conversation.corp_id).phrases
        words = {
            Attendant.BOT: phrases.nobody,
            Attendant.QUEUE: phrases.queued,
            Attendant.SERVICER: phrases.taken if handed.code else phrases.handoff,
        }[handed.attendant]
        named = hashlib.sha256(f"{conversation}\0{handed.code or about}".encode()).hexdigest()[:32]
        try:
            if handed.code:
                self.speaker.say_by_code(conversation, handed.code, Reply(words), named)
            else:
                self.speaker.send(conversation, Reply(words), named, None)
        except WecomBotError as e:
            log.warning("handoff.not_announced", corp_id=conversation.corp_id, error=type(e).__name__)


@dataclass(frozen=True, slots=True)
class CallServicer:
    """Get a human for a conversation in which the bot gave up."""

    hand_over: HandOver

    def __call__(self, lease: Lease, job: HandOff) -> None:
        """Raises what Speaker.hand_off raises."""
        log.warning("handoff.given_up", corp_id=lease.corp_id, conversation=str(job.conversation))
        self.hand_over(lease, job.conversation, job.reason, job.trace_id, words=job.words)


def _lines(turn: Turn) -> list[Line]:
    lines = [Line("customer", mask(turn.shown), turn.began_at)] if turn.shown else []
    return [*lines, Line("bot", mask(turn.reply.text), turn.began_at)] if turn.reply else lines
