"""Named queries on a tenant's own MariaDB through the furnished house, also when that database is slow."""

from collections.abc import Iterator

import pytest

from tests.e2e.house import ACME, ARTICLES, GLOBEX, KF, House, company
from tests.fixtures.shop_database import DEMO, ShopDatabase, shop_database
from wecom_bot.domain.phrases import Phrases

MINE = DEMO["order_no"](1)
LAST4 = DEMO["phone"](1)[-4:]
ORDER_ID = {"name": "order_id", "pattern": "(?<![0-9])[0-9]{12}(?![0-9])", "ask": "订单号？"}
PHONE = {"name": "phone_last4", "pattern": "(?<![0-9])[0-9]{4}(?![0-9])", "ask": "下单手机后四位？"}
SQL = "SELECT o.order_no, o.status, m.phone FROM orders o JOIN members m USING (member_id) WHERE o.order_no = :order_id"
TOLD = {"template": "订单 {{ order_no }} 在"}
SHOP = {
    "queries": [
        {
            "name": "order",
            "sql": f"{SQL} AND m.external_userid = :customer",
            "owner": "customer",
            "timeout": 0.5,
            **TOLD,
        },
        {"name": "by_phone", "sql": SQL, "verify": {"slot": "phone_last4", "column": "phone"}, **TOLD},
    ],
    "intents": [
        {"name": "order", "examples": ["查订单"], "slots": [ORDER_ID], "lookup": "query:order"},
        {"name": "by_phone", "examples": ["查朋友的订单"], "slots": [ORDER_ID, PHONE], "lookup": "query:by_phone"},
    ],
}


@pytest.fixture(scope="module")
def database(mysql_server: str) -> Iterator[ShopDatabase]:
    with shop_database(mysql_server) as made:
        yield made


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, database: ShopDatabase) -> Iterator[House]:
    acme = company(ACME, business={"dsn": database.dsn}, **SHOP)
    made = House(tmp_path_factory.mktemp("business"), [acme, company(GLOBEX)])
    try:
        yield made.open()
    finally:
        made.close()


def test_a_customer_is_told_their_own_order_and_others_prove_who_they_are(house: House) -> None:
    talks = {
        "wm_demo_000001": [f"查订单 {MINE}"],
        "wm_demo_000002": [f"查订单 {MINE}"],
        "wm_friend": [f"查朋友的订单 {MINE}", "尾号是0000吧", f"那就是{LAST4}"],
    }
    for customer, said in talks.items():
        for number, text in enumerate(said, 1):
            house.wecom.say(ACME, KF, customer, text)
            house.wecom.wait_seen(ACME, KF, customer, count=number)
    seen = {customer: house.answers(ACME, KF, customer, len(said)) for customer, said in talks.items()}
    found, nothing = f"订单 {MINE} 在", Phrases().nothing_found
    assert seen == {
        "wm_demo_000001": [found],
        "wm_demo_000002": [nothing],
        "wm_friend": ["下单手机后四位？", nothing, found],
    }


def test_while_the_database_hangs_its_customers_hear_so_in_time_and_others_wait_for_nothing(
    house: House, database: ShopDatabase
) -> None:
    customer = "wm_demo_000003"
    number = DEMO["order_no"](3)
    with database.root.connect() as connection:
        connection.exec_driver_sql("LOCK TABLES orders WRITE")
        house.wecom.say(ACME, KF, customer, f"查订单 {number}")
        house.wecom.say(GLOBEX, KF, "wm_other", "几点关门")
        assert house.answers(ACME, KF, customer, 1) == [Phrases().trouble]
        assert house.answers(GLOBEX, KF, "wm_other", 1) == [ARTICLES[GLOBEX]["几点关门"]]
        connection.exec_driver_sql("UNLOCK TABLES")
    house.wecom.say(ACME, KF, customer, "再查一次")
    assert house.answers(ACME, KF, customer, 2)[-1] == f"订单 {number} 在"


def test_neither_the_dsn_nor_what_proves_a_customer_is_in_a_log(house: House, database: ShopDatabase) -> None:
    logged = house.log.read_text()
    assert "query.failed" in logged
    assert "business.failed" in logged
    password = database.dsn.partition("@")[0].rpartition(":")[2]
    assert not [secret for secret in (password, "p@ss", MINE) if secret in logged]
