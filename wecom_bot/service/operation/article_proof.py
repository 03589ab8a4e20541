"""What is wrong with an operator's articles, line by line, and what is kept of those that are right."""

from collections.abc import Iterable, Iterator, Mapping
from unicodedata import normalize

from wecom_bot.domain.attachments import proved as proved_attachments
from wecom_bot.domain.draft import ArticleDraft, BadLine, place
from wecom_bot.domain.knowledge import Article
from wecom_bot.errors import InvalidInput
from wecom_bot.service.operation.bad_lines import complaint, unshowable
from wecom_bot.text.showable import says_something

LONGEST_ID = 100  # bytes: an article may become an entry of a menu, whose id has at most 128 (WeCom page 94677)
LONGEST_QUESTION = 500
MOST_SIMILAR = 1000
# bytes: kf takes five messages of 2,048 for one of the customer's, and one is kept for the notice of a handoff
LONGEST_ANSWER = 8000

_YES, _NO = {"true", "yes", "y", "1", "是"}, {"", "false", "no", "n", "0", "否"}
_TAIL = "?？!！.。~～ "


def proved(
    lines: Iterable[ArticleDraft | BadLine], before: Mapping[str, Article], *, skip_bad: bool = False
) -> tuple[list[Article], list[BadLine]]:
    """The articles to keep, beside those there were before, and the lines that are left out.

    Raises InvalidInput with what is wrong in which line, unless bad lines are to be skipped.
    """
    good, bad = _sort(lines, before)
    if bad and not skip_bad:
        raise InvalidInput(complaint(bad, skippable=True))
    if not good and not bad:
        raise InvalidInput("文件里没有条目，什么都没有导入 / there is no article in the file")
    return good, bad


def _sort(
    lines: Iterable[ArticleDraft | BadLine], before: Mapping[str, Article]
) -> tuple[list[Article], list[BadLine]]:
    """The articles to keep, and the bad lines, both in the file's order."""
    bad: list[tuple[int, BadLine]] = []  # with their order in the file: line numbers begin anew in each sheet
    order: dict[str, int] = {}
    kept: dict[str, ArticleDraft] = {}
    asked: dict[str, ArticleDraft] = {}
    for count, line in enumerate(lines):
        draft = line if isinstance(line, ArticleDraft) else None
        if problem := line.problem if isinstance(line, BadLine) else _problem(line, kept, asked):
            bad.append((count, BadLine(line.line, problem, line.sheet)))
        elif draft is not None:
            kept[draft.article_id] = asked[_asked(draft.question)] = draft
            order[draft.article_id] = count
    # only now is it known which stored articles the file replaces
    stored = {_asked(article.question): article for article in before.values() if article.article_id not in kept}
    for draft in list(kept.values()):
        if twin := stored.get(_asked(draft.question)):
            problem = f"问题与已有条目 {twin.article_id} 相同，请合并或改写 / asked already"
            bad.append((order[draft.article_id], BadLine(draft.line, problem, draft.sheet)))
            del kept[draft.article_id]
    bad.sort(key=lambda each: each[0])
    good = [_article(draft, before.get(draft.article_id)) for draft in kept.values()]
    return good, [line for _, line in bad]


def _problem(draft: ArticleDraft, kept: Mapping[str, ArticleDraft], asked: Mapping[str, ArticleDraft]) -> str | None:
    """Everything that is wrong with one line, in one sentence."""
    problems = list(_flaws(draft))
    if twin := kept.get(draft.article_id):
        problems.append(f"编号 {draft.article_id} 与{place(twin)}重复 / the id stands twice")
    elif draft.question and (twin := asked.get(_asked(draft.question))):
        problems.append(f"问题与{place(twin)}相同而编号不同 / the same question under two ids")
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
    if unshowable(draft.article_id, draft.question, draft.answer, *draft.similar):
        yield "含有无法显示的字符，请删去 / it holds characters that nobody can be shown"


def _excesses(draft: ArticleDraft) -> Iterator[str]:
    if max(map(len, (draft.question, *draft.similar))) > LONGEST_QUESTION:
        yield f"问题或相似问超过 {LONGEST_QUESTION} 字 / a question is too long"
    if len(draft.similar) > MOST_SIMILAR:
        yield f"相似问超过 {MOST_SIMILAR} 条 / too many similar questions"
    if (size := len(draft.answer.encode(errors="replace"))) > LONGEST_ANSWER:
        yield f"答案有 {size} 字节，最多 {LONGEST_ANSWER}（约 {LONGEST_ANSWER // 3} 个汉字）/ the answer is too long"


def _asked(question: str) -> str:
    """The question as customers would not tell it apart: width, case, spaces and final punctuation do not count."""
    return "".join(normalize("NFKC", question).casefold().split()).rstrip(_TAIL)


def _article(draft: ArticleDraft, before: Article | None) -> Article:
    """What says nothing of it stays careful: an old sheet without the column must not take that away."""
    similar = tuple(dict.fromkeys(draft.similar))
    careful = draft.careful.casefold() in _YES or (not draft.careful and before is not None and before.careful)
    return Article(
        draft.article_id, draft.question, draft.answer, similar, proved_attachments(draft.attachments), careful
    )
