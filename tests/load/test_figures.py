"""The figures of the bench, and what is written down of them."""

import json
from math import nan
from pathlib import Path
from typing import Any

import pytest

from tests.load import goals
from tests.load.bench import KEYS, SECTIONS, measured
from tests.load.figures import median_by_name, percentile, rounded
from tests.load.pools import KEYS as POOL_KEYS
from tests.load.pools import OF_A_TURN
from tests.load.pools import figures as pool_figures
from tests.load.record import Record, Section
from tests.load.report import renewed, tables
from tests.load.sides import Round
from tests.load.trace import way
from tests.load.turns import HOT, KINDS, Rounds, figures
from tests.load.turns import KEYS as TURN_KEYS

ASKED_FOR = {
    *("ack_per_s", "ack_ratio_to_noop", "ack_p99_ms", "cpu_ms", "cpu_by_process", "cpu_ratio_to_floor", "redis_trips"),
    *("added_ms", "pss_mb", "cold_start_s", "recovery_s", "coze_calls", "fairness"),
    *("date", "commit", "python", "cores", "cpu", "load"),
}


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 51.0), (0.99, 100.0), (1.0, 100.0)])
def test_a_percentile_is_one_of_the_values_in_their_order(share: float, value: float) -> None:
    assert percentile([float(each) for each in range(100, 0, -1)], share) == value


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_the_median_is_taken_of_each_figure_and_what_a_round_lacks_was_nothing() -> None:
    rounds = [{"worker": 3.0}, {"worker": 1.0, "valkey": 5.0}, {"worker": 2.0, "valkey": 7.0}]
    assert median_by_name(rounds) == {"worker": 2.0, "valkey": 5.0}


def test_figures_are_rounded_wherever_they_stand() -> None:
    assert rounded({"a": {"b": 1.23456}, "c": [0.00049, "x"], "d": 7}) == {"a": {"b": 1.235}, "c": [0.0, "x"], "d": 7}


def test_every_figure_asked_for_is_a_sections_and_no_two_sections_share_one() -> None:
    assert {*KEYS} >= ASKED_FOR
    assert len(KEYS) == len({*KEYS})


def test_the_whole_bench_has_twenty_minutes() -> None:
    assert sum(section.budget for section in SECTIONS) <= 20 * 60


def section(found: Any, name: str = "one", keys: tuple[str, ...] = ("a", "b")) -> Section:
    def measure() -> Any:
        if isinstance(found, Exception):
            raise found
        return found

    return Section(name, keys, measure, 60)


def test_what_was_measured_is_written_with_where_and_when(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    assert measured([section({"a": 1.00049, "b": {"p50": 2}})], path) == 0
    written = json.loads(path.read_text())
    assert written["a"] == 1.0
    assert written["b"] == {"p50": 2}
    assert written["failed"] == {}
    assert {"date", "commit", "python", "cores", "cpu", "took_s"} <= written.keys()


@pytest.mark.parametrize(
    "found", [{"a": 1}, {"a": 1, "b": None}, {"a": 1, "b": {}}, {"a": 1, "b": {"p50": nan}}, RuntimeError("no")]
)
def test_a_section_without_all_its_figures_has_failed_and_the_others_stand(
    tmp_path: Path, found: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bench.json"
    assert measured([section(found), section({"c": 3}, "two", ("c",))], path) == 1
    written = json.loads(path.read_text())
    assert "a" not in written
    assert written["c"] == 3
    assert {*written["failed"]} == {"one"}
    assert "FAILED: one: " in capsys.readouterr().out


@pytest.mark.parametrize(("holds", "code"), [(True, 0), (False, 1)])
def test_a_broken_bound_is_told_by_the_exit_status(holds: bool, code: int) -> None:  # noqa: FBT001 - pytest's
    assert measured([section({"fairness": {"crowd": {"holds": holds}}}, "fairness", ("fairness",))], None) == code


def test_a_round_of_turns_comes_to_every_figure_of_its_section() -> None:
    one = Round({"worker": 8.0, "gateway": 2.0}, [210.0, 220.0, 300.0])
    ours = Rounds({name: [one] for name in KINDS}, {"coze_turn": [one], "coze_turn_kf": [one]})
    floor = Rounds({name: [Round({"gateway": 4.0}, [205.0])] for name in ("coze_turn", "coze_turn_kf")}, ours.paced)
    ours.fast |= {name: [one] for name in HOT}
    found = figures(ours, floor)
    assert found.keys() == {*TURN_KEYS}
    assert found["cpu_ms"] == dict.fromkeys(("faq", "order", "coze_turn", "coze_turn_kf", "hot_answer"), 10.0)
    assert found["cpu_ratio_to_floor"] == {"coze_turn": 2.5, "coze_turn_kf": 2.5}
    assert found["added_ms"] == {"p50": 20.0, "p99": 100.0}


def test_each_goal_is_told_with_its_bounds_and_whether_it_is_reached() -> None:
    found = {"ack_ratio_to_noop": 0.47, "cpu_ms": {"faq": 9.96}, "cpu_floor_ms": {"faq": 2.2}, "coze_calls": {"5": 2}}
    shown = {row[0].partition(" / ")[0]: row[1:] for row in goals.rows(found)}
    assert shown["落盘应答与空 POST 之比，64 条"] == ("0.47", "1", "≥ 0.45", "≥ 0.5", "达到 yes")
    assert shown["CPU，知识库原文，词法"] == ("9.96 ms", "2.2", "≤ 2.5", "≤ 1.5", "没有 NO")
    assert shown["连说 5 句"] == ("2", "1", "≤ 5", "≤ 2", "目标 aim")
    assert shown["闲时内存"] == ("没有测到 -", "-", "≤ 200", "≤ 150", "-")


def test_every_goal_is_of_a_figure_that_is_measured() -> None:
    places = {goal.path.partition(".")[0] for goal in goals.GOALS} - {"frames_to_socket"}
    assert places <= {*KEYS}


def test_the_way_of_a_turn_is_that_of_its_jobs_in_the_middle() -> None:
    jobs = [
        {"kind": kind, "calls": calls + number, "changes": 10, "modules": [kind, "both", *(["cold"] * (number < 4))]}
        for kind, calls in (("pull", 100), ("answer", 1000))
        for number in range(9)
    ]
    assert way(jobs) == {"way_modules": 3, "way_calls": 1112, "way_changes": 20}


def test_the_table_says_what_was_not_measured() -> None:
    record = Record(
        figures={"ack_per_s": 857.4, "coze_calls": {"1": 1, "2": 3, "5": 9, "10": 12}}, failed={"acks": "x"}
    )
    shown = tables(json.loads(record.written()))
    assert "857/s" in shown
    assert "1、3、9、12" in shown
    assert "没有测到" in shown
    assert "没有测成的部分：acks" in shown


def test_a_page_gets_new_tables_in_place_of_the_old_and_keeps_the_rest() -> None:
    found = json.loads(Record(figures={"ack_per_s": 123.0}).written())
    page = "above\n<!-- figures -->\nstale words\n<!-- /figures -->\nbelow\n"
    new = renewed(page, found)
    assert new.startswith("above\n<!-- figures -->\n")
    assert new.endswith("<!-- /figures -->\nbelow\n")
    assert "stale words" not in new
    assert "123/s" in new
    assert renewed(new, found) == new
    with pytest.raises(ValueError, match="no <!-- figures -->"):
        renewed("above\nbelow\n", found)


def test_the_page_of_the_docs_can_be_renewed() -> None:
    page = (Path(__file__).parents[2] / "docs" / "performance.md").read_text(encoding="utf-8")
    assert "| 456/s" in renewed(page, json.loads(Record(figures={"ack_per_s": 456.0}).written()))


def test_a_turn_over_kept_connections_is_held_against_one_over_new_ones() -> None:
    kept, new = {name: [1.0, 2.0, 9.0] for name in OF_A_TURN}, {name: [4.0, 3.0, 3.0] for name in OF_A_TURN}
    found = pool_figures(kept, new)
    assert found.keys() == {*POOL_KEYS}
    assert (found["pool_ratio"], found["pool_saved_ms"]) == (1.5, 1.0 * sum(OF_A_TURN.values()))
