"""Writes down the way of each job through a worker, where `trace.py` has put this folder on the worker's path.

One line a job: its kind, how often a function of ours was called, in which modules, and how often the next call was in
another module than the one before. Only what is called within the job is counted, not what the process does by itself.
"""

import json
import os
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

SETTING = "TRACED_JOBS"
_JOB = ("worker/loop.py", "_do")


class _Way:
    """The calls of one job so far."""

    def __init__(self) -> None:
        self.calls, self.changes, self.modules, self.last = 0, 0, set[str](), ""

    def enter(self, module: str) -> None:
        """A function of this module is called."""
        self.calls += 1
        self.changes += module != self.last
        self.modules.add(module)
        self.last = module


class _Tracer:
    """A profile function; a job is one greenlet's from the first call to the last return."""

    def __init__(self, path: Path) -> None:
        from greenlet import getcurrent  # noqa: PLC0415 - not in processes that are not traced

        self._path, self._current = path, getcurrent
        self._ways: dict[object, _Way] = {}
        self._modules: dict[CodeType, str] = {}

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if event not in {"call", "return"}:
            return
        code = frame.f_code
        module = self._modules.get(code)
        if module is None:
            module = self._modules[code] = _module(code.co_filename)
        if not module:
            return
        is_job = (module, code.co_name) == _JOB
        here: Any = self._current()
        if event == "return":
            if is_job:
                self._write(frame.f_locals["lease"].jobs[0].kind, self._ways.pop(here))
            return
        if is_job:
            self._ways[here] = _Way()
        if way := self._ways.get(here):
            way.enter(module)

    def _write(self, kind: str, way: _Way) -> None:
        line = {"kind": kind, "calls": way.calls, "changes": way.changes, "modules": sorted(way.modules)}
        with self._path.open("a", encoding="utf-8") as file:
            print(json.dumps(line), file=file)


def _module(filename: str) -> str:
    """The path within our package; nothing if it is none of ours."""
    return filename.rpartition("/wecom_bot/")[2] if "/wecom_bot/" in filename else ""


def _begin() -> None:
    sys.setprofile(_Tracer(Path(os.environ[SETTING])))


if SETTING in os.environ:
    if "worker" in sys.orig_argv:
        _begin()
    os.register_at_fork(after_in_child=_begin)  # a worker may be forked instead of started
