"""A cache of who customers are, refreshed in the background; only a welcome waits a moment for a name.

Nicknames are personal data: nothing here logs one.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wecom_bot.domain.message import Channel, ConversationId, CorpId
from wecom_bot.errors import Misconfigured, RateLimited, Rejected, TemporaryFailure, Unknown, WecomBotError
from wecom_bot.outbound.backoff import Backoff
from wecom_bot.ports import Clock, Contact, ContactStore, Tenants, TimeLimit
from wecom_bot.service.conversation.acquaintance import ContactMemory, Wanted
from wecom_bot.telemetry import logs

log = logs.get(__name__)

AskContacts = Callable[[CorpId, str, Sequence[str]], Mapping[str, Contact]]
"""What WeCom says of at most 100 customers of a corp, through one of its apps; who is not in it is unknown there.

Raises TemporaryFailure, RateLimited, Misconfigured, Rejected, Unknown.
"""

_BATCH = 100  # as many as kf/customer/batchget takes
_FRESH = timedelta(days=7)  # people rarely change their name
_NOBODY = Contact("")  # kept for ids that WeCom does not know, so that no process asks for them again ...
_NOBODY_FRESH = timedelta(days=1)  # ... for so long
_IN_MEMORY = timedelta(days=1)
# a welcome has to be said within 20 seconds, and worded in a few
_FOR_SQL, _FOR_WECOM = timedelta(milliseconds=300), timedelta(milliseconds=1500)
# No jitter: what one process asks for another rarely wants at the same time
_OF_WECOM = Backoff(timedelta(seconds=5), timedelta(hours=1), jitter=0)
_OF_SQL = Backoff(timedelta(seconds=5), timedelta(minutes=1), jitter=0)

_Key = tuple[str, str]
_STORE: _Key = ("", "")  # beside corp and app: the pause of SQL


@dataclass(frozen=True, slots=True)
class _Pause:
    """No question before `until`, and then of at most `batch` customers."""

    failures: int
    length: timedelta
    until: datetime
    batch: int


@dataclass(slots=True)
class CachedContacts:
    """Implements ports.Contacts; whom it could not name `learn` looks up in SQL, and then asks WeCom for.

    A name that has grown old is told until there is a newer one. Members of the corp (apps) have none here.
    """

    store: ContactStore
    ask: AskContacts
    tenants: Tenants
    clock: Clock
    time_limit: TimeLimit
    _memory: ContactMemory = field(default_factory=ContactMemory, init=False)
    _wanted: Wanted = field(default_factory=Wanted, init=False)
    _pauses: dict[_Key, _Pause] = field(default_factory=dict, init=False)

    def get(self, conversation: ConversationId) -> Contact | None:
        corp_id, customer = conversation.corp_id, conversation.customer
        if conversation.channel is not Channel.KF or not customer:
            return None
        known = self._memory.get((corp_id, customer))
        if known is None or known.until <= self.clock.now():
            self._wanted.add(corp_id, customer, conversation.account)
        return None if known is None or known.contact == _NOBODY else known.contact

    def look_up(self, conversation: ConversationId) -> Contact | None:
        corp_id, customer = conversation.corp_id, conversation.customer
        known = self.get(conversation)
        if known is None and customer in self._wanted.not_looked_up(corp_id) and not self._pausing(_STORE):
            self._try(_STORE, _FOR_SQL, lambda: self._recall(corp_id, [customer]))
            known = self.get(conversation)
        return known

    def find_out(self, conversation: ConversationId) -> Contact | None:
        corp_id, customer = conversation.corp_id, conversation.customer
        known = self.look_up(conversation)
        if known is not None or not self._wanted.has(corp_id, customer):
            return known
        app = self._app_of(corp_id, conversation.account)
        if not app or self._pausing((corp_id, app)):
            return None
        self._wanted.drop(corp_id, [customer])  # or `learn` would ask for the same, and `get` wants them again
        self._try((corp_id, app), _FOR_WECOM, lambda: self._ask(corp_id, app, [customer]))
        return self.get(conversation)

    def _try(self, key: _Key, span: timedelta, act: Callable[[], object]) -> None:
        """Do it within the span, or not: without a name everything can still be said."""
        try:
            with self.time_limit(span):
                act()
        except Exception as e:  # noqa: BLE001 - whatever is wrong with a name, the customer must hear the rest
            corp_id, app = key
            seconds, reason = self._pause(key, e).length.total_seconds(), e if isinstance(e, WecomBotError) else ""
            where = {"corp_id": corp_id, "app": app, "at": logs.place(e)}
            log.warning("contacts.postponed", asked=1, seconds=seconds, error=f"{type(e).__name__} {reason}", **where)

    def learn(self) -> None:
        """Find out about those who were asked for: at most one question to WeCom for each app of each tenant.

        Whom WeCom would not tell of waits, longer each time. Raises TemporaryFailure with SQL away.
        """
        if self._pausing(_STORE):
            return
        try:
            for corp_id in self._wanted.corp_ids():
                self._recall(corp_id, self._wanted.not_looked_up(corp_id))
                for app, customers in self._by_app(corp_id).items():
                    self._ask_for_many(corp_id, app, customers)
        except TemporaryFailure:
            self._pause(_STORE)
            raise
        self._pauses.pop(_STORE, None)

    def _recall(self, corp_id: CorpId, customers: Sequence[str]) -> None:
        """Take from SQL what another process, or an earlier one, has learned."""
        if not customers:
            return
        now = self.clock.now()
        for customer, (contact, asked_at) in self.store.load(corp_id, customers).items():
            fresh_until = asked_at + (_NOBODY_FRESH if contact == _NOBODY else _FRESH)
            self._memory.put((corp_id, customer), contact, min(fresh_until, now + _IN_MEMORY))
            if fresh_until > now:
                self._wanted.drop(corp_id, [customer])
        self._wanted.looked_up(corp_id, customers)

    def _by_app(self, corp_id: CorpId) -> Mapping[str, Sequence[str]]:
        """Who is wanted, by the app that may ask for them; customers of what we do not serve are wanted no more."""
        by_app = defaultdict[str, list[str]](list)
        for customer, account in self._wanted.of(corp_id).items():
            if app := self._app_of(corp_id, account):
                by_app[app].append(customer)
            else:
                self._wanted.drop(corp_id, [customer])
        return by_app

    def _app_of(self, corp_id: CorpId, account: str) -> str:
        try:
            tenant = self.tenants.get(corp_id)
            return tenant.app_of(Channel.KF, account).name if tenant.active else ""
        except Unknown:
            return ""

    def _ask_for_many(self, corp_id: CorpId, app: str, customers: Sequence[str]) -> None:
        key = (corp_id, app)
        if self._pausing(key):
            return
        batch = customers[: self._pauses[key].batch if key in self._pauses else _BATCH]
        if self._ask(corp_id, app, batch):
            self._pauses.pop(key, None)  # not where one alone was told of: the many may be the trouble

    def _ask(self, corp_id: CorpId, app: str, batch: Sequence[str]) -> bool:
        """Whether WeCom told of them."""
        try:
            told = self.ask(corp_id, app, batch)
        except (TemporaryFailure, Rejected, Unknown) as e:
            seconds = self._pause((corp_id, app), e).length.total_seconds()
            log.warning("contacts.postponed", corp_id=corp_id, app=app, asked=len(batch), seconds=seconds, error=str(e))
            if _blames_the_ids(e) and len(batch) == 1:
                self._keep(corp_id, batch, {})
            return False
        log.debug("contacts.learned", corp_id=corp_id, app=app, asked=len(batch), told=len(told))
        self._keep(corp_id, batch, told)
        return True

    def _keep(self, corp_id: CorpId, customers: Sequence[str], told: Mapping[str, Contact]) -> None:
        now, contacts = self.clock.now(), {}
        for customer in customers:
            before = self._memory.get((corp_id, customer))  # an old name is better than none
            contacts[customer] = told.get(customer) or (before.contact if before else _NOBODY)
            self._memory.put((corp_id, customer), contacts[customer], now + _IN_MEMORY)
        self._wanted.drop(corp_id, customers)
        self.store.save(corp_id, contacts, now)

    def _pausing(self, key: _Key) -> bool:
        return key in self._pauses and self.clock.now() < self._pauses[key].until

    def _pause(self, key: _Key, error: Exception | None = None) -> _Pause:
        before = self._pauses.get(key)
        failures = before.failures + 1 if before else 1
        length = (_OF_SQL if key == _STORE else _OF_WECOM).after(failures)
        if before and self._pausing(key):  # many welcomes at once met the same trouble
            failures, length = before.failures, before.length
        if isinstance(error, RateLimited):
            length = max(length, error.retry_after)
        batch = before.batch if before else _BATCH
        if error is not None and _blames_the_ids(error):
            batch = max(1, batch // 2)  # one bad id must not hold back the others for ever
        self._pauses[key] = _Pause(failures, length, self.clock.now() + length, batch)
        return self._pauses[key]


def _blames_the_ids(error: Exception) -> bool:
    return isinstance(error, Rejected) and not isinstance(error, Misconfigured)
