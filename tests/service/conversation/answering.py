"""Answering with a real ledger and inbox, a speaker that remembers, and a thinker that counts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from tests.fakes import (
    ACME,
    FixedTenants,
    MemoryRecords,
    ScriptedSpeaker,
    SettableClock,
    WithoutWriter,
    message,
    no_limit,
    tenant,
)
from tests.fixtures.whole_inbox import CountedOutbox, WholeInbox
from wecom_bot.adapters.redis import keys
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.ledger import RedisLedger
from wecom_bot.domain.attendance import handed_off
from wecom_bot.domain.dialog import Answerer, Attendant, Handoff, Turn
from wecom_bot.domain.job import AnswerMessage, Lease
from wecom_bot.domain.message import InboundMessage, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Ending, TurnRecord
from wecom_bot.service.conversation.answer import Answer
from wecom_bot.service.conversation.dealt_with import DealtWith
from wecom_bot.service.conversation.deliver import Deliver
from wecom_bot.service.conversation.hand_off import HandOver
from wecom_bot.service.conversation.lateness import Lateness
from wecom_bot.service.conversation.merge import Merge
from wecom_bot.service.conversation.think import Mind, Think
from wecom_bot.service.conversation.unknown_time import UnknownTime


class House:
    """The use case with a real ledger and inbox, and a thinker that counts."""

    def __init__(self, client: Client, **tenant_settings: object) -> None:
        self.clock = SettableClock()
        self.client = client
        self.inbox = WholeInbox(client, most_waiting=100)
        self.ledger = RedisLedger(client)
        self.outbox = CountedOutbox(client)
        self.speaker = ScriptedSpeaker()
        self.records = MemoryRecords()
        self.tenants = FixedTenants.of(tenant(ACME, **({"merge_window": 0} | tenant_settings)))
        self.unknown_until: datetime | None = None
        self.thoughts = 0
        self.mind: Mind = WithoutWriter(self.think)
        self.endings: dict[Lease, Ending | None] = {}
        self.thinker: Callable[[Turn], Turn] = lambda turn: turn.say(Answerer.ARTICLE, Reply(f"答：{turn.text}"))

    def think(self, _tenant: Tenant, turn: Turn) -> Turn:
        self.thoughts += 1
        return self.thinker(turn)

    def late(self, tenant: Tenant, turn: Turn, reason: str) -> Turn:
        return replace(turn.say(Answerer.PHRASE, Reply(tenant.phrases.late)), handoff=Handoff(reason))

    def lease(self, inbound: InboundMessage) -> Lease:
        self.inbox.put(ACME, [AnswerMessage(inbound, "trace-1")])
        return self.again()

    def again(self) -> Lease:
        lease = self.inbox.lease("tester", timedelta(seconds=30), timedelta(seconds=1))
        assert lease is not None
        return lease

    def answer(self, lease: Lease) -> None:
        hand_over = HandOver(self.speaker, self.ledger, self.records, self.tenants, self.clock)
        think = Think(self.mind, no_limit, timedelta(seconds=8))
        lateness = Lateness(timedelta(hours=12), self.late, self.clock)
        dealt_with = DealtWith(self.records, self.clock)
        use_case = Answer(
            tenants=self.tenants,
            inbox=self.inbox,
            speaker=self.speaker,
            ledger=self.ledger,
            dealt_with=dealt_with,
            merge=Merge(self.inbox, self.ledger, think, lateness, dealt_with, self.clock),
            deliver=Deliver(self.speaker, self.ledger, hand_over, self.clock),
            clock=self.clock,
            unknown_time=UnknownTime(self.unknown_until),
            session_timeout=timedelta(minutes=30),
        )
        job, *_ = lease.jobs
        assert isinstance(job, AnswerMessage)
        self.endings[lease] = use_case(self._lent_anew(lease, job.message), job)

    def _lent_anew(self, lease: Lease, inbound: InboundMessage) -> Lease:
        """With what is known now: a test may answer under one lease what a worker would be lent again."""
        where, store = inbound.conversation, cast("Any", self.client)
        turn = store.hget(keys.turn(where, inbound.message_id), "turn")
        return replace(lease, known=(turn or b"", store.get(keys.dialog(where)) or b""))

    def done(self, lease: Lease) -> None:
        """End a lease, as the loop does, with what its act left to write."""
        self.inbox.done(lease, self.endings.pop(lease, None))

    def attended(self, lease: Lease, attendant: Attendant) -> None:
        """Note who has the conversation, as a handoff does."""
        where = message().conversation
        state = handed_off(self.ledger.dialog(where), where.customer, self.clock.now(), attendant)
        self.ledger.remember(lease, where, state)

    def finish(self) -> None:
        """Answer what is next, and end its lease, as the loop does."""
        lease = self.again()
        self.answer(lease)
        self.done(lease)

    def closed(self) -> list[TurnRecord]:
        """The turns in the outbox, which it then holds no more; first what was answered is ended."""
        for lease in list(self.endings):
            self.done(lease)
        batch = self.outbox.take(ACME)
        if batch is None:
            return []
        self.outbox.drop(batch)
        return [each for each in batch.records if isinstance(each, TurnRecord)]
