"""The way from the outbox to the record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product

import pytest

from tests.contracts.test_ledger import GLOBEX, House, closing, made_turn
from tests.fakes import ACME, MemoryRecords
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.adapters.redis.outbox import RedisOutbox
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Batch, Entry, TurnRecord
from wecom_bot.service.conversation.record import Record


@dataclass
class CountedRecords(MemoryRecords):
    """Notes how many entries each transaction holds."""

    transactions: list[int] = field(default_factory=list)

    def write(self, entries: Sequence[Entry]) -> None:
        self.transactions.append(len(entries))
        super().write(entries)


class AwayRecords(MemoryRecords):
    def write(self, entries: Sequence[Entry]) -> None:
        raise TemporaryFailure(f"SQL is away, and {len(entries)} wait")


def close_turns(client: Client, count: int, *corp_ids: CorpId) -> House:
    house = House(client)
    for number, corp_id in product(range(count), corp_ids or [ACME]):
        turn = made_turn(number, corp_id)
        lease = house.lease(turn)
        house.ledger.store(lease, turn)
        house.inbox.done(lease, closing(turn))
    return house


def test_what_was_closed_is_written_in_order_and_leaves_the_outbox(redis_client: Client) -> None:
    house, records = close_turns(redis_client, 3), MemoryRecords()
    assert Record(house.outbox, records)([ACME]) == 3
    turns = [record for record in records.kept if isinstance(record, TurnRecord)]
    assert [record.turn.turn_id for record in turns] == ["m0", "m1", "m2"]
    assert all(record.closed_at <= datetime.now(UTC) for record in turns)
    assert turns == records.kept
    assert house.outbox.size(ACME) == 0


def test_with_sql_away_the_outbox_waits(redis_client: Client) -> None:
    house = close_turns(redis_client, 2)
    with pytest.raises(TemporaryFailure):
        Record(house.outbox, AwayRecords())([ACME])
    assert house.outbox.size(ACME) == 2


def test_what_waits_of_several_tenants_is_one_transaction(redis_client: Client) -> None:
    house, records = close_turns(redis_client, 2, ACME, GLOBEX), CountedRecords()
    assert Record(house.outbox, records)([ACME, GLOBEX, CorpId("ww_idle")]) == 4
    assert records.transactions == [4]
    assert house.outbox.size(ACME) == house.outbox.size(GLOBEX) == 0


class PartlyAway(RedisOutbox):
    """Lends nothing of the tenant that is away."""

    away: CorpId | None = None

    def take(self, corp_id: CorpId, most: int = 200) -> Batch | None:
        if corp_id == self.away:
            raise TemporaryFailure("its node is away")
        return super().take(corp_id, most)


def test_what_does_not_fit_into_a_batch_is_written_after_it_in_order(redis_client: Client) -> None:
    close_turns(redis_client, 5)
    records = CountedRecords()
    assert Record(RedisOutbox(redis_client), records, most=2)([ACME]) == 5
    assert records.transactions == [2, 2, 1]
    turns = [record.turn.turn_id for record in records.kept if isinstance(record, TurnRecord)]
    assert turns == [f"m{number}" for number in range(5)]


def test_what_was_taken_before_a_tenants_server_failed_is_written(redis_client: Client) -> None:
    house, records, outbox = close_turns(redis_client, 1), MemoryRecords(), PartlyAway(redis_client)
    outbox.away = GLOBEX
    with pytest.raises(TemporaryFailure):
        Record(outbox, records)([ACME, GLOBEX])
    assert len(records.kept) == 1
    assert house.outbox.size(ACME) == 0
