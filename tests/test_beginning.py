"""Who is forked from a process that has begun reads no settings that have not changed."""

from pathlib import Path

import pytest

from wecom_bot.beginning import begin


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of their own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_they_are_read_once_while_nothing_changes() -> None:
    assert begin() is begin()


def test_what_changed_in_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    before = begin()
    monkeypatch.setenv("WECOM_BOT_PORT", "9999")
    assert begin().port == 9999
    monkeypatch.setenv("COZE_TOKEN", "pat_other")
    assert begin().coze_token.get_secret_value() == "pat_other"
    assert before.port != 9999


def test_what_changed_in_the_file_is_read(folder: Path) -> None:
    assert begin().port != 9998
    (folder / ".env").write_text("WECOM_BOT_PORT=9998\n")
    assert begin().port == 9998
    (folder / ".env").write_text("WECOM_BOT_PORT=10998\n")
    assert begin().port == 10998
    (folder / ".env").unlink()
    assert begin().port != 10998


def test_flags_win_and_are_not_kept() -> None:
    assert begin(port=9997).port == 9997
    assert begin().port != 9997
