"""`wecom-bot articles`: what tenants want their customers to be told."""

from pathlib import Path
from typing import IO

import click

from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli.machine_user import me
from wecom_bot.cli.reading import changes, lines_of
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.draft import Tally
from wecom_bot.domain.knowledge import Article, ArticleVersion
from wecom_bot.domain.message import CorpId
from wecom_bot.service.operation.bad_lines import MOST_SHOWN
from wecom_bot.settings import load

_SOON = "各进程 2 秒内生效 / every process sees it within 2 seconds"
_MANY = 1_000  # articles, with which new ones are compared for more than a moment
_DUPLICATES = click.option(
    "--allow-duplicates", is_flag=True, help="允许两个条目有同样的说法 / let two articles be asked in the same words"
)


@click.group()
def articles() -> None:
    """知识条目：问题、相似问与答案 / Articles: questions and their answers."""


@articles.command("import")
@click.argument("corp_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--skip-bad", is_flag=True, help="跳过有错的行，导入其余 / leave bad lines out")
@_DUPLICATES
def import_(corp_id: str, file: Path, *, skip_bad: bool, allow_duplicates: bool) -> None:
    """导入 JSONL、CSV 或 XLSX，按编号新增或更新 / Import JSONL, CSV or XLSX: add or replace by id.

    列 / columns: id,question,similar,answer（编号、问题、相似问、答案）；CSV 与 XLSX 中多个相似问用 |、分号或换行分隔。
    """
    tally = Tally()
    lines = lines_of(file, stores.read_articles, tally)
    done = operation(load()).import_articles(
        me(), CorpId(corp_id), lines, skip_bad=skip_bad, allow_duplicates=allow_duplicates, saved=_comparing
    )
    for line in done.skipped[:MOST_SHOWN]:
        click.echo(f"已跳过 / skipped: {line}", err=True)
    click.echo(
        f"新增 / added {done.added}，更新 / changed {done.changed}，无变化 / unchanged {done.unchanged}"
        f"，跳过 / skipped {len(done.skipped)}；{_SOON}"
    )
    for change in changes(tally):
        click.echo(change)
    for near in done.near[:MOST_SHOWN]:
        click.echo(
            f"可能重复 / perhaps the same: {near.article_id} {near.question}"
            f"  ≈ {near.passage.score:.2f}  {near.passage.article_id} {near.passage.question}"
        )


def _comparing(many: int) -> None:
    if many >= _MANY:
        click.echo(
            f"已存好；正在和已有的 {many:,} 条比，看有没有重复的，可以中断"
            f" / saved; now compared with the {many:,} of before, which may be broken off …",
            err=True,
        )


@articles.command("list")
@click.argument("corp_id")
def list_(corp_id: str) -> None:
    """列出条目：编号、问题、相似问数 / List articles: id, question, number of similar questions."""
    for article in operation(load()).list_articles(me(), CorpId(corp_id)).items:
        notes = "".join(f"\t{each}" for each in (_tags(article), _validity(article)) if each)
        click.echo(f"{article.article_id}\t{article.question}\t+{len(article.similar)}{notes}")


@articles.command()
@click.argument("corp_id")
@click.argument("article_id")
def show(corp_id: str, article_id: str) -> None:
    """看一个条目：内容、版本、谁在何时改的 / One article: what it says, its version, who changed it and when."""
    found = operation(load()).show_article(me(), CorpId(corp_id), article_id)
    click.echo(_heading(found))
    click.echo(_told(found))


@articles.command()
@click.argument("corp_id")
@click.argument("article_id")
def versions(corp_id: str, article_id: str) -> None:
    """一个条目的各个版本，新的在前 / The versions of an article, the newest first."""
    for each in operation(load()).list_article_versions(me(), CorpId(corp_id), article_id).items:
        click.echo(_heading(each))
        click.echo(f"{_told(each)}\n")


@articles.command()
@click.argument("corp_id")
@click.argument("article_id")
@click.argument("version", type=click.IntRange(1))
@_DUPLICATES
def rollback(corp_id: str, article_id: str, version: int, *, allow_duplicates: bool) -> None:
    """恢复成以前的版本，作为新的版本；删除了的也行 / Say again what a version said, as a new version."""
    done = operation(load()).roll_back_article(
        me(), CorpId(corp_id), article_id, version, allow_duplicates=allow_duplicates
    )
    click.echo(f"{_heading(done)}；{_SOON}")


@articles.command("duplicates")
@click.argument("corp_id")
def duplicates_(corp_id: str) -> None:
    """列出几个条目共用的说法 / List the words that several articles share."""
    found = operation(load()).list_duplicates(me(), CorpId(corp_id))
    for each in found:
        click.echo(f"{each.wording}\t{'、'.join(each.article_ids)}")
    if not found:
        click.echo("没有 / none")


def _heading(version: ArticleVersion) -> str:
    by, at = version.author or "?", version.saved_at.astimezone().isoformat(" ", "seconds")
    return f"{version.article_id}  版本 / version {version.revision}  {by}  {at}"


def _told(version: ArticleVersion) -> str:
    if version.article is None:
        return "（已删除 / removed）"
    return stores.write_article(version.article)


def _tags(article: Article) -> str:
    return " ".join(f"#{tag}" for tag in article.tags)


def _validity(article: Article) -> str:
    begin, end = (
        each.astimezone().isoformat(" ", "minutes") if each else ""
        for each in (article.valid_from, article.valid_until)
    )
    return f"{begin}…{end}" if begin or end else ""


@articles.command("try")
@click.argument("corp_id")
@click.argument("question")
def try_(corp_id: str, question: str) -> None:
    """问一句试试：找到哪些条目、各有多像、客户会看到什么（不问扣子，什么也不发）/ What a customer would see."""
    tried = operation(load()).try_question(me(), CorpId(corp_id), question)
    bars = tried.thresholds
    click.echo(f"{tried.mode}；门槛 / thresholds: answer {bars.answer}, careful {bars.careful}, suggest {bars.suggest}")
    for place, each in enumerate(tried.found, 1):
        meaning = "" if each.meaning is None else f"  意思 / meaning {each.meaning:.2f}"
        careful = "  谨慎 / careful" if each.careful else ""
        click.echo(
            f"{place}. {each.score:.3f}  字词 / words {each.words:.2f}{meaning}{careful}"
            f"  {each.article_id} {each.question}（{each.matched}）"
        )
    if not tried.found:
        click.echo("没有沾边的条目 / no article has anything in common with it")
    click.echo("\n客户会看到 / the customer would see:")
    click.echo(_as_seen(tried.turn))


def _as_seen(turn: Turn) -> str:
    if turn.reply is None:
        return "（什么也不说 / nothing）"
    lines = [turn.reply.text, *(f"  [{choice.text}]" for choice in turn.reply.choices)]
    lines += [f"  （{shown.kind}）{shown.title}" for shown in turn.reply.attachments]
    if turn.handoff:
        lines.append(f"（转人工 / handed to a human: {turn.handoff.reason}）")
    return "\n".join(lines)


@articles.command()
@click.argument("corp_id")
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="写入文件 / write to a file")
def export(corp_id: str, output: IO[str]) -> None:
    """导出为 JSONL，可原样再导入 / Export as JSONL, as `import` takes it."""
    for article in operation(load()).list_articles(me(), CorpId(corp_id)).items:
        click.echo(stores.write_article(article), file=output)


@articles.command()
@click.argument("corp_id")
@click.argument("article_ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="该租户的全部条目 / all of the tenant's")
@click.option("--yes", is_flag=True, help="不再确认 / do not ask")
def remove(corp_id: str, article_ids: tuple[str, ...], *, everything: bool, yes: bool) -> None:
    """按编号删除条目 / Remove articles by id."""
    if bool(article_ids) == everything:
        raise click.UsageError("请给出编号，或用 --all / give ids, or --all")
    verbs = operation(load())
    doomed = [article.article_id for article in verbs.list_articles(me(), CorpId(corp_id), only=article_ids).items]
    if not yes:
        click.confirm(f"删除 {corp_id} 的 {len(doomed)} 个条目 / remove {len(doomed)} articles?", abort=True)
    click.echo(f"已删除 / removed {verbs.remove_articles(me(), CorpId(corp_id), doomed)}；{_SOON}")
