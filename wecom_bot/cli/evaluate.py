"""`wecom-bot evaluate`: how good the mind is, measured; needs no server, no database and no tenant."""

from dataclasses import asdict
from pathlib import Path

import click

from wecom_bot.bootstrap import rehearsal, workbench
from wecom_bot.cli import terminal
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.tenant import Thresholds
from wecom_bot.errors import InvalidInput
from wecom_bot.service.evaluation.search import EvaluateSearch, Figures
from wecom_bot.service.evaluation.talk import EvaluateTalk, Talked
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


_ARTICLES = click.option("--articles", "articles_file", type=_FILE, required=True, help="知识条目 / the articles")
_MODE = click.option(
    "--mode",
    type=click.Choice([each.value for each in SearchMode]),
    help="默认看装没装模型 / by default what is installed",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")


@evaluate.command()
@_ARTICLES
@click.option(
    "--queries", "queries_file", type=_FILE, required=True, help="问题：query、gold / questions and their articles"
)
@click.option("--oos", "oos_file", type=_FILE, help="没有答案的问题 / questions that nothing answers")
@_MODE
@click.option(
    "--answer", type=_SHARE, default=_BARS.answer, show_default=True, help="直接回答的门槛 / from which score to answer"
)
@click.option(
    "--suggest", type=_SHARE, default=_BARS.suggest, show_default=True, help="给菜单的门槛 / from which to offer a menu"
)
@_JSON
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
    click.echo(terminal.as_json(asdict(measured)) if as_json else _table(measured))


def _table(figures: Figures) -> str:
    said = asdict(figures)
    lines = [f"{'mode':18} {figures.mode:>8}"]
    for name, meaning in _ROWS:
        value = said[name]
        lines.append(
            f"{name:18} {value:8.3f}  {meaning}" if isinstance(value, float) else f"{name:18} {value:8}  {meaning}"
        )
    return "\n".join(lines)


@evaluate.command()
@click.option("--cases", "cases_file", type=_FILE, required=True, help="对话与应有的回答 / conversations and answers")
@_ARTICLES
@click.option("--tenant", "tenant_file", type=_FILE, required=True, help="租户，有无密钥都行 / the tenant")
@_MODE
@_JSON
def talk(cases_file: Path, articles_file: Path, tenant_file: Path, mode: str | None, *, as_json: bool) -> None:
    """用整段对话测机器人，不问扣子 / Measure whole conversations, without Coze.

    一行一段：id、kind、said（客户的话）、want（最后的回答里要有）、never（不能有）、turn（handoff、missed）。
    """
    cases, articles = rehearsal.read_cases(cases_file), workbench.read_articles(articles_file)
    tenant = rehearsal.read_tenant(tenant_file)
    with rehearsal.rehearsal(load(), tenant, articles, SearchMode(mode) if mode else None) as bot:
        held = EvaluateTalk(bot.mode, tenant, bot.begin, bot.orders, bot.clock.now())(cases)
    click.echo(terminal.as_json(_as_json(held)) if as_json else _report(held))


def _as_json(held: Talked) -> dict[str, object]:
    wrong = [
        {
            "id": each.case.case_id,
            "kind": each.case.kind,
            "said": [said for said, _ in each.talk],
            "reply": each.talk[-1][1],
            "why": "；".join(each.why),
        }
        for each in held.wrong
    ]
    return asdict(held) | {"wrong": wrong}


def _report(held: Talked) -> str:
    lines = [f"mode {held.mode}", f"{'n':>5} {'right':>5}  kind"]
    lines += (f"{score.n:5} {score.right:5}  {kind}" for kind, score in held.by_kind.items())
    lines.append(f"{held.n:5} {held.right:5}  全部 / all")
    for each in held.wrong:
        lines.append(f"\n{each.case.case_id}  {each.case.kind}" + (f"  （{each.case.note}）" if each.case.note else ""))
        for said, reply in each.talk:
            lines += (f"  客户 / customer: {_indented(said)}", f"  机器人 / bot: {_indented(reply)}")
        lines += (f"  ✗ {why}" for why in each.why)
    return "\n".join(lines)


def _indented(text: str) -> str:
    return "\n    ".join(text.splitlines()) or "（什么也没有 / nothing）"
