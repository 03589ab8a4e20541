"""A wrong setting stops the start, and is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from wecom_bot.errors import ConfigurationError
from wecom_bot.settings import load


def test_the_defaults_are_the_real_wecom_and_the_real_coze() -> None:
    settings = load(None)
    assert settings.wecom_base_url == "https://qyapi.weixin.qq.com"
    assert settings.coze_base_url == "https://api.coze.cn"


@pytest.mark.parametrize(
    ("name", "meant"), [("WECOM_BOT_PROT", "WECOM_BOT_PORT"), ("wecom_bot_reddis_url", "WECOM_BOT_REDIS_URL")]
)
def test_an_unknown_name_is_named(monkeypatch: pytest.MonkeyPatch, name: str, meant: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(ConfigurationError, match=f"{name} is not a setting.*没有这项配置.*perhaps: {meant}"):
        load(None)


def test_an_unknown_name_in_the_file_is_named_too(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("WECOM_BOT_PORTT=1")
    with pytest.raises(ConfigurationError, match="WECOM_BOT_PORTT"):
        load(file)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("PORT", "http", "WECOM_BOT_PORT: .*integer"),
        ("PORT", "70000", "WECOM_BOT_PORT: .*65535"),
        ("LEASE", "-1", "WECOM_BOT_LEASE"),
        ("REDIS_URL", "http://x", "WECOM_BOT_REDIS_URL: .*redis://"),
        ("DATABASE_URL", "postgres://x", "WECOM_BOT_DATABASE_URL: .*mysql"),
        ("LOG_FORMAT", "xml", "WECOM_BOT_LOG_FORMAT: .*console"),
        ("KF_KNOWN_CODES", "abc", "WECOM_BOT_KF_KNOWN_CODES: .*codes"),
        ("API_TOKEN", "fifteen-letters", "WECOM_BOT_API_TOKEN: .*at least 16"),
        ("API_TOKEN", "with spaces in between", "WECOM_BOT_API_TOKEN: .*visible ASCII"),
        ("PUBLIC_URL", "https://bot.example.com:99999", "WECOM_BOT_PUBLIC_URL: .*65535"),
        ("CHAT_TIMEOUT", "60", "WECOM_BOT_THINK_DEADLINE should be longer"),
    ],
)
def test_a_wrong_value_is_named_and_what_it_should_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(f"WECOM_BOT_{name}", value)
    with pytest.raises(ConfigurationError, match=complaint):
        load(None)


def test_spans_are_seconds_or_iso(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECOM_BOT_LEASE", "2.5")
    monkeypatch.setenv("WECOM_BOT_SESSION_TIMEOUT", "PT10M")
    settings = load(None)
    assert (settings.lease, settings.session_timeout) == (timedelta(seconds=2.5), timedelta(minutes=10))


def test_cozes_own_name_for_its_token_is_understood_and_ours_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COZE_TOKEN", "theirs")
    assert load(None).coze_token.get_secret_value() == "theirs"
    monkeypatch.setenv("WECOM_BOT_COZE_TOKEN", "ours")
    assert load(None).coze_token.get_secret_value() == "ours"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECOM_BOT_DATABASE_URL", "mysql://u:p@h/d"),
        ("WECOM_BOT_SEARCH_URL", "http://u:p@h:1"),
        ("WECOM_BOT_PUBLIC_URL", "https://h:99999"),
        ("WECOM_BOT_API_TOKEN", "short"),
        ("WECOM_BOT_KF_KNOWN_CODES", "x"),
        ("WECOM_BOT_LEASE", "9" * 99),
    ],
)
def test_what_a_setting_should_be_is_told_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=rf"^{name}: .*[\u4e00-\u9fff].* / [a-z]"):
        load(None)
