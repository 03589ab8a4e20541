"""What is wrong with an operator's articles, line by line, and what is kept of those that are right."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from wecom_bot.domain.attachments import proved as proved_attachments
from wecom_bot.domain.draft import ArticleDraft, BadLine, place
from wecom_bot.domain.knowledge import Article
from wecom_bot.errors import InvalidInput
from wecom_bot.service.operation.bad_lines import complaint, unshowable
from wecom_bot.service.operation.same_wording import Twins
from wecom_bot.service.operation.validity import NONE, Period
from wecom_bot.text.showable import says_something

LONGEST_ID = 100  # bytes: an article may become an entry of a menu, whose id has at most 128 (WeCom page 94677)
LONGEST_QUESTION = 500
MOST_SIMILAR = 1000
# bytes: kf takes five messages of 2,048 for one of the customer's, and one is kept for the notice of a handoff
LONGEST_ANSWER = 8000
MOST_TAGS, LONGEST_TAG = 20, 50

_YES, _NO = {"true", "yes", "y", "1", "是"}, {"", "false", "no", "n", "0", "否"}


@dataclass(frozen=True, slots=True)
class Proof:
    """What articles are proved beside: those there were `before`, and the zone of the dates in them.

    `duplicates`: two articles may be asked in the same words.
    """

    before: Mapping[str, Article]
    zone: tzinfo
    duplicates: bool = False
    skip_bad: bool = False

    def __call__(self, lines: Iterable[ArticleDraft | BadLine]) -> tuple[list[Article], list[BadLine]]:
        """The articles to keep, and the lines that are left out.

        Raises InvalidInput with what is wrong in which line, unless bad lines are to be skipped.
        """
        sorted_ = _Sorted(self, Twins(() if self.duplicates else self.before.values()))
        for count, line in enumerate(lines):
            sorted_.put(count, line)
        good, bad = sorted_.articles()
        if bad and not self.skip_bad:
            raise InvalidInput(complaint(bad, skippable=True))
        if not good and not bad:
            raise InvalidInput("文件里没有条目，什么都没有导入 / there is no article in the file")
        return good, bad


@dataclass(slots=True)
class _Sorted:
    """The lines of a file, good and bad."""

    proof: Proof
    twins: Twins
    bad: list[tuple[int, BadLine]] = field(default_factory=list)  # in their order: numbers begin anew in each sheet
    kept: dict[str, tuple[int, ArticleDraft]] = field(default_factory=dict)

    def put(self, count: int, line: ArticleDraft | BadLine) -> None:
        problem = line.problem if isinstance(line, BadLine) else self._problem(line)
        if problem:
            self.bad.append((count, BadLine(line.line, problem, line.sheet)))
        elif isinstance(line, ArticleDraft):
            self.kept[line.article_id] = count, line
            self.twins.take(line)

    def articles(self) -> tuple[list[Article], list[BadLine]]:
        """Now that it is known which stored articles the file replaces."""
        while not self.proof.duplicates and self._refuse():
            pass  # what is refused replaces nothing: the words of the stored article are held still
        good = [_article(draft, self.proof) for _, draft in self.kept.values()]
        return good, [line for _, line in sorted(self.bad, key=lambda each: each[0])]

    def _refuse(self) -> bool:
        """Leave out the lines that ask what a stored article asks; whether there were any."""
        replaced = set(self.kept)
        for article_id, (count, draft) in list(self.kept.items()):
            if problem := "；".join(self.twins.in_store(draft, replaced)):
                self.bad.append((count, BadLine(draft.line, problem, draft.sheet)))
                del self.kept[article_id]
        return len(self.kept) < len(replaced)

    def _problem(self, draft: ArticleDraft) -> str | None:
        """Everything that is wrong with one line, in one sentence."""
        problems = [*_flaws(draft), *_span(draft, self.proof).flaws(draft)]
        if twin := self.kept.get(draft.article_id):
            problems.append(f"编号 {draft.article_id} 与{place(twin[1])}重复 / the id stands twice")
        elif not self.proof.duplicates:
            problems += self.twins.in_file(draft)
        return "；".join(problems) or None


def _flaws(draft: ArticleDraft) -> Iterator[str]:
    if not draft.article_id:
        yield "编号为空 / the id is empty"
    elif len(draft.article_id.encode(errors="replace")) > LONGEST_ID:
        yield f"编号超过 {LONGEST_ID} 字节 / the id is too long"
    if not says_something(draft.question):
        yield "问题为空 / the question is empty"
    if not says_something(draft.answer):
        yield "答案为空 / the answer is empty"
    yield from _excesses(draft)
    try:
        proved_attachments(draft.attachments)
    except InvalidInput as e:
        yield str(e)
    if draft.careful.casefold() not in _YES | _NO:
        yield "谨慎应是“是”或“否” / careful should be yes or no"
    if unshowable(draft.article_id, draft.question, draft.answer, *draft.similar, *draft.tags):
        yield "含有无法显示的字符，请删去 / it holds characters that nobody can be shown"


def _excesses(draft: ArticleDraft) -> Iterator[str]:
    if max(map(len, (draft.question, *draft.similar))) > LONGEST_QUESTION:
        yield f"问题或相似问超过 {LONGEST_QUESTION} 字 / a question is too long"
    if len(draft.similar) > MOST_SIMILAR:
        yield f"相似问超过 {MOST_SIMILAR} 条 / too many similar questions"
    if (size := len(draft.answer.encode(errors="replace"))) > LONGEST_ANSWER:
        yield f"答案有 {size} 字节，最多 {LONGEST_ANSWER}（约 {LONGEST_ANSWER // 3} 个汉字）/ the answer is too long"
    if len(draft.tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in draft.tags):
        yield f"标签最多 {MOST_TAGS} 个，每个 {LONGEST_TAG} 字 / at most {MOST_TAGS} tags of {LONGEST_TAG} characters"


def _span(draft: ArticleDraft, proof: Proof) -> Period:
    return Period.of(draft, proof.before.get(draft.article_id), proof.zone)


def _article(draft: ArticleDraft, proof: Proof) -> Article:
    """What a line says nothing of stays: an old sheet without the column must not take that away."""
    before, span = proof.before.get(draft.article_id), _span(draft, proof)
    tags = draft.tags or (before.tags if before else ())
    return Article(
        draft.article_id,
        draft.question,
        draft.answer,
        tuple(dict.fromkeys(draft.similar)),
        proved_attachments(draft.attachments),
        draft.careful.casefold() in _YES or (not draft.careful and before is not None and before.careful),
        () if {tag.casefold() for tag in draft.tags} & NONE else tuple(dict.fromkeys(tags)),
        span.begin,
        span.end,
    )
