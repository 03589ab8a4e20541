"""What is written about the settings is what the program says of them."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from wecom_bot.cli import main
from wecom_bot.environment import PREFIX
from wecom_bot.errors import ConfigurationError
from wecom_bot.settings import Settings, load

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


@pytest.mark.usefixtures("_nothing_set")
@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:hun/ter@redis:6379/0", "redis://:******@redis:6379/0"),
        ("redis://bot:hun#t?e@r@redis:6379/0", "redis://bot:******@redis:6379/0"),
        ("redis://hunter@redis:6379/0", "redis://******@redis:6379/0"),
        ("unix://bot:hunter@/run/valkey.sock", "unix://bot:******@/run/valkey.sock"),
        (
            "redis+sentinel://bot:hunter@a,b/main?sentinel_password=hun#ter&db=0",
            "redis+sentinel://bot:******@a,b/main?sentinel_password=******&db=0",
        ),
        ("redis://redis?password=hunter", "redis://redis?password=******"),
        ("redis://:hun?password=ter@redis/0", "redis://:******"),
        ("redis://redis/0?sentinel_password=hun@ter", "redis://******"),
    ],
)
def test_a_password_is_masked_wherever_it_stands(monkeypatch: pytest.MonkeyPatch, url: str, shown: str) -> None:
    monkeypatch.setenv("WECOM_BOT_REDIS_URL", url)
    assert f"WECOM_BOT_REDIS_URL={shown}\n" in said()


@pytest.mark.usefixtures("_nothing_set")
def test_the_path_of_a_database_file_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECOM_BOT_DATABASE_URL", "sqlite:////srv/a@b/bot.db")
    assert "WECOM_BOT_DATABASE_URL=sqlite:////srv/a@b/bot.db\n" in said()


@pytest.mark.usefixtures("_nothing_set")
@pytest.mark.parametrize("span", ["99999999999999", "9" * 400, "P999999D", "31536001", "-1", "0", "²", "soon"])
def test_a_span_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, span: str) -> None:
    monkeypatch.setenv("WECOM_BOT_LEASE", span)
    with pytest.raises(ConfigurationError, match=r"^WECOM_BOT_LEASE: "):
        load()


@pytest.mark.usefixtures("_nothing_set")
@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_a_file_in_another_encoding_is_refused_by_name(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_text("WECOM_BOT_PORT=80\nWECOM_BOT_DATA=数据\n", encoding=encoding)
    with pytest.raises(ConfigurationError, match=r"^\.env: .*UTF-8"):
        load()
    done = CliRunner().invoke(main, ["settings"])
    assert done.exit_code != 0
    assert "save the file as UTF-8" in done.output
    assert "Traceback" not in done.output


@pytest.mark.usefixtures("_nothing_set")
def test_a_file_that_begins_with_a_mark_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WECOM_BOT_PORT=80\n", encoding="utf-8-sig")
    assert load().port == 80
    (tmp_path / ".env").write_text("WECOM_BOT_PROT=80\n", encoding="utf-8-sig")
    with pytest.raises(ConfigurationError, match="WECOM_BOT_PROT"):
        load()


def test_a_command_imports_only_what_it_needs() -> None:
    heavy = "{name.split('.')[0] for name in sys.modules} & {'openpyxl', 'sqlalchemy', 'redis', 'flask', 'gevent'}"
    program = f"import sys, wecom_bot.cli; wecom_bot.cli.main(['--help'], standalone_mode=False); print({heavy})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_openpyxl_waits_for_a_spreadsheet() -> None:
    program = "import sys, wecom_bot.bootstrap.stores; print('openpyxl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
