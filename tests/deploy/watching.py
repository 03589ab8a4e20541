"""What stands in deploy/ for watching: rules and dashboard, and the metrics that they may name."""

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

from tests.fixtures.promql import Selector, named
from wecom_bot.telemetry import metrics

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
GRAFANA = ROOT / "deploy" / "grafana"
RULES = ("alerts.yml", "alerts_hours.yml")
SCRAPED = {"job", "instance"}  # what Prometheus itself gives every series

_yaml: Any = importlib.import_module("yaml")  # it is typed only where its stubs are


def read_yaml(path: Path) -> Any:
    return _yaml.safe_load(path.read_text("utf-8"))


@dataclass(frozen=True)
class Rule:
    """One rule of ours, alert or recorded."""

    name: str
    expression: str
    body: dict[str, Any]

    @property
    def alerts(self) -> bool:
        return "alert" in self.body


def rules() -> list[Rule]:
    return [
        Rule(rule.get("alert") or rule["record"], rule["expr"], rule)
        for name in RULES
        for group in read_yaml(PROMETHEUS / name)["groups"]
        for rule in group["rules"]
    ]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GRAFANA / "dashboards" / "wecom-bot.json").read_text("utf-8"))
    return found


def queries() -> Iterator[tuple[str, str]]:
    """Every expression of the dashboard, by its panel's title."""
    board = dashboard()
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for each in board["annotations"]["list"]:
        yield each["name"], each["expr"]
    for each in board["templating"]["list"]:
        inner = each["query"]["query"].removeprefix("label_values(").removesuffix(")")
        metric, _, label = inner.rpartition(", ")
        yield each["name"], f"max by ({label}) ({metric})"


def ours() -> dict[str, MetricWrapperBase]:
    """Our metrics, by the name that they are shown under."""
    found = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    return {shown: each for each in found for shown in _shown(each)}


def _shown(metric: MetricWrapperBase) -> Iterator[str]:
    (family,) = metric.describe()
    match metric:
        case Histogram():
            yield from (f"{family.name}_{part}" for part in ("bucket", "sum", "count"))
        case Gauge():
            yield family.name
        case _:
            yield f"{family.name}_total"


def labels_of(metric: str) -> set[str] | None:
    """The labels that a series of this name has; None where there is no such series."""
    recorded = {rule.name: named(rule.expression).grouped_by for rule in rules() if not rule.alerts}
    known = ours()
    if metric in {"up", "ALERTS"}:
        return SCRAPED | ({"alertname", "alertstate", "severity"} if metric == "ALERTS" else set())
    if metric in recorded:
        return recorded[metric]
    if metric not in known:
        return None
    return SCRAPED | set(known[metric]._labelnames) | ({"le"} if metric.endswith("_bucket") else set())  # noqa: SLF001 - it has no public way to ask


def unknown(expression: str) -> list[str]:
    """What the expression names and nobody shows: metrics, labels that it matches, labels that it groups by."""
    said = named(expression)
    grouped = set(said.grouped_by)
    wrong = list[str]()
    for each in said.selectors:
        has = labels_of(each.metric)
        if has is None:
            wrong.append(each.metric)
        else:
            wrong += [f"{each.metric}{{{label}}}" for label in each.matchers if label not in has]
            grouped -= has
    return [*wrong, *sorted(grouped)]


def selectors() -> Iterator[Selector]:
    """All of rules and dashboard."""
    for expression in [*(rule.expression for rule in rules()), *(expression for _, expression in queries())]:
        yield from named(expression).selectors
