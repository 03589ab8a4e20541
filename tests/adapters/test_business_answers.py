"""What a tenant's database says: of what size and kind it may be, and what it is taken for."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

import pytest
import sqlalchemy as sa

from tests.adapters.test_business_queries import ACME, STOCK, House, query
from tests.fixtures.shop_database import ShopDatabase, shop_database
from wecom_bot.adapters.business import checkup
from wecom_bot.domain.finding import State
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured
from wecom_bot.text.query_template import told


@pytest.fixture(scope="module")
def database(mysql_server: str) -> Iterator[ShopDatabase]:
    with shop_database(mysql_server) as made:
        yield made


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.pools.close()


@pytest.fixture
def tenant(house: House, database: ShopDatabase) -> Tenant:
    return house.tenant(database.dsn, business={"connections": 1})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT REPEAT('x', 15000000) AS picture",
        "SELECT REPEAT('x', 1000000) AS picture FROM orders LIMIT 5",
    ],
)
def test_an_answer_that_no_worker_has_room_for_is_not_read(house: House, tenant: Tenant, sql: str) -> None:
    for _ in range(4):
        with pytest.raises(Misconfigured, match="太大"):
            house.queries.run(tenant, query(sql), {})
    assert house.queries.run(tenant, STOCK, {"sku": "A0001"})  # by the one connection that there may be
    assert house.breaker.states() == {}


def test_an_answer_may_be_as_large_as_customers_read(house: House, tenant: Tenant) -> None:
    for _ in range(2):  # the size is that of one answer, and not of a connection's life
        rows = house.queries.run(tenant, query("SELECT REPEAT('长', 20000) AS a FROM orders", rows=50), {})
        assert len(rows) == 50


KINDS = """
CREATE TABLE kinds (
  id INT, paid BIT(1), unpaid BIT(1), bits BIT(10), opens TIME, spent TIME, at DATETIME(6), day DATE,
  amount DECIMAL(10, 2), note JSON, picture BLOB, nothing INT NULL, stars FLOAT, kind ENUM('a', 'b'), made YEAR
)
"""


def test_values_are_what_they_mean(house: House, tenant: Tenant, database: ShopDatabase) -> None:
    with database.root.connect() as connection:
        connection.exec_driver_sql(KINDS)
        connection.exec_driver_sql(
            "INSERT INTO kinds VALUES (1, b'1', b'0', b'1000000001', '09:30', '26:00', '2026-11-20 10:00:00.5',"
            " '2026-11-20', 12.50, '{\"a\": \"值\"}', X'FFD8FF', NULL, 4.5, 'b', 2026)"
        )
    (row,) = house.queries.run(tenant, query("SELECT * FROM kinds"), {})
    assert row == {
        "id": 1,
        "paid": 1,
        "unpaid": 0,
        "bits": 513,
        "opens": time(9, 30),
        "spent": "26:00:00",
        "at": datetime(2026, 11, 20, 10, 0, 0, 500_000),  # noqa: DTZ001 - as drivers read a DATETIME
        "day": date(2026, 11, 20),
        "amount": Decimal("12.50"),
        "note": '{"a": "值"}',
        "picture": b"\xff\xd8\xff",
        "nothing": None,
        "stars": 4.5,
        "kind": "b",
        "made": 2026,
    }
    said = told(
        "{% if paid %}已付{% endif %}{% if unpaid %}未付{% endif %}{{ opens }} {{ amount }}{{ picture }}", [row]
    )
    assert said == "已付09:30 12.50"


@pytest.fixture(scope="module")
def numbered(database: ShopDatabase) -> None:
    """A table in which numbers are numbers, with a row that belongs to number 0 and one to nobody."""
    with database.root.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE numbered (no BIGINT, member INT, sku VARCHAR(9) CHARACTER SET ascii, at DATETIME,"
            " KEY (no), KEY (member))"  # by an index the server finds without a warning
        )
        connection.exec_driver_sql(
            "INSERT INTO numbered VALUES (0, 0, 'A0', NULL), (1, NULL, 'A1', '2026-11-20'),"
            " (12345678901, 7, '7b', NULL)"
        )


@pytest.mark.usefixtures("numbered")
@pytest.mark.parametrize(
    "said", ["abc", "1abc", "12345678901中", "1'; --", "", "0x1", "1" + "长" * 190, "12345678901 " * 9]
)
@pytest.mark.parametrize("compared", ["no = :no", ":no = n.`no`", "no + 0 = :no"])
def test_what_is_no_number_is_none_of_the_numbers_that_mysql_takes_it_for(
    house: House, tenant: Tenant, said: str, compared: str
) -> None:
    by_number = query(f"SELECT no FROM numbered n WHERE {compared}")  # noqa: S608 - it is the test
    assert house.queries.run(tenant, by_number, {"no": said}) == []
    assert house.queries.run(tenant, by_number, {"no": "1"}) == [{"no": 1}]
    assert house.queries.run(tenant, by_number, {"no": " 012345678901.0"}) == [{"no": 12345678901}]


@pytest.mark.usefixtures("numbered")
def test_a_customer_who_is_compared_with_numbers_is_told_nobodys_row(house: House, tenant: Tenant) -> None:
    own = query("SELECT no FROM numbered WHERE member = :customer", owner="customer", public=False)
    for customer in ("wmAbcDefGhiJklMnoPqrStuVwxYz", "7b", "zhangsan"):
        with pytest.raises(Misconfigured, match="CAST"):
            house.queries.run(tenant, own, {"customer": customer})
    assert house.queries.run(tenant, own, {"customer": "7"}) == [{"no": 12345678901}]
    for compared in ("CAST(member AS CHAR) = :customer", "BINARY member = :customer"):
        mended = query(f"SELECT no FROM numbered WHERE {compared}")  # noqa: S608 - it is the test
        assert house.queries.run(tenant, mended, {"customer": "7b"}) == []
        assert house.queries.run(tenant, mended, {"customer": "7"}) == [{"no": 12345678901}]
    assert house.breaker.states() == {}


@pytest.mark.usefixtures("numbered")
def test_what_a_column_cannot_hold_is_not_in_it(house: House, tenant: Tenant) -> None:
    by_sku = query("SELECT no FROM numbered WHERE sku = :sku")
    assert house.queries.run(tenant, by_sku, {"sku": "连衣裙"}) == []
    assert house.queries.run(tenant, by_sku, {"sku": "A1"}) == [{"no": 1}]
    mixed = query(
        "SELECT no FROM numbered WHERE CONVERT(sku USING utf8mb4) COLLATE utf8mb4_bin = :sku COLLATE utf8mb4_general_ci"
    )
    with pytest.raises(Misconfigured):  # whoever asks
        house.queries.run(tenant, mixed, {"sku": "A1"})


@pytest.mark.usefixtures("numbered")
def test_numbers_that_the_tenant_wrote_are_compared_as_it_wrote_them(house: House, tenant: Tenant) -> None:
    assert house.queries.run(tenant, query("SELECT no FROM numbered WHERE sku = :shop", fixed={"shop": 7}), {"shop": 7})
    by_day = query("SELECT no FROM numbered WHERE at = :day")
    assert house.queries.run(tenant, by_day, {"day": "2026-11-20"}) == [{"no": 1}]
    assert house.queries.run(tenant, by_day, {"day": "2026-11-20x"}) == []


@pytest.mark.usefixtures("numbered")
def test_the_doctor_says_where_customers_are_compared_with_numbers_and_takes_a_view(database: ShopDatabase) -> None:
    user = sa.make_url(database.dsn).username
    with database.root.connect() as connection:
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT * FROM numbered")
        connection.exec_driver_sql(f"CREATE USER {user}v@localhost")
        connection.exec_driver_sql(f"GRANT SELECT ON mine TO {user}v@localhost")
    own = query("SELECT no FROM mine WHERE member = :customer", owner="customer", public=False, name="own")
    by_sku = query("SELECT no FROM mine WHERE sku = :sku", name="by_sku")
    shop = Tenant(corp_id=ACME).model_copy(update={"queries": (own, by_sku)})
    dsn = sa.make_url(database.dsn).set(username=f"{user}v", password="").render_as_string(hide_password=False)
    found = [each for each in checkup.look(shop, dsn) if each.check == "business.query"]
    assert [(each.state, each.seen.partition(":")[0]) for each in found] == [
        (State.WARNING, "own"),
        (State.OK, "by_sku"),
    ]
    with database.root.connect() as connection:
        connection.exec_driver_sql(f"DROP USER {user}v@localhost")
