"""Whatever the doctor may find has its row in the documentation, and no row is left of what it finds no more."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import wecom_bot

PACKAGE = Path(wecom_bot.__file__).parent
DOCS = PACKAGE.parent / "docs" / "operations.md"
TELLING = {"well", "doubtful", "failed", "skipped", "tell", "Check"}
NAMED = {"check", "DOOR", "CERTIFICATE", "CALLBACK"}


def checks() -> set[str]:
    """The names of all checks: what stands first in a finding, or is called `check` on its way there."""
    sources = [*PACKAGE.glob("adapters/**/checkup.py"), PACKAGE / "adapters" / "machine.py"]
    sources += [PACKAGE / "adapters" / "wecom" / "inbound" / "callback_url.py", PACKAGE / "bootstrap" / "doctor.py"]
    return {name for path in sources for node in ast.walk(ast.parse(path.read_text("utf-8"))) for name in _named(node)}


def _named(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(first)), *_]) if name in TELLING:
            yield first
        case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[_, ast.Constant(value=str(value))]):
            yield value
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))) if name in NAMED:
            yield value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            for each, said in zip(names, values, strict=False):
                if isinstance(each, ast.Name) and each.id in NAMED and isinstance(said, ast.Constant):
                    yield str(said.value)


def test_every_check_has_its_row_and_its_anchor() -> None:
    text = DOCS.read_text("utf-8")
    rows = dict(re.findall(r'^\| <a id="(doctor-[a-z-]+)"></a>`([a-z_.]+)` \|', text, re.MULTILINE))
    assert rows == {f"doctor-{each.replace('.', '-').replace('_', '-')}": each for each in checks()}


def test_the_names_are_found_where_they_are() -> None:
    assert {"redis", "redis.eviction", "sql.schema", "callback.door", "coze.token", "machine.disk"} <= checks()
