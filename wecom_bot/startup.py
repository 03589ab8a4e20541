"""Starting quickly: a process should be ready for its first message, and gone after its last, without idle work.

A process of ours imports a thousand modules. What that makes stays until the end, and yet Python's garbage collector
looks through all of it again and again, while it comes and once more when the process ends.
"""

import gc
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


def imported() -> None:
    """Whatever there is now stays until the end: the garbage collector need not look through it again."""
    gc.freeze()


@contextmanager
def importing() -> Iterator[None]:
    """Around imports: the garbage collector looks through nothing of it, neither meanwhile nor later."""
    was_on, modules = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) != modules:
            imported()
        if was_on:
            gc.enable()


def patch_all() -> None:
    """Gevent's own `patch_all`, which asks once what plugins are installed, and not for each of thirty modules."""
    with _plugins_known(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Patching more than once")  # which is what `patch_before_fork` is for
        _monkey().patch_all()


def patch_before_fork() -> None:
    """Patch for what is imported here and used by forked processes, each of which calls `patch_all` then.

    What forks goes on without an event loop: it waits for children and signals as the kernel tells of them. gunicorn
    waits for a SimpleQueue of them, which others look up only when they use one.
    """
    import queue  # noqa: PLC0415 - few processes need them

    from gevent import queue as green  # noqa: PLC0415

    with _plugins_known():
        _monkey().patch_all(os=False, signal=False, queue=False)
        _monkey().patch_module(queue, green, items=["LifoQueue", "PriorityQueue", "Queue"])


def _monkey() -> Any:  # noqa: ANN401 - a module, which few processes need
    from gevent import monkey  # noqa: PLC0415

    return monkey


@cache
def _plugins() -> Any:  # noqa: ANN401 - the standard library's
    """Once also for those who are forked: to look takes a megabyte."""
    from importlib import metadata  # noqa: PLC0415 - few processes need them

    return metadata.entry_points()


@contextmanager
def _plugins_known() -> Iterator[None]:
    from importlib import metadata  # noqa: PLC0415 - few processes need them

    asking, plugins = metadata.entry_points, _plugins()

    def known(**wanted: Any) -> Any:  # noqa: ANN401 - the standard library's
        return plugins.select(**wanted)

    metadata.entry_points = known  # every look reads a file of every installed package
    try:
        yield
    finally:
        metadata.entry_points = asking
