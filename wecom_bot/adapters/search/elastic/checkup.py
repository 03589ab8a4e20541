"""Whether the search engine answers, is healthy, is one that we know, lets us in, and has indexes of our making."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.mapping import RECIPE
from wecom_bot.adapters.search.elastic.names import IndexNames
from wecom_bot.domain.finding import Finding, doubtful, failed, skipped, well
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Misconfigured, WecomBotError

_RELEASE = "8."
_NEEDED = ["read", "write", "manage"]
_MOST_NAMED = 5  # aliases in one finding
_NO_SECURITY = (400, 404, 405)  # the server has none, so nobody needs rights
_REBUILD = "重建索引 / rebuild the indexes: wecom-bot search rebuild --all"


def look(
    cluster: Cluster, names: IndexNames, analyzer: str = "", indexed: Collection[CorpId] = ()
) -> Iterator[Finding]:
    """The findings of the cluster; the first that ends the rest is the last. Nothing is written or made.

    `indexed` are those of whom SQL says that an index follows them.
    """
    check = "search.engine"
    try:
        status = cluster.health(names.pattern)
        nodes = cluster.ask(lambda es: es.nodes.info(metric="http", filter_path="nodes.*.version"))
    except Misconfigured as e:
        yield failed(check, str(e), "照上面说的改 / do as it says above")
        return
    except WecomBotError as e:
        yield failed(
            check,
            f"{cluster.place}: {e}",
            "看它在不在、网络通不通、忙不忙；期间用本机的一份搜索或转人工"
            " / see whether it runs, is reachable and has room; meanwhile a copy on this machine answers, or a human",
        )
        return
    yield _engine(check, cluster, status, sorted({each["version"] for each in nodes["nodes"].values()}))
    yield _rights(cluster, names)
    yield _indexes(cluster, names, analyzer, {names.tenant(each): each for each in indexed})


def _engine(check: str, cluster: Cluster, status: str, versions: list[str]) -> Finding:
    seen = f"{cluster.place}: {status}, {'、'.join(versions)}"
    if not all(each.startswith(_RELEASE) for each in versions):
        return failed(check, seen, "要 Elasticsearch 8（8.15 以上）/ Elasticsearch 8 is needed, 8.15 or newer")
    if status == "green":
        return well(check, seen)
    if status == "yellow":
        return doubtful(
            check,
            seen,
            "有副本没处放：加节点，或设 WECOM_BOT_SEARCH_REPLICAS=0（丢一台就丢搜索）再 wecom-bot search rebuild --all"
            " / replicas have no node: add one; or set that to 0, lose the search with a node, and rebuild:"
            " only new indexes follow the setting",
        )
    return failed(check, seen, "有分片没了：看集群的 _cluster/allocation/explain / shards are missing: see that API")


def _rights(cluster: Cluster, names: IndexNames) -> Finding:
    check = "search.rights"

    def ask(es: Elasticsearch) -> dict[str, object] | None:
        try:
            wanted = [{"names": [names.pattern], "privileges": _NEEDED}]
            return dict(es.security.has_privileges(cluster=["monitor"], index=wanted).body)
        except ApiError as e:
            if e.meta.status in _NO_SECURITY:
                return None
            raise

    found = cluster.ask(ask)
    if found is None:
        return skipped(check, "集群不设登录 / the cluster asks for no login")
    if found["has_all_requested"]:
        return well(check, f"{found['username']}: monitor；{names.pattern}: {', '.join(_NEEDED)}")
    return failed(
        check,
        f"{found['username']}: 权限不够 / lacks a permission",
        f"给它集群权限 monitor，和 {names.pattern} 的 read、write、manage"
        " / grant it monitor on the cluster, and read, write and manage on these indexes",
    )


def _indexes(cluster: Cluster, names: IndexNames, analyzer: str, indexed: Mapping[str, CorpId]) -> Finding:
    made = cluster.ask(lambda es: es.indices.get(index=names.pattern, features=["aliases", "mappings"]).body)
    theirs = {
        index: [alias for alias in each["aliases"] if alias.startswith(names.tenant_prefix)]
        for index, each in made.items()
    }
    used = {index: made[index]["mappings"].get("_meta", {}) for index, aliases in theirs.items() if aliases}
    times = Counter(alias for aliases in theirs.values() for alias in aliases)
    return _astray(times, indexed) or _made(used, analyzer, len(times))


def _astray(times: Mapping[str, int], indexed: Mapping[str, CorpId]) -> Finding | None:
    """Of aliases: how many indexes are behind each, and whose there should be."""
    check = "search.aliases"
    if lost := sorted(corp_id for alias, corp_id in indexed.items() if alias not in times):
        return failed(
            check,
            f"写入过，别名或索引却没有了 / their alias or index is gone: {'、'.join(lost)}",
            f"{_REBUILD}；正在第一次重建就等它完 / or wait for its end, where the first rebuild is under way",
        )
    if twice := sorted(alias for alias, number in times.items() if number > 1):
        return doubtful(check, f"一个别名指着几个索引 / point at several indexes: {'、'.join(twice)}", _REBUILD)
    if indexed and (strange := sorted(times.keys() - indexed.keys())):  # with none the database may not have answered
        shown = "、".join(strange[:_MOST_NAMED]) + (" …" if len(strange) > _MOST_NAMED else "")
        return doubtful(
            check,
            f"{len(strange)} 个租户的别名不是这个数据库写的 / aliases that this database knows nothing of: {shown}",
            "别的一套也用这个 WECOM_BOT_SEARCH_PREFIX 就各设各的，会互相覆盖；数据库换过的，删掉它们"
            " / does another installation have the same prefix? Give each its own, for they write over each other;"
            " where the database is another one, delete them",
        )
    return None


def _made(used: Mapping[str, Mapping[str, Any]], analyzer: str, tenants: int) -> Finding:
    """Of the indexes that answer: by whom and how they were made."""
    check = "search.aliases"
    if not used:
        return skipped(check, "还没有租户的索引，worker 启动后会建 / no tenant is indexed yet: a worker does it")
    if foreign := [index for index, meta in used.items() if meta.get("recipe") != RECIPE]:
        return failed(
            check,
            f"是别的版本建的，读不了 / another version's, and cannot be read: {'、'.join(foreign)}",
            f"{_REBUILD}；在那之前由本机的一份回答 / until then the copy on each machine answers",
        )
    if other := [index for index, meta in used.items() if meta.get("analyzer") != analyzer]:
        return doubtful(check, f"是别的分词建的 / another analyzer's: {'、'.join(other)}", _REBUILD)
    return well(check, f"{tenants} 个租户 / tenants, {len(used)} 个索引 / indexes")
