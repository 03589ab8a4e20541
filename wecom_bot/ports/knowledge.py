"""What tenants wrote, in SQL: the truth, from which every search index is derived and can be built again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from wecom_bot.domain.knowledge import Article, ArticleChange, ArticleVersion, Position
from wecom_bot.domain.message import CorpId


class Articles(Protocol):
    """What tenants wrote, in SQL: the source from which a search index is built."""

    def load(self, corp_id: CorpId) -> Sequence[Article]:
        """All of a tenant's articles, by id."""

    def revision(self, corp_id: CorpId) -> int:
        """Rises with every change."""


class ArticleBook(Protocol):
    """The same articles, for who keeps the book. Readers see a change within two seconds."""

    def load(self, corp_id: CorpId) -> Sequence[Article]:
        """All of a tenant's articles, by id."""

    def revision(self, corp_id: CorpId) -> int:
        """Rises with every change."""

    def asked_so(self, corp_id: CorpId, article_id: str, texts: Iterable[str]) -> Sequence[Article]:
        """The article of this id, and all that are asked in the same words as one of the texts (folding.letters)."""

    def save(self, corp_id: CorpId, articles: Iterable[Article], author: str = "", seen: int | None = None) -> int:
        """Add or replace them by id, all or none; how many.

        With `seen`, only if that is the tenant's revision still (optimistic locking): else raises ChangedMeanwhile.
        """

    def remove(self, corp_id: CorpId, article_ids: Iterable[str], author: str = "") -> int:
        """How many were there."""

    def versions(
        self, corp_id: CorpId, article_id: str, most: int = 1, before: int | None = None
    ) -> Sequence[ArticleVersion]:
        """The newest first, the one that is there now among them; with `before`, those of a lower revision.

        The last fifty are kept, and of what was removed for ninety days.
        """


class ArticleChanges(Protocol):
    """The transactional outbox (change log) of the articles: written with them, read by whoever keeps an index.

    A tenant's revisions are committed in their order: who has seen one misses nothing of a lower one. What an older
    program wrote beside this one, in a rolling upgrade, is in the log once somebody looks.
    """

    def revisions(self) -> Mapping[CorpId, int]:
        """Of the articles of every tenant that ever had any, in one statement."""

    def since(self, corp_id: CorpId, position: Position, most: int = 1000) -> Sequence[ArticleChange]:
        """What changed behind this position, by revision and id: each article once, at its newest revision.

        At most so many: go on at the last one's `position`, until there are none. Everything that is there now is read
        from `Position()` on. A position ahead of the tenant's revision is of another database: build that index anew.
        """


class IndexPositions(Protocol):
    """How far each search index has read the log of each tenant's changes."""

    def get(self, corp_id: CorpId, index: str) -> Position | None:
        """None where it was never read."""

    def all(self, index: str) -> Mapping[CorpId, Position]:
        """Those of one index, by tenant, in one statement."""

    def put(self, corp_id: CorpId, index: str, position: Position) -> None:
        """Everything up to here is in the index."""

    def drop(self, index: str, corp_id: CorpId | None = None) -> None:
        """Forget those of an index that is no more, or of one tenant in it."""
