"""Who customers are in WeChat, asked for a hundred at a time."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.fakes import ACME, KF, no_limit
from tests.fixtures.scripted_wecom import Call, Caller, ScriptedWecom
from tests.fixtures.simulated_wecom import app_spec, simulated_wecom
from wecom_bot.adapters.sql.contacts import SqlContacts
from wecom_bot.adapters.wecom.api.contacts import WecomNames
from wecom_bot.domain.message import Channel, ConversationId
from wecom_bot.errors import Misconfigured
from wecom_bot.ports import Contact
from wecom_bot.service.conversation.contacts import CachedContacts
from wecom_bot.simulators.wecom.schema import KfSpec


def known(call: Call) -> dict[str, Any]:
    """WeCom's answer: it knows whose number is even."""
    assert call.body["need_enter_session_context"] == 0
    asked: list[str] = call.body["external_userid_list"]
    assert 1 <= len(asked) <= 100
    found = [each for each in asked if int(each[2:]) % 2 == 0]
    customers = [{"external_userid": each, "nickname": f"N{each}", "avatar": f"https://{each}"} for each in found]
    return {"errcode": 0, "customer_list": customers, "invalid_external_userid": [x for x in asked if x not in found]}


def test_everybody_whom_wecom_knows_is_named_once_asked(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.script("kf/customer/batchget", known)
    names = WecomNames(caller.clients()).fetch(ACME, "shop", [f"wm{number}" for number in [*range(250), 0, 2]])
    assert sorted(names) == sorted(f"wm{number}" for number in range(0, 250, 2))
    assert names["wm2"] == Contact("Nwm2")
    assert [len(body["external_userid_list"]) for body in wecom.bodies("kf/customer/batchget")] == [100, 100, 50]


def test_nobody_needs_no_call(caller: Caller, wecom: ScriptedWecom) -> None:
    assert WecomNames(caller.clients()).fetch(ACME, "shop", []) == {}
    assert wecom.calls == []


def test_what_wecom_leaves_out_of_a_customer_is_empty(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.script("kf/customer/batchget", {"errcode": 0, "customer_list": [{"external_userid": "wm1"}]})
    assert WecomNames(caller.clients()).fetch(ACME, "shop", ["wm1"]) == {"wm1": Contact("")}


def test_a_missing_permission_is_told(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.refuse("kf/customer/batchget", 48002)
    with pytest.raises(Misconfigured):
        WecomNames(caller.clients()).fetch(ACME, "shop", ["wm1"])


def test_fifty_customers_cost_one_call_and_another_process_none(caller: Caller, sql_engine: sa.Engine) -> None:
    names = {f"wm{number}": f"客户{number}" for number in range(50)}
    everybody = [ConversationId(ACME, Channel.KF, KF, each) for each in names]
    with simulated_wecom() as simulator:
        simulator.add_corp(ACME, [app_spec(secret="shop-secret")], [KfSpec(open_kfid=KF, app="shop")])
        for customer, nickname in names.items():
            simulator.say(ACME, KF, customer, "在吗")
            simulator.name_customer(ACME, customer, nickname)
        ask = WecomNames(caller.clients(simulator.base_url)).fetch
        for _ in range(2):
            process = CachedContacts(SqlContacts(sql_engine), ask, caller.tenants, caller.clock, no_limit)
            assert not any(map(process.get, everybody))
            process.learn()
            assert [process.get(each) for each in everybody] == [Contact(each) for each in names.values()]
            assert simulator.calls("kf/customer/batchget", ACME) == 1
