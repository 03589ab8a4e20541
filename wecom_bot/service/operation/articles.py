"""A tenant's articles: put a file of them into its library."""

from collections.abc import Iterable
from dataclasses import dataclass

from wecom_bot.domain.draft import ArticleDraft, BadLine
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import InvalidInput
from wecom_bot.ports import Articles
from wecom_bot.service.operation.article_proof import sorted_out
from wecom_bot.service.operation.bad_lines import complaint


@dataclass(frozen=True, slots=True)
class Imported:
    """How many articles were added, changed or already the same, and the lines that were left out."""

    added: int
    changed: int
    unchanged: int
    skipped: tuple[BadLine, ...]


@dataclass(frozen=True, slots=True)
class ImportArticles:
    """Add or replace a tenant's articles by id."""

    articles: Articles

    def __call__(self, corp_id: CorpId, lines: Iterable[ArticleDraft | BadLine], *, skip_bad: bool = False) -> Imported:
        """Raises InvalidInput with what is wrong in which line, unless bad lines are to be skipped."""
        before = {article.article_id: article for article in self.articles.load(corp_id)}
        good, bad = sorted_out(lines, before)
        if bad and not skip_bad:
            raise InvalidInput(complaint(bad, skippable=True))
        if not good and not bad:
            raise InvalidInput("文件里没有条目，什么都没有导入 / there is no article in the file")
        new = [article for article in good if article != before.get(article.article_id)]
        self.articles.save(corp_id, new)
        added = sum(article.article_id not in before for article in new)
        return Imported(added, len(new) - added, len(good) - len(new), tuple(bad))
