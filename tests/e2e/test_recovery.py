"""Whoever is killed in the midst of a turn: it goes on as soon as somebody works again, before any lease runs out."""

from collections.abc import Callable

from tests.deadlines import PATIENCE, wait_until
from tests.e2e.house import ACME, ARTICLES, KF, House

LEASE = str(10 * 60 * 60)  # seconds: nobody waits for that
QUESTION, ANSWER = next(iter(ARTICLES[ACME].items()))
CUSTOMERS = [f"wm_{number}" for number in range(4)]


def hold_up(house: House) -> None:
    """Every customer's answer is on its way, and does not arrive."""
    house.wecom.fault("kf/send_msg", "delay", PATIENCE, corp_id=ACME, times=1000)  # until it is cleared
    for customer in CUSTOMERS:
        house.wecom.say(ACME, KF, customer, QUESTION)
    wait_until(lambda: all(house.taken_up(ACME, customer) for customer in CUSTOMERS))


def all_are_answered_once(house: House) -> bool:
    for customer in CUSTOMERS:
        assert house.answers(ACME, KF, customer) == [ANSWER]
    wait_until(lambda: not any(house.taken_up(ACME, customer) for customer in CUSTOMERS))
    return all(house.answers(ACME, KF, customer) == [ANSWER] for customer in CUSTOMERS)


def test_what_a_killed_worker_had_under_way_is_answered_without_waiting_for_its_leases(
    furnish: Callable[..., House],
) -> None:
    house = furnish(WECOM_BOT_LEASE=LEASE)
    hold_up(house)
    assert house.kill("wecom_bot worker") == 1
    house.wecom.clear_faults()
    assert all_are_answered_once(house)


def test_after_a_kill_of_everything_all_is_answered_without_waiting_for_a_lease(furnish: Callable[..., House]) -> None:
    house = furnish(WECOM_BOT_LEASE=LEASE)
    hold_up(house)
    house.kill("")
    assert house.process
    house.process.wait(PATIENCE)
    house.wecom.clear_faults()
    house.start()
    assert all_are_answered_once(house)
