"""`wecom-bot calibrate`: thresholds out of a tenant's own articles, questions and clicks."""

from collections.abc import Sequence
from pathlib import Path

import click

from wecom_bot.bootstrap import workbench
from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli.machine_user import me
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant, Thresholds
from wecom_bot.errors import InvalidInput
from wecom_bot.service.evaluation import calibration
from wecom_bot.service.evaluation.calibration import Calibration, Level
from wecom_bot.settings import Settings, load

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SOON = "各进程 2 秒内生效 / every process sees it within 2 seconds"


@click.group()
def calibrate() -> None:
    """校准：门槛该定在哪里 / Calibrate: where thresholds should stand."""


@calibrate.command()
@click.argument("corp_id")
@click.option("--labelled", type=_FILE, help="客户的真实问题：query、gold / real questions and their articles")
@click.option("--oos", type=_FILE, help="毫不相干的问题，默认用自带的 / far questions; by default ours")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="画成图 / draw it")
@click.option("--write", is_flag=True, help="写进租户；不比现在好就不写 / keep it, unless it is worse")
def search(corp_id: str, labelled: Path | None, oos: Path | None, svg: Path | None, *, write: bool) -> None:
    """直接回答的门槛：十句答对九句的最低分 / The lowest score from which nine of ten answers are right.

    问的是：--labelled 的问题（20 个以上才够），否则是每句问法去问一份没有它的知识；客户在菜单里点过的也算。
    """
    if svg and not svg.absolute().parent.is_dir():
        raise InvalidInput(f"{svg}: 没有这个目录 / there is no such folder")
    settings = load()
    verbs = operation(settings)
    tenant = verbs.show_tenant(me(), CorpId(corp_id)).tenant
    articles = verbs.list_articles(me(), tenant.corp_id).items
    found = _calibrated(settings, tenant, articles, labelled, oos)
    click.echo(_table(found, tenant.thresholds.answer))
    if svg:
        _draw(svg, found, corp_id)
    if write:
        if found.is_worse:
            raise InvalidInput("检验下来不比现在好，没有写 / no better on held-out questions: nothing was written")
        before = verbs.set_threshold(me(), tenant.corp_id, found.advised)
        click.echo(f"thresholds.answer: {before} → {found.advised}；{_SOON}")


def _calibrated(
    settings: Settings, tenant: Tenant, articles: Sequence[Article], labelled: Path | None, oos: Path | None
) -> Calibration:
    known = {article.article_id for article in articles}
    asked = workbench.read_questions(labelled) if labelled else []
    if strangers := sorted({each.gold for each in asked if each.gold is not None} - known):
        raise InvalidInput(f"没有这样的条目 / no such articles: {', '.join(strangers[:5])}")
    clicks = workbench.read_clicks(settings, tenant.corp_id, known)
    far = workbench.read_questions(oos) if oos else workbench.far_questions()
    click.echo("正在问：条目多的要几分钟 / asking; many articles take minutes", err=True)
    with workbench.workbench(settings, None) as (mode, over):
        sample = calibration.sample(over, articles, asked, clicks, far)
    click.echo(
        f"{mode}；问了 / asked {len(sample.known)}（标注 / labelled {len(asked)}，点击 / clicks {len(clicks)}）"
        f"，相近而没有答案 / near {len(sample.near)}，毫不相干 / far {len(sample.far)}"
    )
    shipped = Thresholds()
    least = (
        tenant.thresholds.suggest
        if sum(each.gold is not None for each in asked) >= calibration.LEAST
        else shipped.answer
    )
    return calibration.calibrate(sample, least, tenant.thresholds.answer)


def _draw(svg: Path, found: Calibration, corp_id: str) -> None:
    try:
        svg.write_text(workbench.draw(found, corp_id), "utf-8")
    except OSError as e:
        raise InvalidInput(f"{svg}: 写不了 / cannot be written: {e.strerror}") from e
    click.echo(f"已画 / drawn: {svg}", err=True)


def _table(found: Calibration, today: float) -> str:
    lines = [
        "answer 门槛，precision 答出的有多少对，coverage 回答了多少，near 相近而没有答案的被答，far 毫不相干的被答",
        "answer" + "".join(f"{name:>10}" for name in ("precision", "coverage", "F1", "near", "far")),
    ]
    named = {"建议 / advised": found.advised, "现在 / today": today}
    for each in found.levels:
        marks = [name for name, at in named.items() if at == each.threshold]
        lines.append(f"{_row(each)}  {'，'.join(marks)}".rstrip())
    lines += ["用没参与定门槛的问题检验 / on questions that did not choose it:", _row(found.held_out)]
    return "\n".join(lines)


def _row(each: Level) -> str:
    figures = (each.precision, each.coverage, each.f1, each.near, each.far)
    return f"{each.threshold:6.3f}" + "".join(f"{value:10.3f}" for value in figures)
