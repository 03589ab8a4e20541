"""Starting quickly: a process should be ready for its first message, and gone after its last, without idle work.

A process of ours imports a thousand modules. What that makes stays until the end, and yet Python's garbage collector
looks through all of it again and again, while it comes and once more when the process ends.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import ModuleType
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
    """Gevent's own `patch_all`, which asks once what plugins are installed, and not for each of thirty modules.

    Where it was done before the fork, only what was left for now: to patch everything again would make each process
    copy pages that it shares.
    """
    if _put_off:
        for module, name, green in _put_off:
            setattr(module, name, green)
        _put_off.clear()
        import_module("gevent").reinit()  # an import may have made an event loop, which no two processes may share
        return
    with _plugins_known():
        _monkey().patch_all()


def patch_before_fork() -> None:
    """Patch for what is imported here and used by forked processes, each of which calls `patch_all` then.

    What forks goes on without an event loop: it waits for children and signals as the kernel tells of them. gunicorn
    waits for a SimpleQueue of them, which others look up only when they use one.
    """
    patch_all()
    for name in ("os", "signal", "queue"):
        module, green = import_module(name), import_module(f"gevent.{name}")
        for each in ["SimpleQueue"] if name == "queue" else green.__implements__:
            _put_off.append((module, each, getattr(module, each)))
            setattr(module, each, _monkey().get_original(name, each))


_put_off: list[tuple[ModuleType, str, Any]] = []
"""What `patch_all` still has to put in place after a fork: where, by which name, and what."""


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
