"""The durable queue (at-least-once delivery), a port for each of its users.

A mailbox for each conversation (and for each account's pulls), in order within it. Pulls and what has a deadline go
ahead of the tenant's other work, but never for ever. Work survives every crash: it is delivered at least once, and a
job leaves its mailbox only by `done` or `bury`. A lease (a visibility timeout) that is neither extended nor ended comes
back by itself. Steps with a lease raise LeaseLost when it is no longer the caller's.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.job import DeadLetter, Job, Lease
from wecom_bot.domain.message import CorpId, MessageId
from wecom_bot.ports.record import Entry, TurnRecord


@dataclass(frozen=True, slots=True)
class LastPage:
    """The last page of a pull: its jobs, and the account's place before and after, as PullPlaces.put_page takes it."""

    account: str
    jobs: Sequence[Job]
    before: str
    after: str
    start: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """Acknowledgement with its effects: what is written in the step that ends a lease as done.

    `step` of the `turn` was taken, and is marked; `closed` is the turn's record, which reaches the outbox once. Other
    `entries` are handed to the outbox before it.
    """

    turn: Turn | None = None
    step: str = ""
    closed: TurnRecord | None = None
    entries: Sequence[Entry] = ()
    page: LastPage | None = None


@dataclass(frozen=True, slots=True)
class Onward:
    """Who takes the next lease right away, for how long, and which tenants are passed over."""

    worker: str
    length: timedelta
    without: Collection[CorpId] = ()


class Mailroom(Protocol):
    """The producers' side: where work is brought."""

    def put(self, corp_id: CorpId, jobs: Sequence[Job]) -> int:
        """Store the jobs, all or none; how many were new.

        Left out are those whose `dedup_id` (an idempotency key) came within 24 h. When it returns the jobs are durable.
        Raises InboxFull.
        """

    def ping(self) -> None:
        """Return if the inbox takes work now. Raises InboxFull when the server has no memory left for it."""


class Leases(Protocol):
    """The consumers' side: work lent to a worker, and what came of it."""

    def lease(self, worker: str, length: timedelta, wait: timedelta, without: Collection[CorpId] = ()) -> Lease | None:
        """The first job of a mailbox that is due, from the tenant who waited longest; None if none came in `wait`.

        The tenants in `without` are passed over; then it may come back earlier, when there is something of theirs.
        What cannot be read is lent alone, as a lease without jobs.
        """

    def extend(self, corp_id: CorpId, leases: Sequence[Lease], length: timedelta) -> Sequence[Lease]:
        """Heartbeat of leases of one tenant, in one step: they end `length` from now; answers those that are lost."""

    def done(self, lease: Lease, ending: Ending | None = None, onward: Onward | None = None) -> Lease | None:
        """The jobs are done: forget them, write the `ending`, and let the mailbox's next one go, in one step.

        Where it costs no further trip the next lease comes with it, as `lease` would give it to who goes `onward`.
        Raises InboxFull where the ending's page does not fit, TemporaryFailure where its place was moved by somebody
        else; then nothing was written, and the lease goes on.
        """

    def retry(self, lease: Lease, delay: timedelta, *, counts: bool = True) -> None:
        """Try the same jobs again after `delay`; what stands behind them in their mailbox waits, nothing else does.

        `counts` is whether it was a failure; else it was no attempt.
        """

    def park(self, lease: Lease, at_most: timedelta) -> None:
        """Try the same jobs again when something new comes into their mailbox, or after `at_most`."""

    def give_back(self, lease: Lease) -> None:
        """Return the jobs as if they had not been leased: at once, and not counted as an attempt."""

    def reclaim(self, corp_ids: Iterable[CorpId], worker: str) -> int:
        """End at once what a worker that is known to be dead had leased (crash recovery); how many leases that were.

        `worker` is the name under which it leased, of one life of a process. It is as if they had run out: each was an
        attempt, and none a failure.
        """

    def bury(self, lease: Lease, reason: str, then: Job | None = None) -> None:
        """Move the jobs to the dead letters, and put `then` in their place, in one step.

        Of very many dead letters of a tenant the oldest are forgotten.
        """

    def accuse(self, corp_id: CorpId, head: str, fall: str) -> int:
        """Note on a job (Lease.head) that a worker stood still or crashed while computing this (a poison message).

        `fall` names that end of a worker: told twice, it counts once. Answers Lease.accused as it is from now on, until
        the job is done or buried; 0 where it is already.
        """

    def wake(self, corp_ids: Iterable[CorpId]) -> None:
        """Look at these tenants again: which tenants have work is a hint, and this rebuilds it."""

    def ping(self) -> None:
        """Return if work can be leased, and its outcome be noted, now."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What stands in a mailbox, and which of the known messages were recalled."""

    jobs: Sequence[Job]
    recalled: Collection[MessageId] = ()


class Mailboxes(Protocol):
    """What waits behind the work that is lent out, for who is doing it."""

    def look(
        self, lease: Lease, most: int = 100, known: Sequence[MessageId] = (), wait: timedelta = timedelta(0)
    ) -> Waiting:
        """What the lease holds and what waits behind that, up to `most` jobs or the first unreadable one.

        The lease stays as it is. `known` are the messages at its head that were seen before: with `wait` it comes back
        as soon as there are more, or then, and it tells which of them the customer took back.
        """

    def gather(self, lease: Lease, most: int = 100) -> Lease:
        """The lease, now holding what waits in its mailbox, up to `most` jobs or the first unreadable one.

        `most` may be less than it held. What a lease holds is done, tried again or buried together.
        """


class PullPlaces(Protocol):
    """Checkpoints: how far each account was pulled, and whose turn it is to look at it."""

    def cursor(self, corp_id: CorpId, account: str) -> str:
        """Where pulling an account goes on, as it was told by `put_page`; empty at first contact."""

    def put_page(
        self, lease: Lease, account: str, jobs: Sequence[Job], before: str, after: str, start: str = ""
    ) -> int | None:
        """Store a pulled page's jobs and move the account's place from `before` to `after`, in one step.

        Where nothing else of the tenant waits, `before` goes to the outbox in the same step (CursorRecord): all before
        it was dealt with. With an empty `before` it is `start`, in any case: what was known of the place all the same.
        How many were new; None, and nothing stored, when the place no longer is `before`. Raises InboxFull.
        """

    def turn_to_sweep(self, corp_id: CorpId, every: timedelta, occasion: str = "sweep") -> bool:
        """Whether nobody was told so within `every`; who is told yes looks at the tenant's accounts.

        Each occasion is counted by itself.
        """


class DeadLetters(Protocol):
    """The dead letter queue: work given up, until a person replays or drops it."""

    def dead_letters(self, corp_id: CorpId, most: int = 100) -> Sequence[DeadLetter]:
        """The newest first."""

    def replay(self, corp_id: CorpId, letter_id: str) -> None:
        """Put a dead letter's job back at the end of its mailbox. Raises Unknown."""

    def drop(self, corp_id: CorpId, letter_id: str) -> None:
        """Forget a dead letter. Raises Unknown."""
