"""A search for who measures: over articles in memory, with an index in a folder that is gone afterwards."""

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from wecom_bot.adapters.files import questions
from wecom_bot.adapters.files.chart import chart
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.sql.clicks import SqlClicks
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.search import embedder, model_folder
from wecom_bot.domain.hours import Hours
from wecom_bot.domain.knowledge import Article, SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError
from wecom_bot.service import evaluation
from wecom_bot.service.evaluation.calibration import Calibration
from wecom_bot.service.evaluation.search import Question, Search
from wecom_bot.service.operation.article_proof import Proof
from wecom_bot.settings import Settings

_CORP = CorpId("workbench")
_MOST = 20  # passages of a question


@dataclass(slots=True)
class Shelf:
    """Articles in memory: of one tenant, whichever is asked for."""

    held: dict[str, Article] = field(default_factory=dict)
    changes: int = 0

    def load(self, corp_id: CorpId) -> Sequence[Article]:  # noqa: ARG002
        return list(self.held.values())

    def revision(self, corp_id: CorpId) -> int:  # noqa: ARG002
        return self.changes

    def save(self, corp_id: CorpId, articles: Iterable[Article]) -> int:  # noqa: ARG002
        return self._change({each.article_id: each for each in articles}, frozenset())

    def remove(self, corp_id: CorpId, article_ids: Iterable[str]) -> int:  # noqa: ARG002
        return self._change({}, frozenset(article_ids))

    def _change(self, new: dict[str, Article], gone: frozenset[str]) -> int:
        before = len(self.held)
        kept = {article_id: each for article_id, each in self.held.items() if article_id not in gone}
        self.held, self.changes = kept | new, self.changes + 1
        return len(new) or before - len(kept)


def read_articles(path: Path) -> list[Article]:
    """A file of articles, proved as an import proves it. Raises InvalidInput."""
    good, _ = Proof({}, Hours().zone)(stores.read_articles(path, lambda _: None))
    return good


def read_questions(path: Path) -> list[Question]:
    """A file of questions. Raises InvalidInput."""
    return [Question(query, gold) for query, gold in questions.read_questions(path)]


def read_clicks(settings: Settings, corp_id: CorpId, known: Collection[str]) -> list[Question]:
    """What the tenant's customers picked from menus, of the articles that there still are."""
    labels = SqlClicks(stores.sql_engine(settings)).load(corp_id)
    return [Question(asked, gold) for asked, gold in labels if gold is None or gold in known]


def far_questions() -> list[Question]:
    """Questions that have nothing to do with any shop."""
    lines = (resources.files(evaluation) / "far_questions.txt").read_text("utf-8").splitlines()
    return [Question(line, None) for line in lines]


def draw(found: Calibration, corp_id: str) -> str:
    """The levels as an SVG."""
    names = ("precision", "coverage", "f1", "near", "far")
    lines = [(name, [(each.threshold, getattr(each, name)) for each in found.levels]) for name in names]
    marks = [("today", found.today.threshold), ("advised", found.advised)]
    return chart(f"{corp_id}: thresholds.answer", lines, marks if marks[0][1] != marks[1][1] else marks[1:])


@dataclass(frozen=True, slots=True)
class Bench:
    """A search over a shelf, and the model with which it searches by meaning."""

    mode: SearchMode
    shelf: Shelf
    search: EmbeddedSearch
    model: Embedder | None


@contextmanager
def bench(settings: Settings, mode: SearchMode | None) -> Iterator[Bench]:
    """An empty one; the mode is by default what is installed. Raises ConfigurationError where it needs a model."""
    found = None if mode is SearchMode.LEXICAL else _embedder(settings, needed=mode is SearchMode.HYBRID)
    with tempfile.TemporaryDirectory(prefix="wecom-bot-workbench-") as folder:
        shelf = Shelf()
        search = EmbeddedSearch(Path(folder) / "search.sqlite", shelf, embedder=found)
        yield Bench(SearchMode.HYBRID if found else SearchMode.LEXICAL, shelf, search, found)


@contextmanager
def workbench(
    settings: Settings, mode: SearchMode | None
) -> Iterator[tuple[SearchMode, Callable[[Sequence[Article]], Search]]]:
    """The mode, by default what is installed, and what makes the search over articles.

    Only the search that was made last may be asked. Raises ConfigurationError where the mode needs a model.
    """
    with bench(settings, mode) as made:
        shelf, search = made.shelf, made.search

        def over(articles: Sequence[Article]) -> Search:
            shelf.remove(_CORP, set(shelf.held) - {each.article_id for each in articles})
            shelf.save(_CORP, articles)
            search.prepare(_CORP)
            return lambda text: search.search(_CORP, text, _MOST)

        yield made.mode, over


def _embedder(settings: Settings, *, needed: bool) -> Embedder | None:
    found = embedder(settings)
    if found is None and needed:
        raise ConfigurationError(
            f"{model_folder(settings)} 里没有可用的模型 / there is no model that works:"
            " make model，或 / or wecom-bot model install FILE"
        )
    return found
