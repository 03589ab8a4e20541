"""`wecom-bot doctor`, as an operator uses it: nothing is wrong, and then one thing after the other is."""

import io
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from tests.deadlines import PATIENCE
from tests.fixtures.command_line import CommandLine
from tests.fixtures.patient import TENANT, Patient
from tests.fixtures.ports import free_port
from tests.fixtures.simulated_coze import TOKEN
from tests.fixtures.simulated_wecom import CORP, KF, SECRET, app_spec
from wecom_bot.adapters.redis import sockets
from wecom_bot.bootstrap.doctor import examine
from wecom_bot.cli.doctor import lines
from wecom_bot.domain.finding import State, failed, well
from wecom_bot.settings import load
from wecom_bot.simulators.wecom.schema import KfSpec


def test_all_is_well(patient: Patient) -> None:
    done = patient.command("doctor")
    assert (done.status, done.complaint) == (0, "")
    lines = done.output.splitlines()
    assert lines[-1].startswith(
        "0 失败 / failed，2 警告 / warnings，"
    )  # no model, and no TLS before the test's gateway
    assert not any(line.startswith("✗") for line in lines)
    said, found = patient.examine()
    assert said.status == 0
    assert {name for name, each in found.items() if each["state"] == "ok"} >= {
        *("machine.versions", "machine.disk", "machine.data", "redis", "redis.eviction", "redis.durability"),
        *("redis.clock", "sql", "sql.schema", "master_key", "tenants", "wecom", "wecom.clock", "wecom.app"),
        *("wecom.kf_account", "wecom.servicers", "coze.bot", "coze.workflow", "callback", "callback.door"),
    }
    assert found["wecom.app"]["about"] == f"{CORP}/shop"
    assert json.loads(said.output)["counts"]["failed"] == 0


def test_all_is_well_with_a_real_sql_server(patient: Patient, mysql_url: str) -> None:
    patient.put("DATABASE_URL", mysql_url)
    assert patient.examine()[1]["sql.schema"]["state"] == "failed"
    assert patient.command("migrate").status == 0
    patient.take_in(TENANT)
    said, found = patient.examine()
    assert said.status == 0
    assert found["sql.charset"]["state"] == "ok"
    assert "MariaDB" in found["sql"]["seen"] or "MySQL" in found["sql"]["seen"]


def test_it_asks_wecom_once_for_a_token_and_leaves_the_worker_its_own(patient: Patient) -> None:
    patient.examine()
    patient.examine()
    assert patient.wecom.calls("gettoken") == 1


def test_a_refused_secret_is_asked_once_however_often_the_doctor_comes(patient: Patient) -> None:
    patient.take_in(TENANT.replace(SECRET, "another"))
    for _ in range(3):
        said, found = patient.examine()
        assert (said.status, found["wecom.secret"]["state"]) == (1, "failed")
    assert patient.wecom.calls("gettoken", outcome="40001") == 1


def test_missing_sql_hides_nothing_else(patient: Patient) -> None:
    patient.put("DATABASE_URL", f"mysql+pymysql://u:p@127.0.0.1:{free_port()}/d")
    found = patient.examine()[1]
    assert found["sql"]["state"] == "failed"
    assert found["tenants"]["state"] == "skipped"
    assert {found[name]["state"] for name in ("redis", "wecom", "callback.door", "machine.disk")} == {"ok"}


def test_missing_redis_hides_neither_coze_nor_the_callback(patient: Patient) -> None:
    patient.put("REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    found = patient.examine()[1]
    assert {found[name]["state"] for name in ("coze.bot", "callback", "tenants")} == {"ok"}
    assert found["wecom.app"]["state"] == "skipped"


def test_no_tenant_is_a_warning_with_the_next_step(unserved: Patient) -> None:
    assert unserved.command("tenants", "remove", "--yes", CORP).status == 0
    said, found = unserved.examine()
    assert (said.status, found["tenants"]["state"]) == (0, "warning")
    assert "wecom-bot tenants import" in found["tenants"]["mend"]


def test_a_tenant_that_is_off_is_looked_at_only_by_its_name(unserved: Patient) -> None:
    unserved.command("tenants", "off", CORP)
    found = unserved.examine()[1]
    assert "wecom.app" not in found
    assert found["tenants"]["state"] == "warning"
    assert unserved.examine(CORP)[1]["wecom.app"]["state"] == "ok"


def test_where_nobody_said_how_wecom_reaches_us_it_is_not_guessed(unserved: Patient) -> None:
    said, found = unserved.examine()
    assert (said.status, found["callback"]["state"]) == (0, "skipped")
    assert "WECOM_BOT_PUBLIC_URL" in found["callback"]["seen"]


def test_in_an_empty_folder_it_says_what_comes_first_and_makes_nothing(wecom_bot: CommandLine) -> None:
    done = wecom_bot("doctor", "--json")
    found = {each["check"]: each for each in json.loads(done.output)["findings"]}
    assert done.status == 1
    assert "wecom-bot serve" in found["redis"]["mend"]
    assert "wecom-bot serve" in found["sql"]["mend"]
    assert list(wecom_bot.folder.iterdir()) == []


def test_settings_that_cannot_be_read_are_another_status(
    wecom_bot: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECOM_BOT_LEASE", "soon")
    done = wecom_bot("doctor")
    assert done.status == 2
    assert "WECOM_BOT_LEASE" in done.complaint


def _secrets_of(tenants: str) -> set[str]:
    """The values of every secret in the file."""
    names = ("secret = ", "token = ", "encoding_aes_key = ")
    return {line.split('"')[1] for line in tenants.splitlines() if line.startswith(names)}


PLANTED = TENANT.replace(SECRET, "planted-app-secret-1").replace(TOKEN, "pat_planted-token-2")


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_is_shown_whoever_quotes_it(unserved: Patient, *, as_json: bool) -> None:
    quoting = PLANTED.replace('name = "爱克米"', 'name = "pat_planted-token-2"').replace(
        "[tenants.coze]", '[tenants.nlu]\nbase_url = "http://u:planted-nlu-pass@127.0.0.1:1"\n[tenants.coze]'
    )
    quoting = quoting.replace("[tenants.nlu]", '[tenants.nlu]\ntoken = "planted-nlu-token"')
    unserved.wecom.add_corp(
        CORP,
        [app_spec(secret="planted-app-secret-1")],
        [KfSpec(open_kfid=KF, app="shop"), KfSpec(open_kfid="wkEcho", app="shop", name="planted-app-secret-1")],
    )
    unserved.take_in(quoting)
    unserved.put("REDIS_URL", f"redis://planted-user:planted-redis%40pass@127.0.0.1:{free_port()}")
    unserved.put("API_TOKEN", "planted-api-token-0001")
    unserved.put("COZE_BASE_URL", f"http://planted-user:planted-coze-pass@127.0.0.1:{free_port()}")
    shown = [unserved.command("doctor", *(["--json"] if as_json else []))]
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        unserved.put(
            "DATABASE_URL", f"mysql+pymysql://u:planted-sql-pass@127.0.0.1:{nobody.getsockname()[1]}/d?read_timeout=1"
        )
        shown.append(unserved.command("doctor", *(["--json"] if as_json else [])))
    hidden = {
        "planted-redis",
        "planted-coze-pass",
        "planted-nlu-pass",
        "planted-sql-pass",
        "planted-api-token-0001",
    } | _secrets_of(PLANTED)
    for said in shown:
        assert not [each for each in hidden if each in said.output + said.complaint]


def test_a_neighbour_that_echoes_a_secret_is_not_repeated(unserved: Patient) -> None:
    unserved.wecom.add_corp(
        CORP,
        [app_spec(secret="planted-app-secret-1")],
        [
            KfSpec(open_kfid=KF, app="shop", servicers=("zhang",)),
            KfSpec(open_kfid="wkEcho", app="shop", name="planted-app-secret-1"),
        ],
    )
    unserved.take_in(PLANTED)
    said, found = unserved.examine()
    assert "****** wkEcho" in found["wecom.kf_others"]["seen"]
    assert "planted" not in said.output


def test_a_terminal_that_knows_no_chinese_is_shown_signs_that_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    first, second, mend, docs, counts = (
        click.unstyle(line) for line in lines([well("redis", "好 / well"), failed("sql", "坏 / away", "修 / mend")])
    )
    assert (first, second, mend) == (
        "ok redis  好 / well",
        "X sql  坏 / away",
        "    修 / mend",
    )  # cli/terminal.py escapes them
    assert docs.strip() == "docs/operations.md#doctor-sql"
    assert counts.startswith("1 失败 / failed")


@dataclass
class Slow:
    """A clock that has fallen behind."""

    behind: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) - self.behind


def test_the_clock_of_this_machine_is_held_against_redis_and_wecom(unserved: Patient) -> None:
    _ = unserved
    found = {each.check: each for each in examine(load(), clock=Slow(timedelta(minutes=9)))}
    for name in ("redis.clock", "wecom.clock"):
        assert (found[name].state, "chronyc" in found[name].mend) == (State.WARNING, True)
        assert "+5" in found[name].seen


def test_a_serve_that_died_and_left_its_socket_is_told_from_a_server_that_is_away(wecom_bot: CommandLine) -> None:
    folder = wecom_bot.folder / "data" / "valkey"
    folder.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(sockets.prepare(folder)))
    found = {each["check"]: each for each in json.loads(wecom_bot("doctor", "--json").output)["findings"]}
    assert (found["redis"]["state"], "wecom-bot serve" in found["redis"]["mend"]) == ("failed", True)


def test_a_data_folder_that_nobody_lets_us_into_is_said_and_ends_no_check_up(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0)
    environment = os.environ | {
        "WECOM_BOT_DATA": str(shut / "data"),
        "WECOM_BOT_WECOM_BASE_URL": f"http://127.0.0.1:{free_port()}",
    }
    asked = [sys.executable, "-m", "wecom_bot", "doctor", "--json"]
    if os.geteuid() == 0:  # root is let in everywhere, and without these two only where others are
        asked = [
            "setpriv",
            "--bounding-set=-dac_override,-dac_read_search",
            "--inh-caps=-dac_override,-dac_read_search",
            *asked,
        ]
    done = subprocess.run(
        asked, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    found = {each["check"]: each["seen"] for each in json.loads(done.stdout)["findings"]}
    for check in ("machine.data", "sql", "search.index", "search.model"):
        assert "permission denied" in found[check]
