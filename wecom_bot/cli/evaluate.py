"""`wecom-bot evaluate`: how good the mind is, measured; needs no server, no database and no tenant."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from wecom_bot.bootstrap import workbench
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.tenant import Thresholds
from wecom_bot.errors import InvalidInput
from wecom_bot.service.evaluation.search import EvaluateSearch, Figures
from wecom_bot.settings import load

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHARE = click.FloatRange(0, 1)
_BARS = Thresholds()
_ROWS = (
    ("n", "有答案的问题 / questions with an article"),
    ("top1", "第一名就对 / the right article is first"),
    ("top3", "前三名里有 / among three"),
    ("mrr", "平均倒数名次 / mean reciprocal rank"),
    ("auroc", "分数分得清对错 / the score tells right from wrong"),
    ("answered", "直接回答 / answered"),
    ("right", "　答对 / rightly"),
    ("wrong", "　答错 / wrongly"),
    ("right_or_menu", "答对，或在菜单里 / right, or in the menu"),
    ("far_oos_answered", "毫不相干的问题被回答 / far questions answered"),
    ("near_oos_answered", "抽掉条目后仍被回答 / answered though its article is gone"),
    ("p95_ms", "一次查找，毫秒，95% / one look-up, milliseconds, p95"),
)


@click.group()
def evaluate() -> None:
    """测量：答得准不准 / Measure how good the answers are."""


@evaluate.command()
@click.option("--articles", "articles_file", type=_FILE, required=True, help="知识条目 / the articles")
@click.option(
    "--queries", "queries_file", type=_FILE, required=True, help="问题：query、gold / questions and their articles"
)
@click.option("--oos", "oos_file", type=_FILE, help="没有答案的问题 / questions that nothing answers")
@click.option(
    "--mode",
    type=click.Choice([each.value for each in SearchMode]),
    help="默认看装没装模型 / by default what is installed",
)
@click.option(
    "--answer", type=_SHARE, default=_BARS.answer, show_default=True, help="直接回答的门槛 / from which score to answer"
)
@click.option(
    "--suggest", type=_SHARE, default=_BARS.suggest, show_default=True, help="给菜单的门槛 / from which to offer a menu"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def search(
    articles_file: Path,
    queries_file: Path,
    oos_file: Path | None,
    mode: str | None,
    answer: float,
    suggest: float,
    *,
    as_json: bool,
) -> None:
    """用已知答案的问题测搜索 / Measure the search on questions whose article is known.

    问题文件一行一个 {"query": 问题, "gold": 条目编号}；--oos 的 gold 为 null。
    """
    if suggest > answer:
        raise InvalidInput("--suggest 不能高于 --answer / must not be above --answer")
    articles = workbench.read_articles(articles_file)
    questions = workbench.read_questions(queries_file) + (workbench.read_questions(oos_file) if oos_file else [])
    known = {each.article_id for each in articles}
    if strangers := sorted({each.gold for each in questions if each.gold is not None} - known):
        raise InvalidInput(f"{queries_file.name}: 没有这样的条目 / no such articles: {', '.join(strangers[:5])}")
    with workbench.workbench(load(), SearchMode(mode) if mode else None) as (used, over):
        measured = EvaluateSearch(used, over, Thresholds(answer=answer, suggest=suggest))(articles, questions)
    click.echo(json.dumps(asdict(measured)) if as_json else _table(measured))


def _table(figures: Figures) -> str:
    said = asdict(figures)
    lines = [f"{'mode':18} {figures.mode:>8}"]
    for name, meaning in _ROWS:
        value = said[name]
        lines.append(
            f"{name:18} {value:8.3f}  {meaning}" if isinstance(value, float) else f"{name:18} {value:8}  {meaning}"
        )
    return "\n".join(lines)
