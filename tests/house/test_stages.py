"""Every stage has its file, its line in the pipeline and its row in the docs."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.dialog.turns import Desk, RankedArticles, ShopOrders
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.dialog.pipeline import Pursuing, Stage, standard

ROOT = Path(__file__).parents[2]
STAGES = ROOT / "wecom_bot/dialog/stages"


def test_every_stage_has_its_file_its_line_and_its_row() -> None:
    pipeline = standard(RankedArticles(), RulesRecognizer(), ShopOrders(), Desk())
    stages = [type(stage) for stage in _each((*pipeline.decide, *pipeline.finish))]
    files = {path.stem for path in STAGES.glob("*.py")} - {"__init__"}
    assert {stage.__module__.rpartition(".")[2] for stage in stages} == files
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    places = [page.index(f"| `{stage.__name__}`") for stage in stages]
    assert places == sorted(places)


def _each(stages: Iterable[Stage]) -> Iterator[Stage]:
    for stage in stages:
        yield from stage.stages if isinstance(stage, Pursuing) else (stage,)


def test_the_window_has_a_word_for_every_stage() -> None:
    words = (ROOT / "wecom_bot/simulators/window/static/words.js").read_text()
    names = {"".join(part.title() for part in path.stem.split("_")) for path in STAGES.glob("[a-z]*.py")}
    assert {name for name in names if f"  {name}: [" not in words} == set()
