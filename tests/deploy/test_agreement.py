"""What deploy/ says in several places is the same everywhere, and is what the program knows."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.deploy.tools import tool
from wecom_bot.environment import PREFIX
from wecom_bot.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = [path for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.suffix not in {".pyc", ".json"}]
_SETTING = re.compile(rf"\b{PREFIX}[A-Z][A-Z_]*[A-Z]\b")
_SECRETS = re.compile(r"(?i)(password|secret|token|master_?key)[ ]*[:=][ ]*['\"]?[A-Za-z0-9+/_-]{16,}")


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(DEPLOY)) for path in FILES])
def test_every_setting_that_is_named_is_one(path: Path) -> None:
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    named = set(_SETTING.findall(path.read_text("utf-8")))
    assert named <= known


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(DEPLOY)) for path in FILES])
def test_no_file_holds_a_secret(path: Path) -> None:
    assert not _SECRETS.search(path.read_text("utf-8"))


def test_nginx_shares_by_the_same_rules_with_containers_and_without() -> None:
    files = [DEPLOY / "nginx" / name for name in ("upstreams.conf", "upstreams.compose.conf")]
    rules = [path.read_text("utf-8").partition("# ---- 灰度给谁")[2] for path in files]
    assert rules[0]
    assert rules[0] == rules[1]


def test_every_gateway_of_compose_is_asked_by_nginx() -> None:
    text = (DEPLOY / "nginx" / "upstreams.compose.conf").read_text("utf-8")
    asked = set(re.findall(r"^\s+server ([\w-]+):8080 ", text, re.MULTILINE))
    assert asked == {"gateway-1", "gateway-2"}


@pytest.mark.parametrize(
    ("name", "targets"),
    [
        ("targets.yml", {"127.0.0.1:8080", "127.0.0.1:8081", "127.0.0.1:9101", "127.0.0.1:9102"}),
        ("targets.compose.yml", {"gateway-1:8080", "gateway-2:8080", "worker-1:9101", "worker-2:9101"}),
    ],
)
def test_everybody_is_watched(name: str, targets: set[str]) -> None:
    path = DEPLOY / "prometheus" / name
    assert set(re.findall(r"^\s+- ([\w.-]+:\d+)$", path.read_text("utf-8"), re.MULTILINE)) == targets


@pytest.mark.parametrize(
    "path", [*sorted(DEPLOY.rglob("*.sh")), DEPLOY.parent / ".ci" / "run"], ids=lambda path: path.name
)
def test_a_script_has_nothing_that_shellcheck_warns_of(path: Path) -> None:
    checked = [tool("shellcheck", "apt-get install shellcheck"), str(path)]
    done = subprocess.run(checked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert path.stat().st_mode & 0o111 or path.name == "run", "it cannot be started"
