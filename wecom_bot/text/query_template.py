"""Templates that tell the rows of a named query: Jinja, cut down to what can neither call, compute nor grow.

Time and memory are bounded by the grammar, because nothing interrupts what computes: no calls, no arithmetic, no
nested loops, no filter that makes a text longer. Values are never read as templates. The sandbox is the second wall.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wecom_bot.errors import Misconfigured
from wecom_bot.text.query_values import FILTERS, shown

if TYPE_CHECKING:
    import jinja2
    from jinja2 import nodes

LONGEST = 2_000
"""Characters of a template."""

MOST_SAID = 4_000
"""Characters of what it makes; the rest is left out."""

_MOST_OF_VALUE = 500  # characters of one column
_DEEPEST = 8  # blocks within blocks
_ROWS = "rows"
_EXAMPLE = datetime(2000, 1, 1)  # noqa: DTZ001 - what every filter takes, as drivers read it
_OF_LOOP = frozenset({"first", "last", "index", "length"})
_TESTS = frozenset({"defined", "undefined", "none"})
_NODES = """
Template Output TemplateData Name Const Filter Test If CondExpr Compare Operand And Or Not For
Getattr Getitem List Tuple
"""
_ALLOWED = frozenset(_NODES.split())


class NotATemplate(ValueError):
    """It is none that we take; says what is wrong with it, in Chinese and English."""


class NotTold(Misconfigured):
    """The rows do not fit the template: it names a column that is not there."""


def names(source: str) -> frozenset[str]:
    """The names of columns that the template shows or asks for. Raises NotATemplate."""
    return _compiled(source)[1]


def columns(source: str) -> frozenset[str]:
    """The columns that it cannot do without, none asked for by `is defined` or `default`. Raises NotATemplate."""
    from jinja2 import nodes  # noqa: PLC0415 - see _environment

    _compiled(source)
    tree = _environment().parse(source)
    loops = {each.target.name for each in tree.find_all(nodes.For) if isinstance(each.target, nodes.Name)}
    asked = [
        *(each for each in tree.find_all(nodes.Filter) if each.name == "default"),
        *(each for each in tree.find_all(nodes.Test) if each.name != "none"),
    ]
    optional = {_ROWS, "loop", *_OF_LOOP, *loops, *(name for each in asked for name in _named(each))}
    return frozenset(name for name in _named(tree) - optional if name.isidentifier())


def told(source: str, rows: Sequence[Mapping[str, object]]) -> str:
    """The rows in words: by one template for all, or row by row, a line each. Raises NotTold."""
    try:
        template, known = _compiled(source)
    except NotATemplate as e:
        raise NotTold(str(e)) from e
    cut = [{name: _cut(value) for name, value in row.items()} for row in rows]
    try:
        said = [_said(template, cut)] if _ROWS in known else [_said(template, [row]) for row in cut]
    except NotTold as e:
        raise _explained(e, source, rows[0]) from e
    return "\n".join(filter(None, (each.strip() for each in said)))[:MOST_SAID]


def _said(template: "jinja2.Template", rows: Sequence[Mapping[str, object]]) -> str:
    from jinja2 import TemplateError  # noqa: PLC0415 - see _environment

    pieces, length = list[str](), 0
    try:
        for piece in template.generate({**rows[0], _ROWS: rows}):
            pieces.append(piece)
            length += len(piece)
            if length > MOST_SAID:
                break
    except (TemplateError, TypeError, ValueError, ArithmeticError) as e:
        raise NotTold(f"{type(e).__name__}: {e}" if isinstance(e, TemplateError) else type(e).__name__) from e
    return "".join(pieces)


def _explained(error: NotTold, source: str, row: Mapping[str, object]) -> NotTold:
    """The same with what to do about it, where a column lacks."""
    if lacking := sorted(columns(source) - row.keys()):
        return NotTold(
            f"template 用到了没有查出来的列 / it names columns that the query does not select: {', '.join(lacking)}"
            f"；查出来的是 / selected are: {', '.join(row)}"
        )
    return NotTold(f"template 说不出查出来的这一行 / it cannot tell this row: {error}")


def _cut(value: object) -> object:
    return value[:_MOST_OF_VALUE] if isinstance(value, str | bytes) else value


@lru_cache(maxsize=1024)
def _compiled(source: str) -> "tuple[jinja2.Template, frozenset[str]]":
    from jinja2 import TemplateError  # noqa: PLC0415 - see _environment

    if len(source) > LONGEST:
        raise NotATemplate(f"最多 {LONGEST} 字 / at most {LONGEST} characters")
    environment = _environment()
    try:
        tree = environment.parse(source)
        _prove(tree, 0, looping=False)
        return environment.from_string(source), _named(tree)
    except TemplateError as e:
        raise NotATemplate(f"模板写法不对 / not a template: {e.message}") from None
    except (RecursionError, SyntaxError):
        raise NotATemplate("嵌套太深 / nested too deeply") from None


def _prove(node: "nodes.Node", depth: int, *, looping: bool) -> None:
    """Raises NotATemplate where something stands in it that we do not take."""
    from jinja2 import nodes  # noqa: PLC0415 - see _environment

    kind = type(node).__name__
    if kind not in _ALLOWED:
        raise NotATemplate(
            f"不能用 {kind}：只能显示列、if、for row in rows 和少数过滤器；要算的在 SQL 里算"
            f" / no {kind}: columns, if, for row in rows and some filters; let the SQL compute"
        )
    match node:
        case nodes.Filter():
            _prove_filter(node)
        case nodes.Test(name=name) if name not in _TESTS or node.args:
            raise NotATemplate(f"不认识的 is {name} / unknown: is {name}")
        case nodes.For():
            _prove_loop(node, looping=looping)
            looping = True
        case nodes.Getattr(attr=attr):
            _prove_name(attr)
        case nodes.Getitem(arg=arg) if not isinstance(arg, nodes.Const) or not isinstance(arg.value, str | int):
            raise NotATemplate("[ ] 里只能是列名或行号 / within [ ] there may be a column's name or a row's number")
        case nodes.Getitem(arg=nodes.Const(value=str(name))) | nodes.Name(name=name):
            _prove_name(name)
    deeper = depth + isinstance(node, nodes.If | nodes.For | nodes.CondExpr)
    if deeper > _DEEPEST:
        raise NotATemplate(f"最多嵌套 {_DEEPEST} 层 / at most {_DEEPEST} blocks within each other")
    for child in node.iter_child_nodes():
        _prove(child, deeper, looping=looping)


def _prove_filter(node: "nodes.Filter") -> None:
    from jinja2 import nodes  # noqa: PLC0415 - see _environment

    if node.name not in FILTERS:
        raise NotATemplate(
            f"不认识的过滤器 {node.name}，可用 / unknown filter, known are: {', '.join(sorted(FILTERS))}"
        )
    given = [*node.args, *(each.value for each in node.kwargs)]
    if node.dyn_args or node.dyn_kwargs or not all(isinstance(each, nodes.Const) for each in given):
        raise NotATemplate(f"过滤器 {node.name} 的参数只能是写死的值 / its arguments should be written out")
    try:
        FILTERS[node.name](_EXAMPLE, *(each.as_const() for each in node.args))
    except (AttributeError, TypeError, ValueError):
        raise NotATemplate(f"过滤器 {node.name} 的参数不对 / its arguments are not those that it takes") from None


def _prove_loop(node: "nodes.For", *, looping: bool) -> None:
    from jinja2 import nodes  # noqa: PLC0415 - see _environment

    over_rows = isinstance(node.iter, nodes.Name) and node.iter.name == _ROWS and isinstance(node.target, nodes.Name)
    if looping or node.recursive or not over_rows:
        raise NotATemplate(
            "循环只能是 {% for row in rows %}，不能套循环 / the only loop is {% for row in rows %}, in no other loop"
        )


def _prove_name(name: str) -> None:
    if name.startswith("_") or name == "self":
        raise NotATemplate(f"不能用 {name} / not allowed")


def _named(tree: "nodes.Node") -> frozenset[str]:
    from jinja2 import nodes  # noqa: PLC0415 - see _environment

    plain = {each.name for each in tree.find_all(nodes.Name)}
    parts = {each.attr for each in tree.find_all(nodes.Getattr)}
    items = {str(each.arg.value) for each in tree.find_all(nodes.Getitem) if isinstance(each.arg, nodes.Const)}
    return frozenset(plain | parts | items)


@lru_cache(maxsize=1)
def _environment() -> "jinja2.Environment":
    """Built at first use: a process that serves no tenant with queries has no Jinja."""
    from jinja2 import StrictUndefined  # noqa: PLC0415 - see above
    from jinja2.runtime import LoopContext  # noqa: PLC0415 - see above
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 - see above

    class Rows(ImmutableSandboxedEnvironment):
        """Reads columns and nothing of Python."""

        def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - Jinja's own signature
            if isinstance(obj, LoopContext) and attribute in _OF_LOOP:
                return getattr(obj, attribute)
            return self.getitem(obj, attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:  # noqa: ANN401 - as above
            if isinstance(obj, Mapping) and argument in obj:
                return obj[argument]
            if isinstance(obj, Sequence) and not isinstance(obj, str | bytes) and isinstance(argument, int):
                return obj[argument] if -len(obj) <= argument < len(obj) else self.undefined(name=str(argument))
            return self.undefined(name=str(argument))

        def call(self, *_args: Any, **_kwargs: Any) -> Any:  # noqa: ANN401 - as above
            raise NotATemplate("不能调用 / nothing is called")

    environment = Rows(
        autoescape=False, undefined=StrictUndefined, finalize=shown, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals, environment.filters = {}, dict(FILTERS)
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    return environment
