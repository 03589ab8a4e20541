"""What Prometheus is told: its configuration, the alert rules and where each of them leads."""

import re
from pathlib import Path

import pytest

from tests.deploy.watching import PROMETHEUS, ROOT, RULES, Rule, labels_of, ours, read_yaml, rules, selectors, unknown
from tests.fixtures.promql import named
from tests.fixtures.promtool import promtool
from wecom_bot.adapters.coze.codes import FailureKind
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.telemetry import metrics

TESTS = ("alerts_test.yml", "alerts_days_test.yml")
ALERTS = [rule for rule in rules() if rule.alerts]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives a page's headings: letters and digits of any script, dashes for blanks."""
    seen = dict[str, int]()
    found = set[str]()
    fenced = False
    for line in page.splitlines():
        fenced ^= line.startswith("```")
        heading = re.fullmatch(r"#{1,6} +(.*?) *#*", line)
        if fenced or not heading:
            continue
        anchor = re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-")
        seen[anchor] = seen.get(anchor, -1) + 1
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
    return found


def test_anchors_are_githubs() -> None:
    page = (
        "# 死信 / Dead letters\n## 60020：出口 IP 不可信 / IP not trusted\n### A `b_c`, d!\n```\n# no\n```\n# A b_c d"
    )
    assert anchors(page) == {"死信--dead-letters", "60020出口-ip-不可信--ip-not-trusted", "a-b_c-d", "a-b_c-d-1"}


def test_the_configuration_is_one() -> None:
    told = promtool("check", "config", PROMETHEUS / "prometheus.yml")
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_rules_are_rules() -> None:
    told = promtool("check", "rules", *(PROMETHEUS / name for name in RULES))
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("name", TESTS)
def test_each_alert_fires_when_it_should_and_not_when_it_should_not(name: str) -> None:
    told = promtool("test", "rules", PROMETHEUS / name)
    assert told.returncode == 0, told.stdout + told.stderr


def test_no_alert_is_without_a_test_that_it_fires() -> None:
    tested = "".join((PROMETHEUS / name).read_text("utf-8") for name in TESTS)
    assert {rule.name for rule in ALERTS} == set(re.findall(r'alertname="(WecomBot\w+)"', tested))


def test_silence_is_tested_with_every_metric_there() -> None:
    (quiet,) = [each for each in read_yaml(PROMETHEUS / TESTS[0])["tests"] if each["name"] == "all is well"]
    there = set[str]().union(*(named(each["series"]).metrics for each in quiet["input_series"]))
    asked = {each for rule in rules() for each in named(rule.expression).metrics if ":" not in each}
    assert asked <= there


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule.name)
def test_an_alert_says_what_is_wrong_and_where_it_is_told_what_to_do(rule: Rule) -> None:
    body = rule.body
    assert body["labels"]["severity"] in {"warning", "critical"}
    chinese, _, english = body["annotations"]["summary"].partition(" / ")
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert re.search(r"[a-z]{3}", english)
    page, _, anchor = body["annotations"]["runbook"].partition("#")
    assert page == "docs/operations.md"
    assert anchor in anchors(OPERATIONS)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule.name)
def test_a_summary_shows_only_labels_that_the_alert_has(rule: Rule) -> None:
    said = named(rule.expression)
    has = said.grouped_by or set[str]().union(*(labels_of(metric) or set() for metric in said.metrics))
    templates = re.findall(r"{{(.*?)}}", rule.body["annotations"]["summary"])
    shown = {label for each in templates for label in re.findall(r"\$labels\.(\w+)", each)}
    assert shown <= has
    assert all(re.fullmatch(r" \$(labels\.\w+|value( \| (humanize|humanizeDuration))?) ", each) for each in templates)


def test_every_alert_has_its_row_and_no_other_has() -> None:
    table = OPERATIONS[OPERATIONS.index("## 告警 / Alerts") :]
    rows = [row for row in table.splitlines() if row.startswith("| `WecomBot")]
    assert {name for row in rows for name in re.findall(r"`(WecomBot\w+)`", row)} == {rule.name for rule in ALERTS}
    # and a section that says what to do names the alerts that lead to it, or is older than they are
    named_above = set(re.findall(r"`(WecomBot\w+)`", OPERATIONS[: OPERATIONS.index("## 告警 / Alerts")]))
    assert named_above <= {rule.name for rule in ALERTS}


def test_every_link_of_the_page_leads_somewhere() -> None:
    links = set(re.findall(r"\]\(#([^)]+)\)", OPERATIONS))
    assert links <= anchors(OPERATIONS)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_a_rule_names_only_what_is_shown(rule: Rule) -> None:
    assert unknown(rule.expression) == []


def test_a_name_that_nobody_shows_is_found() -> None:
    assert unknown("sum by (corp_id) (wecom_bot_waiting_job) > 1") == ["wecom_bot_waiting_job", "corp_id"]
    assert unknown('wecom_bot_turns_total{who="a", answerer=~"b|c"}') == ["wecom_bot_turns_total{who}"]
    assert unknown("max by (app) (wecom_bot_waiting_jobs) or on () up") == ["app"]
    assert unknown("histogram_quantile(0.9, sum by (le) (rate(wecom_bot_turn_seconds_bucket[5m])))") == []


def test_every_gauge_has_an_alert() -> None:
    gauges = {name for name, metric in ours().items() if metric._type == "gauge"}  # noqa: SLF001 - as in the docs' test
    assert gauges <= {each for rule in ALERTS for each in named(rule.expression).metrics}


def test_values_of_labels_are_those_that_are_given() -> None:
    values = {
        ("wecom_bot_search_mode", "mode"): {each.value for each in SearchMode},
        ("wecom_bot_searches_total", "mode"): {each.value for each in SearchMode},
        ("wecom_bot_measured_age_seconds", "what"): set(metrics.MEASURED),
        ("wecom_bot_coze_calls_total", "outcome"): {"ok", *(each.value for each in FailureKind)},
    }
    for each in selectors():
        for label, (_, value) in each.matchers.items():
            known = values.get((each.metric, label))
            assert known is None or set(value.split("|")) <= known, f"{each.metric}{{{label}}}: {value}"


def test_the_jobs_that_rules_know_are_scraped() -> None:
    jobs = {"wecom-bot-gateway", "wecom-bot-worker"}
    for name in ("targets.yml", "targets.compose.yml"):
        assert {each["labels"]["job"] for each in read_yaml(PROMETHEUS / name)} == jobs
    said = {each.matchers["job"][1] for each in selectors() if "job" in each.matchers}
    assert {job for value in said for job in jobs if re.fullmatch(value, job)} == jobs
    assert all(any(re.fullmatch(value, job) for job in jobs) for value in said)


def test_the_rules_that_are_off_are_there_to_be_switched_on(tmp_path: Path) -> None:
    for path in PROMETHEUS.glob("*.yml"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    config = tmp_path / "prometheus.yml"
    config.write_text(config.read_text("utf-8").replace("  # - alerts_hours.yml", "  - alerts_hours.yml"), "utf-8")
    assert read_yaml(config)["rule_files"] == list(RULES)
    told = promtool("check", "config", config)
    assert told.returncode == 0, told.stdout + told.stderr
