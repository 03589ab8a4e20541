"""`wecom-bot tenants`, as an operator uses it."""

import tomllib
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.tenant_files import ACME, AES_KEY, GLOBEX


def test_an_import_says_what_it_did_to_each_tenant(furnished: CommandLine) -> None:
    changed = ACME.replace("爱克米", "爱克米商城")
    done = furnished("tenants", "import", furnished.write("again.toml", changed + GLOBEX))
    assert "ww_acme  已更新 / changed" in done.output
    assert "ww_globex  无变化 / unchanged" in done.output


def test_what_was_exported_with_secrets_imports_as_the_same(furnished: CommandLine) -> None:
    exported = furnished("tenants", "export", "--with-secrets")
    assert "WARNING" in exported.complaint
    assert "s3cret-of-help" in exported.output
    assert tomllib.loads(exported.output)["tenants"][0]["nlu"]["token"] == "nlu_of_acme"
    furnished("tenants", "remove", "ww_acme", "--yes")
    done = furnished("tenants", "import", furnished.write("back.toml", exported.output))
    assert "ww_acme  新增 / added" in done.output
    assert "ww_globex  无变化 / unchanged" in done.output
    assert furnished("tenants", "export", "--with-secrets").output == exported.output


def test_an_export_has_no_secrets_unless_asked(furnished: CommandLine) -> None:
    exported = furnished("tenants", "export")
    assert exported.complaint == ""
    for secret in ("s3cret", "t0ken", AES_KEY, "other", "pat_of_acme", "nlu_of_acme"):
        assert secret not in exported.output
    entries = tomllib.loads(exported.output)["tenants"]
    assert [entry["corp_id"] for entry in entries] == ["ww_acme", "ww_globex"]
    assert entries[0]["phrases"] == {"unknown": "我还不会"}


def test_some_tenants_are_exported_by_name(furnished: CommandLine) -> None:
    assert "ww_acme" not in furnished("tenants", "export", "ww_globex").output
    done = furnished("tenants", "export", "ww_nobody")
    assert (done.status, done.output) == (1, "")
    assert "ww_nobody" in done.complaint


def test_an_export_to_a_file_is_for_its_owner_only(furnished: CommandLine) -> None:
    path = furnished.write("out.toml", "old")
    path.chmod(0o644)
    assert furnished("tenants", "export", "--with-secrets", "-o", path).status == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert "s3cret-of-shop" in path.read_text(encoding="utf-8")


def test_importing_without_secrets_keeps_the_stored_ones(furnished: CommandLine) -> None:
    profile = furnished("tenants", "export", "ww_acme").output.replace("爱克米", "新名")
    assert furnished("tenants", "import", furnished.write("profile.toml", profile)).status == 0
    exported = furnished("tenants", "export", "ww_acme", "--with-secrets").output
    assert "s3cret-of-shop" in exported
    assert "pat_of_acme" in exported
    assert "新名" in exported


def test_one_secret_can_be_changed_alone(furnished: CommandLine) -> None:
    profile = furnished("tenants", "export", "ww_globex").output.replace('name = "app"', 'name = "app"\nsecret = "new"')
    assert furnished("tenants", "import", furnished.write("secret.toml", profile)).status == 0
    (app,) = tomllib.loads(furnished("tenants", "export", "ww_globex", "--with-secrets").output)["tenants"][0]["apps"]
    assert (app["secret"], app["token"], app["encoding_aes_key"]) == ("new", "t", AES_KEY)


def test_a_tenants_token_can_be_changed_and_taken_away_alone(furnished: CommandLine) -> None:
    profile = furnished("tenants", "export", "ww_acme").output
    for given in ("pat_new", ""):
        changed = profile.replace("[tenants.coze]", f'[tenants.coze]\ntoken = "{given}"')
        assert furnished("tenants", "import", furnished.write("token.toml", changed)).status == 0
        entry = tomllib.loads(furnished("tenants", "export", "ww_acme", "--with-secrets").output)["tenants"][0]
        assert entry["coze"].get("token", "") == given
        assert entry["nlu"]["token"] == "nlu_of_acme"


def test_an_import_does_not_switch_a_tenant_on_again_by_silence(furnished: CommandLine) -> None:
    furnished("tenants", "off", "ww_acme")
    furnished("tenants", "import", "two.toml")
    assert "ww_acme  停用 / off" in furnished("tenants", "list").output


def test_switching_on_and_off_shows_in_the_list(furnished: CommandLine) -> None:
    assert furnished("tenants", "off", "ww_acme").status == 0
    assert "ww_acme  停用 / off" in furnished("tenants", "list").output
    assert furnished("tenants", "on", "ww_acme").status == 0
    assert "ww_acme  启用 / on" in furnished("tenants", "list").output


def test_show_tells_the_callback_paths_and_no_secrets(furnished: CommandLine) -> None:
    shown = furnished("tenants", "show", "ww_acme").output
    assert "/callback/ww_acme/shop" in shown
    assert "/callback/ww_acme/help" in shown
    assert "s3cret" not in shown
    assert "_of_acme" not in shown
    assert "Coze: 令牌已存" in shown


@pytest.mark.parametrize("command", [("show",), ("on",), ("off",), ("remove", "--yes")])
def test_a_tenant_that_is_not_there_is_said_in_one_line(command: tuple[str, ...], wecom_bot: CommandLine) -> None:
    done = wecom_bot("tenants", *command, "ww_nobody")
    assert done.status == 1
    assert "ww_nobody" in done.complaint
    assert len(done.complaint.strip().splitlines()) == 1


def test_removing_asks_first(furnished: CommandLine) -> None:
    assert furnished("tenants", "remove", "ww_acme", answer="n\n").status == 1
    assert "ww_acme" in furnished("tenants", "list").output
    assert furnished("tenants", "remove", "ww_acme", answer="y\n").status == 0
    assert "ww_acme" not in furnished("tenants", "list").output


def test_another_master_key_is_explained_and_importing_again_helps(furnished: CommandLine) -> None:
    (furnished.folder / "data" / "master.key").unlink()
    assert "密钥不可读" in furnished("tenants", "list").output
    assert "another master key" in furnished("tenants", "show", "ww_acme").output
    done = furnished("tenants", "export", "--with-secrets")
    assert done.status == 1
    assert "tenants import" in done.complaint
    profile = furnished("tenants", "export").output
    done = furnished("tenants", "import", furnished.write("profile.toml", profile))
    assert "another master key" in done.complaint
    assert "tenants[0].coze.token: 请重新填写" in done.complaint
    assert furnished("tenants", "import", "two.toml").status == 0
    assert "密钥不可读" not in furnished("tenants", "list").output


def test_a_wrong_setting_is_one_clear_line(wecom_bot: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECOM_BOT_DATABASE_URL", "mysql+pymysql://root:hunter2@localhost")
    done = wecom_bot("tenants", "list")
    assert done.status == 2
    assert "WECOM_BOT_DATABASE_URL" in done.complaint
    assert "hunter2" not in done.complaint
    assert len(done.complaint.strip().splitlines()) == 1


def test_a_real_server_is_not_filled_without_being_asked(
    wecom_bot: CommandLine, mysql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECOM_BOT_DATABASE_URL", mysql_url)
    done = wecom_bot("tenants", "list")
    assert done.status == 2
    assert "run `wecom-bot migrate`" in done.complaint
    assert wecom_bot("migrate").status == 0
    assert "已是最新" in wecom_bot("migrate").output
    assert wecom_bot("tenants", "import", wecom_bot.write("two.toml", ACME)).status == 0
    assert "ww_acme" in wecom_bot("tenants", "list").output


def test_the_data_of_an_empty_folder_is_made_where_the_setting_says(
    wecom_bot: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECOM_BOT_DATA", "elsewhere")
    assert wecom_bot("tenants", "list").status == 0
    assert {path.name for path in Path("elsewhere").iterdir()} >= {"master.key", "wecom-bot.sqlite3"}


def test_blanks_that_were_pasted_along_with_ids_are_no_part_of_them(furnished: CommandLine) -> None:
    pasted = (
        ACME.replace('"ww_acme"', '" ww_acme\\u200b"')
        .replace('"wk1"', '"\\u00a0wk1 \\n"')
        .replace('app = "shop"', 'app = "shop "')
        .replace('name = "shop"', 'name = " shop"')
        .replace("agent_id = 1000002", 'agent_id = " 1000002\\u00a0"')
        .replace('"s3cret-of-shop"', '"\\ts3cret-of-shop "')
        .replace('"pat_of_acme"', '"pat_of_acme\\n"')
    )
    done = furnished("tenants", "import", furnished.write("pasted.toml", pasted))
    assert (done.status, done.output.splitlines()[0]) == (0, "ww_acme  无变化 / unchanged")
    (tenant,) = tomllib.loads(furnished("tenants", "export", "ww_acme").output)["tenants"]
    assert tenant["kf_accounts"] == [{"open_kfid": "wk1", "app": "shop"}]


def test_an_account_that_stands_twice_is_noticed_whatever_blanks_are_around_it(furnished: CommandLine) -> None:
    twice = ACME + '[[tenants.kf_accounts]]\nopen_kfid = "wk1 "\napp = "help"\n'
    done = furnished("tenants", "import", furnished.write("twice.toml", twice))
    assert done.status == 2
    assert "kf_accounts.open_kfid must be unique" in done.complaint


def test_secrets_are_kept_for_an_id_with_blanks_around_it(furnished: CommandLine) -> None:
    profile = furnished("tenants", "export", "ww_globex").output
    pasted = profile.replace('"ww_globex"', '"ww_globex "').replace('"app"', '" app"')
    assert furnished("tenants", "import", furnished.write("profile.toml", pasted)).status == 0
    assert 'secret = "other"' in furnished("tenants", "export", "ww_globex", "--with-secrets").output
