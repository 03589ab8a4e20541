"""Every metric is in the docs, with its labels."""

import re
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from wecom_bot.telemetry import metrics

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")


def test_every_metric_has_its_row_with_its_labels() -> None:
    rows = dict(re.findall(r"^\| `(wecom_bot_\w+)` \| ([^|]+) \|", PAGE, re.MULTILINE))
    ours = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    documented = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows.items()}
    # a counter's name gets its ending when it is exposed
    named = {each._name + ("_total" if each._type == "counter" else ""): set(each._labelnames) for each in ours}  # noqa: SLF001 - it has no public way to ask
    assert documented == named
