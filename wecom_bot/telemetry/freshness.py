"""What was measured, as it stands at the moment of being asked: ages go on, and what nobody renews is not shown.

A number that was fine before its measuring stopped must not look fine for ever, and a file of a group of processes
forgets no series: so both are seen to where the numbers are shown.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import Gauge, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.samples import Sample

from wecom_bot.telemetry import metrics

_OLD = 60.0
"""Seconds after which a measurement says nothing any more: some four of those that are taken least often."""


def name_of(gauge: Gauge) -> str:
    """The gauge's name, as it is shown."""
    (family,) = gauge.describe()
    return str(family.name)


_WHAT = {name_of(gauge): what for what, gauges in metrics.MEASURED.items() for gauge in gauges}
_AGES = {name_of(gauge) for gauge in metrics.AGES}
_SINCE_START = {name_of(gauge) for gauge in metrics.SINCE_START}
_MEASURED = name_of(metrics.MEASURED_AGE)


@dataclass(frozen=True)
class Fresh(Collector):
    """The families of a registry, with moments turned into ages, and without what is out of date or of a tenant gone.

    A tenant is gone when a measurement of it was withdrawn, that is: its moment set to 0.
    """

    registry: CollectorRegistry
    now: Callable[[], float] = time.time

    def collect(self) -> Iterator[Metric]:
        """As they are shown."""
        families, now = list(self.registry.collect()), self.now()
        measured = {
            (each.labels["what"], each.labels["corp_id"]): each.value
            for family in families
            if family.name == _MEASURED
            for each in family.samples
        }
        for family in families:
            if family.type == "gauge":
                kept = _kept(family, measured, now)
                family.samples = list(_aged(family.name, kept, now))
            yield family


def _kept(family: Metric, measured: Mapping[tuple[str, str], float], now: float) -> list[Sample]:
    """Without those of tenants that are gone, and those that were measured too long ago or never."""
    gone = {corp_id for (_, corp_id), moment in measured.items() if not moment}
    kept = [each for each in family.samples if each.labels.get("corp_id") not in gone]
    if what := _WHAT.get(family.name):
        kept = [each for each in kept if now - measured.get((what, each.labels["corp_id"]), 0) <= _OLD]
    return kept


def _aged(name: str, samples: list[Sample], now: float) -> Iterator[Sample]:
    for each in samples:
        if name not in _AGES:
            yield each
        elif each.value:
            yield each._replace(value=max(0.0, now - each.value))
        elif name not in _SINCE_START:
            yield each
