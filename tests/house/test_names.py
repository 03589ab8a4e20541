"""No name twice for two things: a class name is defined once, so that a search for it finds what is meant."""

import ast
from collections import defaultdict
from pathlib import Path

import wecom_bot

PACKAGE = Path(wecom_bot.__file__).parent

TWICE: dict[str, str] = {}
"""Names that may stand for two things, and why."""


def defined() -> dict[str, list[str]]:
    """Where each class name is defined."""
    found = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    return found


def test_no_class_name_stands_for_two_things() -> None:
    twice = {name: places for name, places in defined().items() if len(places) > 1 and name not in TWICE}
    assert twice == {}, "give one of them its true name, or say in TWICE why not"


def test_every_exception_is_still_one() -> None:
    assert {name for name, places in defined().items() if len(places) > 1} >= set(TWICE)
