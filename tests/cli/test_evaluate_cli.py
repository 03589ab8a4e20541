"""`wecom-bot evaluate`, in a folder with nothing in it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.quality.questions import DATA, RETAIL
from wecom_bot.cli import main

KEYS = {
    *("mode", "n", "top1", "top3", "mrr", "auroc", "answered", "right", "wrong", "right_or_menu"),
    *("far_oos_answered", "near_oos_answered", "p95_ms"),
}
SETS = (
    *("--articles", str(RETAIL), "--queries", str(DATA / "retail_queries.jsonl")),
    *("--oos", str(DATA / "retail_out_of_scope.jsonl")),
)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def evaluate(*words: str) -> Result:
    return CliRunner().invoke(main, ["evaluate", "search", *words])


def test_words_alone_are_measured_without_a_trace(tmp_path: Path) -> None:
    done = evaluate(*SETS, "--json")
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert set(figures) == KEYS
    assert figures["mode"] == "lexical"
    assert figures["n"] == 88
    assert figures["top3"] > figures["top1"] > 0.6
    assert figures["answered"] == pytest.approx(figures["right"] + figures["wrong"])
    assert 0 < figures["near_oos_answered"] < figures["answered"]
    assert list(tmp_path.iterdir()) == []


def test_with_the_model_more_is_right(monkeypatch: pytest.MonkeyPatch, model_folder: Path) -> None:
    monkeypatch.setenv("WECOM_BOT_EMBEDDING_MODEL", str(model_folder.absolute()))
    words, meaning = (json.loads(evaluate(*SETS, "--mode", mode, "--json").stdout) for mode in ("lexical", "hybrid"))
    assert meaning["mode"] == "hybrid"
    assert meaning["right"] > 1.5 * words["right"]
    assert meaning["auroc"] > 0.86 > words["auroc"]


def test_thresholds_are_tried_and_shown_as_a_table() -> None:
    done = evaluate(*SETS, "--answer", "0", "--suggest", "0")
    assert "answered              1.000" in done.stdout


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    for line, said in (("nothing", "JSON"), ('{"gold": "a"}', "query"), ('{"query": "在吗", "gold": 7}', "gold")):
        bad.write_text(line)
        done = evaluate("--articles", str(RETAIL), "--queries", str(bad))
        assert done.exit_code == 2
        assert f"bad.jsonl 第 1 行 / line 1: {said}"[:24] in done.stderr
        assert said in done.stderr
    bad.write_text('{"query": "在吗", "gold": "no-such"}')
    assert "no-such" in evaluate("--articles", str(RETAIL), "--queries", str(bad)).stderr
    assert "--suggest" in evaluate(*SETS, "--answer", "0.1").stderr


def test_hybrid_without_a_model_says_how_to_get_one() -> None:
    done = evaluate(*SETS, "--mode", "hybrid")
    assert done.exit_code == 2
    assert "make model" in done.stderr
