"""Accounts and customers, as the simulated API lists them."""

from datetime import timedelta

import pytest

from tests.fixtures.simulated_wecom import CORP, CUSTOMER, KF, Api, app_spec
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import KfSpec

OTHER = "wmother"


def _customers(api: Api, *ids: str, context: int = 0) -> dict[str, object]:
    return api("kf/customer/batchget", external_userid_list=list(ids), need_enter_session_context=context)


def test_customers_are_known_by_the_names_that_they_were_given(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, OTHER, "hello")
    wecom.name_customer(CORP, CUSTOMER, "张三", avatar="https://a/1", gender=1, unionid="ox1")
    wecom.name_customer(CORP, CUSTOMER, avatar="https://a/2")

    answer = _customers(api, CUSTOMER, OTHER, "wmnobody", CUSTOMER)

    assert answer["customer_list"] == [
        {
            "external_userid": CUSTOMER,
            "nickname": "张三",
            "avatar": "https://a/2",
            "gender": 1,
            "unionid": "ox1",
        },
        {"external_userid": OTHER, "nickname": "微信用户", "avatar": "", "gender": 0},
    ]
    assert answer["invalid_external_userid"] == ["wmnobody"]


def test_the_last_entrance_is_told_on_request_for_48_hours(wecom: SimulatorClient, api: Api) -> None:
    wecom.enter(CORP, KF, CUSTOMER, scene="old")
    wecom.enter(CORP, KF, CUSTOMER, scene="menu", scene_param="a b")

    def entrance(context: int = 1) -> object:
        customers = _customers(api, CUSTOMER, context=context)["customer_list"]
        assert isinstance(customers, list)
        return customers[0].get("enter_session_context")

    assert entrance() == {"scene": "menu", "scene_param": "a%20b"}
    assert entrance(0) is None
    wecom.age(timedelta(hours=48, minutes=1))
    assert entrance() is None


@pytest.mark.parametrize("ids", [[], [f"wm{number}" for number in range(101)]])
def test_one_to_a_hundred_customers_may_be_asked_for(api: Api, ids: list[str]) -> None:
    assert _customers(api, *ids)["errcode"] == 40058


def test_an_app_lists_its_accounts_in_pages(wecom: SimulatorClient, api: Api) -> None:
    specs = [KfSpec(open_kfid=f"wk{n}", app="shop", name=f"客服{n}", avatar="https://a/1") for n in range(3)]
    foreign = KfSpec(open_kfid="wkother", app="other")
    wecom.add_corp(CORP, [app_spec(), app_spec(name="other", agent_id=7, secret="s7")], [*specs, foreign])

    whole = api.get("kf/account/list")["account_list"]
    page = api("kf/account/list", offset=1, limit=2)["account_list"]

    assert [one["open_kfid"] for one in whole] == [KF, "wk0", "wk1", "wk2"]
    assert page == [
        {"open_kfid": f"wk{n}", "name": f"客服{n}", "avatar": "https://a/1", "manage_privilege": True} for n in (0, 1)
    ]
    assert api("kf/account/list", limit=101)["errcode"] == 40058


def test_an_app_is_shown_to_itself_and_to_no_other(wecom: SimulatorClient, api: Api) -> None:
    wecom.add_corp(CORP, [app_spec(members=("wang",)), app_spec(name="help", agent_id=1000003, secret="other")])

    own = api.get("agent/get", agentid="1000002")

    assert (own["agentid"], own["name"], own["close"]) == (1000002, "shop", 0)
    assert own["allow_userinfos"] == {"user": [{"userid": "wang"}]}
    assert api.get("agent/get", agentid="1000003")["errcode"] == 301002
    assert {api.get("agent/get", agentid=wrong)["errcode"] for wrong in ("", "shop")} == {40056}


def test_an_account_that_the_app_may_not_manage_is_seen_and_refused(wecom: SimulatorClient, api: Api) -> None:
    wecom.add_corp(CORP, [app_spec()], [KfSpec(open_kfid=KF, app="shop", managed=False)])

    (listed,) = api("kf/account/list", offset=0, limit=100)["account_list"]

    assert listed["manage_privilege"] is False
    assert api.get("kf/servicer/list", open_kfid=KF)["errcode"] == 48007


def test_the_addresses_that_wecom_calls_from_are_listed(wecom: SimulatorClient, api: Api) -> None:
    assert api.get("getcallbackip") == {"ip_list": ["127.0.0.1", "101.226.103.*"], "errcode": 0, "errmsg": "ok"}
    wecom.mode(callers=["9.9.9.9"])
    assert api.get("getcallbackip")["ip_list"] == ["9.9.9.9"]
