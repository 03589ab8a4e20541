"""The sockets: what the house needs of the outside, said as promises. Adapters add no docstrings of their own.

Whatever holds a tenant's data takes the corp ID first, or within an ID. Unless said otherwise a method raises
TemporaryFailure when the neighbour is away, and nothing else.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from wecom_bot.domain.dialog import Attendant, DialogState, Turn, Understanding
from wecom_bot.domain.job import DeadLetter, Job, Lease
from wecom_bot.domain.knowledge import Article, Passage
from wecom_bot.domain.message import Callback, ConversationId, CorpId, InboundMessage, MessageId, Reply
from wecom_bot.domain.order import Order
from wecom_bot.domain.tenant import Credentials, Tenant, TenantSecrets


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...


TimeLimit = Callable[[timedelta], AbstractContextManager[None]]
"""A block that raises TookTooLong when it runs longer than this."""


class Tenants(Protocol):
    """The companies that we serve, from memory: no call here waits for SQL. A change is seen within two seconds."""

    def get(self, corp_id: CorpId) -> Tenant:
        """The tenant, switched on or off. Raises Unknown."""

    def credentials(self, corp_id: CorpId, app: str) -> Credentials:
        """The secrets of one app. Raises Unknown; Misconfigured where they are stored and cannot be read."""

    def secrets(self, corp_id: CorpId) -> TenantSecrets:
        """The tenant's own tokens elsewhere, empty where it has none. Raises like `credentials`."""

    def all(self) -> Sequence[Tenant]:
        """Every tenant, by corp ID."""


@dataclass(frozen=True, slots=True)
class StoredTenant:
    """A tenant as it is kept, with its secrets by app name; `trouble` says why they are not there if unreadable."""

    tenant: Tenant
    credentials: Mapping[str, Credentials]
    trouble: str = ""
    secrets: TenantSecrets = field(default_factory=TenantSecrets)


class TenantStore(Protocol):
    """Where tenants are kept, in SQL: for commands, and as the source of `Tenants`."""

    def load_all(self) -> Sequence[StoredTenant]:
        """Every tenant, by corp ID; what cannot be read of one does not hide the others."""

    def save_all(self, tenants: Iterable[StoredTenant]) -> None:
        """Add or replace them by corp ID, all or none."""

    def remove(self, corp_id: CorpId) -> None:
        """Forget the tenant and its secrets. Raises Unknown."""

    def set_active(self, corp_id: CorpId, *, active: bool) -> None:
        """Switch the tenant on or off. Raises Unknown."""

    def revision(self) -> int:
        """Rises with every change."""


class CallbackGate(Protocol):
    """Opens what WeCom posts to us; the caller has found the tenant and the app in the URL."""

    def verify(self, tenant: Tenant, app: str, callback: Callback) -> bytes:
        """The plain echostr of a URL verification. Raises CallbackRefused."""

    def open(self, tenant: Tenant, app: str, callback: Callback, trace_id: str) -> Sequence[Job]:
        """The work that a delivery asks for; none for what we do not act on. Raises CallbackRefused."""


class Inbox(Protocol):
    """The durable queue: a mailbox for each conversation (and for each pull), strictly in order within it.

    Work survives every crash: a job leaves its mailbox only by `done` or `bury`. A lease that is neither extended nor
    ended comes back by itself. Steps with a lease raise LeaseLost when it is no longer the caller's.
    """

    def put(self, corp_id: CorpId, jobs: Sequence[Job]) -> int:
        """Store the jobs, all or none, leaving out those whose `dedup_id` came within 24 h; how many were new.

        When it returns the jobs are durable. Raises InboxFull.
        """

    def put_page(self, lease: Lease, account: str, jobs: Sequence[Job], before: str, after: str) -> int | None:
        """Store a pulled page's jobs and move the account's cursor from `before` to `after`, in one step.

        How many were new; None, and nothing stored, when the cursor no longer is `before`. Raises InboxFull.
        """

    def cursor(self, corp_id: CorpId, account: str) -> str:
        """Where pulling an account goes on; empty at first contact."""

    def lease(self, worker: str, length: timedelta, wait: timedelta, without: Collection[CorpId] = ()) -> Lease | None:
        """The first job of a mailbox that is due, from the tenant who waited longest; None if none came in `wait`.

        The tenants in `without` are passed over. What cannot be read is buried, alone; a customer gets a human for it.
        """

    def gather(self, lease: Lease, most: int = 100) -> Lease:
        """The lease, now holding also what else waits in its mailbox, up to `most` jobs or the first unreadable one."""

    def extend(self, corp_id: CorpId, leases: Sequence[Lease], length: timedelta) -> Sequence[Lease]:
        """Heartbeat of leases of one tenant, in one step: they end `length` from now; answers those that are lost."""

    def done(self, lease: Lease) -> None:
        """The jobs are done: forget them, and let the mailbox's next one go."""

    def retry(self, lease: Lease, delay: timedelta, *, counts: bool = True) -> None:
        """Try the same jobs again after `delay`; what stands behind them in their mailbox waits, nothing else does.

        `counts` is whether it was a failure; else it was no attempt.
        """

    def park(self, lease: Lease, at_most: timedelta) -> None:
        """Try the same jobs again when something new comes into their mailbox, or after `at_most`."""

    def give_back(self, lease: Lease) -> None:
        """Return the jobs as if they had not been leased: at once, and not counted as an attempt."""

    def bury(self, lease: Lease, reason: str, then: Job | None = None) -> None:
        """Move the jobs to the dead letters, and put `then` in their place, in one step."""

    def dead_letters(self, corp_id: CorpId, most: int = 100) -> Sequence[DeadLetter]:
        """The newest first."""

    def replay(self, corp_id: CorpId, letter_id: str) -> None:
        """Put a dead letter's job back at the end of its mailbox. Raises Unknown."""

    def drop(self, corp_id: CorpId, letter_id: str) -> None:
        """Forget a dead letter. Raises Unknown."""

    def waiting(self, corp_id: CorpId) -> int:
        """How many jobs the tenant has, leased ones included."""

    def turn_to_sweep(self, corp_id: CorpId, every: timedelta) -> bool:
        """Whether nobody was told so within `every`; who is told yes looks at the tenant's accounts."""

    def wake(self, corp_ids: Iterable[CorpId]) -> None:
        """Look at these tenants again: which tenants have work is a hint, and this rebuilds it."""

    def ping(self) -> None:
        """Return if the inbox takes work now. Raises InboxFull when the server has no memory left for it."""


class Attempt(StrEnum):
    """What the ledger knows of one step of a delivery."""

    FIRST = "first"  # never tried: go
    AGAIN = "again"  # tried, and nobody knows whether it was shown
    DONE = "done"  # shown: skip


@dataclass(frozen=True, slots=True)
class Step:
    """Leave to take one step of a delivery; `tried_at` is when it was first tried, for AGAIN."""

    attempt: Attempt
    tried_at: datetime


class Ledger(Protocol):
    """Who was told what: dialog states, turns under way and sent marks, in the same slot as the tenant's inbox.

    Steps that take a lease change nothing and raise LeaseLost when it is no longer the caller's, so that a worker
    that was asleep cannot speak out of turn.
    """

    def dialog(self, conversation: ConversationId) -> DialogState | None:
        """The state after the last turn."""

    def turn(self, conversation: ConversationId, turn_id: MessageId) -> Turn | None:
        """The turn that was stored for this message, if one was, within the last 24 h."""

    def store(self, lease: Lease, turn: Turn) -> Turn:
        """Keep the turn and its dialog state, in one step, before anything is sent; the first one kept wins."""

    def attempt(self, lease: Lease, turn: Turn, step: str) -> Step:
        """Ask leave for a step ("part-1", "handoff") and note that it is being tried."""

    def not_sent(self, lease: Lease, turn: Turn, step: str) -> None:
        """Take the note back: the step was refused, so a later try is a first one again."""

    def mark(self, lease: Lease, turn: Turn, step: str) -> None:
        """The step was taken: no redo takes it again."""

    def assign(self, lease: Lease, conversation: ConversationId, attendant: Attendant) -> None:
        """Note who attends the conversation from now on."""

    def close(self, lease: Lease, turn: Turn, *, answered: bool) -> None:
        """The turn is over: hand it to the outbox, once."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn as the record keeps it. `answered` is false when the bot was silent on purpose (a servicer attends)."""

    turn: Turn
    answered: bool
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """Records lent to one writer, in order; `taken` counts also those that could not be read."""

    corp_id: CorpId
    token: str
    records: tuple[TurnRecord, ...]
    taken: int


class Outbox(Protocol):
    """What still has to reach the record; it waits in Redis while SQL is away."""

    def take(self, corp_id: CorpId, most: int = 200) -> Batch | None:
        """The oldest records, for this writer alone for a while; None if none wait or another writer has them."""

    def drop(self, batch: Batch) -> None:
        """They are written: forget them."""

    def size(self, corp_id: CorpId) -> int:
        """How many wait."""


class Records(Protocol):
    """The record of conversations and turns, in SQL."""

    def write(self, records: Sequence[TurnRecord]) -> None:
        """Keep them; what is already kept is not kept twice."""

    def answered(self, conversation: ConversationId, message_id: MessageId) -> bool:
        """Whether a turn over this message was closed before."""

    def knows(self, corp_id: CorpId, account: str) -> bool:
        """Whether any turn of this account was ever closed: if not, it is our first contact."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a pull brought: messages of customers in order, where to go on, and whether there is more now."""

    messages: tuple[InboundMessage, ...]
    cursor: str
    has_more: bool


class MessageSource(Protocol):
    """Where messages are fetched that a callback only announced (kf/sync_msg)."""

    def fetch(self, job_app: str, corp_id: CorpId, account: str, cursor: str, token: str) -> Page:
        """One page after the cursor. Raises TemporaryFailure, RateLimited, Misconfigured, Rejected."""


class Speaker(Protocol):
    """The way back to the customer, one for each channel, in WeCom's words."""

    def split(self, conversation: ConversationId, reply: Reply) -> tuple[Reply, ...]:
        """The reply in parts that the channel can carry, in order; the choices ride on the last."""

    def attend(self, conversation: ConversationId, known: DialogState | None) -> Attendant:
        """Who has the conversation now; takes it for the bot where nobody has.

        `known` saves a call where it can be trusted; None asks for certain.
        Raises TemporaryFailure, RateLimited, Misconfigured, Rejected.
        """

    def send(self, conversation: ConversationId, part: Reply, delivery_id: str, repeat_of: datetime | None) -> None:
        """Show one part. `delivery_id` (at most 32 of [0-9a-zA-Z_-]) is the same at every repeat.

        `repeat_of` is when it was first tried, if its outcome is unknown: then it must not be shown a second time where
        the channel can tell. Being refused as known is success. Raises OutcomeUnknown, TemporaryFailure, RateLimited,
        NotAttending, MustWait, Misconfigured, Rejected.
        """

    def hand_off(self, conversation: ConversationId, reason: str) -> Attendant:
        """Ask for a servicer; who attends then. Safe to repeat. Raises like `send`."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Whose access token: an app of a corp, under one secret (`fingerprint` is a keyless hash of it, never a part)."""

    corp_id: CorpId
    app: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no token is to be asked for before `until`, and how many times in a row that was so.

    `code` is WeCom's, where our configuration is to blame; None where it only asks for a pause.
    """

    message: str
    code: int | None
    until: datetime
    times: int = 1


class SharedTokens(Protocol):
    """Access tokens, shared by all our processes, and the right to fetch a new one, which only one has at a time."""

    def get(self, key: TokenKey) -> str | None:
        """The token, while it is fresh."""

    def claim(self, key: TokenKey, length: timedelta) -> bool:
        """Take the right to fetch, for at most `length`; false if somebody else has it."""

    def put(self, key: TokenKey, token: str, lifetime: timedelta) -> None:
        """Share a fetched token, and end the claim."""

    def release(self, key: TokenKey) -> None:
        """End the claim without a token."""

    def forget(self, key: TokenKey, token: str) -> None:
        """Drop the token if it still is this one."""

    def refuse(self, key: TokenKey, refusal: Refusal, keep: timedelta) -> None:
        """Share for `keep` that asking was refused, and end the claim: not everybody has to find it out."""

    def refusal(self, key: TokenKey) -> Refusal | None:
        """The last refusal, if no token was put since."""


class SearchIndex(Protocol):
    """Finds what a tenant has written about something."""

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        """The best passages, best first; scores in 0..1, and 1 only for the same words."""

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        """One article, as a certain passage."""


class IntentRecognizer(Protocol):
    """Tells what a customer wants."""

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
        """The likeliest intent of the turn's text, FALLBACK when there is none, and the slots that it names.

        Raises TemporaryFailure, RateLimited, Misconfigured, Rejected: somebody else may know.
        """


@dataclass(frozen=True, slots=True)
class Written:
    """A reply in words, and what the writer wants to be given at the next turn of the session."""

    text: str
    memory: str


class ReplyWriter(Protocol):
    """Words a reply from what a turn knows: its passages, intent, slots, and DialogState.writer_memory."""

    def write(self, tenant: Tenant, turn: Turn) -> Written:
        """A reply fit for the customer: not empty, plain text, nothing internal.

        Raises TemporaryFailure, RateLimited, Misconfigured, Rejected: then the next best is said.
        """


class Orders(Protocol):
    """Customers' orders, in SQL."""

    def find(self, corp_id: CorpId, customer: str, order_id: str) -> Order | None:
        """The customer's own order; None if there is none, also when it is somebody else's."""

    def save(self, corp_id: CorpId, orders: Iterable[Order]) -> int:
        """Add or replace them by id, all or none; how many."""


class Articles(Protocol):
    """What tenants wrote, in SQL: the source from which a search index is built."""

    def load(self, corp_id: CorpId) -> Sequence[Article]:
        """All of a tenant's articles, by id."""

    def save(self, corp_id: CorpId, articles: Iterable[Article]) -> int:
        """Add or replace them by id, all or none; how many. Readers see the change within two seconds."""

    def remove(self, corp_id: CorpId, article_ids: Iterable[str]) -> int:
        """How many were there."""

    def revision(self, corp_id: CorpId) -> int:
        """Rises with every change."""
