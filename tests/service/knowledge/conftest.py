"""A bench for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.knowledge.bench import Bench, bench


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Bench]:
    bench_ = bench(tmp_path)
    yield bench_
    bench_.engine.dispose()
