"""`wecom-bot search`: the indexes of Elasticsearch, looked at, built anew, moved and gone back to."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli.machine_user import me
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.order import CHINA
from wecom_bot.service.knowledge.build_index import Built
from wecom_bot.service.operation.search_indexes import ShownIndex
from wecom_bot.settings import load
from wecom_bot.telemetry import logs

_MOST_REFUSED = 20


@click.group()
def search() -> None:
    """Elasticsearch 的索引：查看、重建、迁移、退回 / Its indexes: status, rebuild, move, rollback.

    自带的搜索自己跟上，没有这些事要做 / The search that comes along follows by itself: nothing of this is needed there.
    """


@search.command()
@click.argument("corp_ids", nargs=-1)
def status(corp_ids: tuple[str, ...]) -> None:
    """各租户在哪个索引、几条、落后多少、哪些没收下 / Each tenant's indexes: how many articles, how far behind."""
    click.echo("租户 tenant\t索引 index\t状态 state\t条目 articles\t落后 behind\t从何时起 since\t没收下 refused")
    found = operation(load()).show_search(me(), _ids(corp_ids))
    for shown in found:
        click.echo("\t".join(_row(shown)))
        for each in shown.refused[:_MOST_REFUSED]:
            click.echo(f"    没收下 / refused: {each.article_id}（{each.reason}）")
    if away := next((each.away for each in found if each.away), ""):
        raise click.ClickException(f"搜索引擎没答，以上只是 SQL 知道的 / the engine does not answer: {away}")


@search.command()
@click.argument("corp_ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="全部租户 / all tenants")
def rebuild(corp_ids: tuple[str, ...], *, everything: bool) -> None:
    """重建索引，其间照常回答；核对无误才切换，旧的留着 / Rebuild without downtime: switched once it is proved.

    与别人合用索引的租户，连同合用的一起重建 / Who shares an index is rebuilt with all who share it.
    """
    _one_of(corp_ids, everything=everything)
    _say_how_it_goes_on()
    built = operation(load()).rebuild_search(me(), _ids(corp_ids))
    for each in built:
        _say(each)
    if not built:
        click.echo("还没有谁写过条目 / nobody has written an article yet")


@search.command()
@click.argument("corp_ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="全部租户 / all tenants")
def rollback(corp_ids: tuple[str, ...], *, everything: bool) -> None:
    """退回到上一个索引；它一直跟着更新 / Go back to the index before, which was kept up to date."""
    _one_of(corp_ids, everything=everything)
    for corp_id, index in operation(load()).roll_back_search(me(), _ids(corp_ids)):
        click.echo(f"{corp_id}：现在由 {index} 回答 / is answered by it now")


@search.command()
@click.argument("corp_id")
@click.option("--own", "own", flag_value=True, type=bool, help="到自己的索引 / into an index of its own")
@click.option("--shared", "own", flag_value=False, type=bool, help="到合用的索引 / into the shared one")
def move(corp_id: str, *, own: bool | None) -> None:
    """把租户迁到自己的索引，或迁回合用的，其间照常回答 / Move a tenant while its customers are answered."""
    if own is None:
        raise click.UsageError("请用 --own 或 --shared / say --own or --shared")
    _say_how_it_goes_on()
    built = operation(load()).move_tenant(me(), CorpId(corp_id), own=own)
    if built is None:
        click.echo("本来就在那里 / it lives there already")
    else:
        _say(built)


@search.command("drop-old")
@click.argument("corp_ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="全部租户 / all tenants")
@click.option("--yes", is_flag=True, help="不再确认 / do not ask")
def drop_old(corp_ids: tuple[str, ...], *, everything: bool, yes: bool) -> None:
    """删去不再回答的旧索引，此后退不回去 / Remove what is only kept for a rollback."""
    _one_of(corp_ids, everything=everything)
    if not yes:
        click.confirm("删去之后不能退回 / no rollback after that: go on?", abort=True)
    gone = operation(load()).drop_old_indexes(me(), _ids(corp_ids))
    click.echo(f"已删除 / removed: {'、'.join(gone) or '没有整个可删的索引 / no whole index'}")


def _say_how_it_goes_on() -> None:
    """On stderr, as events of the log: it may take minutes."""
    logs.configure("console", "info")


def _one_of(corp_ids: Sequence[str], *, everything: bool) -> None:
    if bool(corp_ids) == everything:
        raise click.UsageError("请给出企业 ID，或用 --all / give corp IDs, or --all")


def _ids(corp_ids: Sequence[str]) -> list[CorpId]:
    return [CorpId(each) for each in corp_ids]


def _say(built: Built) -> None:
    told = [f"{built.index}：{built.articles} 条，没收下 / refused {built.refused}，已切换 / switched"]
    if kept := [each for each in built.replaced if each not in built.foreign]:
        told.append(f"留着以便退回 / kept for a rollback: {'、'.join(kept)}（wecom-bot search rollback、drop-old）")
    if built.foreign:
        of_others = "、".join(sorted(built.foreign))
        told.append(f"只有建它的版本能退回 / only the version that made it can go back: {of_others}（drop-old）")
    if not built.replaced:
        told.append("以前没有，无可退回 / there was none before, and nothing to go back to")
    click.echo("；".join(told))


def _row(shown: ShownIndex) -> Sequence[str]:
    standing = shown.standing
    behind = "恢复过备份，要重建 / restored: rebuild" if standing.of_another_database else str(standing.behind)
    since = standing.behind_since
    return (
        standing.corp_id,
        standing.index or "-",
        _state(shown),
        "?" if shown.away else str(shown.articles),
        behind,
        f"{since.astimezone(CHINA):%Y-%m-%d %H:%M:%S}（{_ago(since)}）" if since else "-",
        str(len(shown.refused)),
    )


def _state(shown: ShownIndex) -> str:
    if shown.away:
        return "没答 / away"
    if shown.index is None:
        return "没有 / none"
    if shown.index.unfinished:
        return "未完成 / unfinished"
    if shown.index.foreign:
        told = "要重建 / rebuild" if shown.answers else "留着 / kept"
        return f"别的版本的 / another version's，{told}"
    kind = "自己的 / own" if shown.index.own else "合用的 / shared"
    return f"{kind}，{'在回答 / answers' if shown.answers else '留着 / kept'}"


def _ago(moment: datetime) -> str:
    return f"{(datetime.now(UTC) - moment).total_seconds():.0f} s"
