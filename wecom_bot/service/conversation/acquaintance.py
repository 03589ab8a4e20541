"""Whom this process knows, and whom it would like to know: what contacts.py remembers."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Contact

_MOST_KNOWN = 10_000
_MOST_WANTED = 1_000  # of each tenant, so that none takes another's place; who finds no room is wanted again


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact, and until when it is not looked up again."""

    contact: Contact
    until: datetime


@dataclass(slots=True)
class ContactMemory:
    """An LRU cache: the contacts that were last asked for, by corp and customer."""

    _known: OrderedDict[tuple[str, str], KnownContact] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: tuple[str, str]) -> KnownContact | None:
        """What is known of a customer, fresh or not."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def put(self, key: tuple[str, str], contact: Contact, until: datetime) -> None:
        """Know this, and forget whom nobody asked for longest."""
        with self._lock:
            self._known[key] = KnownContact(contact, until)
            self._known.move_to_end(key)
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)


@dataclass(slots=True)
class _Wish:
    """Through which account a customer is known, and whether SQL was asked."""

    account: str
    looked_up: bool = False


@dataclass(slots=True)
class Wanted:
    """Of whom nothing fresh is known, by tenant, in the order in which they were asked for."""

    _wishes: dict[CorpId, dict[str, _Wish]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, corp_id: CorpId, customer: str, account: str) -> None:
        """Want to know them, if there is room."""
        with self._lock:
            wishes = self._wishes.setdefault(corp_id, {})
            if len(wishes) < _MOST_WANTED:
                wishes.setdefault(customer, _Wish(account))

    def corp_ids(self) -> Sequence[CorpId]:
        """The tenants whose customers are wanted."""
        with self._lock:
            return list(self._wishes)

    def of(self, corp_id: CorpId) -> Mapping[str, str]:
        """The accounts by customer."""
        with self._lock:
            return {customer: wish.account for customer, wish in self._wishes.get(corp_id, {}).items()}

    def has(self, corp_id: CorpId, customer: str) -> bool:
        """Whether they are wanted."""
        with self._lock:
            return customer in self._wishes.get(corp_id, {})

    def not_looked_up(self, corp_id: CorpId) -> Sequence[str]:
        """Who may be in SQL for all we know."""
        with self._lock:
            return [customer for customer, wish in self._wishes.get(corp_id, {}).items() if not wish.looked_up]

    def looked_up(self, corp_id: CorpId, customers: Iterable[str]) -> None:
        """SQL was asked for them."""
        with self._lock:
            for customer in customers:
                if wish := self._wishes.get(corp_id, {}).get(customer):
                    wish.looked_up = True

    def drop(self, corp_id: CorpId, customers: Iterable[str]) -> None:
        """Want them no more."""
        with self._lock:
            wishes = self._wishes.get(corp_id, {})
            for customer in customers:
                wishes.pop(customer, None)
            if not wishes:
                self._wishes.pop(corp_id, None)
