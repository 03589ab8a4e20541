"""The way from the outbox to the record."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tests.contracts.test_ledger import House, made_turn
from tests.fakes import ACME, MemoryRecords
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Entry, TurnRecord
from wecom_bot.service.conversation.record import Record


class AwayRecords(MemoryRecords):
    def write(self, entries: Sequence[Entry]) -> None:
        raise TemporaryFailure(f"SQL is away, and {len(entries)} wait")


def close_turns(client: Client, count: int) -> House:
    house = House(client)
    for number in range(count):
        turn = made_turn(number)
        lease = house.lease(turn)
        house.ledger.store(lease, turn)
        house.ledger.close(lease, turn, answered=True)
        house.inbox.done(lease)
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
