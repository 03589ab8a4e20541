"""How often and how many at once: what the simulated API refuses, and for how long."""

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import timedelta

import requests

from tests.deadlines import PATIENCE
from tests.fixtures.simulated_wecom import (
    CORP,
    CUSTOMER,
    KF,
    OTHER_CORP,
    Api,
    Listener,
    app_spec,
)
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import KfSpec


def _syncs(api: Api, times: int) -> list[int]:
    return [api("kf/sync_msg", open_kfid=KF)["errcode"] for _ in range(times)]


def test_too_many_calls_in_a_minute_block_one_api_of_one_corp_for_a_minute(wecom: SimulatorClient, api: Api) -> None:
    wecom.add_corp(OTHER_CORP, [app_spec()], [KfSpec(open_kfid=KF, app="shop")])
    wecom.mode(api_per_minute=2)

    assert _syncs(api, 4) == [0, 0, 45009, 45009]
    assert _syncs(Api(wecom.base_url, OTHER_CORP), 1) == [0]
    assert api.send_to_member("x")["errcode"] == 0
    wecom.age(timedelta(seconds=59))
    assert _syncs(api, 1) == [45009]
    wecom.age(timedelta(seconds=2))
    assert _syncs(api, 3) == [0, 0, 45009]


def test_the_minute_begins_anew(wecom: SimulatorClient, api: Api) -> None:
    wecom.mode(api_per_minute=2)

    assert _syncs(api, 2) == [0, 0]
    wecom.age(timedelta(seconds=60))
    assert _syncs(api, 2) == [0, 0]


def test_too_many_calls_in_an_hour_block_for_an_hour(wecom: SimulatorClient, api: Api) -> None:
    wecom.mode(api_per_hour=2)

    assert _syncs(api, 3) == [0, 0, 45009]
    wecom.age(timedelta(minutes=59))
    assert _syncs(api, 1) == [45009]
    wecom.age(timedelta(minutes=2))
    assert _syncs(api, 1) == [0]


def test_a_block_can_be_made_short(wecom: SimulatorClient, api: Api) -> None:
    wecom.mode(api_per_minute=1, block_seconds=5)

    assert _syncs(api, 2) == [0, 45009]
    wecom.age(timedelta(seconds=6))
    assert _syncs(api, 2) == [0, 45009]
    assert wecom.calls("kf/sync_msg", CORP, "45009") == 2


def test_gettoken_has_the_same_limit(wecom: SimulatorClient, api: Api) -> None:
    wecom.mode(api_per_minute=2)

    assert [api.get_token()["errcode"] for _ in range(2)] == [0, 45009]  # its first call was before


def test_what_wecom_allows_by_default(wecom: SimulatorClient) -> None:
    modes = wecom.mode()

    assert (modes.api_per_minute, modes.api_per_hour, modes.block_seconds) == (10_000, 150_000, None)
    assert (modes.max_concurrent, modes.sync_without_token_per_minute, modes.wrong_secrets) == (0, 0, 0)


def test_pulling_without_a_token_has_a_limit_of_its_own(wecom: SimulatorClient, api: Api, bot: Listener) -> None:
    wecom.set_callback(CORP, "shop", bot.url)
    wecom.mode(sync_without_token_per_minute=1)
    wecom.say(CORP, KF, CUSTOMER, "hello")
    (heard,) = bot.wait_heard(1)

    assert _syncs(api, 2) == [0, 45009]
    assert api("kf/sync_msg", open_kfid=KF, token=heard.fields["Token"])["errcode"] == 0


def test_too_many_at_once_are_refused_and_those_under_way_go_on(wecom: SimulatorClient, api: Api) -> None:
    wecom.mode(max_concurrent=1)
    wecom.fault("kf/sync_msg", "delay", 2 * PATIENCE)
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(Api(wecom.base_url), "kf/sync_msg", open_kfid=KF) for _ in range(2)]
        refused, under_way = wait(calls, PATIENCE, FIRST_COMPLETED)
        assert [one.result()["errcode"] for one in refused] == [45033]
        assert api.send_to_member("x")["errcode"] == 0
        wecom.clear_faults()
        assert [one.result(PATIENCE)["errcode"] for one in under_way] == [0]

    assert _syncs(api, 1) == [0]


def test_many_wrong_secrets_ban_the_address_for_an_hour(wecom: SimulatorClient, api: Api) -> None:
    wecom.mode(wrong_secrets=2)
    query = {"corpid": CORP, "corpsecret": "wrong"}

    codes = [
        requests.get(f"{wecom.base_url}/cgi-bin/gettoken", params=query, timeout=PATIENCE).json()["errcode"]
        for _ in range(3)
    ]

    assert codes == [40001, 40001, 45009]
    assert api.get_token()["errcode"] == 45009
    assert wecom.calls("gettoken", CORP, "40001") == 2
    wecom.age(timedelta(hours=1))
    assert api.get_token()["errcode"] == 0
