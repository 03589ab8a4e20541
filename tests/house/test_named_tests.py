"""A test that a page names as its proof is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"::(test_\w+)(…?)")
_TEST = re.compile(r"^ *def (test_\w+)", re.MULTILINE)


def test_every_test_that_a_page_names_is_there() -> None:
    there = {name for path in (ROOT / "tests").rglob("test_*.py") for name in _TEST.findall(path.read_text())}
    pages = [ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")]
    named = {each for page in pages for each in _NAMED.findall(page.read_text())}
    assert named
    gone = [name for name, cut in named if not any(each == name or (cut and each.startswith(name)) for each in there)]
    assert gone == []
