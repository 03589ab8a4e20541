"""Whoever clears the troubles lets every call go on that met one, whatever that call is just doing."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from wecom_bot.simulators.trouble import FOR_EVER
from wecom_bot.simulators.wecom.faults import WecomFaults
from wecom_bot.simulators.wecom.schema import WecomFault

HANG = WecomFault(api="kf/send_msg", kind="hang")


def met(faults: WecomFaults) -> bool:
    return faults.take("kf/send_msg", "ww_acme") is not None


def test_a_call_that_does_not_wait_at_that_moment_hears_of_the_release_when_it_does() -> None:
    faults = WecomFaults()
    faults.add(HANG)
    assert met(faults)
    faults.clear()
    assert faults.wait(FOR_EVER)
    assert faults.wait(FOR_EVER), "it was released for good"


def test_a_call_that_comes_after_a_release_waits_again() -> None:
    faults = WecomFaults()
    faults.add(HANG)
    faults.release()
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(met, faults).result()
        assert not thread.submit(faults.wait, 0.01).result()
        faults.release()
        assert thread.submit(faults.wait, FOR_EVER).result()


def test_the_next_call_of_a_connection_is_another_call() -> None:
    faults = WecomFaults()
    for _ in range(2):
        faults.add(HANG)
        assert met(faults)
        assert not faults.wait(0.0)
        faults.clear()
        assert faults.wait(FOR_EVER)
    assert not met(faults)
    assert not faults.wait(0.01)


@pytest.mark.parametrize("value", [0.0, FOR_EVER])
def test_a_call_that_hangs_is_broken_off(value: float) -> None:
    faults = WecomFaults()
    faults.add(HANG)
    assert met(faults)
    body = faults.broken_off(value).iter_encoded()
    faults.clear()
    with pytest.raises(ConnectionResetError):
        next(iter(body))
