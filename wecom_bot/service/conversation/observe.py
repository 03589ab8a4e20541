"""Act on what happens in a conversation: a welcome, a failed send, a servicer who takes over or ends."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wecom_bot.domain import attendance
from wecom_bot.domain.event import (
    Entered,
    FailureReason,
    InboundEvent,
    Noticed,
    Recalled,
    SendFailed,
    SessionChange,
    SessionChanged,
)
from wecom_bot.domain.job import Lease, ObserveEvent, SendAgain
from wecom_bot.domain.message import Channel, ConversationId, Reply
from wecom_bot.domain.nickname import PLACE, addressed
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import RateLimited, Rejected
from wecom_bot.ports import Clock, Contacts, Ending, EventRecord, Ledger, Mailroom, Speaker, Tenants
from wecom_bot.service.conversation.tickets import somebody_came
from wecom_bot.telemetry import logs, metrics

log = logs.get(__name__)

_GREETING_LIVES = timedelta(seconds=20)
_TAKING_LIVES = timedelta(hours=48)
_CLOCKS_DIFFER = timedelta(minutes=2)  # ours and WeCom's: within that WeCom says whether a code is still good

_GREET_AGAIN = timedelta(hours=24)
_MOST_TRIES = 3  # of one part, when WeCom does not say why it was not shown


@dataclass(frozen=True, slots=True)
class Observe:
    """Do what follows from an event, and record it with what came of it."""

    tenants: Tenants
    inbox: Mailroom
    speaker: Speaker
    ledger: Ledger
    contacts: Contacts
    clock: Clock

    def __call__(self, lease: Lease, job: ObserveEvent) -> Ending:
        """Raises what Speaker raises where another try makes sense."""
        tenant = self.tenants.get(lease.corp_id)
        event, outcome = job.event, "off"
        if tenant.active:
            event, outcome = self._acted_on(lease, tenant, job)
        metrics.EVENTS.labels(event.happening.what, outcome).inc()
        log.info(
            "event.observed",
            corp_id=lease.corp_id,
            conversation=str(event.conversation),
            name=event.name,
            outcome=outcome,
        )
        return Ending(entries=[EventRecord(event, outcome, self.clock.now())])

    def _acted_on(self, lease: Lease, tenant: Tenant, job: ObserveEvent) -> tuple[InboundEvent, str]:
        match job.event.happening:
            case Entered(code):
                return job.event, self._welcome(lease, tenant, job.event, code)
            case SendFailed() as failed:
                return self._not_shown(lease, job, failed)
            case SessionChanged() as changed:
                return job.event, self._attended(lease, tenant, job.event, changed)
            case Recalled() | Noticed():  # a recall took effect when it was pulled
                return job.event, "kept"

    def _welcome(self, lease: Lease, tenant: Tenant, event: InboundEvent, code: str) -> str:
        where = event.conversation
        words = _welcome_words(tenant, event)
        if not words or (where.channel is Channel.KF and not code):
            return "kept"
        if where.channel is Channel.APP and not self._is_news(event):
            return "kept"
        outcome = self._say(event, code, self._addressed(event, words))
        if where.channel is Channel.APP and outcome == "said":
            self._return(lease, where)  # so that the next look at the app is no news
        return outcome

    def _is_news(self, event: InboundEvent) -> bool:
        """A member opens an app many times a day; a welcome is for who comes after a while."""
        state = self.ledger.dialog(event.conversation)
        return state is None or self.clock.now() - state.last_at > _GREET_AGAIN

    def _addressed(self, event: InboundEvent, words: str) -> str:
        if PLACE not in words:
            return words
        contact = self.contacts.find_out(event.conversation)
        return addressed(words, contact.nickname if contact else "")

    def _say(self, event: InboundEvent, code: str, words: str) -> str:
        ends_at = event.happened_at + code_lives(event)
        if self.clock.now() > ends_at + _CLOCKS_DIFFER:
            return "too_late"
        sent_as = hashlib.sha256(f"{event.conversation}\0{event.event_id}".encode()).hexdigest()[:32]
        try:
            self.speaker.say_by_code(event.conversation, code, Reply(words), sent_as)
        except RateLimited as e:
            if self.clock.now() + e.retry_after <= ends_at:
                raise
            return "too_late"  # and what the customer asks meanwhile does not wait behind it
        except Rejected as e:
            log.warning("event.refused", corp_id=event.conversation.corp_id, name=event.name, code=e.code)
            return "refused"
        return "said"

    def _attended(self, lease: Lease, tenant: Tenant, event: InboundEvent, changed: SessionChanged) -> str:
        where, phrase = event.conversation, tenant.phrases.taken
        if changed.change is SessionChange.ENDED:
            # without a servicer it ended in the queue, and nobody has seen to what the customer said
            served_until = event.happened_at if event.detail.get("old_servicer_userid") else None
            self._return(lease, where, served_until)
            phrase = tenant.phrases.ended
        else:
            somebody_came(self.ledger, lease, where, self.clock.now())
        return self._say(event, changed.code, phrase) if changed.code else "kept"

    def _return(self, lease: Lease, where: ConversationId, served_until: datetime | None = None) -> None:
        before = self.ledger.dialog(where)
        self.ledger.remember(lease, where, attendance.returned(before, where.customer, self.clock.now(), served_until))

    def _not_shown(self, lease: Lease, job: ObserveEvent, failed: SendFailed) -> tuple[InboundEvent, str]:
        event = job.event
        sent = self.ledger.sent(event.conversation, failed.delivery_id)
        if failed.reason is FailureReason.STOP:
            log.error(
                "reply.not_shown",
                corp_id=lease.corp_id,
                account=event.conversation.account,
                fail_type=failed.code,
                advice="请在微信客服后台核对账号与企业状态 / check the account and the corp in WeCom's console",
            )
        if sent is None:
            return event, "unknown_message"
        event = replace(event, detail={**event.detail, "turn_id": sent.turn_id, "part": str(sent.part)})
        if failed.reason not in {FailureReason.WAIT, FailureReason.UNKNOWN} or sent.attempt >= _MOST_TRIES:
            return event, failed.reason.value
        wait = event.happened_at if failed.reason is FailureReason.WAIT else None
        again = SendAgain(event.conversation, sent.turn_id, sent.part, sent.attempt + 1, wait, job.trace_id)
        self.inbox.put(lease.corp_id, [again])
        return event, "sent_again"


def code_lives(event: InboundEvent) -> timedelta:
    """How long WeCom takes the one thing that may be said by an event's code (page 95122)."""
    match event.happening:
        case SessionChanged(change=SessionChange.TAKEN):
            return _TAKING_LIVES
        case _:
            return _GREETING_LIVES


def _welcome_words(tenant: Tenant, event: InboundEvent) -> str:
    where = event.conversation
    if where.channel is Channel.APP:
        return tenant.app_of(where.channel, where.account).welcome
    account = tenant.kf_account(where.account)
    return account.welcome if account else ""
