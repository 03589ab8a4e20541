"""A furnished operators' floor: two tenants with something of everything, in a real SQLite, and every verb over it.

`EXAMPLES` has a row for every verb of `Operation`, in the order of its fields: a new verb is one more row, and
all that is asked of every verb is asked of it.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.contracts.test_records import made_record
from tests.fakes import message
from tests.fixtures.actors import OWNER
from tests.fixtures.tenant_files import ACME as ACME_TOML
from tests.fixtures.tenant_files import GLOBEX as GLOBEX_TOML
from tests.service.knowledge.bench import Bench
from wecom_bot.adapters.sql.records import SqlRecords
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.operation import operation
from wecom_bot.domain.business import QuerySpec, Row
from wecom_bot.domain.draft import ArticleDraft, OrderDraft
from wecom_bot.domain.job import AnswerMessage, DeadLetter
from wecom_bot.domain.message import Channel, ConversationId, CorpId, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.domain.ticket import Ticket
from wecom_bot.errors import Unknown
from wecom_bot.ports import Network, TicketOpened
from wecom_bot.service.knowledge.works import Scope, Works
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.callers import FindCallers
from wecom_bot.service.operation.dead_letters import DropDeadLetter, ListDeadLetters, ReplayDeadLetter
from wecom_bot.service.operation.operation import Operation
from wecom_bot.service.operation.queries import TryQuery
from wecom_bot.service.operation.search_indexes import (
    DropOldIndexes,
    MoveTenant,
    RebuildSearch,
    RollBackSearch,
    ShowSearch,
)
from wecom_bot.settings import Settings

ACME, GLOBEX, NOBODY = CorpId("ww_acme"), CorpId("ww_globex"), CorpId("ww_nobody")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PHONE = "13812345678"
SECRETS = ("s3cret-of-shop", "pat_of_acme", "nlu_of_acme", "dsn_of_acme")
STOCK_TOML = """
[tenants.business]
dsn = "mysql+pymysql://bot:dsn_of_acme@db.acme.example/shop"
[[tenants.queries]]
name = "stock"
sql = "SELECT pieces, phone FROM stock WHERE sku = :sku"
public = true
template = "有 {{ pieces }} 件，问 {{ phone }}"
"""
COUNT = 3  # of everything that a tenant has


@dataclass(frozen=True)
class Example:
    """What a verb asks for, and a call of it that succeeds for ACME; `one` is false for the verbs on many tenants."""

    right: Right
    ask: Callable[[Operation, Actor, CorpId], Any]
    one: bool = True


def _document(corp_id: CorpId) -> dict[str, object]:
    return {"tenants": [{"corp_id": corp_id, "name": "改名"}]}


EXAMPLES = {
    "import_tenants": Example(Right.GOVERN, lambda do, who, corp: do.import_tenants(who, _document(corp)), one=False),
    "export_tenants": Example(Right.LOOK, lambda do, who, corp: do.export_tenants(who, [corp])),
    "list_tenants": Example(Right.LOOK, lambda do, who, _: do.list_tenants(who), one=False),
    "show_tenant": Example(Right.LOOK, lambda do, who, corp: do.show_tenant(who, corp)),
    "switch_tenant": Example(Right.GOVERN, lambda do, who, corp: do.switch_tenant(who, corp, active=False)),
    "remove_tenant": Example(Right.GOVERN, lambda do, who, corp: do.remove_tenant(who, corp)),
    "set_threshold": Example(Right.WRITE, lambda do, who, corp: do.set_threshold(who, corp, 0.5)),
    "import_articles": Example(
        Right.WRITE, lambda do, who, corp: do.import_articles(who, corp, [ArticleDraft(1, "a9", "几点开门", "九点")])
    ),
    "list_articles": Example(Right.LOOK, lambda do, who, corp: do.list_articles(who, corp)),
    "show_article": Example(Right.LOOK, lambda do, who, corp: do.show_article(who, corp, "a0")),
    "save_article": Example(
        Right.WRITE, lambda do, who, corp: do.save_article(who, corp, ArticleDraft(1, "a8", "几点午休", "不休"))
    ),
    "remove_articles": Example(Right.WRITE, lambda do, who, corp: do.remove_articles(who, corp, ["a0"])),
    "list_article_versions": Example(Right.LOOK, lambda do, who, corp: do.list_article_versions(who, corp, "a0")),
    "roll_back_article": Example(Right.WRITE, lambda do, who, corp: do.roll_back_article(who, corp, "a0", 1)),
    "list_duplicates": Example(Right.LOOK, lambda do, who, corp: do.list_duplicates(who, corp)),
    "try_question": Example(Right.LOOK, lambda do, who, corp: do.try_question(who, corp, "几点关门0")),
    "import_orders": Example(Right.WRITE, lambda do, who, corp: do.import_orders(who, corp, [_order(9)])),
    "list_orders": Example(Right.LOOK, lambda do, who, corp: do.list_orders(who, corp)),
    "remove_orders": Example(Right.WRITE, lambda do, who, corp: do.remove_orders(who, corp, ["o0"])),
    "try_query": Example(Right.LOOK, lambda do, who, corp: do.try_query(who, corp, "stock", {"sku": "A1"}, whole=True)),
    "list_tickets": Example(Right.LOOK, lambda do, who, corp: do.list_tickets(who, corp, whole=True)),
    "close_ticket": Example(Right.SEE_TO_TICKETS, lambda do, who, corp: do.close_ticket(who, corp, "t0")),
    "list_turns": Example(Right.LOOK, lambda do, who, corp: do.list_turns(who, corp, whole=True)),
    "list_customer_turns": Example(
        Right.LOOK, lambda do, who, corp: do.list_customer_turns(who, corp, "wm1", whole=True)
    ),
    "list_misses": Example(Right.LOOK, lambda do, who, corp: do.list_misses(who, corp, NOON)),
    "list_dead_letters": Example(Right.LOOK, lambda do, who, corp: do.list_dead_letters(who, corp)),
    "replay_dead_letter": Example(Right.REPAIR, lambda do, who, corp: do.replay_dead_letter(who, corp, "d0")),
    "drop_dead_letter": Example(Right.REPAIR, lambda do, who, corp: do.drop_dead_letter(who, corp, "d0")),
    "find_callers": Example(Right.LOOK, lambda do, who, corp: do.find_callers(who, corp)),
    "show_search": Example(Right.LOOK, lambda do, who, corp: do.show_search(who, [corp]), one=False),
    "rebuild_search": Example(Right.REPAIR, lambda do, who, corp: do.rebuild_search(who, [corp]), one=False),
    "move_tenant": Example(Right.REPAIR, lambda do, who, corp: do.move_tenant(who, corp, own=True), one=False),
    "roll_back_search": Example(Right.REPAIR, lambda do, who, corp: do.roll_back_search(who, [corp]), one=False),
    "drop_old_indexes": Example(Right.REPAIR, lambda do, who, corp: do.drop_old_indexes(who, [corp]), one=False),
}


def furnish(folder: Path) -> None:
    """Fill a folder with what ACME and GLOBEX have."""
    settings = _settings(folder)
    engine = stores.sql_engine(settings)
    do = operation(settings, engine)
    (folder / "tenants.toml").write_text(ACME_TOML + STOCK_TOML + GLOBEX_TOML)
    do.import_tenants(OWNER, stores.read_tenants(folder / "tenants.toml"))
    for corp_id in (ACME, GLOBEX):
        do.import_articles(OWNER, corp_id, [ArticleDraft(n, f"a{n}", f"几点关门{n}", "九点") for n in range(COUNT)])
        do.import_orders(OWNER, corp_id, [_order(number) for number in range(COUNT)])
        where = ConversationId(corp_id, Channel.KF, "wk1", "wm1")
        for number in range(COUNT):
            ticket = Ticket(f"t{number}", where, "message", f"请打 {PHONE}", NOON, f"trace-{number}")
            SqlRecords(engine).write([TicketOpened(ticket), _turn(corp_id, number)])
    engine.dispose()


@contextmanager
def furnished(template: Path, folder: Path) -> Iterator[Operation]:
    """Every verb, over a copy of what was furnished. Dead letters and WeCom's addresses are in memory."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    settings = _settings(folder)
    engine = stores.sql_engine(settings)
    do, letters = operation(settings, engine), Letters({ACME: _letters(ACME), GLOBEX: _letters(GLOBEX)})
    admission = do.list_tenants.admission
    yield replace(
        do,
        list_dead_letters=ListDeadLetters(admission, letters),
        replay_dead_letter=ReplayDeadLetter(admission, letters),
        drop_dead_letter=DropDeadLetter(admission, letters),
        try_query=TryQuery(admission, _stock),
        find_callers=FindCallers(admission, do.list_tenants.store, Addresses),
        **_search(engine, admission),
    )
    engine.dispose()


def _stock(_tenant: Tenant, query: QuerySpec, values: Mapping[str, str | int]) -> Sequence[Row]:
    assert (query.name, values) == ("stock", {"sku": "A1"})
    return [{"pieces": 3, "phone": PHONE}]


def _search(engine: sa.Engine, admission: Admission) -> dict[str, Any]:
    """The verbs on search indexes, over an engine in memory that was rebuilt once."""

    @cache
    def works() -> Works:
        bench = Bench(engine)
        bench.indexer()
        with bench.works.alone("before") as still:
            bench.works.rebuild(Scope(None, (ACME, GLOBEX)), still)
        return bench.works

    return {
        "show_search": ShowSearch(admission, works),
        "rebuild_search": RebuildSearch(admission, works),
        "move_tenant": MoveTenant(admission, works),
        "roll_back_search": RollBackSearch(admission, works),
        "drop_old_indexes": DropOldIndexes(admission, works),
    }


def _settings(folder: Path) -> Settings:
    return Settings(_env_file=None, data=folder)


def _order(number: int) -> OrderDraft:
    return OrderDraft(number, f"o{number}", "wm1", "已发货", f"收件人 {PHONE}", "2026-11-20 10:00")


def _turn(corp_id: CorpId, number: int) -> Any:
    record = made_record(f"m{number}", corp_id=corp_id, at=NOON)
    said = tuple(replace(each, text=f"我的电话 {PHONE}") for each in record.turn.messages)
    return replace(record, turn=replace(record.turn, messages=said, reply=Reply(f"好，打 {PHONE}")))


def _letters(corp_id: CorpId) -> list[DeadLetter]:
    job = AnswerMessage(message(f"打 {PHONE}"), "trace-1")
    return [DeadLetter(f"d{n}", job, f'{{"text": "{corp_id} {PHONE}"}}', "Rejected", 3, NOON) for n in range(COUNT)]


@dataclass
class Letters:
    """Implements ports.DeadLetters."""

    held: dict[CorpId, list[DeadLetter]] = field(default_factory=dict)

    def dead_letters(self, corp_id: CorpId, most: int = 100) -> Sequence[DeadLetter]:
        return self.held.get(corp_id, [])[:most]

    def replay(self, corp_id: CorpId, letter_id: str) -> None:
        self.drop(corp_id, letter_id)

    def drop(self, corp_id: CorpId, letter_id: str) -> None:
        kept = [each for each in self.held.get(corp_id, []) if each.letter_id != letter_id]
        if len(kept) == len(self.held.get(corp_id, [])):
            raise Unknown(f"no dead letter {letter_id}")
        self.held[corp_id] = kept


class Addresses:
    """Implements ports.CallerSource."""

    def fetch(self, corp_id: CorpId, app: str) -> Sequence[Network]:
        assert (corp_id, app) in {(ACME, "shop"), (GLOBEX, "main")}
        return [ip_network("1.2.3.4")]
