"""The contract of ports.ContactStore."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from wecom_bot.adapters.sql.contacts import SqlContacts
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Contact

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
NOW = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)
LI = Contact("小李🌂")


@pytest.fixture
def contacts(sql_engine: sa.Engine) -> SqlContacts:
    return SqlContacts(sql_engine)


def test_what_was_saved_is_loaded_with_its_time(contacts: SqlContacts) -> None:
    contacts.save(ACME, {"wm1": LI, "wm2": Contact("")}, NOW)
    assert contacts.load(ACME, ["wm1", "wm2", "wm3", "WM1"]) == {"wm1": (LI, NOW), "wm2": (Contact(""), NOW)}
    assert contacts.load(ACME, []) == {}


def test_the_newest_is_kept_whatever_comes_last(contacts: SqlContacts) -> None:
    new = Contact("老李")
    contacts.save(ACME, {"wm1": new}, NOW + timedelta(days=1))
    contacts.save(ACME, {"wm1": LI}, NOW)
    assert contacts.load(ACME, ["wm1"]) == {"wm1": (new, NOW + timedelta(days=1))}


def test_thousands_can_be_saved_and_loaded_at_once(contacts: SqlContacts) -> None:
    many = {f"wm{number}": Contact(f"客户{number}") for number in range(1_200)}
    contacts.save(ACME, many, NOW)
    assert {customer: contact for customer, (contact, _) in contacts.load(ACME, many).items()} == many


def test_ids_and_names_of_any_length_and_kind_are_kept(contacts: SqlContacts) -> None:
    long = "w" * 400
    contacts.save(ACME, {long: Contact("名" * 9_000), "wm1": Contact("半个\ud83d")}, NOW)
    found = contacts.load(ACME, [long, "wm1"])
    assert found[long][0] == Contact("名" * 9_000)
    assert found["wm1"][0] == Contact("半个?")


def test_nothing_is_saved_when_there_is_nothing(contacts: SqlContacts) -> None:
    contacts.save(ACME, {}, NOW)
    assert contacts.load(ACME, ["wm1"]) == {}


def test_two_writers_of_the_same_customers_do_not_trip_over_each_other(contacts: SqlContacts) -> None:
    some = [f"wm{number}" for number in range(100)]
    failures: list[BaseException] = []

    def save(customers: list[str]) -> None:
        try:
            for _ in range(3):
                contacts.save(ACME, dict.fromkeys(customers, LI), NOW)
        except Exception as e:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(e)

    writers = [threading.Thread(target=save, args=(each,)) for each in (some, some[::-1])]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert len(contacts.load(ACME, some)) == 100


def test_tenants_do_not_see_each_other(contacts: SqlContacts) -> None:
    contacts.save(ACME, {"wm1": LI}, NOW)
    assert contacts.load(GLOBEX, ["wm1"]) == {}
    contacts.save(GLOBEX, {"wm1": Contact("王")}, NOW + timedelta(days=1))
    assert contacts.load(ACME, ["wm1"]) == {"wm1": (LI, NOW)}
