"""A search engine in memory: what the indexer and the rebuild are tested against without a server."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from wecom_bot.domain.indexing import PoisonArticle, StandingIndex
from wecom_bot.domain.knowledge import Article, ArticleChange
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Rejected, TemporaryFailure
from wecom_bot.ports import Page
from wecom_bot.text.folding import letters

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
POISON = "毒"
"""An article that says it is refused."""


@dataclass
class Kept:
    """One index: what was written, by tenant and id with its revision, and what searches see of it."""

    own: CorpId | None
    made_at: datetime
    unfinished: bool = False
    foreign: bool = False
    written: dict[CorpId, dict[str, tuple[int, Article | None]]] = field(default_factory=dict)
    seen: dict[CorpId, dict[str, Article]] = field(default_factory=dict)


@dataclass
class MemoryEngine:
    """Implements ports.IndexFeed, IndexShelf and IndexProbe. `before` is called with the name of each deed.

    What `pointed` raises is the answer of a switch that was made.
    """

    kept: dict[str, Kept] = field(default_factory=dict)
    aliases: dict[CorpId, str] = field(default_factory=dict)
    pointer: str | None = None
    away: bool = False
    blocked: str = ""
    """The index that takes no writes."""
    uncopied: int = 0
    """How often it is looked in vain for copies on other nodes."""
    before: Callable[[str], None] = lambda _deed: None
    pointed: Callable[[], None] = lambda: None
    made: int = 0

    def put(self, corp_id: CorpId, index: str, changes: Sequence[ArticleChange]) -> Sequence[PoisonArticle]:
        held = self._reach("put", index).written.setdefault(corp_id, {})
        refused = []
        for change in changes:
            if change.article and POISON in change.article.answer:
                refused.append(PoisonArticle(change.article_id, change.revision, "document_parsing_exception"))
                self._keep(held, replace(change, article=None))
            else:
                self._keep(held, change)
        return refused

    def fill(self, index: str, pages: Iterable[Page]) -> Sequence[tuple[CorpId, PoisonArticle]]:
        self._reach("fill", index)
        return [(corp_id, each) for corp_id, page in pages for each in self.put(corp_id, index, page)]

    def show(self, index: str) -> None:
        kept = self._reach("show", index)
        kept.seen = {
            corp_id: {key: article for key, (_, article) in held.items() if article}
            for corp_id, held in kept.written.items()
        }

    def all(self) -> Sequence[StandingIndex]:
        self._reach("all")
        return [
            StandingIndex(name, each.own, each.made_at, each.unfinished, each.foreign)
            for name, each in self.kept.items()
        ]

    def live(self, corp_ids: Collection[CorpId]) -> Mapping[CorpId, str]:
        self._reach("live")
        return {corp_id: index for corp_id, index in self.aliases.items() if corp_id in corp_ids}

    def shared(self) -> str | None:
        return self.pointer

    def place(self, corp_id: CorpId) -> str:
        self._reach("place")
        if corp_id not in self.aliases:
            if self.pointer is None:
                self.pointer = self.make(None)
                self.finish(self.pointer)
            self.aliases[corp_id] = self.pointer
        return self.aliases[corp_id]

    def make(self, own: CorpId | None) -> str:
        self._reach("make")
        self.made += 1
        name = f"{f'own-{own}' if own else 'shared'}-{self.made:06}"
        self.kept[name] = Kept(own, BEGIN + timedelta(days=self.made), unfinished=True)
        return name

    def copy(self, index: str) -> None:
        self._reach("copy", index)

    def finish(self, index: str) -> None:
        self._reach("finish", index).unfinished = False
        self.show(index)

    def copied(self, index: str) -> bool:
        self._reach("copied", index)
        self.uncopied -= 1
        return self.uncopied < 0

    def point(self, targets: Mapping[CorpId, str], shared: str | None = None) -> None:
        for index in targets.values():
            self._reach("point", index)
        self.aliases |= targets
        self.pointer = shared or self.pointer
        self.pointed()

    def forget(self, corp_id: CorpId, index: str) -> None:
        self._reach("forget")
        if kept := self.kept.get(index):
            kept.written.pop(corp_id, None)
            kept.seen.pop(corp_id, None)

    def drop(self, index: str) -> None:
        self._reach("drop")
        self.kept.pop(index, None)

    def count(self, corp_id: CorpId, index: str) -> int:
        return len(self._reach("count", index).seen.get(corp_id, {}))

    def best(self, corp_id: CorpId, index: str, question: str) -> Collection[str]:
        kept = self._reach("best", index)
        if kept.foreign:
            raise TemporaryFailure("the index is of another version")
        words = letters(question)
        found = [key for key, each in kept.seen.get(corp_id, {}).items() if words and letters(each.question) == words]
        return sorted(found)

    def finds(self, corp_id: CorpId, index: str, question: str) -> bool:
        said = self._reach("finds", index).seen.get(corp_id, {}).values()
        words = set(letters(question))
        return not words or any(words <= set(letters(each.question)) for each in said)

    def ask(self, corp_id: CorpId, question: str) -> str | None:
        """What a customer's question finds."""
        return next(iter(self.best(corp_id, self.aliases[corp_id], question)), None)

    def _keep(self, held: dict[str, tuple[int, Article | None]], change: ArticleChange) -> None:
        if change.revision >= held.get(change.article_id, (0, None))[0]:
            held[change.article_id] = (change.revision, change.article)

    def _reach(self, deed: str, index: str | None = None) -> Kept:
        self.before(deed)
        if self.away:
            raise TemporaryFailure("the engine is away")
        if index is None:
            return Kept(None, BEGIN)
        if index == self.blocked and deed == "put":
            raise TemporaryFailure("the index is blocked")
        if index not in self.kept:
            raise Rejected(f"no such index: {index}")
        return self.kept[index]
