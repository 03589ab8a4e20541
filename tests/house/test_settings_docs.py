"""What is written about the settings is what the program says of them."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from wecom_bot.cli import main
from wecom_bot.settings import PREFIX, Settings, load

ROOT = Path(__file__).parents[2]


def said(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["settings", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{field.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("path", "option"), [(".env.example", "--example"), ("docs/configuration.md", "--markdown")])
def test_the_file_in_the_tree_is_what_the_command_prints(path: str, option: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == said(option), "run `make settings`"


def test_every_setting_stands_in_both() -> None:
    for field in Settings.model_fields:
        assert f"\n#{PREFIX}{field.upper()}=" in said("--example")
        assert f"`{PREFIX}{field.upper()}`" in said("--markdown")


@pytest.mark.usefixtures("_nothing_set")
def test_the_example_with_every_line_uncommented_means_the_defaults(tmp_path: Path) -> None:
    lines = said("--example").splitlines()
    uncommented = [line.removeprefix("#") for line in lines if line.startswith(f"#{PREFIX}")]
    (tmp_path / ".env").write_text("\n".join(uncommented), encoding="utf-8")
    assert len(uncommented) == len(Settings.model_fields)
    assert load() == Settings(_env_file=None)


@pytest.mark.usefixtures("_nothing_set")
def test_effective_settings_show_what_was_set_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "WECOM_BOT_DATABASE_URL=mysql+pymysql://bot:hunter2@db:3306/bot?ssl_key_password=hunter3\n"
        "WECOM_BOT_REDIS_URL=redis://:hunter4@redis:6379/0\n"
        "WECOM_BOT_MASTER_KEY=hunter5\n"
        "WECOM_BOT_LEASE=0.5\n",
        encoding="utf-8",
    )
    shown = said()
    assert "hunter" not in shown
    assert "WECOM_BOT_DATABASE_URL=mysql+pymysql://bot:******@db:3306/bot?ssl_key_password=******\n" in shown
    assert "WECOM_BOT_REDIS_URL=redis://:******@redis:6379/0\n" in shown
    assert "WECOM_BOT_MASTER_KEY=******\n" in shown
    assert "WECOM_BOT_LEASE=0.5\n" in shown
    assert "WECOM_BOT_PORT=8080  # 默认 / default\n" in shown


def test_a_command_imports_only_what_it_needs() -> None:
    heavy = "{name.split('.')[0] for name in sys.modules} & {'openpyxl', 'sqlalchemy', 'redis', 'flask', 'gevent'}"
    program = f"import sys, wecom_bot.cli; wecom_bot.cli.main(['--help'], standalone_mode=False); print({heavy})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_openpyxl_waits_for_a_spreadsheet() -> None:
    program = "import sys, wecom_bot.bootstrap.stores; print('openpyxl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
