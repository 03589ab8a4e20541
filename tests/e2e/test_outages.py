"""What stands behind the bot goes away and comes back; customers wait at most."""

import os
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import redis
import requests
import sqlalchemy as sa

from tests.deadlines import PATIENCE, wait_until
from tests.e2e.house import ACME, APP, ARTICLES, GLOBEX, KF, House
from tests.fixtures.ports import free_port
from wecom_bot.simulators.wecom.schema import DeliveryState, Door

ANSWERS = list(ARTICLES[ACME].values())
QUESTIONS = list(ARTICLES[ACME])


@pytest.fixture(scope="module", autouse=True)
def _patient_wecom(house: House) -> None:
    house.wecom.mode(attempts=100)  # a restart, or a Redis that is away, outlasts WeCom's three tries


def test_a_stop_in_the_middle_loses_nothing_and_repeats_nothing(house: House) -> None:
    for number in range(10):
        for question in QUESTIONS:
            house.wecom.say(ACME, KF, f"wm{number}", question)
            house.wecom.say(ACME, APP, f"u{number}", question, Door.APP)
    house.stop()
    assert house.pids("wecom_bot") == []
    house.start()
    for number in range(10):
        assert house.answers(ACME, KF, f"wm{number}", 2) == ANSWERS
        # WeCom brings again what found nobody, one by one: the second may be there before the first
        assert sorted(house.answers(ACME, APP, f"u{number}", 2)) == sorted(ANSWERS)


def test_a_redis_that_hangs_for_a_while_only_delays(house: House) -> None:
    (valkey,) = house.pids("valkey-server")
    os.kill(valkey, signal.SIGSTOP)
    for question in QUESTIONS:
        house.wecom.say(ACME, KF, "wm_hang", question)
    time.sleep(2)  # longer than the lease: whatever was under way has to be taken up again
    os.kill(valkey, signal.SIGCONT)
    seen = house.answers(ACME, KF, "wm_hang", 2)
    assert seen == ANSWERS


def test_after_a_loss_of_redis_nobody_is_answered_again(house: House) -> None:
    said = {house.wecom.say(ACME, KF, "wm_lost", question) for question in QUESTIONS}
    house.answers(ACME, KF, "wm_lost", 2)
    wait_until(lambda: said <= house.recorded())
    with valkey(house) as client:
        client.flushall()
    house.wecom.say(ACME, KF, "wm_lost", QUESTIONS[0])
    seen = house.answers(ACME, KF, "wm_lost", 3)
    house.wecom.say(GLOBEX, KF, "wm_lost", QUESTIONS[0])
    house.wecom.wait_seen(GLOBEX, KF, "wm_lost")
    assert seen == [*ANSWERS, ANSWERS[0]]
    assert len(house.answers(ACME, KF, "wm_lost", 3)) == 3


def test_what_is_asked_after_a_loss_of_redis_is_not_taken_for_what_was_answered_before(house: House) -> None:
    said = house.wecom.say(ACME, KF, "first", QUESTIONS[0])
    house.wecom.wait_seen(ACME, KF, "first")
    wait_until(lambda: said in house.recorded())
    house.wecom.say(ACME, KF, "wm_before", QUESTIONS[0])
    house.wecom.wait_seen(ACME, KF, "wm_before")
    with valkey(house) as client:
        client.flushall()  # as a rule before the record knows what was answered
    house.wecom.say(ACME, KF, "wm_before", QUESTIONS[1])
    wait_until(lambda: house.wecom.seen(ACME, KF, "wm_before")[-1].text.endswith(ANSWERS[1]), 30)


def test_with_sql_away_the_bot_goes_on_and_the_record_catches_up(furnish: Callable[..., House], mysql_url: str) -> None:
    url = sa.make_url(mysql_url)
    door = door_to(url)
    house = furnish(WECOM_BOT_DATABASE_URL=through(door, url))
    house.wecom.say(ACME, KF, "wm1", QUESTIONS[0])
    house.wecom.wait_seen(ACME, KF, "wm1")
    with valkey(house) as client:
        # as if the ledger were older: then nobody has to ask SQL what was answered before
        client.set(f"wb:{{{ACME}}}:born", int((time.time() - 3600) * 1000))
        door.unlink()
        cut_off(url)
        house.wecom.say(ACME, KF, "wm1", QUESTIONS[1])
        assert house.answers(ACME, KF, "wm1", 2) == ANSWERS
        wait_until(lambda: client.llen(f"wb:{{{ACME}}}:outbox"))
        door.symlink_to(str(url.query["unix_socket"]))
        wait_until(lambda: client.llen(f"wb:{{{ACME}}}:outbox") == 0, 60)
    with sa.create_engine(url).connect() as connection:
        assert connection.execute(sa.text("select count(*) from messages")).scalar_one() == 2


def test_with_sql_hanging_every_known_question_is_answered(furnish: Callable[..., House], mysql_url: str) -> None:
    port = free_port()
    house = furnish(WECOM_BOT_DATABASE_URL=mysql_url, WECOM_BOT_WORKER_PORT=str(port))
    for question in QUESTIONS:
        house.wecom.say(ACME, KF, "wm", question)
    house.answers(ACME, KF, "wm", 2)
    server = serving(sa.make_url(mysql_url))
    with valkey(house) as client:
        # as if the ledger were older: then nobody has to ask SQL what was answered before
        client.set(f"wb:{{{ACME}}}:born", int((time.time() - 3600) * 1000))
        os.kill(server, signal.SIGSTOP)
        try:
            customers = ask_for(12, house)
            ready = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE)
        finally:
            os.kill(server, signal.SIGCONT)
        assert len(customers) > 2
        assert (ready.status_code, ready.json()["missing"], ready.json()["down"]) == (200, [], ["sql"])
        wait_until(lambda: client.llen(f"wb:{{{ACME}}}:outbox") == 0, 60)
    with sa.create_engine(mysql_url).connect() as connection:
        assert connection.execute(sa.text("select count(*) from messages")).scalar_one() == 2 + 4 * len(customers)


def ask_for(seconds: float, house: House) -> list[str]:
    """Customers who came in this time, each of whom got the answers, in the kf account and in the app."""
    end, customers = time.monotonic() + seconds, list[str]()
    while time.monotonic() < end:
        customers.append(f"c{len(customers)}")
        for question in QUESTIONS:
            house.wecom.say(ACME, KF, customers[-1], question)
            house.wecom.say(ACME, APP, customers[-1], question, Door.APP)
        for account in (KF, APP):
            seen = house.answers(ACME, account, customers[-1], 2)
            assert seen == ANSWERS
        time.sleep(0.5)  # not to wait for anything: customers come and go
    return customers


def test_a_gateway_process_that_dies_with_sql_away_takes_callbacks_again(
    furnish: Callable[..., House], mysql_url: str
) -> None:
    def ask(*customers: str) -> dict[str, str]:
        """Who asked, by message."""
        return {house.wecom.say(ACME, APP, customer, QUESTIONS[0], Door.APP): customer for customer in customers}

    url = sa.make_url(mysql_url)
    door = door_to(url)
    house = furnish(WECOM_BOT_DATABASE_URL=through(door, url))
    said = ask("first")
    house.wecom.wait_seen(ACME, APP, "first")
    door.unlink()
    cut_off(url)
    said |= ask(*(f"before-{number}" for number in range(5)))
    (died,) = gateways(house)
    os.kill(died, signal.SIGKILL)
    wait_until(lambda: gateways(house) not in ([], [died]))
    wait_until(lambda: missing(house) == ["sql"])
    refused = ask("meanwhile")
    assert house.wecom.deliveries(refused, "settled", PATIENCE)[0].state is DeliveryState.GIVEN_UP
    door.symlink_to(str(url.query["unix_socket"]))
    house.wait_ready()
    after = ask(*(f"after-{number}" for number in range(5)))
    assert house.wecom.acknowledged(after, PATIENCE) == set(after)
    for message in house.wecom.acknowledged(said | after):
        (seen,) = house.wecom.wait_seen(ACME, APP, (said | after)[message], timeout=PATIENCE)
        assert seen.text == ANSWERS[0]


def door_to(url: sa.URL) -> Path:
    """A name for the server's socket, which a test can take away."""
    door = Path(tempfile.mkdtemp(prefix="wb-door-")) / "sql"  # a socket's path has at most 107 bytes
    door.symlink_to(str(url.query["unix_socket"]))
    return door


def through(door: Path, url: sa.URL) -> str:
    return url.set(query={"unix_socket": str(door)}).render_as_string(hide_password=False)


def serving(url: sa.URL) -> int:
    """The process of the SQL server, if it is our own."""
    path = url.query.get("unix_socket")
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if path and f"--socket={path}".encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                return int(entry.name)
    pytest.skip("a server that is not ours is not stopped")


def gateways(house: House) -> list[int]:
    """The gateway's processes, without the one that looks after them."""
    pids = house.pids("gunicorn")
    return [pid for pid in pids if parent(pid) in pids]


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended
        return 0


def missing(house: House) -> list[str]:
    try:
        return list(requests.get(f"{house.url}/readyz", timeout=1).json()["missing"])
    except requests.RequestException:
        return []


def cut_off(url: sa.URL) -> None:
    """End the connections to this database that stand open."""
    with sa.create_engine(url.set(database="mysql"), isolation_level="AUTOCOMMIT").connect() as connection:
        found = sa.text("select id from information_schema.processlist where db = :db")
        for (number,) in connection.execute(found, {"db": url.database}).all():
            with suppress(sa.exc.OperationalError):  # it ended by itself
                connection.execute(sa.text(f"kill {int(number)}"))


def test_notifications_that_never_came_are_healed_by_the_sweep(furnish: Callable[..., House]) -> None:
    house = furnish(WECOM_BOT_KF_SWEEP="1")
    for number in (1, 2):  # from somebody new, and from somebody known
        house.wecom.say(ACME, KF, "wm1", QUESTIONS[number - 1], swallow=True)
        seen = house.wecom.wait_seen(ACME, KF, "wm1", count=number)
        assert [each.text for each in seen] == ANSWERS[:number]


def test_what_was_said_while_nothing_ran_is_answered_at_the_start(house: House) -> None:
    house.wecom.say(ACME, KF, "wm_nothing", QUESTIONS[0])
    house.wecom.wait_seen(ACME, KF, "wm_nothing")
    house.stop()
    house.wecom.say(ACME, KF, "wm_nothing", QUESTIONS[1], swallow=True)
    house.start()
    assert house.answers(ACME, KF, "wm_nothing", 2, timeout=PATIENCE) == ANSWERS


def valkey(house: House) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(house.folder / "data" / "valkey" / "valkey.sock"))
