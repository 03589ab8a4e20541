"""Terminals that know no Chinese: no command ends for what it has to say, and what is data stays data."""

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.forked_commands import ForkedCommands
from tests.fixtures.ports import free_port
from tests.fixtures.tenant_files import ACME
from wecom_bot.cli import _COMMANDS

TERMINALS = {
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "strict": {"PYTHONIOENCODING": "iso8859-15:strict"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}
NAME, QUESTION = "旗舰店 Café 😀", "几点关门 😀 é"

MODULES = [module for name, (module, _, _) in _COMMANDS.items() if name not in {"serve", "worker", "demo"}]

every_terminal = pytest.mark.parametrize("terminal", TERMINALS)


def settings(folder: Path) -> dict[str, str]:
    return {"WECOM_BOT_DATA": str(folder / "data"), "WECOM_BOT_PORT": str(free_port()), "WECOM_BOT_WORKER_PORT": "0"}


def environment(terminal: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WECOM_BOT_", "PYTHON", "LC_"))}
    return kept | TERMINALS[terminal]


def started(folder: Path, terminal: str, *command: str) -> subprocess.CompletedProcess[bytes]:
    """A command as a person starts it."""
    done = subprocess.run(
        [sys.executable, "-m", "wecom_bot", *command],
        env=environment(terminal) | settings(folder), cwd=folder, capture_output=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr, done.stderr.decode("utf-8", "replace")
    return done


class Terminals:
    """Commands on each terminal, each of which is started once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready: dict[str, ForkedCommands] = {}

    def ran(self, folder: Path, terminal: str, *command: str) -> subprocess.CompletedProcess[bytes]:
        if terminal not in self._ready:
            place = self._folder / terminal
            place.mkdir()
            self._ready[terminal] = ForkedCommands(environment(terminal), place, MODULES)
        done = self._ready[terminal].run(folder, settings(folder), command)
        assert b"Traceback" not in done.stderr, done.stderr.decode("utf-8", "replace")
        return done

    def close(self) -> None:
        for each in self._ready.values():
            each.close()


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminals]:
    made = Terminals(tmp_path_factory.mktemp("terminals"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def folder(terminals: Terminals, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("shop")
    tenants, articles = made / "tenants.toml", made / "articles.jsonl"
    tenants.write_text(ACME.replace("爱克米", NAME), encoding="utf-8")
    tenants.chmod(0o600)
    articles.write_text(json.dumps({"id": "a1", "question": QUESTION, "answer": "九点"}) + "\n", encoding="utf-8")
    for command in (
        ("migrate",),
        ("tenants", "import", "tenants.toml"),
        ("articles", "import", "ww_acme", "articles.jsonl"),
    ):
        done = terminals.ran(made, "latin-1", *command)
        assert done.returncode == 0, done.stderr
    return made


def bytes_of(terminal: str) -> str:
    """The encoding in which this terminal is written to; click takes none of ASCII for an accident."""
    named = TERMINALS[terminal].get("PYTHONIOENCODING", "utf-8").partition(":")[0]
    return "utf-8" if named == "ascii" else named


@pytest.mark.parametrize(
    ("terminal", "command"),
    [*((each, ()) for each in TERMINALS), *(("latin-1", (each,)) for each in sorted(_COMMANDS))],
)
def test_every_help_is_shown(terminals: Terminals, tmp_path: Path, terminal: str, command: tuple[str, ...]) -> None:
    run = terminals.ran if command else started
    done = run(tmp_path, terminal, *command, "--help")
    assert done.returncode == 0
    assert b"Usage: " in done.stdout
    assert ("\\u" in done.stdout.decode(bytes_of(terminal))) == (bytes_of(terminal) != "utf-8")


@every_terminal
@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("settings",), 0),
        (("settings", "--markdown"), 0),
        (("migrate",), 0),
        (("tenants", "list"), 0),
        (("articles", "list", "ww_acme"), 0),
        (("turns", "misses", "ww_acme"), 0),
        (("articles", "list", "ww_nobody"), 1),
        (("tenants", "import", "没有.toml"), 2),
        (("不是命令",), 2),
        (("worker",), 2),
    ],
)
def test_what_a_command_says_and_what_it_refuses_arrives(
    terminals: Terminals, folder: Path, terminal: str, command: tuple[str, ...], status: int
) -> None:
    run = started if command == ("worker",) else terminals.ran  # gevent takes over a whole process
    done = run(folder, terminal, *command)
    assert done.returncode == status, done.stderr
    assert (done.stdout + done.stderr).strip()
    done.stdout.decode(bytes_of(terminal))


@every_terminal
def test_what_is_exported_is_utf8_on_every_terminal(terminals: Terminals, folder: Path, terminal: str) -> None:
    run = partial(terminals.ran, folder, terminal)
    exported = tomllib.loads(run("tenants", "export").stdout.decode("utf-8"))
    assert exported["tenants"][0]["name"] == NAME
    (line,) = run("articles", "export", "ww_acme").stdout.decode("utf-8").splitlines()
    assert json.loads(line)["question"] == QUESTION


@every_terminal
def test_json_is_json_on_every_terminal(terminals: Terminals, folder: Path, terminal: str) -> None:
    done = terminals.ran(folder, terminal, "turns", "misses", "ww_acme", "--json")
    assert isinstance(json.loads(done.stdout.decode("utf-8")), dict)


@pytest.mark.parametrize(("terminal", "log_format"), [("latin-1", "json"), ("C", "console")])
def test_serve_logs_what_the_terminal_cannot_show(tmp_path: Path, terminal: str, log_format: str) -> None:
    env = environment(terminal) | settings(tmp_path) | {"WECOM_BOT_LOG_FORMAT": log_format}
    with (tmp_path / "out").open("wb") as out, (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-m", "wecom_bot", "serve"]
        bot = subprocess.Popen(command, env=env, cwd=tmp_path, stdout=out, stderr=log)
        wait_until(lambda: b"ready: http://" in (tmp_path / "out").read_bytes() or bot.poll() is not None)
        requests.get(f"http://127.0.0.1:{env['WECOM_BOT_PORT']}/é😀", timeout=PATIENCE)
        wait_until(lambda: b"http.request" in (tmp_path / "log").read_bytes())
        bot.send_signal(signal.SIGTERM)
        assert bot.wait(PATIENCE) == 0, (tmp_path / "log").read_bytes()
    said = (tmp_path / "log").read_bytes()
    assert b"Traceback" not in said
    assert b"UnicodeEncodeError" not in said
    if log_format == "json":
        assert "/é😀" in {json.loads(line).get("path") for line in said.decode("utf-8").splitlines()}


def test_the_demo_plays_to_its_end(tmp_path: Path) -> None:
    done = started(tmp_path, "latin-1", "demo", "--once")
    assert done.returncode == 0, done.stderr
    assert done.stdout
