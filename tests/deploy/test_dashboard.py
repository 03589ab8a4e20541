"""Grafana's dashboard: it asks only for what is shown, and leaves nothing out."""

import json
import re
from pathlib import Path

import pytest

from tests.deploy.watching import GRAFANA, dashboard, ours, queries, read_yaml, unknown
from tests.fixtures.promql import named
from tests.fixtures.promtool import promtool


def as_asked(expression: str) -> str:
    """With Grafana's variables filled in."""
    return expression.replace("$__rate_interval", "5m").replace("$corp_id", "ww1|ww2")


@pytest.mark.parametrize(("title", "expression"), list(queries()))
def test_a_panel_asks_only_for_what_is_shown(title: str, expression: str) -> None:
    assert title
    assert named(expression).selectors
    assert unknown(expression) == []


def test_every_expression_is_one(tmp_path: Path) -> None:
    asked = [{"record": f"panel:{number}", "expr": as_asked(each)} for number, (_, each) in enumerate(queries())]
    path = tmp_path / "panels.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": asked}]}))  # JSON is YAML
    told = promtool("check", "rules", path)
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_metric_has_a_panel() -> None:
    asked = set[str]().union(*(named(expression).metrics for _, expression in queries()))
    assert set(ours()) <= asked


def test_titles_are_chinese_with_english_beside() -> None:
    for panel in dashboard()["panels"]:
        chinese, _, english = panel["title"].partition(" / ")
        assert re.search(r"[\u4e00-\u9fff]", chinese), panel["title"]
        assert re.search(r"[A-Z]", english), panel["title"]


def test_panels_lie_beside_each_other() -> None:
    taken = set[tuple[int, int]]()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not taken & cells, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in dashboard()["panels"]}) == len(dashboard()["panels"])


def test_it_is_provisioned_with_where_its_numbers_come_from() -> None:
    (source,) = read_yaml(GRAFANA / "provisioning" / "datasources" / "prometheus.yml")["datasources"]
    (provider,) = read_yaml(GRAFANA / "provisioning" / "dashboards" / "wecom-bot.yml")["providers"]
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    uids = set(re.findall(r'"type": "prometheus",\s+"uid": "([^"]+)"', json.dumps(dashboard(), indent=1)))
    assert uids == {source["uid"]}
