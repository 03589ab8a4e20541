"""The indexes themselves: made, pointed at and taken away, so that a tenant is found in one of them at every moment.

unfinished   no refresh, and no replicas before it is full: it is filled and proved, and answers nobody
live         behind a tenant's alias, or behind the shared one
kept         neither: it is followed for a rollback
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar

from elasticsearch import Elasticsearch, NotFoundError

from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.mapping import RECIPE
from wecom_bot.adapters.search.elastic.names import IndexNames, generation, number
from wecom_bot.adapters.search.elastic.places import PATIENCE, IndexPlaces
from wecom_bot.adapters.search.elastic.refusals import NotThere
from wecom_bot.adapters.search.elastic.writing import refusals_of
from wecom_bot.domain.indexing import StandingIndex
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Rejected

_FILLING: dict[str, Any] = {
    "number_of_replicas": 0,
    "refresh_interval": "-1",
    # a node that dies takes an index with it that answers nobody: it is built anew then
    "translog": {"durability": "async", "sync_interval": "30s", "flush_threshold_size": "1gb"},
}
_AS_USUAL: dict[str, Any] = {"durability": None, "sync_interval": None, "flush_threshold_size": None}
_LONG = timedelta(minutes=10)  # the flushing of a big index
_COPYING, _TIMED_OUT = "10s", HTTPStatus.REQUEST_TIMEOUT
_AT_ONCE = 1000  # documents

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class ElasticShelf:
    """Implements ports.IndexShelf."""

    cluster: Cluster
    places: IndexPlaces
    names: IndexNames

    def all(self) -> Sequence[StandingIndex]:
        def look(es: Elasticsearch) -> Mapping[str, Any]:
            found: Mapping[str, Any] = es.indices.get(index=self.names.pattern, features=["mappings", "settings"]).body
            return found

        found = self.cluster.ask(look, PATIENCE)
        ours = [_standing(name, each) for name, each in found.items() if self._is_ours(name, _meta(each))]
        return sorted(ours, key=lambda each: (each.made_at, each.name))

    def live(self, corp_ids: Collection[CorpId]) -> Mapping[CorpId, str]:
        behind = self._behind(self.names.tenants)
        wanted = {self.names.tenant(corp_id): corp_id for corp_id in corp_ids}
        return {wanted[alias]: indexes[0] for alias, indexes in behind.items() if alias in wanted}

    def shared(self) -> str | None:
        return next(iter(self.places.behind(self.names.shared)), None)

    def place(self, corp_id: CorpId) -> str:
        self.places.ready(corp_id)
        index = self.places.of(corp_id)
        if index is None:
            raise NotThere(f"the alias of {corp_id} is gone again")
        return index

    def make(self, own: CorpId | None) -> str:
        family = self.names.own(own) if own else self.names.shared
        taken = [number(family, each.name) or 0 for each in self.all()]
        name = generation(family, max(taken, default=0) + 1)
        self.places.make(name, own=own, settings=_FILLING)
        return name

    def copy(self, index: str) -> None:
        self._flush(index)
        self._set(index, {"number_of_replicas": self.places.shape.replicas})

    def finish(self, index: str) -> None:
        self._set(index, {"refresh_interval": self.places.shape.settings()["refresh_interval"], "translog": _AS_USUAL})
        self._flush(index)  # what was put until now may not be on the disk
        self._of(index, lambda es: es.indices.refresh(index=index), _LONG)

    def copied(self, index: str) -> bool:
        def look(es: Elasticsearch) -> bool:
            now = es.cluster.health(index=index)
            # not for green, which never comes with fewer nodes than copies
            copies = min(1 + self.places.shape.replicas, int(now["number_of_data_nodes"]))
            wanted, patient = str(copies * int(now["active_primary_shards"])), es.options(ignore_status=_TIMED_OUT)
            return not patient.cluster.health(index=index, wait_for_active_shards=wanted, timeout=_COPYING)["timed_out"]

        return self._of(index, look)

    def point(self, targets: Mapping[CorpId, str], shared: str | None = None) -> None:
        actions = list(self._swaps(targets))
        if shared:
            actions += _moved({"alias": self.names.shared}, self.places.behind(self.names.shared), shared)
        if actions:
            self.cluster.ask(lambda es: es.indices.update_aliases(actions=actions), PATIENCE)

    def forget(self, corp_id: CorpId, index: str) -> None:
        try:
            self.cluster.ask(lambda es: es.indices.refresh(index=index), _LONG)  # what was put a moment ago goes, too
        except NotThere:
            return
        while some := self._documents(corp_id, index):
            doomed = [
                {"delete": {"_id": key, "routing": corp_id, "version": version, "version_type": "external_gte"}}
                for key, version in some
            ]
            self._delete(corp_id, index, doomed)

    def drop(self, index: str) -> None:
        self.cluster.ask(lambda es: es.indices.delete(index=index, ignore_unavailable=True), PATIENCE)

    def _swaps(self, targets: Mapping[CorpId, str]) -> Iterator[dict[str, Any]]:
        behind = self._behind(self.names.tenants)
        for corp_id, index in targets.items():
            add = self.places.pointing(corp_id, index)["add"]
            yield from _moved(add, behind.get(add["alias"], []), index)

    def _documents(self, corp_id: CorpId, index: str) -> list[tuple[str, int]]:
        """Some that the tenant has there, with their versions."""
        asked: dict[str, Any] = {
            "query": {"term": {"corp_id": corp_id}},
            "size": _AT_ONCE,
            "source": False,
            "version": True,
            "sort": ["_doc"],
        }
        found = self._of(index, lambda es: es.search(index=index, routing=corp_id, **asked))
        return [(each["_id"], each["_version"]) for each in found["hits"]["hits"]]

    def _delete(self, corp_id: CorpId, index: str, doomed: Sequence[Mapping[str, Any]]) -> None:
        def send(es: Elasticsearch) -> None:
            if stuck := refusals_of(corp_id, es.bulk(index=index, operations=doomed, refresh=True)):
                raise Rejected(f"{index}: {len(stuck)} 条删不掉 / cannot be removed ({stuck[0].why})")

        self._of(index, send, _LONG)

    def _flush(self, index: str) -> None:
        """Twice: of the last commit but one copies are made, and all that is newer is indexed once more."""
        for _ in range(2):
            self._of(index, lambda es: es.indices.flush(index=index, force=True, wait_if_ongoing=True), _LONG)

    def _set(self, index: str, settings: Mapping[str, Any]) -> None:
        self._of(index, lambda es: es.indices.put_settings(index=index, settings={"index": settings}))

    def _of(self, index: str, call: Callable[[Elasticsearch], Answer], patience: timedelta = PATIENCE) -> Answer:
        """What is asked of an index that has to be there."""
        try:
            return self.cluster.ask(call, patience)
        except NotThere as e:
            raise Rejected(f"{index} 不在了 / is not there (any more)") from e

    def _behind(self, name: str) -> Mapping[str, Sequence[str]]:
        """The indexes behind each alias of such a name: one, unless somebody has added another by hand."""

        def look(es: Elasticsearch) -> Mapping[str, Any]:
            try:
                found: Mapping[str, Any] = es.indices.get_alias(name=name).body
            except NotFoundError:
                return {}
            return found

        behind: dict[str, list[str]] = {}
        for index, each in sorted(self.cluster.ask(look, PATIENCE).items()):
            for alias in each["aliases"]:
                behind.setdefault(alias, []).append(index)
        return behind

    def _is_ours(self, name: str, meta: Mapping[str, Any]) -> bool:
        """Another installation's prefix may begin with ours and go on as our names do: indexes say whose they are."""
        if "recipe" not in meta:  # Elasticsearch made it by itself
            return number(self.names.shared, name) is not None or name.startswith(f"{self.names.prefix}-own-")
        own = meta.get("own")
        return number(self.names.own(CorpId(own)) if own else self.names.shared, name) is not None


def _moved(alias: Mapping[str, Any], before: Sequence[str], after: str) -> Iterator[dict[str, Any]]:
    """What takes an alias from wherever it is to one index: in one request they happen at one moment."""
    for each in before:
        if each != after:
            yield {"remove": {"index": each, "alias": alias["alias"], "must_exist": True}}
    if after not in before:
        yield {"add": {**alias, "index": after}}


def _meta(found: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = found["mappings"].get("_meta", {})
    return meta


def _standing(name: str, found: Mapping[str, Any]) -> StandingIndex:
    settings, meta = found["settings"]["index"], _meta(found)
    made_at = datetime.fromtimestamp(int(settings["creation_date"]) / 1000, UTC)
    own = meta.get("own")
    unfinished, foreign = settings.get("refresh_interval") == "-1", meta.get("recipe") != RECIPE
    return StandingIndex(name, CorpId(own) if own else None, made_at, unfinished, foreign)
