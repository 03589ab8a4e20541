"""What is saved of articles while others save, and what of the others has to be read for it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.fakes import tenant
from tests.fixtures.actors import OWNER
from wecom_bot.adapters.sql import migrate
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.engine import connect
from wecom_bot.domain.draft import ArticleDraft
from wecom_bot.domain.hours import Hours
from wecom_bot.domain.knowledge import Article, ArticleVersion, Passage
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import InvalidInput, TemporaryFailure
from wecom_bot.ports import SearchIndex
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.article_proof import Proof
from wecom_bot.service.operation.article_versions import RollBackArticle, SaveArticle
from wecom_bot.service.operation.articles import ImportArticles

ACME = CorpId("ww_acme")
REFUND = Article("refund", "怎么退货", "七天内可以退", ("能退吗",))
POST = Article("post", "几天到货", "三天")


@dataclass
class Book:
    """The book in SQL; somebody else writes in it behind a save and while one is proved. `load` may be forbidden."""

    kept: SqlArticles
    behind: Callable[[SqlArticles], object] = lambda _: None
    meanwhile: list[Article] = field(default_factory=list)
    may_load: bool = True

    def load(self, corp_id: CorpId) -> Sequence[Article]:
        assert self.may_load, "all of a tenant's articles are many"
        return self.kept.load(corp_id)

    def save(self, corp_id: CorpId, articles: Iterable[Article], author: str = "", seen: int | None = None) -> int:
        done = self.kept.save(corp_id, articles, author, seen)
        self.behind(self.kept)
        return done

    def revision(self, corp_id: CorpId) -> int:
        return self.kept.revision(corp_id)

    def asked_so(self, corp_id: CorpId, article_id: str, texts: Iterable[str]) -> Sequence[Article]:
        found = self.kept.asked_so(corp_id, article_id, texts)
        if self.meanwhile:
            self.kept.save(corp_id, [self.meanwhile.pop(0)], "somebody else")
        return found

    def remove(self, corp_id: CorpId, article_ids: Iterable[str], author: str = "") -> int:
        return self.kept.remove(corp_id, article_ids, author)

    def versions(
        self, corp_id: CorpId, article_id: str, most: int = 1, before: int | None = None
    ) -> Sequence[ArticleVersion]:
        return self.kept.versions(corp_id, article_id, most, before)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    engine = connect(f"sqlite:///{tmp_path}/bot.sqlite3")
    migrate.upgrade(engine)
    kept = SqlArticles(engine)
    kept.save(ACME, [REFUND, POST], "before")
    yield Book(kept)
    engine.dispose()


ADMISSION = Admission(tenant)


def draft(article_id: str, *asked: str, answer: str = "新") -> ArticleDraft:
    question, *similar = asked
    return ArticleDraft(1, article_id, question, answer, tuple(similar))


def test_who_saves_one_article_reads_only_those_that_are_asked_the_same(book: Book) -> None:
    book.may_load = False
    save, roll_back = SaveArticle(ADMISSION, book), RollBackArticle(ADMISSION, book)
    assert save(OWNER, ACME, draft("new", "新的")).revision == 2
    with pytest.raises(InvalidInput, match="与已有条目 refund 的说法相同"):
        save(OWNER, ACME, draft("new", "新的", "能退嗎？"))
    assert save(OWNER, ACME, draft("refund", "退货"), expected=1).revision == 3
    assert save(OWNER, ACME, draft("new", "能退吗")).revision == 4
    with pytest.raises(InvalidInput, match="与已有条目 new 的说法相同"):
        roll_back(OWNER, ACME, "refund", 1)
    assert roll_back(OWNER, ACME, "refund", 1, allow_duplicates=True).revision == 5


def test_what_is_wrong_with_one_article_is_told_without_a_word_of_files(book: Book) -> None:
    with pytest.raises(InvalidInput) as told:
        SaveArticle(ADMISSION, book)(OWNER, ACME, draft("new", "新的", "能退吗", answer=" "))
    assert "答案为空" in str(told.value)
    assert not any(each in str(told.value) for each in ("文件", "第 1 行", "line 1", "skip-bad"))


def test_who_saved_an_article_is_told_their_own_version_and_not_one_that_was_written_over_it(book: Book) -> None:
    theirs = replace(REFUND, answer="别人的")
    book.behind = lambda kept: kept.save(ACME, [theirs], "somebody else")
    made = SaveArticle(ADMISSION, book)(OWNER, ACME, draft("refund", "退货", answer="我的"))
    assert (made.revision, made.author, made.article and made.article.answer) == (2, OWNER.name, "我的")
    again = RollBackArticle(ADMISSION, book)(OWNER, ACME, "refund", 1)
    assert (again.revision, again.author, again.article) == (4, OWNER.name, REFUND)
    assert book.load(ACME) == [POST, theirs]


def test_who_saves_one_article_is_not_refused_for_what_others_save_of_others(book: Book) -> None:
    others = [replace(POST, answer=f"{number} 天") for number in range(20)]
    book.meanwhile = list(others)
    assert SaveArticle(ADMISSION, book)(OWNER, ACME, draft("refund", "退货"), expected=1).revision == 22
    assert book.load(ACME) == [others[-1], Article("refund", "退货", "新")]


def test_who_changes_nothing_is_told_the_version_that_stands(book: Book) -> None:
    same = SaveArticle(ADMISSION, book)(OWNER, ACME, draft("post", POST.question, answer=POST.answer), expected=1)
    assert (same.revision, same.author, book.revision(ACME)) == (1, "before", 1)


def test_while_it_is_looked_up_what_is_nearly_the_same_others_save_and_the_import_stands(book: Book) -> None:
    class Nothing:
        def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
            assert all((corp_id, query, limit))
            return ()

        def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
            raise AssertionError((corp_id, article_id))

    looked: list[list[str]] = []

    @contextmanager
    def over(corp_id: CorpId, articles: Iterable[Article]) -> Iterator[SearchIndex]:
        looked.append([each.article_id for each in articles])
        book.kept.save(corp_id, [replace(POST, answer=f"{len(looked)}")], "somebody else")
        yield Nothing()

    done = ImportArticles(ADMISSION, book, over)(OWNER, ACME, [draft("new", "新的")])
    assert (done.added, looked) == (1, [["post", "refund"]])
    assert [each.article_id for each in book.load(ACME)] == ["new", "post", "refund"]


def test_an_import_that_is_saved_stands_though_nothing_can_be_compared(book: Book) -> None:
    @contextmanager
    def no_room(corp_id: CorpId, _articles: Iterable[Article]) -> Iterator[SearchIndex]:
        raise TemporaryFailure(f"{corp_id}: no room")
        yield

    done = ImportArticles(ADMISSION, book, no_room)(OWNER, ACME, [draft("new", "新的")])
    assert (done.added, done.near, len(book.load(ACME))) == (1, (), 3)


def test_a_line_of_another_sheet_is_named_with_its_sheet_in_both_languages() -> None:
    one, two = draft("a", "能退吗"), draft("b", "能退嗎")
    _, (bad,) = Proof({}, Hours().zone, skip_bad=True)([replace(one, sheet="春"), replace(two, sheet="夏", line=3)])
    assert "与工作表“春”第 1 行的说法相同" in bad.problem
    assert "the same words as line 1 of sheet 春: " in bad.problem
    assert str(bad).startswith("文件工作表“夏”第 3 行：")
    assert str(bad).endswith(" / line 3 of sheet 夏")


def test_a_line_that_is_left_out_frees_no_words_of_the_stored_article() -> None:
    before = {each.article_id: each for each in (REFUND, POST)}
    moves, takes, stands = draft("refund", "几天到货？"), draft("a", "能退吗"), draft("b", "别的")
    prove = Proof(before, Hours().zone, skip_bad=True)
    good, bad = prove([takes, moves, stands])
    assert ([each.article_id for each in good], len(bad)) == (["b"], 2)
    assert "与已有条目 refund 的说法相同" in bad[0].problem
    assert "与已有条目 post 的说法相同" in bad[1].problem
    good, bad = prove([takes, draft("refund", "退货")])
    assert (len(good), bad) == (2, [])
