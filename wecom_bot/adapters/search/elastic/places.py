"""Where each tenant's articles lie: behind an alias of its own, made when it is first written to.

Small tenants share one index: the alias finds by filter and routing, so that nothing of another tenant's is behind it.
All of it is safe for two at once: whoever makes what is there already finds it made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.mapping import IndexShape
from wecom_bot.adapters.search.elastic.names import IndexNames, generation
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Misconfigured

PATIENCE = timedelta(seconds=30)  # for what changes the cluster's state: nobody waits for it but who indexes
_MADE_BEFORE = "resource_already_exists_exception"
_NO_ANALYZER = "mapper_parsing_exception"  # all else in the mapping is known to every Elasticsearch 8


@dataclass(frozen=True, slots=True)
class IndexPlaces:
    """The aliases and indexes of one installation. Everything raises what Cluster.ask does."""

    cluster: Cluster
    names: IndexNames
    shape: IndexShape

    def of(self, corp_id: CorpId) -> str | None:
        """The index behind the tenant's alias; None if it was never written to."""
        return next(iter(self.behind(self.names.tenant(corp_id))), None)

    def ready(self, corp_id: CorpId) -> str:
        """The tenant's alias, to write through; made on the shared index if there is none yet."""
        alias = self.names.tenant(corp_id)
        if not self.behind(alias):
            pointing = self.pointing(corp_id, self.shared())
            self.cluster.ask(lambda es: es.indices.update_aliases(actions=[pointing]), PATIENCE)
        return alias

    def shared(self) -> str:
        """The index that small tenants share; made if there is none yet."""
        for index in self.behind(self.names.shared):
            return index
        first = generation(self.names.shared, 1)
        self.make(first, aliases={self.names.shared: {}})
        return next(iter(self.behind(self.names.shared)), first)

    def make(
        self,
        index: str,
        *,
        aliases: Mapping[str, Any] | None = None,
        own: CorpId | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """A new index, with these settings in the place of a live one's; nothing if it is there already.

        It is shared, or one tenant's `own`.
        """
        shape = replace(self.shape, shards=self.shape.shards or self._twice_the_nodes())
        body = shape.body_of(own) if own else shape.body()

        def create(es: Elasticsearch) -> None:
            try:
                es.indices.create(
                    index=index,
                    settings=body["settings"] | dict(settings or {}),
                    mappings=body["mappings"],
                    aliases=dict(aliases or {}),
                )
            except BadRequestError as e:
                if e.error == _MADE_BEFORE:
                    return
                if e.error == _NO_ANALYZER and shape.analyzer:
                    raise Misconfigured(_analyzer(shape.analyzer)) from e
                raise

        self.cluster.ask(create, PATIENCE)

    def pointing(self, corp_id: CorpId, index: str) -> dict[str, Any]:
        """The action that points the tenant's alias to an index, for `update_aliases`, which takes several at once."""
        own = {"term": {"corp_id": corp_id}}
        return {"add": {"index": index, "alias": self.names.tenant(corp_id), "filter": own, "routing": corp_id}}

    def behind(self, alias: str) -> list[str]:
        """The indexes behind an alias; none if there is no such alias."""

        def look(es: Elasticsearch) -> list[str]:
            try:
                return sorted(es.indices.get_alias(name=alias).body)
            except NotFoundError:
                return []

        return self.cluster.ask(look, PATIENCE)

    def _twice_the_nodes(self) -> int:
        health = self.cluster.ask(lambda es: es.cluster.health(), PATIENCE)
        return max(1, 2 * int(health["number_of_data_nodes"]))


def _analyzer(named: str) -> str:
    return (
        f"WECOM_BOT_SEARCH_ANALYZER: 集群没有分词器 {named}：每个节点都要装它的插件（ik 是 analysis-ik），或不设这一项"
        " / the cluster has no such analyzer: install its plugin on every node, or leave that unset"
    )
