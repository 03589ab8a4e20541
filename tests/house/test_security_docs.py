"""SECURITY.md claims nothing of files and tests that are not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
ROWS = [line for line in PAGE.partition("## 攻击与防线")[2].splitlines() if line.startswith("| ")][1:]
NAMED = re.compile(r"`([\w./*-]+)`")


def test_every_attack_has_a_defence_and_a_test() -> None:
    assert len(ROWS) >= 10
    for row in ROWS:
        _asset, _attack, defence, test = row.strip("| ").split(" | ")
        assert any(name.endswith(".py") for name in NAMED.findall(defence)), row
        assert any(name.startswith("test") for name in NAMED.findall(test)), row


@pytest.mark.parametrize("name", sorted({name for row in ROWS for name in NAMED.findall(row)}))
def test_what_it_names_is_there(name: str) -> None:
    if name.endswith(".py"):
        assert list(ROOT.glob(f"wecom_bot/**/{name}")) or list(ROOT.glob(name)) or list(ROOT.glob(f"tests/**/{name}"))
    elif name.startswith("test_"):
        assert any(f"def {name}(" in path.read_text("utf-8") for path in ROOT.glob("tests/**/test_*.py"))
