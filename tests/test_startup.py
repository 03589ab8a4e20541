"""A start does no idle work, and leaves nothing out."""

import gc
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deadlines import PATIENCE
from wecom_bot import startup

_PLUGIN = "def after(event):\n    print('patched', type(event).__name__)\n"
_LOOKS = """
import sys
looks = []
sys.addaudithook(lambda event, args: looks.append(args[0]) if event == "open" and "entry_points.txt" in str(args[0]) else None)
from wecom_bot import startup
from importlib import metadata
asking = metadata.entry_points
startup.patch_all()
assert metadata.entry_points is asking
from gevent import monkey
for module in ("socket", "ssl", "threading", "subprocess", "time"):
    assert monkey.is_module_patched(module), module
assert looks
assert sorted(looks) == sorted(set(looks))
"""  # noqa: E501


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A folder with a package in it that wants to know when gevent has patched everything."""
    about = tmp_path / "listening-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: listening\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[gevent.plugins.monkey.did_patch_all]\nours = listening:after\n")
    (tmp_path / "listening.py").write_text(_PLUGIN)
    return tmp_path


def test_everything_is_patched_and_plugins_are_told_with_one_look_at_each_package(plugin: Path) -> None:
    program = f"import sys; sys.path.append({str(plugin)!r})\n{_LOOKS}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout) == (0, "patched GeventDidPatchAllEvent\n"), done.stderr


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module that nobody has imported yet."""
    (tmp_path / "never_imported.py").write_text("KEPT = ['made', ['while it was imported']]\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "never_imported"
    sys.modules.pop("never_imported", None)


def test_the_garbage_collector_leaves_alone_what_was_imported(module: str) -> None:
    with startup.importing():
        kept = importlib.import_module(module).KEPT
        assert not gc.isenabled()
    assert gc.isenabled()
    assert not any(each is kept for each in gc.get_objects())


def test_the_garbage_collector_goes_on_looking_where_nothing_was_imported() -> None:
    kept = [["made before"]]
    with startup.importing():
        pass
    assert gc.isenabled()
    assert any(each is kept for each in gc.get_objects())


def test_a_failed_import_leaves_the_garbage_collector_on() -> None:
    with pytest.raises(ModuleNotFoundError), startup.importing():
        importlib.import_module("no_such_module")
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("wecom_bot.cli.serve", "redis gevent flask requests sqlalchemy alembic pydantic openpyxl opencc numpy"),
        (
            "wecom_bot.bootstrap.gateway",
            "requests alembic openpyxl opencc numpy elasticsearch wecom_bot.adapters.files",
        ),
        ("wecom_bot.bootstrap.worker", "flask alembic openpyxl numpy onnxruntime elasticsearch"),
    ],
)
def test_a_process_imports_nothing_big_that_it_can_start_without(module: str, spared: str) -> None:
    program = f"import sys, {module}; print(*(set(sys.modules) & set({spared.split()!r})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout.split() == []


FORKED = """
import os, queue, signal, socket
ours = os.fork, os.waitpid, signal.signal, queue.SimpleQueue
from gevent import monkey
from wecom_bot import startup, wsgi

startup.patch_before_fork()
wsgi.load()
assert socket.socket.__module__.startswith("gevent") and queue.LifoQueue.__module__.startswith("gevent")
assert (os.fork, os.waitpid, signal.signal, queue.SimpleQueue) == ours
child = os.fork()
if child == 0:
    startup.patch_all()
    monkey.patch_all()  # as gunicorn does
    now = os.fork, os.waitpid, signal.signal, queue.SimpleQueue
    os._exit(0 if all(each.__module__.startswith("gevent") for each in now) else 1)
assert os.waitpid(child, 0)[1] == 0
"""


def test_what_is_imported_before_a_fork_is_patched_without_a_warning_and_whole_after_it() -> None:
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", FORKED]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
