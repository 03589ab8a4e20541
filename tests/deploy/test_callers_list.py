"""The list of WeCom's addresses, from WeCom to nginx."""

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures.callers import posted
from tests.fixtures.command_line import CommandLine
from tests.fixtures.front_proxy import SHIPPED, FrontProxy, status
from tests.fixtures.simulated_wecom import app_spec, simulated_wecom
from tests.fixtures.tenant_files import ACME
from wecom_bot.adapters.redis.connection import connect


def test_what_the_command_writes_lets_wecom_in_and_nobody_else(
    front: FrontProxy, bundled_valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(bundled_valkey_url, timeout=timedelta(seconds=5), most=2).flushall()
    wecom_bot = CommandLine(front.folder)
    monkeypatch.chdir(front.folder)
    with simulated_wecom() as wecom:
        wecom.add_corp("ww_acme", [app_spec(secret="s3cret-of-shop")], [])
        wecom.mode(callers=["127.0.0.1", "127.0.9.*", "101.226.103.*", "2001:db8:a::1"])
        monkeypatch.setenv("WECOM_BOT_DATA", str(front.folder / "data"))
        monkeypatch.setenv("WECOM_BOT_WECOM_BASE_URL", wecom.base_url)
        monkeypatch.setenv("WECOM_BOT_REDIS_URL", bundled_valkey_url)
        assert wecom_bot("tenants", "import", wecom_bot.write("tenants.toml", ACME)).status == 0
        done = wecom_bot("callers", "--output", front.folder / "callers.conf")
    assert (done.status, done.complaint) == (0, "")
    front.test()
    front.reload()
    told = {source: status(front.say(posted(), source)) for source in ("127.0.0.1", "127.0.9.77", "127.0.0.2")}
    assert told == {"127.0.0.1": 200, "127.0.9.77": 200, "127.0.0.2": 403}


def test_as_shipped_there_is_no_list() -> None:
    lines = (SHIPPED / "callers.conf").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["default unknown;"]


def test_systemd_has_nothing_to_say_of_the_timer_that_renews_it(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        reason = "systemd-analyze is not installed: apt-get install systemd"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    units = []
    for each in (SHIPPED.parent / "systemd").glob("wecom-bot-callers.*"):
        text = each.read_text("utf-8").replace("User=wecom-bot", "User=root").replace("/usr/sbin/nginx", "/bin/true")
        units.append(tmp_path / each.name)
        units[-1].write_text(text.replace("/opt/wecom-bot/.venv/bin/wecom-bot", "/bin/true"))
    assert len(units) == 2
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "wecom-bot" in line]
    assert (done.returncode, ours) == (0, []), done.stderr
