"""The articles of a tenant: what it wants its customers to be told."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.draft import ArticleDraft, BadLine
from wecom_bot.domain.knowledge import Article, Passage, SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant, Thresholds
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import ArticleBook, SearchIndex
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.article_keeping import Proved, keep
from wecom_bot.service.operation.article_proof import Proof
from wecom_bot.service.operation.nearest import MOST_ARTICLES, NearDuplicate, nearest
from wecom_bot.service.operation.page import Page, named, paged
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_WHAT = "条目 / articles"


@dataclass(frozen=True, slots=True)
class Imported:
    """How many articles were added, changed or already the same, and the lines that were left out.

    `near`: which new ones are nearly what another one asks (nearest.py).
    """

    added: int
    changed: int
    unchanged: int
    skipped: tuple[BadLine, ...]
    near: tuple[NearDuplicate, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What was found, and the turn that a customer would get who says this first, with Coze away and humans there."""

    mode: SearchMode
    thresholds: Thresholds
    found: tuple[Passage, ...]
    turn: Turn


@dataclass(frozen=True, slots=True)
class ImportArticles:
    """Add or replace a tenant's articles by id: everything is proved first, then all of it is kept or nothing."""

    admission: Admission
    articles: ArticleBook
    search_over: Callable[[CorpId, Iterable[Article]], AbstractContextManager[SearchIndex]]
    """A search of its own over these articles of the tenant's; raises TemporaryFailure where there is no room."""

    def __call__(
        self,
        actor: Actor,
        corp_id: CorpId,
        lines: Iterable[ArticleDraft | BadLine],
        *,
        skip_bad: bool = False,
        allow_duplicates: bool = False,
        saved: Callable[[int], None] | None = None,
    ) -> Imported:
        """`saved` is told when all is kept, and with how many articles new ones are compared then, which takes a while.

        Raises InvalidInput with what is wrong in which line, unless bad lines are to be skipped.

        The same words under two articles are wrong unless they are allowed, or stored so already. ChangedMeanwhile,
        NotPermitted, Unknown, TemporaryFailure, too.
        """
        with self.admission(actor, Right.WRITE, "articles.import", corp_id) as visit:
            tenant, said = self.admission.find(corp_id), list(lines)

            def prove(before: Mapping[str, Article]) -> Proved:
                return Proof(before, tenant.zone, duplicates=allow_duplicates, skip_bad=skip_bad)(said)

            kept = keep(self.articles, corp_id, actor.name, prove)
            visit.note([article.article_id for article in kept.new])
            added = [article for article in kept.new if article.article_id not in kept.before]
            counts = len(added), len(kept.new) - len(added), len(kept.good) - len(kept.new)
            return Imported(*counts, tuple(kept.bad), self._near(tenant, kept.before, added, saved))

    def _near(
        self,
        tenant: Tenant,
        before: Mapping[str, Article],
        added: Sequence[Article],
        saved: Callable[[int], None] | None,
    ) -> tuple[NearDuplicate, ...]:
        """Among those of before, and once they are saved: it takes a while, in which others may save something."""
        if not added or not before or len(before) > MOST_ARTICLES:
            return ()
        if saved:
            saved(len(before))
        try:
            with self.search_over(tenant.corp_id, before.values()) as index:
                return nearest(index, tenant, added)
        except TemporaryFailure as e:  # what is saved is saved
            log.warning("articles.not_compared", corp_id=tenant.corp_id, error=str(e))
            return ()


@dataclass(frozen=True, slots=True)
class ListArticles:
    """The articles by id, also of a tenant that is gone; with `after`, those behind this id."""

    admission: Admission
    articles: ArticleBook

    def __call__(
        self,
        actor: Actor,
        corp_id: CorpId,
        *,
        only: Collection[str] = (),
        most: int | None = None,
        after: str | None = None,
    ) -> Page[Article]:
        """With `only`, those of these ids. Raises Unknown where one is not there; NotPermitted, TemporaryFailure."""
        with self.admission(actor, Right.LOOK, "articles.list", corp_id, only, left=True):
            found = self.articles.load(corp_id)
            if not found:
                self.admission.find(corp_id)
            return paged(named(found, _id, only, _WHAT) if only else found, _id, most, after)


@dataclass(frozen=True, slots=True)
class RemoveArticles:
    """Forget these articles, all or none, also of a tenant that is gone."""

    admission: Admission
    articles: ArticleBook

    def __call__(self, actor: Actor, corp_id: CorpId, article_ids: Collection[str]) -> int:
        """How many there were. Raises Unknown where one is not there; NotPermitted, TemporaryFailure."""
        with self.admission(actor, Right.WRITE, "articles.remove", corp_id, article_ids, left=True):
            found = self.articles.load(corp_id)
            if not found:
                self.admission.find(corp_id)
            doomed = named(found, _id, article_ids, _WHAT)
            return self.articles.remove(corp_id, [_id(each) for each in doomed], actor.name)


@dataclass(frozen=True, slots=True)
class TryQuestion:
    """Ask a question of a tenant's bot without a customer: nothing is sent, kept or counted."""

    admission: Admission
    ask: Callable[[Tenant, str], Tried]

    def __call__(self, actor: Actor, corp_id: CorpId, question: str) -> Tried:
        """What would be said. Raises NotPermitted, Unknown, TemporaryFailure."""
        with self.admission(actor, Right.LOOK, "articles.try", corp_id):
            return self.ask(self.admission.find(corp_id), question)


def _id(article: Article) -> str:
    return article.article_id
