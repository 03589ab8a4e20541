"""Fixtures that every test may use; the servers stand in tests/fixtures/."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

# How fast examples are made, and tried, is a matter of the machine; which ones are tried is none of luck: the suite
# tries the same ones each time, `make explore` others.
settings.register_profile("same", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("explore", settings.get_profile("same"), derandomize=False, max_examples=3000)
settings.load_profile("same")

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.elasticsearch_servers",
    "tests.fixtures.embedding_model",
    "tests.fixtures.garbage",
    "tests.fixtures.gateways",
    "tests.fixtures.log_scan",
    "tests.fixtures.parallel",
    "tests.fixtures.patient",
    "tests.fixtures.redis_servers",
    "tests.fixtures.sql_servers",
]


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command that runs in this process sets level and handlers; the next test wants to see every line."""
    structlog.reset_defaults()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
