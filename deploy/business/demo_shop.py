"""A shop's database to try business queries on: members, 100,000 orders and a stock list, as SQL on standard output.

    python deploy/business/demo_shop.py | mariadb shop          # or: mysql shop

The same numbers each time: the same orders. Order 202600000001 belongs to the first member, whose phone is said
by --show. To try it as a WeCom customer, give a member your external_userid:

    UPDATE members SET external_userid = 'wm…' WHERE member_id = 1;
"""

import argparse
import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

SCHEMA = """
CREATE TABLE IF NOT EXISTS members (
  member_id INT NOT NULL PRIMARY KEY,
  external_userid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  name VARCHAR(32) NOT NULL,
  phone VARCHAR(20) NOT NULL,
  UNIQUE KEY by_customer (external_userid)
) DEFAULT CHARACTER SET utf8mb4;
CREATE TABLE IF NOT EXISTS orders (
  order_no VARCHAR(20) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  member_id INT NOT NULL,
  status VARCHAR(16) NOT NULL,
  carrier VARCHAR(16) NULL,
  tracking_no VARCHAR(32) NULL,
  amount DECIMAL(10, 2) NOT NULL,
  updated_at DATETIME NOT NULL,
  KEY by_member (member_id, updated_at)
) DEFAULT CHARACTER SET utf8mb4;
CREATE TABLE IF NOT EXISTS stock (
  sku VARCHAR(16) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  title VARCHAR(64) NOT NULL,
  pieces INT NOT NULL
) DEFAULT CHARACTER SET utf8mb4;
"""

_STATUSES = ("待付款", "待发货", "已发货", "已签收", "已取消")
_CARRIERS = ("顺丰", "中通", "圆通", "京东")
_SURNAMES, _NAMES = "王李张刘陈杨赵黄周吴", "伟芳娜敏静丽强磊军洋"
_BEGAN = datetime(2026, 1, 1, 8, 0)  # noqa: DTZ001 - DATETIME columns hold the shop's own time
_AT_ONCE = 1_000  # rows of a statement
_PER_MEMBER = 5
_SKUS = 200


def order_no(number: int) -> str:
    """The number of the order, counted from 1."""
    return f"2026{number:08d}"


def phone(member: int) -> str:
    """The phone of the member, counted from 1."""
    return f"138{member * 7919 % 100_000_000:08d}"


def statements(orders: int) -> Iterator[str]:
    """The schema, and what fills it, statement by statement."""
    yield "SET NAMES utf8mb4"  # whatever the client thinks it speaks
    yield from (each.strip() for each in SCHEMA.split(";") if each.strip())
    rows = random.Random(orders)  # noqa: S311 - made up, and the same each time
    members = max(1, orders // _PER_MEMBER)
    yield from _inserts("members", (_member(rows, each) for each in range(1, members + 1)))
    yield from _inserts("orders", (_order(rows, each, members) for each in range(1, orders + 1)))
    yield from _inserts("stock", (_stock(rows, each) for each in range(1, _SKUS + 1)))


def _member(rows: random.Random, number: int) -> tuple[object, ...]:
    return number, f"wm_demo_{number:06d}", rows.choice(_SURNAMES) + rows.choice(_NAMES), phone(number)


def _order(rows: random.Random, number: int, members: int) -> tuple[object, ...]:
    status = rows.choice(_STATUSES)
    ships = status in {"已发货", "已签收"}
    carrier = rows.choice(_CARRIERS) if ships else None
    tracking = f"SF{rows.randrange(10**10, 10**11)}" if ships else None
    amount = Decimal(rows.randrange(990, 99_900)) / 100
    at = _BEGAN + timedelta(minutes=number * 4)
    return order_no(number), (number - 1) % members + 1, status, carrier, tracking, amount, at.isoformat(" ")


def _stock(rows: random.Random, number: int) -> tuple[object, ...]:
    return f"A{number:04d}", f"连衣裙 {number} 号", rows.randrange(50)


def _inserts(table: str, rows: Iterator[tuple[object, ...]]) -> Iterator[str]:
    part: list[str] = []
    for row in rows:
        part.append(f"({', '.join(map(_literal, row))})")
        if len(part) == _AT_ONCE:
            yield _insert(table, part)
            part = []
    if part:
        yield _insert(table, part)


def _insert(table: str, rows: list[str]) -> str:
    return f"INSERT INTO {table} VALUES\n" + ",\n".join(rows)


def _literal(value: object) -> str:
    """Of what is made up above: there are no quotes in it."""
    match value:
        case None:
            return "NULL"
        case int() | Decimal():
            return str(value)
        case _:
            return f"'{value}'"


def main() -> None:
    """Write all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=100_000, help="how many")
    parser.add_argument("--show", action="store_true", help="only say an order with which it can be tried")
    arguments = parser.parse_args()
    if arguments.show:
        sys.stdout.write(f"order {order_no(1)}, customer wm_demo_000001, phone {phone(1)}\n")
        return
    for each in statements(arguments.orders):
        sys.stdout.write(f"{each};\n")


if __name__ == "__main__":
    main()
