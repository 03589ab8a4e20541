"""The worker's loop, in a process of its own, on a real Valkey."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.full_redis import full
from tests.fixtures.redis_servers import TIMEOUT
from tests.fixtures.whole_inbox import WholeInbox
from wecom_bot.adapters.redis.connection import Client, connect
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.domain.job import AnswerMessage, Lease, PullMessages
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.worker.loop import Worker
from wecom_bot.worker.pace import Pace

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
AT_ONCE = timedelta(0)
HOURS = 36000  # seconds: nobody waits for that
SECRET = "what a customer said"
ROOT = Path(__file__).parents[2]


class Workshop:
    """An inbox, and workers on it."""

    def __init__(self, url: str, folder: Path, leaving: ExitStack) -> None:
        self._url, self._folder, self._leaving = url, folder, leaving
        self.reconnect()

    def reconnect(self) -> None:
        self.client: Any = connect(self._url, timeout=TIMEOUT, most=8)
        self._leaving.callback(self.client.close)
        self.inbox = WholeInbox(self.client, 1000)

    def start(self, *words: str, **pace: Any) -> subprocess.Popen[bytes]:
        told = {"concurrency": 4, "lease": 30, "max_attempts": 10, "grace": 3, "tenants": [ACME, GLOBEX]} | pace
        command = (sys.executable, "-m", "tests.worker.worker_process", self._url, str(self._folder), json.dumps(told))
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen([*command, *words], stderr=log, cwd=ROOT)
        self._leaving.callback(process.wait)
        self._leaving.callback(process.kill)
        return process

    def put(self, name: str, tries: str = "", customer: str = "", corp_id: CorpId = ACME) -> None:
        """A message whose text says what becomes of each try of it; a customer of its own unless said otherwise."""
        where = ConversationId(corp_id, Channel.KF, "wk1", customer or f"wm_{name}")
        message = InboundMessage(MessageId(name), where, "shop", MessageKind.TEXT, datetime.now(UTC), tries)
        self.inbox.put(corp_id, [AnswerMessage(message, f"trace-{name}")])

    def let_go(self, *names: str) -> None:
        for name in names:
            (self._folder / f"go-{name}").touch()

    def stop_again(self, name: str) -> None:
        (self._folder / f"go-{name}").unlink()

    def events(self) -> list[str]:
        path = self._folder / "events"
        return path.read_text().splitlines() if path.exists() else []

    def log(self) -> str:
        return (self._folder / "log").read_text()

    def sees(self, *events: str) -> Callable[[], bool]:
        return lambda: set(events) <= set(self.events())

    def began(self, times: int, *names: str) -> Callable[[], bool]:
        return lambda: all(self.events().count(f"began {name}") == times for name in names)

    def falls(self) -> list[str]:
        """Where workers stood still or crashed, as those after them say."""
        lines = map(json.loads, self.log().splitlines())
        return [str(line["at"]) for line in lines if line["event"] == "worker.fell"]

    def lease_ends(self, name: str, corp_id: CorpId = ACME) -> float:
        """When, in the server's milliseconds."""
        return float(self.client.zscore(f"wb:{{{corp_id}}}:leased", f"kf/wk1/wm_{name}"))


@pytest.fixture
def leaving() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def workshop(bundled_valkey_url: str, tmp_path: Path, leaving: ExitStack) -> Workshop:
    made = Workshop(bundled_valkey_url, tmp_path, leaving)
    made.client.flushall()
    return made


def test_jobs_are_done_in_order_within_a_conversation(workshop: Workshop) -> None:
    workshop.start()
    for number in range(5):
        workshop.put(f"a{number}", customer="wm_a")
        workshop.put(f"b{number}", customer="wm_b", corp_id=GLOBEX)
    wait_until(lambda: workshop.inbox.waiting(ACME) + workshop.inbox.waiting(GLOBEX) == 0)
    for who in "ab":
        assert [each for each in workshop.events() if each.startswith(f"did {who}")] == [
            f"did {who}{number}" for number in range(5)
        ]


def test_a_job_that_takes_longer_than_its_lease_is_kept_by_the_heartbeat(workshop: Workshop) -> None:
    workshop.put("m1", "hang")
    workshop.start(lease=3)
    wait_until(workshop.sees("began m1"))
    first = workshop.lease_ends("m1")
    wait_until(lambda: workshop.lease_ends("m1") > first + 3500)
    workshop.let_go("m1")
    wait_until(lambda: workshop.inbox.waiting(ACME) == 0)
    assert workshop.events().count("began m1") == 1


def test_the_heartbeat_of_one_tenant_fails_alone(workshop: Workshop) -> None:
    workshop.put("m1", "hang")
    process = workshop.start(lease=3)
    wait_until(workshop.sees("began m1"))
    workshop.put("m2", "hang", corp_id=GLOBEX)
    wait_until(workshop.sees("began m2"))
    workshop.client.set("wb:{ww_acme}:leased", "not what it should be")
    wait_until(lambda: "heartbeat" in workshop.log())
    first = workshop.lease_ends("m2", GLOBEX)
    wait_until(lambda: workshop.lease_ends("m2", GLOBEX) > first + 500)
    assert workshop.events().count("began m2") == 1
    assert process.poll() is None


def test_a_stop_finishes_what_it_can_and_gives_the_rest_back(workshop: Workshop) -> None:
    workshop.put("m1", "hang")
    workshop.put("m2", "hang")
    process = workshop.start(grace=6)
    wait_until(workshop.sees("began m1", "began m2"))
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: "worker.stopping" in workshop.log())
    workshop.put("m3")
    workshop.let_go("m1")
    assert process.wait(PATIENCE) == 0
    assert workshop.sees("did m1")()
    left = [workshop.inbox.lease("tester", timedelta(seconds=30), AT_ONCE) for _ in range(3)]
    assert {(each.mailbox, each.attempt) for each in left if each} == {("kf/wk1/wm_m2", 1), ("kf/wk1/wm_m3", 1)}


def test_a_worker_outlives_its_valkey(tmp_path: Path, leaving: ExitStack) -> None:
    server = leaving.enter_context(EmbeddedValkey(tmp_path / "valkey"))
    workshop = Workshop(server.url, tmp_path, leaving)
    workshop.put("m1", "hang")
    process = workshop.start(lease=HOURS)
    wait_until(workshop.sees("began m1"))
    server.kill()
    wait_until(lambda: "worker.inbox_away" in workshop.log())
    workshop.let_go("m1")
    wait_until(lambda: "job.outcome_not_noted" in workshop.log())
    server.start()
    workshop.reconnect()
    workshop.put("m2")
    wait_until(lambda: workshop.inbox.waiting(ACME) == 0)
    assert workshop.events().count("did m1") == 2
    assert workshop.events().count("did m2") == 1
    assert process.poll() is None


def test_a_job_that_kills_its_workers_is_buried_and_a_human_is_called(workshop: Workshop) -> None:
    workshop.put("m1", "die die die die die")
    started = [workshop.start(lease=2, max_attempts=1)]

    def called_for() -> bool:
        if started[-1].poll() is not None:
            assert len(started) <= 2
            started.append(workshop.start(lease=2, max_attempts=1))
        return workshop.sees("called a human for wm_m1")()

    wait_until(called_for)
    assert len(started) == 3
    (letter,) = workshop.inbox.dead_letters(ACME)
    assert (letter.reason, letter.attempts) == ("crashed its worker", 3)
    assert started[-1].poll() is None


def test_what_cannot_be_read_is_buried_alone_and_a_customer_gets_a_human(workshop: Workshop) -> None:
    workshop.put("m1", customer="wm_a")
    workshop.put("m2", customer="wm_a")
    workshop.inbox.put(ACME, [PullMessages(ACME, "shop", "wk1", "", datetime.now(UTC), "trace-pull")])
    for place in ("kf/wk1/wm_a", "pull/wk1!"):
        workshop.client.lset(f"wb:{{ww_acme}}:box:{place}", 0, "from another version")
    workshop.start()
    wait_until(workshop.sees("called a human for wm_a", "did m2"))
    wait_until(lambda: workshop.inbox.waiting(ACME) == 0)
    assert [each for each in workshop.events() if "record" not in each] == [
        "called a human for wm_a",
        "began m2",
        "did m2",
    ]
    letters = workshop.inbox.dead_letters(ACME)
    assert [(letter.job, letter.reason) for letter in letters] == [(None, "unreadable")] * 2


@pytest.mark.parametrize("how", ["stall", "crash"])
def test_a_job_that_stops_its_worker_twice_is_buried_and_what_was_beside_it_both_times_is_done(
    workshop: Workshop, how: str
) -> None:
    workshop.put("b1", "hang hang hang")
    workshop.put("b2", "hang hang hang", corp_id=GLOBEX)
    workshop.put("m1", f"hang+{how} hang+{how} {how}")
    workshop.put("m2", customer="wm_m1")
    for fall in (1, 2):
        worker = workshop.start(lease=3, stall=3)
        wait_until(workshop.began(fall, "b1", "b2", "m1"))
        workshop.let_go("m1")
        worker.wait(PATIENCE)
        workshop.stop_again("m1")
    third = workshop.start(lease=3, stall=3)
    workshop.let_go("b1", "b2")
    wait_until(workshop.sees("called a human for wm_m1", "did m2", "did b1", "did b2"))
    assert workshop.events().count("began m1") == 2
    assert [(letter.reason, letter.attempts) for letter in workshop.inbox.dead_letters(ACME)] == [
        ("stopped its worker twice", 3)
    ]
    assert workshop.inbox.dead_letters(GLOBEX) == []
    assert workshop.events().count("did b1") == workshop.events().count("did b2") == 1
    assert third.poll() is None
    assert all("worker_process.py" in place for place in workshop.falls())
    assert len(workshop.falls()) == 2
    assert "wm_" not in "".join(workshop.falls())


def test_a_chore_that_stops_its_worker_accuses_nobody(workshop: Workshop, tmp_path: Path) -> None:
    workshop.put("m1", "hang hang hang")
    for tries in (1, 2):
        worker = workshop.start(lease=3, stall=3)
        wait_until(workshop.began(tries, "m1"))
        (tmp_path / "stall").touch()
        worker.wait(PATIENCE)
        (tmp_path / "stall").unlink()
    workshop.let_go("m1")
    workshop.start(lease=3)
    wait_until(workshop.sees("did m1"))
    assert len(workshop.falls()) == 2
    assert workshop.inbox.dead_letters(ACME) == []


def test_a_worker_that_was_only_killed_accuses_nobody(workshop: Workshop) -> None:
    workshop.put("m1", "die die die hang")
    for _ in range(3):
        workshop.start(lease=1).wait(PATIENCE)
    workshop.start(lease=1)
    wait_until(workshop.sees("began m1"))
    wait_until(lambda: workshop.events().count("began m1") == 4)
    workshop.let_go("m1")
    wait_until(workshop.sees("did m1"))
    assert workshop.falls() == []
    assert workshop.inbox.dead_letters(ACME) == []


def test_what_a_killed_worker_held_goes_on_at_its_successor_however_long_the_lease(workshop: Workshop) -> None:
    workshop.put("m1", "hang hang")
    workshop.put("m2", "hang hang", corp_id=GLOBEX)
    workshop.put("m3", customer="wm_m1")
    first = workshop.start(lease=HOURS)
    wait_until(workshop.began(1, "m1", "m2"))
    first.kill()
    first.wait(PATIENCE)
    workshop.start(lease=HOURS)
    wait_until(workshop.began(2, "m1", "m2"))
    workshop.let_go("m1", "m2")
    wait_until(workshop.sees("did m3", "did m2"))
    assert [each for each in workshop.events() if each.startswith("did m")].count("did m1") == 1
    assert '"leases": 2' in workshop.log()


def test_a_worker_beside_one_that_was_killed_takes_over_and_keeps_its_own(workshop: Workshop) -> None:
    workshop.put("m1", "hang hang")
    first = workshop.start(lease=HOURS)
    wait_until(workshop.began(1, "m1"))
    workshop.put("m2", "hang hang")
    second = workshop.start(lease=HOURS)
    wait_until(lambda: workshop.log().count("worker.started") == 2)
    workshop.put("m3", "hang hang")
    wait_until(workshop.began(1, "m2", "m3"))
    first.kill()
    wait_until(workshop.began(2, "m1"))
    workshop.let_go("m1", "m2", "m3")
    wait_until(lambda: workshop.inbox.waiting(ACME) == 0)
    assert all(workshop.events().count(f"did {name}") == 1 for name in ("m1", "m2", "m3"))
    assert second.poll() is None


def test_what_could_not_be_given_back_at_a_stop_goes_on_at_the_next_worker(tmp_path: Path, leaving: ExitStack) -> None:
    server = leaving.enter_context(EmbeddedValkey(tmp_path / "valkey"))
    workshop = Workshop(server.url, tmp_path, leaving)
    workshop.put("m1", "hang hang")
    first = workshop.start(lease=HOURS, grace=0)
    wait_until(workshop.began(1, "m1"))
    server.kill()
    first.send_signal(signal.SIGTERM)
    assert first.wait(PATIENCE) == 0
    server.start()
    workshop.start(lease=HOURS)
    wait_until(workshop.began(2, "m1"))


def test_the_leases_of_another_machine_run_out_by_themselves(workshop: Workshop, tmp_path: Path) -> None:
    workshop.put("m1")
    (tmp_path / "workers").mkdir()
    elsewhere = f"{2**22}-{'0' * 16}-{'0' * 32}"
    (tmp_path / "workers" / f"{elsewhere}.box").write_bytes(bytes(8))
    held = workshop.inbox.lease(elsewhere, timedelta(hours=1), AT_ONCE)
    assert held
    workshop.put("m2")
    workshop.start()
    wait_until(workshop.sees("did m2"))
    assert workshop.inbox.extend(ACME, [held], timedelta(hours=1)) == []


def test_a_worker_that_ends_in_order_leaves_nothing_behind(workshop: Workshop, tmp_path: Path) -> None:
    workshop.put("m1")
    process = workshop.start()
    wait_until(workshop.sees("did m1"))
    assert len(list((tmp_path / "workers").iterdir())) == 1
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert list((tmp_path / "workers").iterdir()) == []


def test_a_bystander_of_crashes_and_rate_limits_still_has_all_its_tries(workshop: Workshop) -> None:
    workshop.put("m1", "limited limited fail")
    leases: list[Lease] = []

    def leased_again() -> bool:
        got = workshop.inbox.lease("that dies", timedelta(milliseconds=1), timedelta(milliseconds=100))
        leases.extend([got] if got else [])
        return len(leases) == 3

    wait_until(leased_again)
    workshop.start(max_attempts=2)
    wait_until(workshop.sees("did m1"))
    assert workshop.inbox.dead_letters(ACME) == []


def test_a_pull_that_is_refused_is_tried_on_and_operators_are_told(workshop: Workshop) -> None:
    workshop.inbox.put(ACME, [PullMessages(ACME, "shop", "wk1", "", datetime.now(UTC), "trace-pull")])
    workshop.start(max_attempts=1)
    wait_until(lambda: workshop.events().count("pulled wk1") >= 2)
    assert workshop.inbox.dead_letters(ACME) == []
    assert workshop.inbox.waiting(ACME) == 1
    told = [line for line in map(json.loads, workshop.log().splitlines()) if line["event"] == "job.failed"]
    assert {(line["level"], line["mailbox"], line["verdict"]) for line in told} == {("error", "pull/wk1", "retry")}
    assert all(line["advice"] for line in told)


def test_an_answer_outlasts_an_outage_of_more_tries_than_there_are(workshop: Workshop) -> None:
    workshop.put("m1", "fail fail fail")
    workshop.start(max_attempts=2)
    wait_until(workshop.sees("did m1"))
    assert workshop.inbox.dead_letters(ACME) == []


def test_a_tenant_that_hangs_leaves_room_for_the_others(workshop: Workshop) -> None:
    names = [f"m{number}" for number in range(6)]
    for name in names:
        workshop.put(name, "hang")
    workshop.start()
    wait_until(lambda: began(workshop) == 3)
    for number in range(5):
        workshop.put(f"b{number}", corp_id=GLOBEX)
    wait_until(workshop.sees(*(f"did b{number}" for number in range(5))))
    assert began(workshop) == 3
    workshop.let_go(*names)
    wait_until(workshop.sees(*(f"did {name}" for name in names)))


def test_a_tenant_alone_has_the_whole_worker(workshop: Workshop) -> None:
    for number in range(6):
        workshop.put(f"m{number}", "hang")
    workshop.start(tenants=[ACME])
    wait_until(lambda: began(workshop) == 4)


def began(workshop: Workshop) -> int:
    return sum(event.startswith("began m") for event in workshop.events())


def test_what_nobody_expected_ends_neither_the_leasing_nor_the_chores(workshop: Workshop) -> None:
    workshop.put("m1")
    process = workshop.start(SECRET)
    wait_until(workshop.sees("did m1", "stumbled over the record", "wrote the record"))
    assert process.poll() is None
    lines = [json.loads(line) for line in workshop.log().splitlines()]
    told = {(line["event"], line.get("error")) for line in lines if line["level"] == "error"}
    assert told == {
        ("worker.chore_failed", "OSError"),
        ("worker.lease_failed", "LeaseLost"),
        ("worker.lease_failed", "OSError"),
    }
    assert SECRET not in workshop.log()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def test_an_errand_that_hangs_holds_up_neither_work_nor_the_end(workshop: Workshop) -> None:
    process = workshop.start(errand=True)
    wait_until(workshop.sees("began an errand"))
    workshop.put("m1")
    wait_until(lambda: workshop.inbox.waiting(ACME) == 0)
    assert workshop.events().count("did m1") == 1
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def test_a_worker_whose_server_is_full_says_that_it_misses_redis(redis_client: Client) -> None:
    pace = Pace(4, timedelta(seconds=30), 10, timedelta(seconds=3))
    inbox = WholeInbox(redis_client, 1000)
    worker = Worker("tester", inbox, {}, lambda _: 0, list, pace)
    assert worker.missing() == []
    with full(redis_client):
        assert worker.missing() == ["redis"]
