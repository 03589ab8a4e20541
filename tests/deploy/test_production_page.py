"""The page into production, walked by the letter on a machine of its own; then one thing after the other is broken.

Stand-ins: see `whole_machine.py`. What a reader writes in an editor is written by `reader.py`: tenants.toml, faq.jsonl.
One line is not the page's: WECOM_BOT_WECOM_BASE_URL, since WeCom is the simulator.
"""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.deploy.breakages import BREAKAGES, Breakage
from tests.deploy.clean_room import ROOT
from tests.deploy.production_page import Step, steps
from tests.deploy.reader import ANSWER, APP, CORP, KF, QUESTION, SECRETS, Reader, reading
from tests.deploy.whole_machine import HOST, fetch_wheels, furnished, possible
from tests.fixtures.callers import Target
from tests.fixtures.front_proxy import status

pytestmark = [pytest.mark.walk, pytest.mark.timeout(1800)]

UNITS = " ".join(f"wecom-bot-{each}" for each in ("gateway@8080", "gateway@8081", "worker@9101", "worker@9102"))
FROM_PACKAGES = {
    "make": "make",
    "redis-server": "redis-server",
    "mysql": "mariadb-server",
    "nginx": "nginx",
    "openssl": "openssl",
    "curl": "curl",
    "update-ca-certificates": "ca-certificates",
}
OF_THE_PROGRAM = {"git", "python3-venv"}
"""Who brings the checkout, and what install.sh asks for."""

SERVICE = Target(CORP, APP.name, APP.token, APP.encoding_aes_key)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Who has done the page's part 甲, to its end."""
    possible()
    folder = tmp_path_factory.mktemp("production")
    wheels = folder / "wheels"
    wheels.mkdir()
    with reading(furnished(folder / "root"), fetch_wheels(wheels)) as reader:
        for step in part("甲"):
            reader.do(step)
        yield reader
    shutil.rmtree(folder)


def part(name: str) -> list[Step]:
    return [each for each in steps() if each.part.startswith(name)]


def test_the_page_says_everything_in_its_order(reader: Reader) -> None:
    assert [each.heading.split(".")[0] for each in reader.done] == ["1", "2", "3", "4", "5", "6", "8", "9"]
    said = reader.said["6"]
    assert CORP in said
    assert "0 失败 / failed" in said


def test_it_is_laid_out_as_the_units_have_it(reader: Reader) -> None:
    places = "/opt/wecom-bot /etc/wecom-bot /etc/wecom-bot/env /var/lib/wecom-bot /var/backups/wecom-bot"
    assert reader.machine.done(f"stat -c '%U:%G %a' {places}").splitlines() == [
        "root:root 755",
        "root:wecom-bot 750",
        "root:wecom-bot 640",
        "wecom-bot:wecom-bot 700",
        "wecom-bot:wecom-bot 700",
    ]
    units = reader.machine.done("ls /etc/systemd/system | grep ^wecom-bot").split()
    assert set(units) >= {path.name for path in (ROOT / "deploy" / "systemd").iterdir()}


def test_nobody_else_owns_or_can_change_the_program(reader: Reader) -> None:
    assert reader.machine.done("find /opt/wecom-bot -not -user root -o -not -type l -perm /022") == ""
    assert reader.machine.done("runuser -u wecom-bot -- find /opt/wecom-bot -not -readable") == ""


def test_what_the_page_runs_it_has_installed() -> None:
    """A room has all of /usr: that a package is missing from the page would not be seen there."""
    blocks = [block for step in (*part("甲"), *part("升级")) for block in step.blocks]
    packages = set(blocks[0].split()) - {"apt-get", "install", "-y", "--no-install-recommends"}
    assert packages == {*FROM_PACKAGES.values(), *OF_THE_PROGRAM}
    words = {word for block in blocks[1:] for word in re.findall(r"[a-z][a-z-]+", block)}
    assert {program for program in FROM_PACKAGES if program in words} == set(FROM_PACKAGES)


def test_a_callback_that_wechatpy_sealed_is_answered(reader: Reader) -> None:
    assert status(reader.machine.say(SERVICE.posted(1))) == 200
    assert reader.seen("u1") == [ANSWER]


def test_a_customer_of_a_kf_account_is_answered(reader: Reader) -> None:
    reader.wecom(lambda wecom: wecom.say(CORP, KF, "wm_customer", QUESTION))
    assert reader.seen("wm_customer", KF) == [ANSWER]


def test_wecom_can_save_the_url(reader: Reader) -> None:
    assert reader.wecom(lambda wecom: wecom.verify(CORP, APP.name)).ok


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/tenants", "/readyz", "/healthz", "/"])
def test_nothing_else_is_outside(reader: Reader, path: str) -> None:
    asked = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    assert status(reader.machine.say(asked.encode())) == 404


def test_only_wecoms_addresses_come_in(reader: Reader) -> None:
    assert "127.0.0.1/32 wecom;" in reader.machine.done("cat /etc/nginx/callers.conf")
    assert status(reader.machine.say(SERVICE.posted(2), source="127.0.0.2")) == 403
    assert status(reader.machine.say(SERVICE.posted(2))) == 200


def test_the_nightly_backup_is_made_and_can_be_read_back(reader: Reader) -> None:
    reader.machine.done("systemctl start wecom-bot-backup.service")
    listed = reader.machine.done("stat -c '%U %a %n' /var/backups/wecom-bot/*.zip").splitlines()
    assert [each.split()[:2] for each in listed] == [["wecom-bot", "600"]] * len(listed)
    assert listed


def test_an_upgrade_keeps_nobody_waiting(reader: Reader) -> None:
    (step,) = part("升级")
    before = reader.machine.done("readlink /opt/wecom-bot/.venv")
    with conversing(reader) as statuses:
        reader.do(step)
        so_far = len(statuses)
        wait_until(lambda: len(statuses) > so_far)
    assert reader.machine.done("readlink /opt/wecom-bot/.venv") != before
    assert set(statuses) == {200}


@contextmanager
def conversing(reader: Reader) -> Iterator[list[int]]:
    """One member after the other asks and is answered, until the block is left; the statuses of their callbacks."""
    statuses: list[int] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            number = 100 + len(statuses)
            statuses.append(status(reader.machine.say(SERVICE.posted(number))))
            assert reader.seen(f"u{number}") == [ANSWER]

    with reader.machine.beside(ask) as asking:
        wait_until(lambda: statuses or asking.done())
        try:
            yield statuses
        finally:
            over.set()
            asking.result(PATIENCE)


@pytest.mark.parametrize("broken", BREAKAGES, ids=lambda each: each.name)
def test_doctor_names_what_is_broken_and_the_mend(reader: Reader, broken: Breakage) -> None:
    whole = reader.machine.run("wecom-bot doctor")
    assert whole.returncode == 0, whole.stdout
    with broken.broken(reader):
        plain = reader.machine.run(f"{broken.before}wecom-bot doctor")
        told = reader.machine.run(f"{broken.before}wecom-bot doctor --json")
    assert (plain.returncode, told.returncode) == (1, 1), plain.stdout + plain.stderr
    failed = [each for each in json.loads(told.stdout)["findings"] if each["state"] == "failed"]
    (found,) = [each for each in failed if each["check"] == broken.check]
    assert broken.seen in found["seen"]
    assert broken.mend in found["mend"]
    assert f"✗ {broken.check}" in plain.stdout
    assert broken.mend in plain.stdout
    for secret in {*SECRETS, *reader.passwords()}:
        assert secret not in plain.stdout + plain.stderr + told.stdout + told.stderr


def test_what_was_lost_with_the_machine_comes_back_from_its_backup(reader: Reader) -> None:
    archive = reader.machine.done("ls /var/backups/wecom-bot/*.zip | tail -n 1 && systemctl stop " + UNITS).split()[-1]
    reader.machine.done(f"cp {archive} /root/kept.zip && rm -r /var/backups/wecom-bot/*")
    reader.machine.done("mysql -e 'DROP DATABASE wecom_bot; CREATE DATABASE wecom_bot CHARACTER SET utf8mb4'")
    reader.machine.read_on("REDISCLI_AUTH=$REDIS_PASSWORD redis-cli FLUSHALL\n")
    reader.machine.done("find /var/lib/wecom-bot -mindepth 1 -maxdepth 1 -not -name model | xargs rm -r")
    # as docs/operations.md has it
    reader.machine.done("install -m 0600 -o wecom-bot -g wecom-bot /root/kept.zip /var/backups/wecom-bot/")
    restored = reader.machine.done("wecom-bot restore /var/backups/wecom-bot/kept.zip --lost-at now")
    assert "现在可以启动了" in restored
    reader.machine.done("systemctl start " + UNITS)


def test_all_is_well_in_the_end(reader: Reader) -> None:
    whole = reader.machine.run("wecom-bot doctor")
    assert whole.returncode == 0, whole.stdout
    assert status(reader.machine.say(SERVICE.posted(3))) == 200
    assert reader.seen("u3") == [ANSWER]
