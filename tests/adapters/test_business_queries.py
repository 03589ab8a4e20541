import socket
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from tests.fakes import FixedTenants
from tests.fixtures.ports import free_port
from tests.fixtures.shop_database import DEMO, ShopDatabase, shop_database
from wecom_bot.adapters.business import checkup
from wecom_bot.adapters.business.connecting import DatabasePlace, Patience
from wecom_bot.adapters.business.pools import UNUSED, Pools
from wecom_bot.adapters.business.queries import SqlBusinessQueries
from wecom_bot.domain.business import QuerySpec
from wecom_bot.domain.finding import State
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.secrets import TenantSecrets
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured, TemporaryFailure, TookTooLong
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.outbound.usage import Usage

ROOT = Path(__file__).parents[2]
SAMPLE = tomllib.loads((ROOT / "deploy/business/tenant.toml").read_text("utf-8"))["tenants"][0]
QUERIES = {each["name"]: QuerySpec.model_validate(each) for each in SAMPLE["queries"]}
ORDER, BY_PHONE, LATEST, STOCK = (QUERIES[name] for name in ("order", "order_by_phone", "latest_orders", "stock"))
ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
MINE, OTHERS = DEMO["order_no"](1), DEMO["order_no"](2)
ME = "wm_demo_000001"


@pytest.fixture(scope="module")
def database(mysql_server: str) -> Iterator[ShopDatabase]:
    with shop_database(mysql_server) as made:
        yield made


@dataclass
class House:
    """The adapter, with tenants whose databases may be changed."""

    tenants: FixedTenants = field(default_factory=lambda: FixedTenants({}))
    breaker: LocalCircuitBreaker = field(default_factory=LocalCircuitBreaker)
    now: float = 0.0
    own: DatabasePlace | None = None
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        self.pools = Pools(self.tenants, self.own, self.patience, lambda: self.now)
        self.queries = SqlBusinessQueries(self.pools, self.breaker, lambda _: nullcontext())

    def tenant(self, dsn: str, corp_id: CorpId = ACME, **changes: Any) -> Tenant:
        made = Tenant.model_validate({"corp_id": corp_id} | changes)
        self.tenants.tenants[corp_id] = made
        self.tenants.tokens[corp_id] = TenantSecrets(business_dsn=SecretStr(dsn))
        return made


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.pools.close()


@pytest.fixture(scope="module")
def shared(database: ShopDatabase) -> Iterator[tuple[House, Tenant]]:
    made = House()
    yield made, made.tenant(database.dsn)
    made.pools.close()


def query(sql: str, **changes: Any) -> QuerySpec:
    """One that no import would take, perhaps."""
    fields = {"name": "made", "sql": sql, "template": "-", "public": True}
    return QuerySpec.model_validate(fields | changes, context="stored")


def test_a_customer_gets_their_own_order_and_nobody_elses(shared: tuple[House, Tenant]) -> None:
    house, tenant = shared
    (row,) = house.queries.run(tenant, ORDER, {"order_id": MINE, "customer": ME})
    assert row["order_no"] == MINE
    assert house.queries.run(tenant, ORDER, {"order_id": OTHERS, "customer": ME}) == []
    latest = house.queries.run(tenant, LATEST, {"customer": ME})
    assert len(latest) == 3
    (told,) = house.queries.run(tenant, BY_PHONE, {"order_id": OTHERS})
    assert told["phone"] == DEMO["phone"](2)


NASTY = [
    "' OR '1'='1",
    "' OR 1=1 -- ",
    '" OR ""="',
    "\\' OR 1=1 -- ",
    "'; DROP TABLE orders; -- ",
    "'; UPDATE orders SET status = 'x'; -- ",
    "' UNION SELECT order_no, status, carrier, tracking_no, amount, updated_at FROM orders -- ",
    "') OR ('1'='1",
    "%' OR '%'='",
    "%s%(order_id)s:order_id:customer",
    "{{ 7*7 }}",
    "\x00",
    "\x1a\n\r\\",
    "\xbf' OR 1=1 -- ",
    "縗' OR 1=1 -- ",
    "＇ OR 1=1 -- ",
    "ʼ OR 1=1 -- ",
    "0",
    "%",
    "_" * 12,
    MINE + " ",
    f"{OTHERS}' AND SLEEP(5) -- ",
    "0x" + OTHERS.encode().hex(),
    "𝟐𝟎𝟐𝟔😀",
    "\ud800",
]


def _looks_up_with(house: House, tenant: Tenant, value: str) -> None:
    """Through each slot of each query: nothing of others' comes, whatever is raised is one of ours."""
    for asked, values in (
        (ORDER, {"order_id": value, "customer": ME}),
        (ORDER, {"order_id": OTHERS, "customer": value}),
    ):
        try:
            rows = house.queries.run(tenant, asked, values)
        except Misconfigured:
            continue
        assert all(DEMO["order_no"](1) == row["order_no"] for row in rows), value
    for asked, values in ((BY_PHONE, {"order_id": value}), (STOCK, {"sku": value}), (LATEST, {"customer": value})):
        try:
            rows = house.queries.run(tenant, asked, values)
        except Misconfigured:
            continue
        assert rows == [] or value.strip() in {MINE, OTHERS}, value


@pytest.mark.parametrize("value", NASTY)
def test_sql_in_a_slot_is_a_value_and_nothing_else(
    shared: tuple[House, Tenant], database: ShopDatabase, value: str
) -> None:
    before = database.rows()
    _looks_up_with(*shared, value)
    assert database.rows() == before


@settings(max_examples=60)
@given(value=st.text(st.characters(), max_size=60) | st.text("'\"\\;-#/*%:() =OR1\x00\n縗\xbf", max_size=40))
def test_whatever_a_customer_writes_is_a_value(shared: tuple[House, Tenant], value: str) -> None:
    _looks_up_with(*shared, value)


def test_nothing_was_changed_by_all_that(shared: tuple[House, Tenant], database: ShopDatabase) -> None:
    assert len(database.rows()) == 400
    assert shared[0].breaker.states() == {}


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO stock VALUES ('X', 'x', 1)",
        "UPDATE orders SET status = 'x'",
        "DELETE FROM orders",
        "CREATE TABLE mine (a INT)",
        "SELECT 1; DELETE FROM orders",
        "SELECT * FROM orders FOR UPDATE",
        "SELECT status FROM orders INTO OUTFILE '/tmp/orders'",
    ],
)
def test_an_account_that_may_write_cannot(house: House, database: ShopDatabase, sql: str) -> None:
    tenant = house.tenant(database.root.url.render_as_string(hide_password=False))
    before = database.rows()
    if "FOR UPDATE" in sql or "OUTFILE" in sql:  # a read for the server: the import refuses it
        with pytest.raises(ValueError, match="不能用"):
            QuerySpec.model_validate({"name": "x", "sql": sql, "template": "-", "public": True})
        return
    with pytest.raises(Misconfigured):
        house.queries.run(tenant, query(sql), {})
    assert database.rows() == before


def test_a_statement_that_takes_long_is_ended_by_the_server_and_by_then_left_alone(
    house: House, database: ShopDatabase
) -> None:
    tenant, slow = house.tenant(database.dsn), query("SELECT SLEEP(60)", name="slow", timeout=0.1)
    for _ in range(3):
        with pytest.raises(TookTooLong):
            house.queries.run(tenant, slow, {})
    (circuit,) = house.breaker.states()
    assert (circuit.part, circuit.name.split()[0], circuit.name.split()[-1]) == ("query", ACME, "slow")
    with pytest.raises(TemporaryFailure, match="not asked"):
        house.queries.run(tenant, slow, {})
    assert house.queries.run(tenant, STOCK, {"sku": "A0001"})  # what is quick goes on


def test_a_server_that_does_not_end_it_is_given_up_by_our_own_limit(house: House, database: ShopDatabase) -> None:
    spans = []

    @contextmanager
    def strikes(span: timedelta) -> Iterator[None]:
        spans.append(span)
        yield
        raise TookTooLong(f"longer than {span}")

    tenant, queries = house.tenant(database.dsn), SqlBusinessQueries(house.pools, house.breaker, strikes)
    for _ in range(3):
        with pytest.raises(TookTooLong):
            queries.run(tenant, STOCK, {"sku": "A0001"})
    assert set(spans) == {timedelta(seconds=STOCK.timeout + 1)}
    assert [circuit.part for circuit in house.breaker.states()] == ["query"]


def test_no_more_rows_come_than_the_query_may_have(house: House, database: ShopDatabase) -> None:
    tenant = house.tenant(database.dsn)
    everything = query("SELECT order_no FROM orders", rows=7)
    assert len(house.queries.run(tenant, everything, {})) == 7
    with house.pools.of(tenant)[1].connect() as connection:
        assert len(connection.exec_driver_sql("SELECT order_no FROM orders").all()) == 51
        both = "SELECT order_no FROM orders UNION ALL SELECT order_no FROM orders"
        assert len(connection.exec_driver_sql(both).all()) == 51


def test_a_wrong_password_is_told_without_it_and_not_shown_again_and_again(
    house: House, database: ShopDatabase
) -> None:
    wrong = database.dsn.replace("%40", "hunter2")
    tenant = house.tenant(wrong)
    for _ in range(2):
        with pytest.raises(Misconfigured, match="用户名或密码不对") as refused:
            house.queries.run(tenant, STOCK, {"sku": "A0001"})
        assert "hunter2" not in str(refused.value)
        assert "reader" not in str(refused.value)
    assert [circuit.part for circuit in house.breaker.states()] == ["login"]
    house.tenant(database.dsn)  # another DSN is tried at once
    assert house.queries.run(tenant, STOCK, {"sku": "A0001"})


def test_certificates_that_are_not_there_are_told_so_and_are_no_server_that_is_away(
    house: House, database: ShopDatabase
) -> None:
    for option in ("ssl_ca=/nowhere/ca.pem", f"ssl_ca={__file__}", "ssl_cert=/nowhere/me.pem&ssl_key=/nowhere/me.key"):
        tenant = house.tenant(f"{database.dsn}&{option}")
        for _ in range(2):
            with pytest.raises(Misconfigured, match="ssl_ca"):
                house.queries.run(tenant, STOCK, {"sku": "A0001"})
        assert {circuit.part for circuit in house.breaker.states()} == {"login"}
        (found,) = checkup.look(tenant.model_copy(update={"queries": (STOCK,)}), f"{database.dsn}&{option}")
        assert found.state is State.FAILED
        assert "ssl_ca" in found.seen


@pytest.mark.parametrize("listens", [False, True])
def test_a_server_that_is_away_or_silent_is_given_up_in_time_and_left_alone(*, listens: bool) -> None:
    house = House(patience=Patience(timedelta(seconds=0.1), timedelta(seconds=0.1)))
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if listens:
            server.listen()
        port = server.getsockname()[1]
        tenant = house.tenant(f"mysql+pymysql://u:p@127.0.0.1:{port}/shop")
        for _ in range(3):
            with pytest.raises(TemporaryFailure):
                house.queries.run(tenant, STOCK, {"sku": "A0001"})
        with pytest.raises(TemporaryFailure, match="not asked"):
            house.queries.run(tenant, STOCK, {"sku": "A0001"})


GARBAGE = [
    b"",
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"\x0a\x00\x00\x00\x0a5.7.1\x00abc",
    b"\x4a\x00\x00\x00\x0a8.0.1\x00" + bytes(range(180, 250)),
    b"\xff\xff\xff\x00" + b"x" * 100,
]


def test_a_server_that_speaks_no_mysql_is_one_that_is_away() -> None:
    for garbage in GARBAGE:
        house = House(patience=Patience(timedelta(seconds=0.1), timedelta(seconds=0.1)))
        with socket.create_server(("127.0.0.1", 0)) as server:
            Thread(target=_says, args=(server, garbage), daemon=True).start()
            tenant = house.tenant(f"mysql+pymysql://u:p@127.0.0.1:{server.getsockname()[1]}/shop")
            with pytest.raises(TemporaryFailure):
                house.queries.run(tenant, STOCK, {"sku": "A0001"})
        house.pools.close()


def _says(server: socket.socket, garbage: bytes) -> None:
    with suppress(OSError):
        connection, _ = server.accept()
        with connection:
            connection.sendall(garbage)


def test_connections_that_the_server_closed_are_made_anew(house: House, database: ShopDatabase) -> None:
    tenant = house.tenant(database.dsn)
    assert house.queries.run(tenant, STOCK, {"sku": "A0001"})
    database.kill_connections()
    assert house.queries.run(tenant, STOCK, {"sku": "A0001"})


def test_tenants_do_not_see_each_other(house: House, database: ShopDatabase, mysql_server: str) -> None:
    acme = house.tenant(database.dsn)
    with shop_database(mysql_server) as other:
        globex = house.tenant(other.dsn, GLOBEX)
        with other.root.connect() as connection:
            connection.exec_driver_sql("UPDATE orders SET status = 'globex'")
        asked = {"order_id": MINE, "customer": ME}
        assert house.queries.run(globex, ORDER, asked)[0]["status"] == "globex"
        assert house.queries.run(acme, ORDER, asked)[0]["status"] != "globex"
        database_of_acme = sa.make_url(database.dsn).database
        with pytest.raises(Misconfigured):
            house.queries.run(globex, query(f"SELECT * FROM {database_of_acme}.orders"), {})  # noqa: S608 - it is the test
        house.pools.close()


def test_two_tenants_share_no_pool_where_their_databases_are_the_same(house: House, database: ShopDatabase) -> None:
    engines = {id(house.pools.of(house.tenant(database.dsn, corp_id))[1]) for corp_id in (ACME, GLOBEX)}
    assert len(engines) == 2


def test_a_pool_is_closed_when_the_dsn_changes_or_nobody_uses_it(house: House, database: ShopDatabase) -> None:
    tenant = house.tenant(database.dsn)
    _, first = house.pools.of(tenant)
    assert house.pools.of(tenant)[1] is first
    house.tenant(database.dsn + "&charset=utf8mb4")
    _, second = house.pools.of(tenant)
    assert second is not first
    house.now += UNUSED.total_seconds() - 1
    house.pools.tidy()
    assert house.pools.of(tenant)[1] is second
    house.now += UNUSED.total_seconds() + 1
    house.pools.tidy()
    _, third = house.pools.of(tenant)
    assert third is not second
    del house.tenants.tenants[ACME]
    house.pools.tidy()
    house.tenant(database.dsn + "&charset=utf8mb4")
    assert house.pools.of(tenant)[1] is not third


def test_a_connection_that_is_in_use_when_its_pool_is_closed_is_closed_when_it_comes_back(
    house: House, database: ShopDatabase
) -> None:
    tenant = house.tenant(database.dsn)
    with house.pools.of(tenant)[1].connect() as connection:
        driven = connection.connection.driver_connection
        house.tenant("")
        house.pools.tidy()
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    assert driven is not None
    assert not driven.open


def test_how_connections_are_used_is_told_for_all_tenants_together(house: House, database: ShopDatabase) -> None:
    assert house.pools.usage() == Usage(0, 0, 0, 0)
    acme = house.tenant(database.dsn, business={"connections": 1})
    globex = house.tenant(f"mysql+pymysql://u:p@127.0.0.1:{free_port()}/shop", GLOBEX)
    with house.pools.of(acme)[1].connect():
        assert house.pools.usage() == Usage(1, 1, 0, 0)
        house.pools.of(acme)
    with pytest.raises(TemporaryFailure):
        house.queries.run(globex, STOCK, {"sku": "A0001"})
    assert house.pools.usage() == Usage(0, 5, 1, 1)


def test_many_who_ask_at_once_share_a_few_connections(house: House, database: ShopDatabase) -> None:
    tenant = house.tenant(database.dsn, business={"connections": 2})
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: house.queries.run(tenant, STOCK, {"sku": "A0001"}), range(40)))
    assert all(len(rows) == 1 for rows in found)
    engine = house.pools.of(tenant)[1]
    assert isinstance(engine.pool, sa.QueuePool)
    assert engine.pool.checkedin() <= 2
    assert engine.pool.checkedout() == 0


def test_who_is_interrupted_half_way_leaves_no_half_read_connection(house: House, database: ShopDatabase) -> None:
    class Interrupted(BaseException):
        pass

    tenant = house.tenant(database.dsn)

    class Interrupting(dict[str, str]):
        def __getitem__(self, name: str) -> str:
            raise Interrupted

    with pytest.raises(Interrupted):
        house.queries.run(tenant, STOCK, Interrupting())
    assert house.queries.run(tenant, STOCK, {"sku": "A0001"})


def test_the_bots_own_database_is_never_asked(database: ShopDatabase) -> None:
    house = House(own=DatabasePlace.of(sa.make_url(database.dsn)))
    with pytest.raises(Misconfigured, match="所有租户"):
        house.queries.run(house.tenant(database.dsn), STOCK, {"sku": "A0001"})


@pytest.mark.parametrize(
    ("own", "dsn", "same"),
    [
        ("localhost/bot", "127.0.0.1:3306/bot", True),
        ("LOCALHOST/bot", "[::1]/bot", True),
        ("/bot?unix_socket=/run/s", "localhost/bot", True),
        ("127.0.0.1/bot", "shop.example/bot?unix_socket=/run/s", True),
        ("/bot?unix_socket=/run/s", "shop.example/bot?unix_socket=/run/s", True),
        ("/bot?unix_socket=/run/s", "/bot?unix_socket=/run/other", False),
        ("/bot?unix_socket=/run/s", "localhost:3307/bot", False),
        ("10.0.0.5/bot", "10.0.0.5/shop", False),
        ("10.0.0.5/bot", "10.0.0.6/bot", False),
    ],
)
def test_the_bots_own_database_is_known_by_whatever_way_leads_there(own: str, dsn: str, *, same: bool) -> None:
    places = [DatabasePlace.of(sa.make_url(f"mysql+pymysql://u:p@{each}")) for each in (own, dsn)]
    assert places[0].is_at(places[1]) is places[1].is_at(places[0]) is same


def test_a_tenant_without_a_database_is_told_so(house: House) -> None:
    with pytest.raises(Misconfigured, match="dsn"):
        house.queries.run(house.tenant(""), STOCK, {"sku": "A0001"})


def test_an_error_quotes_nothing_that_was_said(house: House, database: ShopDatabase) -> None:
    tenant = house.tenant(database.dsn)
    for sql in ("SELECT nothing FROM stock WHERE sku = :sku", "SELEKT :sku", "SELECT * FROM nowhere WHERE sku = :sku"):
        with pytest.raises(Misconfigured) as refused:
            house.queries.run(tenant, query(sql), {"sku": "13812345678"})
        assert "13812345678" not in str(refused.value)


def test_the_doctor_finds_the_demo_well(database: ShopDatabase) -> None:
    tenant = Tenant.model_validate({"corp_id": ACME, "queries": SAMPLE["queries"]})
    found = list(checkup.look(tenant, database.dsn))
    assert {(each.check, each.state) for each in found} == {
        ("business", State.OK),
        ("business.rights", State.OK),
        ("business.query", State.OK),
    }
    assert len(found) == 2 + len(QUERIES)


def test_the_doctor_says_what_is_wrong_with_a_tenants_database(database: ShopDatabase) -> None:
    def look(dsn: str, *sql: str) -> list[tuple[str, State, str]]:
        queries = [query(each, name=f"q{number}") for number, each in enumerate(sql)]
        tenant = Tenant(corp_id=ACME).model_copy(update={"queries": tuple(queries)})
        return [(each.check, each.state, each.seen) for each in checkup.look(tenant, dsn)]

    assert look("") == []
    assert look("", "SELECT 1")[0][1] is State.FAILED
    (away,) = look(f"mysql+pymysql://u:p@127.0.0.1:{free_port()}/shop", "SELECT 1")
    assert away[:2] == ("business", State.FAILED)
    assert "连不上" in away[2]
    root = look(database.root.url.render_as_string(hide_password=False), "SELECT 1")
    assert root[1][:2] == ("business.rights", State.WARNING)
    wrong = look(database.dsn, "SELECT nothing FROM stock", "SELECT title FROM stock WHERE sku = :sku")
    assert [each[:2] for each in wrong[2:]] == [("business.query", State.FAILED), ("business.query", State.OK)]
    assert "nothing" in wrong[2][2]


def test_the_doctor_sees_what_the_account_may_do_by_a_role(database: ShopDatabase) -> None:
    user = str(sa.make_url(database.dsn).username)
    shop = Tenant(corp_id=ACME).model_copy(update={"queries": (STOCK,)})
    with database.root.connect() as connection:
        for rights, state in (("SELECT", State.OK), ("INSERT", State.WARNING)):
            role = f"{rights.lower()}_{user}"
            connection.exec_driver_sql(f"CREATE ROLE {role}")
            connection.exec_driver_sql(f"GRANT {rights} ON stock TO {role}")
            connection.exec_driver_sql(f"GRANT {role} TO {user}@localhost")
            connection.exec_driver_sql(f"SET DEFAULT ROLE {role} FOR {user}@localhost")
            found = {each.check: each for each in checkup.look(shop, database.dsn)}["business.rights"]
            assert found.state is state, found
        assert "INSERT" in found.seen
        for rights in ("select", "insert"):
            connection.exec_driver_sql(f"DROP ROLE {rights}_{user}")


def test_the_doctor_says_which_query_goes_through_a_whole_table(database: ShopDatabase) -> None:
    with database.root.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE many AS SELECT a.order_no FROM orders a JOIN orders b LIMIT 20000")
        connection.exec_driver_sql("ANALYZE TABLE many")
    asked = query("SELECT order_no FROM many WHERE order_no = :order_id")
    tenant = Tenant(corp_id=ACME).model_copy(update={"queries": (asked,)})
    found = list(checkup.look(tenant, database.dsn))[-1]
    assert (found.check, found.state) == ("business.query", State.WARNING)
    assert "many" in found.seen
