"""The master key, and what is sealed under it."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom_bot.adapters.sql.secrets import Cipher, master_key
from wecom_bot.errors import ConfigurationError

KEY = os.urandom(32)


@given(plain=st.binary(max_size=500), corp_id=st.text(min_size=1, max_size=20))
def test_what_is_sealed_opens_again(plain: bytes, corp_id: str) -> None:
    assert Cipher(KEY).open(corp_id, Cipher(KEY).seal(corp_id, plain)) == plain


def test_the_same_secrets_are_sealed_differently_every_time() -> None:
    assert Cipher(KEY).seal("ww1", b"secret") != Cipher(KEY).seal("ww1", b"secret")


def test_another_master_key_is_told_apart_from_damage() -> None:
    blob = Cipher(KEY).seal("ww1", b"secret")
    with pytest.raises(ConfigurationError, match=r"tenant ww1 were written under another master key: .*tenants import"):
        Cipher(os.urandom(32)).open("ww1", blob)


@pytest.mark.parametrize("place", [9, 21, 37, -1], ids=["nonce", "tag", "first", "last"])
def test_a_changed_byte_is_damage(place: int) -> None:
    blob = bytearray(Cipher(KEY).seal("ww1", b"secret"))
    blob[place] ^= 1
    with pytest.raises(ConfigurationError, match="tenant ww1 were damaged"):
        Cipher(KEY).open("ww1", bytes(blob))


def test_another_tenants_secrets_do_not_open() -> None:
    with pytest.raises(ConfigurationError, match="another tenant's"):
        Cipher(KEY).open("ww2", Cipher(KEY).seal("ww1", b"secret"))


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x02" * 64, b"{}"])
def test_what_we_never_sealed_is_refused(blob: bytes) -> None:
    with pytest.raises(ConfigurationError, match="not in a form that we know"):
        Cipher(KEY).open("ww1", blob)


def test_the_key_is_not_in_what_a_log_would_show() -> None:
    assert str(KEY) not in repr(Cipher(KEY))


def test_the_setting_is_used_and_no_file_is_made(tmp_path: Path) -> None:
    assert master_key(base64.b64encode(KEY).decode(), tmp_path / "data") == KEY
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("given", ["c2hvcnQ=", "not base64!", base64.b64encode(bytes(33)).decode()])
def test_a_setting_of_the_wrong_length_is_refused(given: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"WECOM_BOT_MASTER_KEY.*32 bytes") as refusal:
        master_key(given, tmp_path)
    assert given not in str(refusal.value)


def test_the_first_run_makes_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    key = master_key("", folder)
    assert (folder / "master.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o077 == 0
    assert [path.name for path in folder.iterdir()] == ["master.key"]
    assert (len(key), master_key("", folder)) == (32, key)


def test_a_file_that_others_can_read_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    master_key("", tmp_path)
    (tmp_path / "master.key").chmod(0o640)
    with pytest.raises(ConfigurationError, match=rf"chmod 600 {tmp_path}/master.key"):
        master_key("", tmp_path)


@pytest.mark.parametrize("content", ["", "c2hvcnQ=\n", "钥匙"])
def test_a_file_with_something_else_in_it_is_refused_and_kept(content: str, tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=r"master\.key"):
        master_key("", tmp_path)
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="WECOM_BOT_MASTER_KEY"):
        master_key("", tmp_path / "file" / "data")


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from wecom_bot.adapters.sql.secrets import master_key;"
        "sys.stdin.readline(); print(master_key('', Path(sys.argv[1])).hex())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "data")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(6)
    ]
    for process in processes:  # all have imported everything, or soon will: now go
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    keys = {process.communicate(timeout=60)[0] for process in processes}
    assert len(keys) == 1
    assert len(keys.pop().strip()) == 64
