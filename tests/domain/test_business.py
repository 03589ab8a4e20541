from typing import Any

import pytest
from pydantic import ValidationError

from tests.dialog.turns import tenant
from wecom_bot.domain.business import QuerySpec
from wecom_bot.domain.business_dsn import prove_dsn
from wecom_bot.domain.intent import STORED

OWN = "SELECT status FROM orders WHERE order_no = :order_id AND external_userid = :customer"
VERIFY = {"slot": "phone_last4", "column": "phone"}
ORDER_ID = {"name": "order_id", "pattern": "[0-9]{12}", "ask": "订单号？"}
LAST4 = {"name": "phone_last4", "pattern": "[0-9]{4}", "ask": "手机后四位？"}


def query(sql: str = OWN, **changes: Any) -> QuerySpec:
    fields: dict[str, Any] = {"name": "order", "sql": sql, "template": "查到了。", "owner": "customer"}
    return QuerySpec.model_validate(fields | changes)


def said_of(sql: str = OWN, **changes: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        query(sql, **changes)
    (error,) = refused.value.errors()
    return error["msg"]


def public(sql: str) -> str:
    return said_of(sql, owner="", public=True)


def test_a_query_knows_what_it_binds() -> None:
    asked = query(f"{OWN} AND shop = :shop", fixed={"shop": "tmall"})
    assert asked.parameters == {"order_id", "customer", "shop"}
    assert asked.slots == {"order_id"}


@pytest.mark.parametrize(
    ("sql", "advice"),
    [
        ("SELECT 1; DROP TABLE orders", "分号"),
        ("SELECT 1;", "分号"),
        ("DELETE FROM orders", "SELECT 或 WITH"),
        ("", "at least 1 character"),
        ("SHOW TABLES", "SELECT 或 WITH"),
        ("(SELECT 1)", "SELECT 或 WITH"),
        ("WITH a AS (SELECT 1) DELETE FROM orders", "不能用 DELETE"),
        ("WITH a AS (SELECT 1) UPDATE orders SET x = 1", "不能用 UPDATE"),
        ("SELECT * FROM orders INTO OUTFILE '/tmp/x'", "不能用 INTO"),
        ("SELECT 1 INTO @x", "不能用 INTO"),
        ("SELECT @x := 1", "变量"),
        ("SELECT @@version", "变量"),
        ("SELECT * FROM orders FOR UPDATE", "不能用 UPDATE"),
        ("SELECT * FROM orders for share", "FOR SHARE"),
        ("SELECT * FROM orders LOCK IN SHARE MODE", "不能用 LOCK"),
        ("SELECT 1 -- all", "注释"),
        ("SELECT 1 # all", "注释"),
        ("SELECT /*!50000 1 */", "注释"),
        ("SELECT SLEEP(9)", "函数 SLEEP"),
        ("SELECT load_file('/etc/passwd')", "函数 load_file"),
        ("SELECT `sleep`(9)", "函数 `sleep`"),
        ("SELECT NEXT VALUE FOR numbers", "NEXT VALUE"),
        ("SELECT '\\'' FROM orders", "反斜杠"),
        ("SELECT 'open FROM orders", "引号没有配对"),
        ("SELECT `open FROM orders", "引号没有配对"),
        ("SELECT ' :order_id' FROM orders", "引号里不能有"),
        ("SELECT (1", "括号"),
        ("SELECT 1)", "括号"),
        ("SELECT ?", ":名字"),
        ("SELECT 1 LIMIT 51", "LIMIT"),
        ("SELECT 1 LIMIT :n", "LIMIT"),
        ("SELECT 1 LIMIT 5, 1000", "LIMIT"),
        ("SELECT 1 LIMIT 18446744073709551615", "LIMIT"),
        ("SELECT 1 FETCH FIRST 9999 ROWS ONLY", "不能用 FETCH"),
    ],
)
def test_what_is_no_single_select_is_refused_with_advice(sql: str, advice: str) -> None:
    assert advice in public(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT DATE_FORMAT(at, '%Y-%m-%d %H:%i'), REPLACE(a, ':', '；') FROM t WHERE a LIKE '100%' LIMIT 5",
        "SELECT o.`update`, o.set, next, value, `sleep` FROM shop.orders o WHERE o.a->>'$.b' = 'it''s' LIMIT 40, 50",
        "WITH mine AS (SELECT 1 AS a) SELECT a FROM mine",
        "SELECT a FROM t WHERE b IN (SELECT c FROM d LIMIT 100)",
        "SELECT 状态 FROM 订单",
    ],
)
def test_a_select_is_taken_however_it_is_written(sql: str) -> None:
    assert query(sql, owner="", public=True).sql == sql


def test_who_may_see_the_rows_has_to_be_said() -> None:
    assert "谁能看到" in said_of(owner="")
    assert "不能同时写" in said_of(public=True)
    assert query(owner="", public=True)
    assert query("SELECT phone, status FROM orders WHERE order_no = :order_id", owner="", verify=VERIFY)


@pytest.mark.parametrize(
    ("sql", "advice"),
    [
        ("SELECT status FROM orders WHERE order_no = :order_id", "WHERE 里有"),
        ("SELECT :customer FROM orders WHERE order_no = :order_id", "WHERE 里有"),
        ("SELECT c = :customer FROM orders WHERE order_no = :order_id", "WHERE 里有"),
        ("SELECT (SELECT 1 FROM m WHERE c = :customer) FROM orders WHERE order_no = :order_id", "WHERE 里有"),
        ("SELECT status FROM orders WHERE :customer = :customer", "WHERE 里有"),
        ("SELECT status FROM orders WHERE customer <> :customer", "WHERE 里有"),
        ("SELECT status FROM orders WHERE order_no = :order_id OR customer = :customer", "OR"),
        ("SELECT status FROM orders WHERE (customer = :customer AND a = 1) OR order_no = :order_id", "OR"),
        ("SELECT status FROM a WHERE customer = :customer UNION SELECT status FROM b", "UNION"),
        ("SELECT status FROM orders LEFT JOIN m ON m.customer = :customer", "WHERE 里有"),
        ("SELECT status FROM orders o WHERE NOT o.customer = :customer", "NOT"),
        ("SELECT status FROM orders WHERE NOT (order_no = :order_id AND customer = :customer)", "NOT"),
        ("SELECT status FROM orders WHERE !(customer = :customer)", "NOT"),
        ("SELECT status FROM orders WHERE member NOT IN (SELECT id FROM m WHERE customer = :customer)", "NOT"),
        ("SELECT status FROM orders WHERE NOT EXISTS (SELECT 1 FROM m WHERE customer = :customer)", "NOT"),
        ("SELECT status FROM orders WHERE member <> (SELECT id FROM m WHERE customer = :customer)", "NOT"),
        ("SELECT status FROM orders WHERE member != (SELECT id FROM m WHERE :customer = m.customer)", "NOT"),
    ],
)
def test_an_owners_query_that_does_not_keep_to_the_owner_is_refused(sql: str, advice: str) -> None:
    assert advice in said_of(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM o WHERE (x = 1 OR y = 2) AND customer = :customer",
        "SELECT a FROM o WHERE :customer = `customer`",
        "SELECT a FROM o WHERE (customer = :customer)",
        "SELECT a FROM o WHERE NOT gone AND b IS NOT NULL AND c NOT IN (1, 2) AND (o.customer = :customer)",
        "SELECT a FROM o JOIN m ON m.id = o.m WHERE m.customer = :customer AND o.n = :order_id ORDER BY a LIMIT 3",
        "SELECT a FROM o WHERE member = (SELECT id FROM m WHERE customer = :customer)",
        "WITH mine AS (SELECT * FROM o WHERE customer = :customer) SELECT a FROM mine WHERE n = :order_id",
    ],
)
def test_an_owners_query_may_be_written_in_many_ways(sql: str) -> None:
    assert query(sql)


def test_what_verifies_is_neither_shown_nor_bound() -> None:
    sql = "SELECT phone, status FROM orders WHERE order_no = :order_id"
    assert "不能显示" in said_of(sql, owner="", verify=VERIFY, template="{{ phone }}")
    assert "不能显示" in said_of(
        sql, owner="", verify=VERIFY, template="{% for row in rows %}{{ row['phone'] }}{% endfor %}"
    )
    assert "由程序核对" in said_of(f"{sql} AND right(phone, 4) = :phone_last4", owner="", verify=VERIFY)


def test_what_verifies_is_selected() -> None:
    assert "没有查出" in said_of("SELECT status FROM orders WHERE order_no = :order_id", owner="", verify=VERIFY)
    for columns in ("*", "o.*", "`phone`", "RIGHT(mobile, 4) AS phone"):
        assert query(f"SELECT {columns} FROM orders o WHERE order_no = :order_id", owner="", verify=VERIFY)  # noqa: S608


def test_fixed_values_are_used_and_never_the_customer() -> None:
    assert "没有用在" in said_of(fixed={"shop": "tmall"})
    assert "客户本人" in said_of(fixed={"customer": "wm1"})


def test_a_template_that_is_none_is_refused_by_name() -> None:
    said = said_of(template="{{ status")
    assert "order" in said
    assert "模板写法不对" in said


def test_what_was_stored_by_an_earlier_program_stays() -> None:
    fields = {"name": "old", "sql": "SELECT 1;", "template": "{{ x"}
    assert QuerySpec.model_validate(fields, context=STORED).name == "old"


@pytest.mark.parametrize(
    ("lookup", "slots", "advice"),
    [
        ("query:other", [ORDER_ID], "没有这个查询"),
        ("query:order", [], "既不是槽位也不在 fixed 里"),
        ("query:order", [ORDER_ID | {"name": "customer"}, ORDER_ID], "不能叫 customer"),
        ("query:by_phone", [ORDER_ID], "缺少核对用的槽位 phone_last4"),
        ("query:", [ORDER_ID], "should match"),
        ("sql", [ORDER_ID], "should match"),
    ],
)
def test_an_intent_that_does_not_fit_its_query_is_refused(lookup: str, slots: list[Any], advice: str) -> None:
    by_phone = {
        "name": "by_phone",
        "sql": "SELECT phone FROM o WHERE n = :order_id",
        "template": "有",
        "verify": VERIFY,
    }
    own = {"name": "order", "sql": OWN, "template": "有", "owner": "customer"}
    with pytest.raises(ValidationError, match=advice):
        tenant(queries=[own, by_phone], intents=[{"name": "i", "slots": slots, "lookup": lookup}])


def test_an_intent_finds_its_query() -> None:
    own = {"name": "order", "sql": OWN, "template": "有", "owner": "customer"}
    shop = tenant(queries=[own], intents=[{"name": "i", "slots": [ORDER_ID, LAST4], "lookup": "query:order"}])
    found = shop.query(shop.intents[0].query)
    assert found is not None
    assert found.name == "order"
    assert shop.query(None) is None


def test_two_queries_of_one_name_are_refused() -> None:
    own = {"name": "order", "sql": OWN, "template": "有", "owner": "customer"}
    with pytest.raises(ValidationError, match=r"queries\.name must be unique"):
        tenant(queries=[own, own])


SECRET = "p4ss"


@pytest.mark.parametrize(
    ("dsn", "advice"),
    [
        ("postgresql://u:p4ss@h/db", "MySQL"),
        ("mysql://u:p4ss@h/db", r"mysql\+pymysql"),
        ("mysql+pymysql://h/db", "没有用户"),
        ("mysql+pymysql://u:p4ss@h", "应形如"),
        ("mysql+pymysql://u:p4ss@h:port/db", "应形如"),
        ("mysql+pymysql://:p4ss@h/db", "应形如"),
        ("mysql+pymysql://u:p4ss@x@h/db", "'@' 要写成 %40"),
        ("mysql+pymysql://u:p4ss/x@h/db", "'/' 要写成 %2F"),
        ("mysql+pymysql://u:p4ss:x@h/db", "':' 要写成 %3A"),
        ("mysql+pymysql://u:p4ss#x@h/db", "'#' 要写成 %23"),
        ("mysql+pymysql://u:p4ss?x@h/db", r"'\?' 要写成 %3F"),
        ("mysql+pymysql://u:p4ss%x@h/db", "'%' 要写成 %25"),
        ("mysql+pymysql://u:p4ss x@h/db", "' ' 要写成 %20"),
        ("mysql+pymysql://u:p4ss密@h/db", "'密' 要写成 %E5%AF%86"),
        ("mysql+pymysql://u:p4ss@h/db?local_infile=1", "不认识的选项 'local_infile'"),
        ("mysql+pymysql://u:p4ss@h/db?init_command=SET%20x", "不认识的选项"),
        ("mysql+pymysql://u:p4ss@h/db?charset=gbk", "utf8mb4"),
    ],
)
def test_a_dsn_that_is_none_is_refused_without_its_password(dsn: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice) as refused:
        prove_dsn(dsn)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "dsn",
    [
        "mysql+pymysql://u:p%40%2F%25ss@db.acme.example:3307/shop?ssl_ca=/etc/ssl/acme.pem",
        "mysql+pymysql://u@localhost/shop?unix_socket=/run/mysqld/mysqld.sock&charset=utf8mb4",
        "mysql+pymysql://u:!$&'()*+,;=~p@[::1]:3306/shop",
    ],
)
def test_a_dsn_is_taken(dsn: str) -> None:
    prove_dsn(dsn)


def test_a_template_names_what_is_selected() -> None:
    assert "没有 / the SQL does not select what the template names: carrier, statsu；" in said_of(
        template="{{ statsu }} {{ carrier }}"
    )
    for told in ("{{ STATUS }}", "{{ note|default('无') }}", "{% for row in rows %}{{ row.status }}{% endfor %}"):
        assert query(template=told).template == told
    assert query("SELECT o.* FROM orders o WHERE customer = :customer", template="{{ anything }}")
