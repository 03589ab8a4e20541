"""`wecom-bot search`, as an operator uses it, on a real Elasticsearch."""

import json
import re
from uuid import uuid4

import pytest

from tests.fixtures.command_line import CommandLine
from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.names import IndexNames
from wecom_bot.bootstrap import indexes, search, stores
from wecom_bot.domain.message import CorpId
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.settings import Settings, load

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
ROWS = [{"id": f"a{n}", "question": f"几点关门{'一二三'[n]}", "answer": "九点"} for n in range(3)]


@pytest.fixture
def house(
    furnished: CommandLine,
    elasticsearch_url: str,
    index_names: IndexNames,
    monkeypatch: pytest.MonkeyPatch,
) -> CommandLine:
    """Two tenants with three articles each, which a worker has brought into a shared index."""
    prefix = f"{index_names.prefix}-{uuid4().hex[:4]}-cli"  # nothing is there yet
    given = {"URL": elasticsearch_url, "PREFIX": prefix, "SHARDS": "1", "REPLICAS": "0"}
    for name, value in given.items():
        monkeypatch.setenv(f"WECOM_BOT_SEARCH_{name}", value)
    for corp_id in (ACME, GLOBEX):
        save(furnished, corp_id, ROWS)
    follow(load())
    return furnished


def save(wecom_bot: CommandLine, corp_id: CorpId, rows: list[dict[str, str]]) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    assert wecom_bot("articles", "import", corp_id, wecom_bot.write("a.jsonl", lines)).status == 0


def follow(settings: Settings) -> None:
    """What a worker does by itself, within a second."""
    engine = stores.sql_engine(settings)
    indexes.index_changes(settings, engine, LocalCircuitBreaker())()
    engine.dispose()


def answer(corp_id: CorpId, question: str) -> str | None:
    """What a customer is told who asks this in these words."""
    settings = load()
    engine = stores.sql_engine(settings)
    found = search.search_index(settings, engine, None).search(corp_id, question, 1)
    engine.dispose()
    return found[0].answer if found and found[0].score == 1 else None


def states(wecom_bot: CommandLine, corp_id: CorpId = ACME) -> list[tuple[str, str, str, str]]:
    """Of each index: its name's end, state, articles and how far behind."""
    said = wecom_bot("search", "status", corp_id)
    assert said.status == 0, said.complaint
    rows = [line.split("\t") for line in said.output.splitlines()[1:]]
    return [(row[1].split("-cli-")[1], row[2].split(" / ")[-1], row[3], row[4]) for row in rows]


def test_indexes_are_rebuilt_moved_and_gone_back_to_while_customers_are_answered(house: CommandLine) -> None:
    assert states(house) == [("shared-000001", "answers", "3", "0")]
    rebuilt = house("search", "rebuild", "--all")
    assert rebuilt.status == 0
    told = re.findall(r"index\.\w+", rebuilt.complaint)
    assert told == ["index.building", "index.proving", "index.built"], "who waits sees it go on"
    assert "shared-000002" in rebuilt.output
    assert "6 条" in rebuilt.output
    assert "kept for a rollback" in rebuilt.output
    assert states(house) == [("shared-000001", "kept", "3", "0"), ("shared-000002", "answers", "3", "0")]

    save(house, ACME, [{**ROWS[1], "answer": "十点"}])
    assert [row[3] for row in states(house)] == ["1", "1"]
    follow(load())
    assert answer(ACME, "几点关门二") == "十点"
    assert house("search", "rollback", ACME).status == 0
    assert answer(ACME, "几点关门二") == "十点"
    assert answer(GLOBEX, "几点关门二") == "九点"
    assert states(house)[0] == ("shared-000001", "answers", "3", "0")

    moved = house("search", "move", ACME, "--own")
    assert moved.status == 0
    assert house("search", "drop-old", ACME, "--yes").status == 0
    assert states(house) == [("own-ww_acme-000001", "answers", "3", "0")]
    assert answer(ACME, "几点关门二") == "十点"
    assert house("search", "move", ACME, "--own").output.startswith("本来就在那里")
    assert house("search", "move", ACME, "--shared").status == 0
    assert answer(ACME, "几点关门二") == "十点"
    dropped = house("search", "drop-old", "--all", "--yes")
    assert "own-ww_acme-000001" in dropped.output
    assert "shared-000001" in dropped.output
    assert states(house) == [("shared-000002", "answers", "3", "0")]
    assert answer(GLOBEX, "几点关门三") == "九点"
    assert house("search", "rollback", ACME).status == 2


def test_an_index_of_another_version_is_told_and_a_rebuild_takes_its_place(
    house: CommandLine, elasticsearch: Cluster
) -> None:
    ((index, _, _, _),) = states(house)
    older, name = {"recipe": 0, "analyzer": ""}, f"{load().search_prefix}-{index}"
    elasticsearch.ask(lambda es: es.indices.put_mapping(index=name, meta=older))
    assert house("search", "status").output.count("要重建 / rebuild") == 2, "both tenants"
    assert house("search", "rebuild", "--all").status == 0
    assert house("search", "status").output.count("another version's，留着 / kept") == 2
    refused = house("search", "rollback", "--all")
    assert (refused.status, "this version" in refused.complaint) == (2, True)
    assert answer(ACME, "几点关门一") == "九点"


def test_the_first_index_of_all_leaves_nothing_to_go_back_to(
    house: CommandLine, index_names: IndexNames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECOM_BOT_SEARCH_PREFIX", f"{index_names.prefix}-new")  # as an engine that lost all its data
    rebuilt = house("search", "rebuild", "--all")
    assert rebuilt.status == 0, rebuilt.complaint
    assert "nothing to go back to" in rebuilt.output


def test_without_an_engine_apart_there_is_nothing_to_see_to(furnished: CommandLine) -> None:
    for command in (["status"], ["rebuild", "--all"], ["rollback", ACME], ["move", ACME, "--own"]):
        done = furnished("search", *command)
        assert done.status == 2
        assert "WECOM_BOT_SEARCH_URL" in done.complaint


def test_while_the_engine_is_away_the_status_is_what_sql_knows(
    house: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECOM_BOT_SEARCH_URL", "http://127.0.0.1:9")
    told = house("search", "status", ACME)
    assert told.status == 1
    assert "Elasticsearch" in told.complaint
    (row,) = [line.split("\t") for line in told.output.splitlines()[1:]]
    assert row[0] == ACME
    assert row[2:4] == ["没答 / away", "?"]


def test_what_a_command_needs_is_asked_for(furnished: CommandLine) -> None:
    for command in (["rebuild"], ["rebuild", ACME, "--all"], ["rollback"], ["drop-old"], ["move", ACME]):
        assert furnished("search", *command).status == 2
