"""Articles that are asked in the same words: a customer who says them may be told either answer."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wecom_bot.domain.draft import ArticleDraft, english_place, place
from wecom_bot.domain.knowledge import Article
from wecom_bot.text.folding import letters

_LONGEST_SHOWN = 40  # characters of a question
_MEND = "请合并或改写，确要如此就用 --allow-duplicates（接口用 ?allow_duplicates=1）"
_MENDED = "merge or reword them, or use --allow-duplicates (?allow_duplicates=1 in the API)"


@dataclass(frozen=True, slots=True)
class SameWording:
    """A wording, as one of the articles has it, and all the articles that are asked so."""

    wording: str
    article_ids: tuple[str, ...]


Asked = Article | ArticleDraft
"""What has a question and similar ones."""


def wordings(asked: Asked) -> Mapping[str, str]:
    """Its question and similar ones, by what the search knows them by: width, case, script and marks do not count."""
    said = {letters(text): text for text in (*reversed(asked.similar), asked.question)}
    return {key: said[key] for key in reversed(said) if key}


def duplicates(articles: Iterable[Article]) -> Sequence[SameWording]:
    """The wordings that several of these articles have."""
    asked: dict[str, dict[str, str]] = defaultdict(dict)
    for article in articles:
        for key, text in wordings(article).items():
            asked[key][article.article_id] = text
    return [SameWording(next(iter(by.values())), tuple(by)) for by in asked.values() if len(by) > 1]


class Twins:
    """Which lines of a file ask what another one, or a stored article, asks already."""

    def __init__(self, before: Iterable[Article]) -> None:
        self._held: dict[str, set[str]] = defaultdict(set)
        self._drawn: dict[str, ArticleDraft] = {}
        for article in before:
            for key in wordings(article):
                self._held[key].add(article.article_id)

    def take(self, draft: ArticleDraft) -> None:
        """This line will be kept."""
        self._drawn.update(dict.fromkeys(wordings(draft), draft))

    def in_file(self, draft: ArticleDraft) -> Iterator[str]:
        """What is wrong with a line, beside those that were taken; what both have been stored with stays."""
        for key, text in wordings(draft).items():
            twin = self._drawn.get(key)
            if twin and twin.article_id != draft.article_id and not self._stored(key, draft, twin.article_id):
                yield _said(text, place(twin), english_place(twin))
                return

    def in_store(self, asked: Asked, replaced: Collection[str] = ()) -> Iterator[str]:
        """The same, beside the stored articles that are not replaced meanwhile."""
        for key, text in wordings(asked).items():
            others = sorted(self._held.get(key, set()).difference(replaced, [asked.article_id]))
            if others and asked.article_id not in self._held[key]:
                yield _said(text, f"已有条目 {others[0]} ", f"article {others[0]}")
                return

    def _stored(self, key: str, draft: ArticleDraft, other: str) -> bool:
        return {draft.article_id, other} <= self._held.get(key, set())


def _said(text: str, where: str, english: str) -> str:
    return f"“{_cut(text)}”与{where}的说法相同，{_MEND} / the same words as {english}: {_MENDED}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
