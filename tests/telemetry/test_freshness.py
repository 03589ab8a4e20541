"""What was measured, as it is shown: to Prometheus, by a process alone and by a group."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.samples import Sample

from wecom_bot.telemetry import exposition, metrics
from wecom_bot.telemetry.freshness import Fresh, name_of

NOW = 1_700_000_000.0

# Sets gauges as it is told (name, value, labels), then shows them.
PROCESS = """
import sys, time
from wecom_bot.telemetry import exposition, metrics
now = time.time()
for each in sys.argv[1:]:
    name, value, *labels = each.split()
    gauge = getattr(metrics, name)
    (gauge.labels(*labels) if labels else gauge).set(now + float(value) if value[0] in "+-" else float(value))
print(exposition.render()[0].decode())
"""


def run(*settings: str, folder: Path | None = None) -> dict[str, float]:
    """What is shown of tenants, of the sweep and of the mode after these settings; +0 is now, -60 a minute ago."""
    environment = {**os.environ, **({exposition.FOLDER_VARIABLE: str(folder)} if folder else {})}
    command = [sys.executable, "-c", PROCESS, *settings]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return {
        name: float(value)
        for name, value in re.findall(r"^wecom_bot_(\S+) (\S+)$", shown, re.MULTILINE)
        if "corp_id" in name or "sweep" in name or "mode" in name
    }


@pytest.fixture(params=["alone", "group"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """The folder of a group of processes; None for a process that is by itself."""
    if request.param == "alone":
        return None
    exposition.wipe(tmp_path)
    return tmp_path


def shown(*settings: tuple[Gauge, float, tuple[str, ...]], now: float = NOW) -> dict[tuple[str, ...], float]:
    """The samples of gauges that were set so, by name and the values of the labels."""
    registry = CollectorRegistry()
    made = dict[str, Gauge]()
    for ours, value, labels in settings:
        name = name_of(ours)
        names = {"measured": ["what", "corp_id"], "sweep": []}.get(name.split("_")[2], ["corp_id"])
        gauge = made.setdefault(name, made.get(name) or Gauge(name, "?", names, registry=registry))
        (gauge.labels(*labels) if labels else gauge).set(value)
    samples: list[Sample] = [each for family in Fresh(registry, lambda: now).collect() for each in family.samples]
    return {(each.name.removeprefix("wecom_bot_"), *each.labels.values()): each.value for each in samples}


def test_what_was_just_measured_is_shown_and_a_moment_is_shown_as_an_age(folder: Path | None) -> None:
    seen = run(
        *("WAITING 3 ww1", "QUEUE_AGE -100 ww1", "DEAD_LETTERS 2 ww1", "OUTBOX 0 ww1", "MEASURED_AGE +0 queue ww1"),
        *("OPEN_TICKETS 4 ww1", "OLDEST_TICKET_AGE -7200 ww1", "MEASURED_AGE +0 requests ww1"),
        *("SWEEP_AGE -30", "SEARCH_MODE 1 hybrid", "SEARCH_MODE 0 lexical"),
        folder=folder,
    )
    assert seen['waiting_jobs{corp_id="ww1"}'] == 3
    assert seen['dead_letters{corp_id="ww1"}'] == 2
    assert seen['open_requests{corp_id="ww1"}'] == 4
    assert (seen['search_mode{mode="hybrid"}'], seen['search_mode{mode="lexical"}']) == (1, 0)
    # how long the process took is no matter, but it is no hour
    assert 100 <= seen['queue_age_seconds{corp_id="ww1"}'] < 3700
    assert 7200 <= seen['oldest_request_seconds{corp_id="ww1"}'] < 10800
    assert 30 <= seen["sweep_age_seconds"] < 3630
    assert seen['measured_age_seconds{corp_id="ww1",what="queue"}'] < 3600


def test_what_is_old_is_not_shown_and_its_age_is(folder: Path | None) -> None:
    seen = run(
        *("WAITING 0 ww1", "QUEUE_AGE 0 ww1", "DEAD_LETTERS 0 ww1", "OUTBOX 0 ww1", "MEASURED_AGE -90 queue ww1"),
        *("OPEN_TICKETS 0 ww1", "OLDEST_TICKET_AGE 0 ww1", "MEASURED_AGE +3600 requests ww1"),
        folder=folder,
    )
    assert {name for name in seen if "measured" not in name} == {
        'open_requests{corp_id="ww1"}',
        'oldest_request_seconds{corp_id="ww1"}',
    }
    assert seen['measured_age_seconds{corp_id="ww1",what="queue"}'] >= 90
    assert seen['measured_age_seconds{corp_id="ww1",what="requests"}'] == 0  # never less


def test_a_tenant_that_is_gone_leaves_nothing(folder: Path | None) -> None:
    gone = ["WAITING 3 ww1", "OPEN_TICKETS 4 ww1", "TOKEN_REFUSED 1 ww1 shop"]
    stays = ["WAITING 3 ww2", "TOKEN_REFUSED 1 ww2 shop", "MEASURED_AGE +0 queue ww2"]
    seen = run(*gone, *stays, "MEASURED_AGE 0 queue ww1", "MEASURED_AGE +0 requests ww1", folder=folder)
    assert {re.search('"(ww.)"', name)[1] for name in seen} == {"ww2"}  # type: ignore[index]
    assert len(seen) == 3


def test_who_never_measured_and_never_swept_shows_nothing_of_it(folder: Path | None) -> None:
    assert run("WAITING 3 ww1", "TOKEN_REFUSED 1 ww1 shop", folder=folder) == {
        'token_refused{app="shop",corp_id="ww1"}': 1
    }


def test_in_a_group_the_newest_measurement_counts_and_each_ones_way_of_searching(tmp_path: Path) -> None:
    exposition.wipe(tmp_path)
    run("WAITING 3 ww1", "MEASURED_AGE -90 queue ww1", "SEARCH_MODE 1 hybrid", folder=tmp_path)
    seen = run("WAITING 5 ww1", "MEASURED_AGE +0 queue ww1", "SEARCH_MODE 1 lexical", folder=tmp_path)
    assert seen['waiting_jobs{corp_id="ww1"}'] == 5
    assert (seen['search_mode{mode="hybrid"}'], seen['search_mode{mode="lexical"}']) == (1, 1)
    assert 'waiting_jobs{corp_id="ww1"}' not in run("MEASURED_AGE 0 queue ww1", folder=tmp_path)


def test_an_age_goes_on_though_nobody_measures_until_it_is_too_old_to_tell() -> None:
    settings = [
        (metrics.QUEUE_AGE, NOW - 10, ("ww1",)),
        (metrics.QUEUE_AGE, 0.0, ("ww2",)),
        (metrics.MEASURED_AGE, NOW, ("queue", "ww1")),
        (metrics.MEASURED_AGE, NOW, ("queue", "ww2")),
    ]
    for passed in (0, 60):
        seen = shown(*settings, now=NOW + passed)
        assert seen["queue_age_seconds", "ww1"] == 10 + passed
        assert seen["queue_age_seconds", "ww2"] == 0  # none is due
    seen = shown(*settings, now=NOW + 61)
    assert {name for name, *_ in seen} == {"measured_age_seconds"}
    assert set(seen.values()) == {61}


def test_every_gauge_of_a_tenant_either_grows_old_or_is_set_when_it_changes() -> None:
    measured = {name_of(each) for gauges in metrics.MEASURED.values() for each in gauges}
    ours = {name_of(each) for each in vars(metrics).values() if isinstance(each, Gauge)}
    assert ours - measured == {
        name_of(each)
        for each in (
            metrics.TOKEN_REFUSED,
            metrics.CIRCUITS,
            metrics.SEARCH_MODE,
            metrics.SWEEP_AGE,
            metrics.MEASURED_AGE,
            metrics.ENGINE_UP,  # these two are no tenant's, and each process sets its own every few seconds
            metrics.CONNECTIONS,
        )
    }
