"""Hand a conversation to a human, tell the customer, and leave a trace where no human could be told."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from wecom_bot.domain.dialog import Attendant, Turn
from wecom_bot.domain.job import GIVEN_UP, HandOff, Lease
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.domain.privacy import mask
from wecom_bot.errors import MustWait, NotAttending, Rejected, TemporaryFailure, WecomBotError
from wecom_bot.ports import Clock, HandedOff, Ledger, Line, Records, Speaker, Tenants
from wecom_bot.service.requests import request, turns_request
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)

_ADVICE = (
    "转不了人工：请按同时的 wecom.refused 核对应用的微信客服权限与接待人员 / see wecom.refused: permissions, servicers"
)
_LINES = 20  # ten turns: what was said, and what was answered


@dataclass(frozen=True, slots=True)
class HandOver:
    """Ask WeCom for a servicer, and be silent from then on; without one an open request is kept."""

    speaker: Speaker
    ledger: Ledger
    records: Records
    tenants: Tenants
    clock: Clock

    def __call__(
        self, lease: Lease, conversation: ConversationId, reason: str, trace_id: str, turn: Turn | None = None
    ) -> None:
        """`turn` is the one that asks for it, which the record does not know yet. Raises what Speaker.hand_off does."""
        lines = [*self._recent(conversation), *(_lines(turn) if turn else ())][-_LINES:]
        now = self.clock.now()
        kept = turns_request(reason, turn, now) if turn else request(conversation, reason, "", trace_id, now)
        if reason == GIVEN_UP:
            self.ledger.note(lease, kept)  # before: what made the bot give up may stand in the way of this, too
        handed = self._handed_off(conversation, reason, lines)
        nobody = handed.attendant is Attendant.BOT
        self.ledger.assign(lease, conversation, handed.attendant, leaving_message=nobody)
        if nobody:
            self.ledger.note(lease, kept)
        metrics.HANDOFFS.labels(reason, "nobody" if nobody else handed.attendant.value).inc()
        if nobody or reason == GIVEN_UP:
            metrics.REQUESTS.labels(reason).inc()
        if nobody or handed.code or (reason == GIVEN_UP and conversation.channel is Channel.APP):
            self._tell(conversation, handed, turn.turn_id if turn else trace_id)

    def _handed_off(self, conversation: ConversationId, reason: str, lines: Sequence[Line]) -> HandedOff:
        """What WeCom refuses for good is as if nobody served: the customer hears that, and is not kept waiting."""
        try:
            return self.speaker.hand_off(conversation, reason, lines)
        except (MustWait, NotAttending):
            raise
        except Rejected as e:
            log.error(
                "handoff.refused",
                corp_id=conversation.corp_id,
                account=conversation.account,
                error=type(e).__name__,
                code=e.code,
                advice=_ADVICE,
            )
            return HandedOff(Attendant.BOT)

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
        self.hand_over(lease, job.conversation, job.reason, job.trace_id)


def _lines(turn: Turn) -> list[Line]:
    lines = [Line("customer", mask(turn.shown), turn.began_at)] if turn.shown else []
    return [*lines, Line("bot", mask(turn.reply.text), turn.began_at)] if turn.reply else lines
