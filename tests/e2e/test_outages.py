"""What stands behind the bot goes away and comes back; customers wait at most."""

import os
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import redis
import sqlalchemy as sa

from tests.deadlines import wait_until
from tests.e2e.house import ACME, APP, ARTICLES, GLOBEX, KF, House
from wecom_bot.simulators.wecom.schema import Door

ANSWERS = list(ARTICLES[ACME].values())
QUESTIONS = list(ARTICLES[ACME])


def test_a_stop_in_the_middle_loses_nothing_and_repeats_nothing(furnish: Callable[..., House]) -> None:
    house = furnish()
    for number in range(10):
        for question in QUESTIONS:
            house.wecom.say(ACME, KF, f"wm{number}", question)
            house.wecom.say(ACME, APP, f"u{number}", question, Door.APP)
    house.stop()
    assert house.pids("wecom_bot") == []
    house.start()
    for number in range(10):
        for account, customer in ((KF, f"wm{number}"), (APP, f"u{number}")):
            seen = house.wecom.wait_seen(ACME, account, customer, count=2, timeout=30)
            assert [each.text for each in seen] == ANSWERS


def test_a_redis_that_hangs_for_a_while_only_delays(furnish: Callable[..., House]) -> None:
    house = furnish()
    (valkey,) = house.pids("valkey-server")
    os.kill(valkey, signal.SIGSTOP)
    for question in QUESTIONS:
        house.wecom.say(ACME, KF, "wm1", question)
    time.sleep(2)  # longer than the lease: whatever was under way has to be taken up again
    os.kill(valkey, signal.SIGCONT)
    seen = house.wecom.wait_seen(ACME, KF, "wm1", count=2, timeout=60)
    assert [each.text for each in seen] == ANSWERS


def test_after_a_loss_of_redis_nobody_is_answered_again(furnish: Callable[..., House]) -> None:
    house = furnish()
    for question in QUESTIONS:
        house.wecom.say(ACME, KF, "wm1", question)
    house.wecom.wait_seen(ACME, KF, "wm1", count=2)
    wait_until(lambda: recorded(house) == 2)
    with valkey(house) as client:
        client.flushall()
    house.wecom.say(ACME, KF, "wm1", QUESTIONS[0])
    seen = house.wecom.wait_seen(ACME, KF, "wm1", count=3, timeout=30)
    house.wecom.say(GLOBEX, KF, "wm1", QUESTIONS[0])
    house.wecom.wait_seen(GLOBEX, KF, "wm1", timeout=30)
    assert [each.text for each in seen] == [*ANSWERS, ANSWERS[0]]
    assert len(house.wecom.seen(ACME)) == 3


def test_with_sql_away_the_bot_goes_on_and_the_record_catches_up(furnish: Callable[..., House], mysql_url: str) -> None:
    door = Path(tempfile.mkdtemp(prefix="wb-door-")) / "sql"  # a socket's path has at most 107 bytes
    url = sa.make_url(mysql_url)
    server = Path(str(url.query["unix_socket"]))
    door.symlink_to(server)
    through_door = url.set(query={"unix_socket": str(door)}).render_as_string(hide_password=False)
    house = furnish(WECOM_BOT_DATABASE_URL=through_door)
    house.wecom.say(ACME, KF, "wm1", QUESTIONS[0])
    house.wecom.wait_seen(ACME, KF, "wm1")
    with valkey(house) as client:
        # as if the ledger were older: then nobody has to ask SQL what was answered before
        client.set(f"wb:{{{ACME}}}:born", int((time.time() - 3600) * 1000))
        door.unlink()
        cut_off(url)
        house.wecom.say(ACME, KF, "wm1", QUESTIONS[1])
        assert [each.text for each in house.wecom.wait_seen(ACME, KF, "wm1", count=2)] == ANSWERS
        wait_until(lambda: client.llen(f"wb:{{{ACME}}}:outbox") == 1)
        door.symlink_to(server)
        wait_until(lambda: client.llen(f"wb:{{{ACME}}}:outbox") == 0, 60)
    with sa.create_engine(url).connect() as connection:
        assert connection.execute(sa.text("select count(*) from turns")).scalar_one() == 2


def cut_off(url: sa.URL) -> None:
    """End the connections to this database that stand open."""
    with sa.create_engine(url.set(database="mysql"), isolation_level="AUTOCOMMIT").connect() as connection:
        found = sa.text("select id from information_schema.processlist where db = :db")
        for (number,) in connection.execute(found, {"db": url.database}).all():
            with suppress(sa.exc.OperationalError):  # it ended by itself
                connection.execute(sa.text(f"kill {int(number)}"))


def valkey(house: House) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(house.folder / "data" / "valkey" / "valkey.sock"))


def recorded(house: House) -> int:
    with sa.create_engine(f"sqlite:///{house.folder / 'data' / 'wecom-bot.sqlite3'}").connect() as connection:
        return int(connection.execute(sa.text("select count(*) from turns")).scalar_one())
