"""A job that stops its worker each time: one tenant's message, and everybody else."""

import json
import os
import signal
from collections.abc import Callable

from tests.deadlines import PATIENCE, wait_until
from tests.e2e.house import ACME, ARTICLES, GLOBEX, KF, House

KILLER = "让它停住"
_BY_PEOPLE = {2, 3}  # in the pool, or with a servicer


def events(house: House, name: str) -> list[dict[str, object]]:
    lines = [line for line in house.log.read_text().splitlines() if line.startswith("{")]
    return [found for line in lines if (found := json.loads(line)).get("event") == name]


def test_a_message_that_stops_its_worker_twice_goes_to_a_human_and_all_others_are_answered(
    furnish: Callable[..., House],
) -> None:
    house = furnish(WECOM_BOT_CRASH_POINT=f"stall:{KILLER}", WECOM_BOT_STALL="4", WECOM_BOT_LEASE="15")
    question, answer = next(iter(ARTICLES[GLOBEX].items()))
    house.wecom.fault("kf/send_msg", "delay", PATIENCE, corp_id=GLOBEX, times=1000)  # until it is cleared
    bystanders = [f"wm_{number}" for number in range(8)]
    for customer in bystanders:
        house.wecom.say(GLOBEX, KF, customer, question)
    wait_until(lambda: all(house.taken_up(GLOBEX, customer) for customer in bystanders))
    house.wecom.say(ACME, KF, "wm_killer", KILLER)
    wait_until(lambda: "stopped its worker twice" in house.run("dead-letters", "list", ACME), 2 * PATIENCE)
    wait_until(lambda: house.wecom.state(ACME, KF, "wm_killer").service_state in _BY_PEOPLE)
    assert all(house.taken_up(GLOBEX, customer) for customer in bystanders)  # under way at both falls
    house.wecom.clear_faults()
    for customer in bystanders:
        assert house.answers(GLOBEX, KF, customer) == [answer]
    wait_until(lambda: not any(house.taken_up(GLOBEX, customer) for customer in bystanders))
    for customer in bystanders:
        assert house.answers(GLOBEX, KF, customer) == [answer]
    for event in ("process.stalled", "worker.fell"):
        assert len(events(house, event)) >= 2
    assert KILLER not in house.log.read_text()
    assert all("wm_" not in str(line["at"]) for line in events(house, "worker.fell"))
    assert "none" in house.run("dead-letters", "list", GLOBEX)


def test_a_worker_that_hears_nothing_is_replaced(furnish: Callable[..., House]) -> None:
    house = furnish(WECOM_BOT_STALL="4")
    wait_until(lambda: events(house, "worker.started"))  # before its first beat it would have twelve times as long
    (worker,) = house.pids("wecom_bot worker")
    os.kill(worker, signal.SIGSTOP)
    question, answer = next(iter(ARTICLES[ACME].items()))
    house.wecom.say(ACME, KF, "wm1", question)
    assert house.answers(ACME, KF, "wm1") == [answer]
    assert house.pids("wecom_bot worker") != [worker]
    assert "worker-1" in {line["process"] for line in events(house, "process.stalled")}
    assert events(house, "worker.fell") == []
