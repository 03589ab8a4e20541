"""Customers are called by their name: at once in a welcome, in every phrase afterwards, by every process."""

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from tests.deadlines import wait_until
from tests.e2e.house import ACME, GLOBEX, KF, House, company

NAME = "小李 " + "李" * 13
BATCHGET = "kf/customer/batchget"
PHRASES = {"unreadable": "{nickname}，这个我看不了。", "ended": "{nickname}，人工服务已结束。"}
WELCOME = "{nickname}，您好！"


def furnished(folder: Path) -> House:
    account = {"open_kfid": KF, "app": "shop", "welcome": WELCOME}
    acme = company(ACME, kf_accounts=[account], phrases=PHRASES, merge_window=0)
    return House(folder, [acme, company(GLOBEX)])


def texts(house: House, customer: str, count: int) -> list[str]:
    return [seen.text for seen in house.wecom.wait_seen(ACME, KF, customer, count=count)]


def show_something(house: House, customer: str) -> None:
    house.wecom.say(ACME, KF, customer, msgtype="business_card", fields={"userid": "lisi"})


def learned(house: House) -> set[str]:
    """The customers who are known for good."""
    with sa.create_engine(f"sqlite:///{house.folder / 'data' / 'wecom-bot.sqlite3'}").connect() as connection:
        return set(
            connection.execute(sa.text("select customer from contacts where corp_id = :it"), {"it": ACME}).scalars()
        )


def warm_up(house: House) -> None:
    """A customer comes first: a name has a second and a half, in which no token has to be fetched for it."""
    said = len(house.wecom.seen(ACME, KF, "wm_first"))
    show_something(house, "wm_first")
    texts(house, "wm_first", said + 1)
    wait_until(lambda: "wm_first" in learned(house))


def welcomed(house: House, name: str, words: str) -> str:
    """Somebody of this name who came and was welcomed with these words; another where the machine stood still."""
    came: list[str] = []

    def said_so() -> bool:
        came.append(f"wm_li{len(came)}")
        house.wecom.name_customer(ACME, came[-1], name)
        house.wecom.enter(ACME, KF, came[-1])
        return texts(house, came[-1], 1) == [words]

    wait_until(said_so)
    return came[-1]


def test_customers_are_called_by_their_name(tmp_path: Path) -> None:
    house = furnished(tmp_path)
    try:
        house.open()
        warm_up(house)
        customer = welcomed(house, "**小李**\n" + "李" * 100, f"{NAME}，您好！")
        show_something(house, customer)
        assert texts(house, customer, 2)[1:] == [f"{NAME}，这个我看不了。"]

        house.wecom.name_customer(ACME, "wm_wang", "老王")
        house.wecom.say(ACME, KF, "wm_wang", "几点关门")  # nothing in the answer wants a name, and yet it is learned
        texts(house, "wm_wang", 1)
        wait_until(lambda: "wm_wang" in learned(house))
        house.wecom.take(ACME, KF, "wm_wang", "alice")
        house.wecom.end(ACME, KF, "wm_wang")
        assert texts(house, "wm_wang", 2)[1:] == ["老王，人工服务已结束。"]
        before = house.wecom.calls(BATCHGET, ACME)
        house.stop()
        house.start()
        warm_up(house)
        show_something(house, "wm_wang")
        assert texts(house, "wm_wang", 3)[2:] == ["老王，这个我看不了。"]
        assert house.wecom.calls(BATCHGET, ACME) == before
    finally:
        house.close()


def test_a_customer_whom_wecom_will_not_name_is_welcomed_all_the_same(tmp_path: Path) -> None:
    house = furnished(tmp_path)
    try:
        house.open()
        house.wecom.fault(BATCHGET, "hang", lasting=timedelta(minutes=5))
        house.wecom.enter(ACME, KF, "wm_li")
        assert texts(house, "wm_li", 1) == ["您好！"]
        show_something(house, "wm_li")
        assert texts(house, "wm_li", 2)[1:] == ["这个我看不了。"]
    finally:
        house.close()
