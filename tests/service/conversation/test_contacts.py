"""Who customers are: known at once, learned in the background, asked for as rarely as can be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tests.fakes import ACME, KF, FixedTenants, SettableClock, message, tenant
from wecom_bot.domain.job import AnswerMessage, KeepMessage, Lease
from wecom_bot.domain.message import Channel, ConversationId, CorpId
from wecom_bot.errors import Misconfigured, RateLimited, Rejected, TemporaryFailure, TookTooLong
from wecom_bot.ports import Contact
from wecom_bot.service.conversation.contacts import CachedContacts
from wecom_bot.service.conversation.meet import Meet

GLOBEX = CorpId("ww_globex")
LI = Contact("小李")
NEW_LI = Contact("老李")


@dataclass
class MemoryContacts:
    """A ContactStore; `trouble` is raised by every step while it is set."""

    kept: dict[tuple[CorpId, str], tuple[Contact, datetime]] = field(default_factory=dict)
    trouble: Exception | None = None
    loads: int = 0

    def load(self, corp_id: CorpId, customers: Iterable[str]) -> Mapping[str, tuple[Contact, datetime]]:
        self.loads += 1
        if self.trouble:
            raise self.trouble
        return {each: self.kept[corp_id, each] for each in customers if (corp_id, each) in self.kept}

    def save(self, corp_id: CorpId, contacts: Mapping[str, Contact], at: datetime) -> None:
        if self.trouble:
            raise self.trouble
        self.kept |= {(corp_id, customer): (contact, at) for customer, contact in contacts.items()}


@dataclass
class AddressBook:
    """WeCom, which knows these; `trouble` is raised while it is set, and `poison` is an id that it cannot bear."""

    people: dict[str, Contact] = field(default_factory=dict)
    trouble: Exception | None = None
    poison: str = ""
    asked: list[tuple[CorpId, str, Sequence[str]]] = field(default_factory=list)

    def __call__(self, corp_id: CorpId, app: str, customers: Sequence[str]) -> Mapping[str, Contact]:
        self.asked.append((corp_id, app, customers))
        if self.trouble:
            raise self.trouble
        if self.poison in customers:
            raise Rejected("invalid parameter", 40058)
        return {each: self.people[each] for each in customers if each in self.people}


@dataclass
class Stopwatch:
    """A TimeLimit that remembers what was allowed, and strikes at the end where it is told to."""

    spans: list[timedelta] = field(default_factory=list)
    strikes: bool = False

    @contextmanager
    def __call__(self, span: timedelta) -> Iterator[None]:
        self.spans.append(span)
        yield
        if self.strikes:
            raise TookTooLong("it took longer")


class House:
    def __init__(self) -> None:
        self.limit = Stopwatch()
        self.clock = SettableClock()
        self.store = MemoryContacts()
        self.wecom = AddressBook({"wm1": LI})
        self.tenants = FixedTenants.of(tenant(), tenant(GLOBEX))
        self.contacts = self.another_process()

    def another_process(self) -> CachedContacts:
        return CachedContacts(self.store, self.wecom, self.tenants, self.clock, self.limit)

    def get(self, customer: str = "wm1", corp_id: CorpId = ACME, account: str = KF) -> Contact | None:
        return self.contacts.get(ConversationId(corp_id, Channel.KF, account, customer))

    def look_up(self, customer: str = "wm1") -> Contact | None:
        return self.contacts.look_up(ConversationId(ACME, Channel.KF, KF, customer))

    def find_out(self, customer: str = "wm1", account: str = KF) -> Contact | None:
        return self.contacts.find_out(ConversationId(ACME, Channel.KF, account, customer))


@pytest.fixture
def house() -> House:
    return House()


def test_a_customer_is_unknown_until_learned(house: House) -> None:
    assert house.get() is None
    house.contacts.learn()
    assert house.get() == LI
    assert house.store.kept[ACME, "wm1"] == (LI, house.clock.now())
    assert house.wecom.asked == [(ACME, "shop", ["wm1"])]


def test_nobody_is_asked_where_nobody_is_wanted(house: House) -> None:
    house.contacts.learn()
    house.get()
    for _ in range(3):
        house.contacts.learn()
    assert (house.store.loads, len(house.wecom.asked)) == (1, 1)


def test_members_and_events_without_a_customer_are_not_asked_for(house: House) -> None:
    assert house.contacts.get(ConversationId(ACME, Channel.APP, "1000002", "zhang")) is None
    assert house.get("") is None
    house.contacts.learn()
    assert (house.store.loads, house.wecom.asked) == (0, [])


def test_what_another_process_learned_is_not_asked_for_again(house: House) -> None:
    house.get()
    house.contacts.learn()
    house.contacts = house.another_process()
    assert house.get() is None
    house.contacts.learn()
    assert house.get() == LI
    assert len(house.wecom.asked) == 1


def test_an_old_name_is_told_until_there_is_a_newer_one(house: House) -> None:
    house.store.kept[ACME, "wm1"] = (LI, house.clock.now() - timedelta(days=8))
    house.wecom.people["wm1"] = NEW_LI
    house.wecom.trouble = TemporaryFailure("WeCom is away")
    house.get()
    house.contacts.learn()
    assert house.get() == LI
    house.wecom.trouble = None
    house.clock.forward(minutes=1)
    house.contacts.learn()
    assert house.get() == NEW_LI


def test_an_old_name_stays_when_wecom_knows_the_customer_no_more(house: House) -> None:
    house.store.kept[ACME, "wm1"] = (LI, house.clock.now() - timedelta(days=8))
    house.wecom.people.clear()
    house.get()
    house.contacts.learn()
    assert house.get() == LI
    assert house.store.kept[ACME, "wm1"] == (LI, house.clock.now())


def test_after_a_day_memory_asks_sql_and_after_a_week_wecom(house: House) -> None:
    for day in range(9):
        house.get()
        house.contacts.learn()
        assert house.get() == LI
        assert len(house.wecom.asked) == (1 if day < 7 else 2)
        house.clock.forward(days=1)


def test_whom_wecom_does_not_know_is_not_asked_for_again_for_a_day_by_anybody(house: House) -> None:
    house.get("wm9")
    house.contacts.learn()
    for contacts in (house.contacts, house.another_process()):
        house.contacts = contacts
        assert house.get("wm9") is None
        contacts.learn()
        assert house.get("wm9") is None
    assert len(house.wecom.asked) == 1
    house.clock.forward(days=1)
    house.wecom.people["wm9"] = LI
    house.get("wm9")
    house.contacts.learn()
    assert house.get("wm9") == LI


def test_many_are_asked_for_a_hundred_at_a_time(house: House) -> None:
    house.wecom.people = {f"wm{number}": Contact(f"客户{number}") for number in range(250)}
    for customer in house.wecom.people:
        house.get(customer)
    for _ in range(4):
        house.contacts.learn()
    assert [len(customers) for _, _, customers in house.wecom.asked] == [100, 100, 50]
    assert house.get("wm249") == Contact("客户249")


def test_no_tenant_wants_more_than_there_is_room_for(house: House) -> None:
    for number in range(1_500):
        house.get(f"wm{number}")
    house.get(corp_id=GLOBEX)
    for _ in range(20):
        house.contacts.learn()
    asked = [customer for corp_id, _, customers in house.wecom.asked if corp_id == ACME for customer in customers]
    assert len(asked) == len(set(asked)) == 1_000
    assert house.get(corp_id=GLOBEX) == LI


@pytest.mark.parametrize(
    "trouble", [TemporaryFailure("away"), Misconfigured("no permission", 48002), Rejected("no", 40058)]
)
def test_whatever_wecom_says_it_is_asked_again_after_growing_pauses(house: House, trouble: Exception) -> None:
    house.wecom.trouble = trouble
    house.get("wm1")
    house.get("wm2")
    pauses, last = [], house.clock.now()
    for _ in range(60):
        before = len(house.wecom.asked)
        house.contacts.learn()
        if len(house.wecom.asked) > before:
            pauses.append((house.clock.now() - last).total_seconds())
            last = house.clock.now()
        house.clock.forward(seconds=1)
    assert pauses == [0, 5, 10, 20]


def test_a_pause_that_wecom_asks_for_is_kept_for_that_tenant_alone(house: House) -> None:
    house.wecom.trouble = RateLimited("45009", timedelta(minutes=10))
    house.get()
    house.contacts.learn()
    house.wecom.trouble = None
    house.clock.forward(minutes=9)
    house.get(corp_id=GLOBEX)
    house.contacts.learn()
    assert (house.get(), house.get(corp_id=GLOBEX)) == (None, LI)
    house.clock.forward(minutes=1)
    house.contacts.learn()
    assert house.get() == LI


def test_one_id_that_wecom_cannot_bear_does_not_hold_back_the_others_for_ever(house: House) -> None:
    house.wecom.poison = "bad"
    house.wecom.people = {f"wm{number}": LI for number in range(99)}
    for customer in ("bad", *house.wecom.people):
        house.get(customer)
    for _ in range(300):
        house.contacts.learn()
        house.clock.forward(seconds=10)
    assert all(house.get(customer) == LI for customer in house.wecom.people)
    assert len(house.wecom.asked) < 20


def test_customers_of_what_is_served_no_more_are_forgotten(house: House) -> None:
    house.tenants.tenants[GLOBEX] = tenant(GLOBEX, active=False)
    house.get(account="wk_gone")
    house.get(corp_id=GLOBEX)
    house.get(corp_id=CorpId("ww_gone"))
    for _ in range(2):
        house.contacts.learn()
    assert house.wecom.asked == []
    assert house.store.loads == 3


def test_with_sql_away_nobody_is_asked_and_nothing_is_forgotten(house: House) -> None:
    house.store.trouble = TemporaryFailure("SQL is away")
    house.get()
    with pytest.raises(TemporaryFailure):
        house.contacts.learn()
    house.contacts.learn()  # it waits a little
    assert (house.store.loads, house.wecom.asked) == (1, [])
    house.store.trouble = None
    house.clock.forward(seconds=5)
    house.contacts.learn()
    assert house.get() == LI


def test_a_welcome_to_a_stranger_asks_wecom_once_within_two_seconds(house: House) -> None:
    assert (house.find_out(), house.find_out(), house.get()) == (LI, LI, LI)
    assert house.wecom.asked == [(ACME, "shop", ["wm1"])]
    assert house.store.kept[ACME, "wm1"] == (LI, house.clock.now())
    assert sum(house.limit.spans, timedelta(0)) <= timedelta(seconds=2)
    house.contacts.learn()
    assert (house.store.loads, len(house.wecom.asked)) == (1, 1)


def test_another_process_has_the_name_from_sql_at_once_and_asks_nobody(house: House) -> None:
    house.find_out()
    for name in (house.another_process().look_up, house.another_process().find_out):
        assert name(ConversationId(ACME, Channel.KF, KF, "wm1")) == LI
    assert len(house.wecom.asked) == 1


def test_what_a_reply_looks_up_is_never_asked_of_wecom_and_of_sql_only_once(house: House) -> None:
    assert (house.look_up(), house.look_up(), house.look_up()) == (None, None, None)
    assert (house.store.loads, house.wecom.asked) == (1, [])
    house.contacts.learn()
    assert (house.look_up(), house.store.loads) == (LI, 1)


def test_an_old_name_is_good_enough_for_a_welcome(house: House) -> None:
    house.store.kept[ACME, "wm1"] = (LI, house.clock.now() - timedelta(days=8))
    house.wecom.people["wm1"] = NEW_LI
    assert (house.find_out(), house.wecom.asked) == (LI, [])
    house.contacts.learn()
    assert house.find_out() == NEW_LI


def test_whom_wecom_does_not_know_is_welcomed_without_asking_again(house: House) -> None:
    assert (house.find_out("wm9"), house.find_out("wm9")) == (None, None)
    assert len(house.wecom.asked) == 1


@pytest.mark.parametrize(
    "trouble",
    [TemporaryFailure("away"), Misconfigured("no permission", 48002), RateLimited("45009", timedelta(0)), KeyError()],
)
def test_a_welcome_without_a_name_is_better_than_none(house: House, trouble: Exception) -> None:
    house.wecom.trouble = trouble
    assert house.find_out() is None
    assert house.find_out("wm2") is None
    assert len(house.wecom.asked) == 1  # who is in trouble is left alone for a while
    house.wecom.trouble = None
    house.clock.forward(seconds=5)
    house.contacts.learn()
    assert house.get() == LI


def test_welcomes_that_fail_together_make_one_pause_and_not_an_hours(house: House) -> None:
    class Crowd(AddressBook):
        """While the first is asked for, so are twenty others."""

        most = 20

        def __call__(self, corp_id: CorpId, app: str, customers: Sequence[str]) -> Mapping[str, Contact]:
            number = len(self.asked)
            self.asked.append((corp_id, app, customers))
            if number < self.most:
                house.find_out(f"wm_{number}")
            raise TemporaryFailure("away")

    house.wecom = Crowd()
    house.contacts = house.another_process()
    house.find_out()
    assert len(house.wecom.asked) == 21
    house.clock.forward(seconds=5)
    house.contacts.learn()
    assert [len(customers) for _, _, customers in house.wecom.asked[21:]] == [21]


def test_a_welcome_does_not_wait_for_a_slow_wecom(house: House) -> None:
    house.wecom.people.clear()
    house.limit.strikes = True
    assert house.find_out() is None
    house.wecom.people["wm1"] = LI
    house.limit.strikes = False
    house.clock.forward(days=1)
    house.get()
    house.contacts.learn()
    assert house.get() == LI


def test_with_sql_away_a_welcome_asks_wecom_and_a_reply_waits_for_sql_no_more(house: House) -> None:
    house.store.trouble = TemporaryFailure("SQL is away")
    assert house.find_out() == LI
    assert (house.look_up("wm2"), house.look_up("wm3")) == (None, None)
    assert house.store.loads == 1


def test_nobody_is_asked_for_a_member_or_a_customer_of_what_is_served_no_more(house: House) -> None:
    assert house.contacts.find_out(ConversationId(ACME, Channel.APP, "1000002", "zhang")) is None
    assert (house.find_out(""), house.find_out(account="wk_gone")) == (None, None)
    assert house.wecom.asked == []


def test_welcomes_do_not_undo_what_was_learned_of_a_bad_id_among_many(house: House) -> None:
    house.wecom.poison = "bad"
    house.wecom.people = {f"wm{number}": LI for number in range(200)}
    for customer in ("bad", *house.wecom.people):
        house.get(customer)
    for number in range(200):
        house.contacts.learn()
        house.clock.forward(seconds=10)
        house.wecom.people[f"new{number}"] = LI
        house.find_out(f"new{number}")
    assert all(house.get(customer) == LI for customer in house.wecom.people)


@pytest.mark.parametrize("job", [AnswerMessage(message(), "t"), KeepMessage(message(), "t")])
def test_whoever_writes_is_learned_in_the_background(house: House, job: AnswerMessage | KeepMessage) -> None:
    done: list[object] = []
    lease = Lease(ACME, "box", "token", (job,), 1, house.clock.now())
    Meet(house.contacts, lambda _lease, job: done.append(job))(lease, job)
    assert (done, house.wecom.asked) == ([job], [])
    house.contacts.learn()
    assert house.get() == LI


def test_tenants_do_not_see_each_other(house: House) -> None:
    house.get()
    house.contacts.learn()
    assert house.get(corp_id=GLOBEX) is None
    assert (GLOBEX, "wm1") not in house.store.kept
