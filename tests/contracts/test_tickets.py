"""The contract of ports.Requests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.adapters.sql.tickets import SqlTickets
from wecom_bot.domain.message import Channel, ConversationId, CorpId
from wecom_bot.domain.ticket import Ticket
from wecom_bot.errors import Unknown
from wecom_bot.ports import OpenTickets, TicketOpened

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOW = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)


def ticket(number: int, corp_id: CorpId = ACME) -> Ticket:
    return Ticket(
        request_id=f"r{number}",
        conversation=ConversationId(corp_id, Channel.KF, "wk1", "wm1"),
        reason="asked",
        words="请给 138****5678 回电🌂",
        opened_at=NOW + timedelta(minutes=number),
        trace_id=f"trace-{number}",
    )


@pytest.fixture
def tickets(sql_engine: sa.Engine) -> SqlTickets:
    return SqlTickets(sql_engine)


def write(tickets: SqlTickets, *some: Ticket) -> None:
    SqlRecords(tickets.engine).write([TicketOpened(each) for each in some])


def test_a_request_comes_back_whole(tickets: SqlTickets) -> None:
    write(tickets, ticket(1))
    assert tickets.list(ACME) == [ticket(1)]


def test_the_newest_come_first_and_no_more_than_asked_for(tickets: SqlTickets) -> None:
    write(tickets, *(ticket(number) for number in (2, 1, 3)))
    assert [each.request_id for each in tickets.list(ACME)] == ["r3", "r2", "r1"]
    assert [each.request_id for each in tickets.list(ACME, most=2)] == ["r3", "r2"]
    assert tickets.list(ACME, most=0) == []


def pages(tickets: SqlTickets, *, oldest_first: bool, open_only: bool = True, most: int = 2) -> list[list[str]]:
    """Every page, each asked for after the last of the one before."""
    found = list[list[str]]()
    after = None
    while True:
        page = tickets.list(ACME, open_only=open_only, most=most, oldest_first=oldest_first, after=after)
        if not page:
            return found
        found.append([each.request_id for each in page])
        after = found[-1][-1]


def test_the_oldest_come_first_if_asked_for(tickets: SqlTickets) -> None:
    write(tickets, *(ticket(number) for number in (2, 1, 3)))
    assert [each.request_id for each in tickets.list(ACME, oldest_first=True)] == ["r1", "r2", "r3"]
    assert [each.request_id for each in tickets.list(ACME, oldest_first=True, most=1)] == ["r1"]


def test_page_by_page_all_are_reached_once(tickets: SqlTickets) -> None:
    write(tickets, *(ticket(number) for number in (2, 1, 5, 4, 3)))
    assert pages(tickets, oldest_first=True) == [["r1", "r2"], ["r3", "r4"], ["r5"]]
    assert pages(tickets, oldest_first=False) == [["r5", "r4"], ["r3", "r2"], ["r1"]]


def test_those_of_one_moment_are_reached_too(tickets: SqlTickets) -> None:
    some = [replace(ticket(number), opened_at=NOW) for number in (2, 1, 5, 4, 3)]
    write(tickets, *some, replace(ticket(6), opened_at=NOW + timedelta(microseconds=1)))
    assert pages(tickets, oldest_first=True) == [["r1", "r2"], ["r3", "r4"], ["r5", "r6"]]
    assert pages(tickets, oldest_first=False) == [["r6", "r5"], ["r4", "r3"], ["r2", "r1"]]


def test_what_is_opened_meanwhile_moves_no_page(tickets: SqlTickets) -> None:
    write(tickets, *(ticket(number) for number in (2, 4, 6)))
    assert [each.request_id for each in tickets.list(ACME, most=2)] == ["r6", "r4"]
    write(tickets, ticket(5), ticket(7))
    assert tickets.list(ACME, most=2, after="r4") == [ticket(2)]
    assert tickets.list(ACME, most=2, oldest_first=True, after="r4") == [ticket(5), ticket(6)]


def test_one_may_go_on_from_what_was_closed_meanwhile(tickets: SqlTickets) -> None:
    write(tickets, *(ticket(number) for number in (1, 2, 3)))
    tickets.close(ACME, "r1")
    assert tickets.list(ACME, oldest_first=True, after="r1") == [ticket(2), ticket(3)]
    assert pages(tickets, oldest_first=True, open_only=False) == [["r1", "r2"], ["r3"]]


def test_one_cannot_go_on_from_what_is_not_there(tickets: SqlTickets) -> None:
    write(tickets, ticket(1), ticket(2, GLOBEX))
    for nobodys in ("r2", "r9", "", "R1"):
        with pytest.raises(Unknown):
            tickets.list(ACME, after=nobodys)


def test_one_may_go_on_from_an_id_of_any_length(tickets: SqlTickets) -> None:
    write(tickets, replace(ticket(1), request_id="x" * 400), ticket(2))
    assert tickets.list(ACME, oldest_first=True, after="x" * 400) == [ticket(2)]


def test_a_closed_request_is_listed_only_on_demand(tickets: SqlTickets) -> None:
    write(tickets, ticket(1), ticket(2))
    before = datetime.now(UTC)
    tickets.close(ACME, "r1")
    assert tickets.list(ACME) == [ticket(2)]
    newest, closed = tickets.list(ACME, open_only=False)
    assert newest == ticket(2)
    assert closed.closed_at is not None
    assert closed.closed_at >= before
    assert replace(closed, closed_at=None) == ticket(1)


def test_closing_twice_changes_nothing(tickets: SqlTickets) -> None:
    write(tickets, ticket(1))
    tickets.close(ACME, "r1")
    (closed,) = tickets.list(ACME, open_only=False)
    tickets.close(ACME, "r1")
    assert tickets.list(ACME, open_only=False) == [closed]


def test_a_closed_request_that_is_written_again_stays_closed(tickets: SqlTickets) -> None:
    write(tickets, ticket(1))
    tickets.close(ACME, "r1")
    write(tickets, ticket(1))
    assert tickets.list(ACME) == []


def test_a_request_that_is_not_there_cannot_be_closed(tickets: SqlTickets) -> None:
    with pytest.raises(Unknown):
        tickets.close(ACME, "r1")


def test_ids_of_any_length_can_be_listed_and_closed(tickets: SqlTickets) -> None:
    write(tickets, replace(ticket(1), request_id="x" * 400))
    (listed,) = tickets.list(ACME)
    tickets.close(ACME, listed.request_id)
    tickets.close(ACME, "x" * 400)
    assert tickets.list(ACME) == []


def test_what_is_still_open_is_counted_and_dated(tickets: SqlTickets) -> None:
    assert tickets.still_open([ACME]) == {ACME: OpenTickets(0, None)}
    write(tickets, *(ticket(number) for number in (3, 1, 2)))
    assert tickets.still_open([ACME]) == {ACME: OpenTickets(3, ticket(1).opened_at)}
    tickets.close(ACME, "r1")
    assert tickets.still_open([ACME]) == {ACME: OpenTickets(2, ticket(2).opened_at)}
    for each in ("r2", "r3"):
        tickets.close(ACME, each)
    assert tickets.still_open([ACME]) == {ACME: OpenTickets(0, None)}


def test_many_tenants_are_counted_at_once(tickets: SqlTickets) -> None:
    many = [CorpId(f"ww{number}") for number in range(1100)]
    write(tickets, ticket(1, many[0]), ticket(2, many[-1]), ticket(3, many[-1]))
    counts = tickets.still_open(many)
    assert list(counts) == many
    assert {corp_id: each.count for corp_id, each in counts.items() if each.count} == {many[0]: 1, many[-1]: 2}
    assert tickets.still_open([]) == {}


def test_counting_what_is_open_reads_no_closed_request(tickets: SqlTickets) -> None:
    write(tickets, *(ticket(number) for number in range(20)))
    seen = list[tuple[str, object]]()
    sa.event.listen(tickets.engine, "before_cursor_execute", lambda _c, _k, sql, given, *_: seen.append((sql, given)))
    tickets.still_open([ACME, GLOBEX])
    ((sql, given),) = [(sql, given) for sql, given in seen if sql.startswith("SELECT")]
    explain = "EXPLAIN QUERY PLAN " if tickets.engine.dialect.name == "sqlite" else "EXPLAIN "
    with tickets.engine.connect() as connection:
        plan = str(connection.exec_driver_sql(explain + sql, given).all())  # type: ignore[arg-type]
    # neither the rows nor another index
    assert "COVERING INDEX requests_open (corp_id=? AND closed_at=?)" in plan or (
        "'requests_open'" in plan and "Using index" in plan
    ), plan


def test_tenants_do_not_see_each_other(tickets: SqlTickets) -> None:
    write(tickets, ticket(1))
    assert tickets.list(GLOBEX, open_only=False) == []
    with pytest.raises(Unknown):
        tickets.close(GLOBEX, "r1")
    write(tickets, ticket(1, GLOBEX), ticket(2, GLOBEX))
    assert tickets.list(ACME, oldest_first=True, after="r1") == []
    tickets.close(GLOBEX, "r1")
    assert tickets.list(ACME) == [ticket(1)]
    assert tickets.still_open([GLOBEX]) == {GLOBEX: OpenTickets(1, ticket(2).opened_at)}
