"""What the doctor says of a search engine, real and scripted."""

import json
from collections.abc import Collection, Mapping

import pytest

from tests.adapters.test_elastic_trouble import cluster
from tests.fixtures.ports import free_port
from tests.fixtures.scripted_elasticsearch import Heard, Told, standing_in
from wecom_bot.adapters.search.elastic.checkup import look
from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.mapping import IndexShape
from wecom_bot.adapters.search.elastic.names import IndexNames, generation
from wecom_bot.adapters.search.elastic.places import IndexPlaces
from wecom_bot.domain.finding import Finding, State
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure

NAMES = IndexNames("wb")
WELL: Mapping[str, object] = {
    "/_cluster/health": {"status": "green"},
    "/_nodes": {"nodes": {"a": {"version": "8.19.5"}, "b": {"version": "8.19.5"}}},
    "/_security": {"username": "bot", "has_all_requested": True},
    "/wb-": {"wb-shared-000001": {"aliases": {"wb-tenant-ww1": {}}, "mappings": {"_meta": {"recipe": 0}}}},
}


def found(
    at: Cluster, names: IndexNames = NAMES, analyzer: str = "", indexed: Collection[CorpId] = ()
) -> dict[str, Finding]:
    return {each.check: each for each in look(at, names, analyzer, indexed)}


def told(changes: Mapping[str, object]) -> dict[str, Finding]:
    """What is found of one that says so, and is well else."""

    def answer(heard: Heard) -> Told:
        body = next(each for path, each in {**WELL, **changes}.items() if heard.target.startswith(path))
        return Told(body) if isinstance(body, int) else Told(200, json.dumps(body).encode())

    with standing_in(answer) as url:
        return found(cluster(url))


def test_a_server_without_login_and_indexes_of_ours_is_well(elasticsearch: Cluster, index_names: IndexNames) -> None:
    names = IndexNames(f"{index_names.prefix}-doctor")
    before = found(elasticsearch, names)
    IndexPlaces(elasticsearch, names, IndexShape(1, 0)).ready(CorpId("wwDoctor"))
    after = found(elasticsearch, names)
    assert "8." in after["search.engine"].seen
    assert after["search.rights"].state is State.SKIPPED
    assert (before["search.aliases"].state, after["search.aliases"].state) == (State.SKIPPED, State.OK)
    assert found(elasticsearch, names, "ik_max_word")["search.aliases"].state is State.WARNING


def test_only_missing_shards_of_indexes_of_ours_are_a_fault(elasticsearch: Cluster, index_names: IndexNames) -> None:
    names, others = IndexNames(f"{index_names.prefix}-red"), IndexNames(f"{index_names.prefix}-well")
    nowhere = {"index.routing.allocation.include._name": "no-such-node", "number_of_replicas": 0}
    index = generation(names.shared, 1)
    elasticsearch.ask(lambda es: es.indices.create(index=index, settings=nowhere, wait_for_active_shards=0))
    try:
        assert found(elasticsearch, names)["search.engine"].state is State.FAILED
        assert found(elasticsearch, others)["search.engine"].state is State.OK
        elasticsearch.ping(names.tenants)  # one that answers nobody, as where a rebuild lost a node
        elasticsearch.ask(lambda es: es.indices.put_alias(index=index, name=names.tenant(CorpId("wwRed"))))
        with pytest.raises(TemporaryFailure, match="red"):
            elasticsearch.ping(names.tenants)
        elasticsearch.ping(others.tenants)
    finally:
        elasticsearch.ask(lambda es: es.indices.delete(index=index))


def test_who_shares_its_prefix_with_another_installation_is_told_so(
    elasticsearch: Cluster, index_names: IndexNames
) -> None:
    names = IndexNames(f"{index_names.prefix}-both")
    ours, theirs = CorpId("wwOurs"), CorpId("wwTheirs")
    for each in (ours, theirs):
        IndexPlaces(elasticsearch, names, IndexShape(1, 0)).ready(each)
    told = found(elasticsearch, names, indexed=[ours])["search.aliases"]
    assert told.state is State.WARNING
    assert names.tenant(theirs) in told.seen
    assert names.tenant(ours) not in told.seen
    assert "WECOM_BOT_SEARCH_PREFIX" in told.mend


@pytest.mark.parametrize(
    ("changes", "check", "state", "said"),
    [
        ({}, "search.engine", State.OK, "green"),
        ({}, "search.rights", State.OK, "bot"),
        ({}, "search.aliases", State.FAILED, "rebuild"),
        ({"/_cluster/health": {"status": "yellow"}}, "search.engine", State.WARNING, "search rebuild --all"),
        ({"/_cluster/health": {"status": "red"}}, "search.engine", State.FAILED, "shards are missing"),
        ({"/_nodes": {"nodes": {"a": {"version": "9.1.0"}}}}, "search.engine", State.FAILED, "Elasticsearch 8"),
        ({"/_cluster/health": 401}, "search.engine", State.FAILED, "WECOM_BOT_SEARCH_PASSWORD"),
        ({"/_nodes": 503}, "search.engine", State.FAILED, "503"),
        (
            {"/_security": {"username": "bot", "has_all_requested": False}},
            "search.rights",
            State.FAILED,
            "read、write、manage",
        ),
        ({"/wb-": {}}, "search.aliases", State.SKIPPED, "no tenant"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    changes: Mapping[str, object], check: str, state: State, said: str
) -> None:
    seen = told(changes)[check]
    assert (seen.state, said in seen.seen + seen.mend) == (state, True)


def test_a_tenant_whose_alias_is_gone_or_points_at_two_indexes_is_said(
    elasticsearch: Cluster, index_names: IndexNames
) -> None:
    names, corp_id = IndexNames(f"{index_names.prefix}-gone"), CorpId("wwGone")
    places = IndexPlaces(elasticsearch, names, IndexShape(1, 0))
    lost = found(elasticsearch, names, indexed=[corp_id])["search.aliases"]
    assert (lost.state, "wwGone" in lost.seen, "rebuild" in lost.mend) == (State.FAILED, True, True)
    places.ready(corp_id)
    second = generation(names.shared, 2)
    places.make(second)
    elasticsearch.ask(lambda es: es.indices.update_aliases(actions=[places.pointing(corp_id, second)]))
    twice = found(elasticsearch, names, indexed=[corp_id])["search.aliases"]
    assert (twice.state, names.tenant(corp_id) in twice.seen) == (State.WARNING, True)


def test_one_that_is_away_is_said() -> None:
    (seen,) = look(cluster(f"http://127.0.0.1:{free_port()}"), NAMES)
    assert (seen.check, seen.state) == ("search.engine", State.FAILED)
