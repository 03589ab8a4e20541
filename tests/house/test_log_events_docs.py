"""Every event that may stand in a log has its row in docs/operations.md, and no row is of an event that is no more."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operations.md").read_text("utf-8")
LEVELS = {"debug", "info", "warning", "error", "log"}
EVENT = re.compile(r"[a-z]+\.[a-z_]+")
BY_GUNICORN = {"http.request"}


def logged(path: Path) -> Iterator[str]:
    """The events of a module: those that its log calls name, and those from which one is chosen before."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr=level, value=ast.Name(id="log")), args=args) if level in LEVELS:
                yield from named(*args[:2])
            case ast.Assign(value=ast.IfExp() as chosen, targets=[ast.Name(id="event")]):
                yield from named(chosen)


def named(*nodes: ast.AST) -> Iterator[str]:
    for each in (inner for node in nodes for inner in ast.walk(node)):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and EVENT.fullmatch(each.value):
            yield each.value


def test_every_log_event_is_explained_and_no_other() -> None:
    logs = {name for path in (ROOT / "wecom_bot").rglob("*.py") for name in logged(path)} | BY_GUNICORN
    table = PAGE[PAGE.index("## 日志") : PAGE.index("## 指标")]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`([a-z]+\.[a-z_]+)`", row)} == logs
