"""No text makes a function stand: ten times the length takes about ten times as long, whatever the text is made of."""

import ast
import gc
import re
from collections.abc import Iterator
from pathlib import Path
from time import thread_time

import pytest
import structlog

import wecom_bot
from tests.fixtures.nasty_text import nasty_texts
from tests.fixtures.text_functions import ELSEWHERE, TEXT_FUNCTIONS, TextFunction

TIMES = 10
LONG = 1_000
FEW = (
    0.0015  # seconds: a square of this length takes as much where a step takes 3 ns, as most do; less is not looked at
)
GROWTH = 20
REPEATS = 5

PACKAGE = Path(wecom_bot.__file__).parent


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    structlog.reset_defaults()


def took(function: TextFunction, text: str, repeats: int = 1) -> float:
    """The CPU time of this thread, at best: a busy machine makes nothing longer than it is but by chance."""
    best = float("inf")
    for _ in range(repeats):
        begin = thread_time()
        function(text)
        best = min(best, thread_time() - begin)
    return best


def grows(function: TextFunction, short: str, long: str) -> bool:
    """Whether the longer text takes too much longer. Of several measurements the least counts, and only in doubt."""
    for repeats in (1, REPEATS, 4 * REPEATS):
        whole = took(function, long, repeats)
        if whole < FEW or whole <= GROWTH * took(function, short, repeats):
            return False
    return True


@pytest.mark.parametrize("name", TEXT_FUNCTIONS)
def test_ten_times_the_text_takes_ten_times_as_long(name: str) -> None:
    function = TEXT_FUNCTIONS[name]
    function("在吗 a1")  # what is loaded or compiled at first use
    pairs = zip(nasty_texts(LONG // TIMES), nasty_texts(LONG), strict=True)
    assert [long[:20] for short, long in pairs if grows(function, short, long)] == []


@pytest.mark.parametrize("pattern", [r"```+[ \t]*([A-Za-z]{0,20})\s*([\[{][^`]*)(?:```+|\Z)", r"\{([a-z]*)[^{}]*\}"])
def test_a_square_is_noticed(pattern: str) -> None:
    pairs = zip(nasty_texts(LONG // TIMES), nasty_texts(LONG), strict=True)
    assert any(grows(re.compile(pattern).search, short, long) for short, long in pairs)


def modules_with_patterns() -> Iterator[str]:
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        if any(isinstance(each, ast.Attribute) and getattr(each.value, "id", "") in {"re", "regex"} for each in calls):
            yield ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def test_every_module_with_a_pattern_is_measured_or_says_why_not() -> None:
    measured = {name.split()[0] for name in TEXT_FUNCTIONS}
    known = measured | set(ELSEWHERE)
    unknown = [name for name in modules_with_patterns() if name not in known and not name.startswith("simulators.")]
    assert unknown == [], "add its functions to tests/fixtures/text_functions.py"
    assert not measured & set(ELSEWHERE)
