"""The machine is lost under load, with all that it held, and comes back from its backup."""

import os
import re
import shutil
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.deadlines import PATIENCE, wait_until
from tests.e2e.house import APP, KF, House
from tests.load.apart import Apart
from tests.load.customers import ACCOUNTS, Crowd, Load
from tests.load.spread import Spread
from tests.load.tally import Customer, question, tally
from tests.load.torture import QUESTIONS, teach

_CUSTOMERS = 6
_ANSWERS = 40  # before the backup, and again between it and the loss


@pytest.fixture(params=[House, Spread], ids=["one machine", "apart"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Each layout: `serve` with what it brings, and processes apart with Redis and MariaDB."""
    (tmp_path / "house").mkdir()
    made: House = request.param(tmp_path / "house", simulator=Apart("wecom_bot.simulators.wecom"))
    try:
        yield made.open()
    finally:
        made.close()


def test_what_was_answered_is_not_answered_again_and_what_may_be_lost_is_said(house: House, tmp_path: Path) -> None:
    house.wecom.mode(repeated_msgid="shown")  # the pessimist's: what is said twice shows
    crowd = Crowd(house.wecom, QUESTIONS)
    teach(house, crowd)
    with Load(crowd, 10, _CUSTOMERS, seed=1):
        await_answers(crowd, _ANSWERS)
        safe = {who: len(mine) for who, mine in crowd.said.items()}  # asked before the backup began
        house.run("backup", str(tmp_path / "backups"), "--master-key-to", str(tmp_path / "key"))
        await_answers(crowd, _ANSWERS)
        lose(house)
        lost_at = datetime.now().astimezone()
    said = restore(house, tmp_path, lost_at)
    assert "restored" in said
    assert "已丢" in said
    asked = {who: len(mine) for who, mine in crowd.said.items()}
    everybody = [(*account, f"c{number}") for number in range(_CUSTOMERS) for account in ACCOUNTS]
    for who in everybody:
        if who[1] == KF:  # while nothing runs: nobody can have answered that
            crowd.ask(who)
    house.start()  # without the tenants' file: they are there, and so are their secrets
    for who in everybody:
        if who[1] == APP:
            crowd.ask(who)
    wait_until(lambda: crowd.look() is not None and all(asked.get(who, 0) in crowd.shown[who] for who in everybody))
    counted = tally(crowd.asked(), crowd.shown)
    assert (counted.twice, counted.strange, counted.out_of_order) == (0, 0, 0)
    silent = {
        (who, number)
        for who, mine in crowd.said.items()
        for number in range(len(mine))
        if number not in crowd.shown[who]
    }
    wait_until(lambda: {each for each in silent if each[0][1] == KF} <= requested(house))
    lost = silent - requested(house)
    assert all(who[1] == APP and number >= safe.get(who, 0) for who, number in lost), lost


def await_answers(crowd: Crowd, count: int) -> None:
    """Until customers have seen so many more."""
    before = sum(map(len, crowd.shown.values()))
    wait_until(lambda: crowd.look() is not None and sum(map(len, crowd.shown.values())) >= before + count)


def lose(house: House) -> None:
    """The machine is gone: every process at once, then all that it kept."""
    if isinstance(house, Spread):
        house.lose()
        return
    assert house.process is not None
    for pid in (house.process.pid, *house.pids("wecom_bot"), *house.pids("valkey-server"), *house.pids("gunicorn")):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    house.process.wait(PATIENCE)
    wait_until(lambda: not house.pids("wecom_bot") + house.pids("valkey-server"))
    shutil.rmtree(house.folder / "data")


def restore(house: House, tmp_path: Path, lost_at: datetime) -> str:
    """On a new machine: the key from where it was kept, and all else from the archive; what was said."""
    if isinstance(house, Spread):
        house.open_stores()
    (house.folder / "data").mkdir(mode=0o700)
    shutil.copy2(tmp_path / "key" / "master.key", house.folder / "data" / "master.key")
    (archive,) = (tmp_path / "backups").iterdir()
    return house.run("restore", str(archive), "--lost-at", lost_at.isoformat())


def requested(house: House) -> set[tuple[Customer, int]]:
    """Who is to be called about which question."""
    query = "select corp_id, account, customer, words from requests where reason = 'restored' and closed_at is null"
    url = house.env.get("WECOM_BOT_DATABASE_URL", f"sqlite:///{house.folder / 'data' / 'wecom-bot.sqlite3'}")
    with sa.create_engine(url).connect() as connection:
        rows = connection.execute(sa.text(query)).all()
    number = re.compile(re.escape(question(0)).replace("0", r"(\d+)"))
    return {
        ((corp_id, account, customer), int(found))
        for corp_id, account, customer, words in rows
        for found in number.findall(words)
    }
