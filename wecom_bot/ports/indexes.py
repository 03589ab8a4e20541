"""Search indexes that stand apart from SQL: derived from it, followed by change log, and built anew at any time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from wecom_bot.domain.indexing import IndexStanding, Lock, PoisonArticle, StandingIndex
from wecom_bot.domain.knowledge import ArticleChange
from wecom_bot.domain.message import CorpId

Page = tuple[CorpId, Sequence[ArticleChange]]
"""What changed of one tenant."""


class IndexFeed(Protocol):
    """Brings articles into an index. Writing is idempotent: of an article the higher revision wins (external version).

    Raises TemporaryFailure; Rejected where the index is not there or not ours; Misconfigured.
    """

    def put(self, corp_id: CorpId, index: str, changes: Sequence[ArticleChange]) -> Sequence[PoisonArticle]:
        """Write these, or remove what was removed; what was refused for good, of which nothing older stays either.

        Stored, and not yet seen by searches.
        """

    def fill(self, index: str, pages: Iterable[Page]) -> Sequence[tuple[CorpId, PoisonArticle]]:
        """The same of very many, several at once and in no order, while more are drawn from `pages`."""

    def show(self, index: str) -> None:
        """Searches see from now on what was put."""


class IndexShelf(Protocol):
    """The indexes that there are, and to which of them each tenant's questions go (its alias).

    Raises TemporaryFailure; Rejected where one is not there; Misconfigured.
    """

    def all(self) -> Sequence[StandingIndex]:
        """Every index of ours, by when it was made."""

    def live(self, corp_ids: Collection[CorpId]) -> Mapping[CorpId, str]:
        """The index that answers each of these tenants; none for who has none."""

    def shared(self) -> str | None:
        """The shared index in which who needs a place gets one; None before the first."""

    def place(self, corp_id: CorpId) -> str:
        """The index that answers the tenant: from now on the shared one, made if need be, where it had none."""

    def make(self, own: CorpId | None) -> str:
        """A new one to be filled: without copies, and unseen by searches until it is finished. For one tenant, or all.

        Its name.
        """

    def copy(self, index: str) -> None:
        """It is full: from now on other nodes get their copies of it, while one goes on."""

    def finish(self, index: str) -> None:
        """Searches and writes are as usual; what was put is seen, and outlives a crash."""

    def copied(self, index: str) -> bool:
        """Whether each node that can hold a copy of a finished one has it: waited for, at most for some seconds."""

    def point(self, targets: Mapping[CorpId, str], shared: str | None = None) -> None:
        """From one moment on, the same for all, these tenants' questions go to these indexes (atomic alias swap).

        With `shared`, who gets a place later is placed there.
        """

    def forget(self, corp_id: CorpId, index: str) -> None:
        """Remove all that a tenant has in a shared index; nothing if the index is gone."""

    def drop(self, index: str) -> None:
        """Remove the index; nothing if it is gone already."""


class IndexProbe(Protocol):
    """Looks into one index, whoever's questions go there. Raises as IndexShelf."""

    def count(self, corp_id: CorpId, index: str) -> int:
        """How many of the tenant's articles can be found in it."""

    def best(self, corp_id: CorpId, index: str, question: str) -> Collection[str]:
        """The articles that are asked in these very words, or else the one that it finds first, if any."""

    def finds(self, corp_id: CorpId, index: str, question: str) -> bool:
        """Whether an article's question, if it has words, finds by them who is asked so, it or one much like it."""


class IndexStandings(Protocol):
    """How far the indexes have followed: SQL's own view of it."""

    def behind(self) -> Sequence[IndexStanding]:
        """Every index that has not everything of a tenant, and tenants without any; in one statement."""

    def all(self) -> Sequence[IndexStanding]:
        """Every index of every tenant that ever wrote anything, with since when it is behind."""

    def written(self, corp_id: CorpId) -> int:
        """How many articles the tenant has now."""


class PoisonList(Protocol):
    """The poison list: which articles an index did not take."""

    def note(self, corp_id: CorpId, index: str, tried: Collection[str], refused: Collection[PoisonArticle]) -> None:
        """Of these articles, exactly these were refused."""

    def of(self, corp_id: CorpId) -> Sequence[tuple[str, PoisonArticle]]:
        """What any index refused of the tenant, with the index, by index and id."""

    def counts(self) -> Mapping[CorpId, int]:
        """Of each tenant that has any, how many articles some index refused; in one statement."""

    def drop(self, index: str, corp_id: CorpId | None = None) -> None:
        """Forget those of an index that is no more, or of one tenant in it."""


class Locks(Protocol):
    """Leases for what one process at a time shall do. They save work twice done: that it does no harm is not theirs."""

    def take(self, name: str, token: str, holder: str, span: timedelta) -> Lock:
        """Take it for so long, or longer if it is ours; as it stands then: ours if it has our token."""

    def holder(self, name: str) -> Lock | None:
        """Who has it now."""

    def give_back(self, name: str, token: str) -> None:
        """Let others have it, if it is still ours."""
