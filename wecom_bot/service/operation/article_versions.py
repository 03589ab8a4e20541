"""One article of a tenant: how it stands, how it stood, and who changed it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wecom_bot.domain.draft import ArticleDraft
from wecom_bot.domain.knowledge import Article, ArticleVersion
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ChangedMeanwhile, InvalidInput, Unknown
from wecom_bot.ports import ArticleBook
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.article_keeping import Proved, keep
from wecom_bot.service.operation.article_proof import Proof
from wecom_bot.service.operation.page import Page, cut
from wecom_bot.service.operation.same_wording import Asked, SameWording, Twins, duplicates

_MOST_VERSIONS = 100  # more than are kept
_LONGEST_REVISION = 18  # digits: what a column holds


@dataclass(frozen=True, slots=True)
class ShowArticle:
    """One article as it stands, with its version, since when and by whom; also of a tenant that is gone."""

    admission: Admission
    articles: ArticleBook

    def __call__(self, actor: Actor, corp_id: CorpId, article_id: str) -> ArticleVersion:
        """Raises NotPermitted, Unknown, TemporaryFailure."""
        with self.admission(actor, Right.LOOK, "articles.show", corp_id, [article_id], left=True):
            found = _now(self.articles, corp_id, article_id)
            if found is None:
                self.admission.find(corp_id)
                raise Unknown(f"没有条目 {article_id} / there is no article {article_id}")
            return found


@dataclass(frozen=True, slots=True)
class SaveArticle:
    """Add or replace one article, if it stands as the caller saw it: nobody writes over what they have not read."""

    admission: Admission
    articles: ArticleBook

    def __call__(
        self,
        actor: Actor,
        corp_id: CorpId,
        draft: ArticleDraft,
        *,
        expected: int | None = None,
        allow_duplicates: bool = False,
    ) -> ArticleVersion:
        """With `expected`, only if that is its version, 0 for none: else raises ChangedMeanwhile, which says who did.

        Raises InvalidInput, NotPermitted, Unknown, TemporaryFailure, too.
        """
        with self.admission(actor, Right.WRITE, "articles.save", corp_id, [draft.article_id]):
            zone = self.admission.find(corp_id).zone

            def prove(before: Mapping[str, Article]) -> Proved:
                _expect(expected, draft.article_id, _now(self.articles, corp_id, draft.article_id))
                good, bad = Proof(before, zone, duplicates=allow_duplicates, skip_bad=True)([draft])
                if bad:  # there is no file, and no other line
                    raise InvalidInput("；".join(line.problem for line in bad))
                return good, bad

            return _kept(self.articles, corp_id, actor, draft, prove)


@dataclass(frozen=True, slots=True)
class ListArticleVersions:
    """What an article said, the newest first; with `after` (a version), those before it. Also of what was removed."""

    admission: Admission
    articles: ArticleBook

    def __call__(
        self, actor: Actor, corp_id: CorpId, article_id: str, *, most: int | None = None, after: str | None = None
    ) -> Page[ArticleVersion]:
        """Raises Unknown for an article that never was, and for another's cursor; NotPermitted, TemporaryFailure."""
        with self.admission(actor, Right.LOOK, "articles.versions", corp_id, [article_id], left=True):
            count = _MOST_VERSIONS if most is None else most
            before = None if after is None else _revision(after)
            found = self.articles.versions(corp_id, article_id, count + 1, before)
            if not found and before is None:
                self.admission.find(corp_id)
                raise Unknown(f"没有条目 {article_id} / there never was an article {article_id}")
            if before is not None and _at(self.articles, corp_id, article_id, before) is None:
                raise Unknown(f"没有版本 {after}，不能接着它往下列 / there is no version {after} to go on from")
            return cut(found, count, lambda each: str(each.revision))


@dataclass(frozen=True, slots=True)
class RollBackArticle:
    """Let an article say again what it said in a version of before, which becomes its newest version."""

    admission: Admission
    articles: ArticleBook

    def __call__(
        self, actor: Actor, corp_id: CorpId, article_id: str, revision: int, *, allow_duplicates: bool = False
    ) -> ArticleVersion:
        """How it stands then. Raises Unknown for a version that is not kept; InvalidInput for one that removed it.

        And for one that asks what another article asks by now. ChangedMeanwhile, NotPermitted, TemporaryFailure, too.
        """
        with self.admission(actor, Right.WRITE, "articles.rollback", corp_id, [article_id]):
            wanted = _at(self.articles, corp_id, article_id, revision)
            if wanted is None:
                raise Unknown(f"条目 {article_id} 没有版本 {revision} / article {article_id} has no version {revision}")
            if wanted.article is None:
                raise InvalidInput(
                    f"版本 {revision} 是删除，要删请用 articles remove"
                    f" / version {revision} is its removal: use articles remove"
                )
            article = wanted.article

            def prove(before: Mapping[str, Article]) -> Proved:
                if not allow_duplicates and (problem := "；".join(Twins(before.values()).in_store(article))):
                    raise InvalidInput(problem)
                return [article], []

            return _kept(self.articles, corp_id, actor, article, prove)


@dataclass(frozen=True, slots=True)
class ListDuplicates:
    """The wordings under which a customer may be told either of several articles."""

    admission: Admission
    articles: ArticleBook

    def __call__(self, actor: Actor, corp_id: CorpId) -> Sequence[SameWording]:
        """Raises NotPermitted, Unknown, TemporaryFailure."""
        with self.admission(actor, Right.LOOK, "articles.duplicates", corp_id):
            return duplicates(self.articles.load(corp_id))


def _kept(
    articles: ArticleBook,
    corp_id: CorpId,
    actor: Actor,
    said: Asked,
    prove: Callable[[Mapping[str, Article]], Proved],
) -> ArticleVersion:
    """Save one article; the version that came of it, and not one that somebody else wrote over it since."""
    texts = (said.question, *said.similar)
    kept = keep(articles, corp_id, actor.name, prove, lambda: articles.asked_so(corp_id, said.article_id, texts))
    return articles.versions(corp_id, said.article_id, 1, kept.revision + 1)[0]


def _now(articles: ArticleBook, corp_id: CorpId, article_id: str) -> ArticleVersion | None:
    newest = next(iter(articles.versions(corp_id, article_id)), None)
    return newest if newest and newest.article else None


def _at(articles: ArticleBook, corp_id: CorpId, article_id: str, revision: int) -> ArticleVersion | None:
    found = next(iter(articles.versions(corp_id, article_id, 1, revision + 1)), None)
    return found if found and found.revision == revision else None


def _expect(expected: int | None, article_id: str, found: ArticleVersion | None) -> None:
    """Raises ChangedMeanwhile."""
    if expected is None or expected == (found.revision if found else 0):
        return
    if found is None:
        raise ChangedMeanwhile(f"条目 {article_id} 已被删除 / article {article_id} was removed meanwhile")
    by, at = found.author or "?", f"{found.saved_at:%Y-%m-%d %H:%M:%SZ}"
    raise ChangedMeanwhile(
        f"条目 {article_id} 已是版本 {found.revision}，{by} 于 {at} 改过；请取来再改"
        f" / article {article_id} is at version {found.revision} by {by} since {at}: get it and change that"
    )


def _revision(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= _LONGEST_REVISION):
        raise Unknown(f"没有版本 {cursor} / there is no version {cursor}")
    return int(cursor)
