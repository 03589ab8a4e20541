"""Whether a human would see a handoff."""

from typing import Any

import pytest

from tests.fakes import ACME, KF, tenant
from tests.fixtures.scripted_wecom import Caller, ScriptedWecom
from wecom_bot.adapters.wecom.api.duty import WecomDuty
from wecom_bot.domain.message import Channel, ConversationId
from wecom_bot.domain.tenant import KfAccount
from wecom_bot.errors import Misconfigured, TemporaryFailure, Unknown

WHERE = ConversationId(ACME, Channel.KF, KF, "wm1")
HERE, AWAY, OTHER = (
    {"userid": "Li", "status": 0},
    {"userid": "Li", "status": 1, "stop_type": 1},
    {"userid": "x", "status": 0},
)
DEPARTMENT = {"department_id": 7}


@pytest.fixture
def duty(caller: Caller) -> WecomDuty:
    return WecomDuty(caller.clients(), caller.tenants, caller.clock)


def on_duty(wecom: ScriptedWecom, *listed: dict[str, Any]) -> None:
    wecom.script("kf/servicer/list", {"errcode": 0, "servicer_list": list(listed)})


@pytest.mark.parametrize(
    ("chosen", "listed", "anyone"),
    [
        ((), [HERE], True),
        ((), [AWAY], False),
        ((), [AWAY, OTHER], True),
        ((), [AWAY, DEPARTMENT], True),
        ((), [], False),
        (("li",), [HERE], True),
        (("li",), [AWAY, OTHER], False),
        (("li",), [AWAY, DEPARTMENT], False),
        (("li", "zhao"), [AWAY, DEPARTMENT], True),
        (("li",), [OTHER], False),
    ],
)
def test_somebody_of_the_accounts_own_must_receive(
    caller: Caller,
    duty: WecomDuty,
    wecom: ScriptedWecom,
    chosen: tuple[str, ...],
    listed: list[dict[str, Any]],
    anyone: bool,  # noqa: FBT001 - what the case expects
) -> None:
    caller.tenants.tenants[ACME] = tenant(kf_accounts=[KfAccount(open_kfid=KF, app="shop", servicers=chosen)])
    on_duty(wecom, *listed)
    assert duty.anyone(WHERE) is anyone
    (asked,) = (call for call in wecom.calls if call.api == "kf/servicer/list")
    assert asked.query["open_kfid"] == KF


def test_an_account_is_asked_about_once_in_fifteen_seconds(
    caller: Caller, duty: WecomDuty, wecom: ScriptedWecom
) -> None:
    accounts = [KfAccount(open_kfid=KF, app="shop"), KfAccount(open_kfid="wk2", app="shop")]
    caller.tenants.tenants[ACME] = tenant(kf_accounts=accounts)
    on_duty(wecom, HERE)
    assert duty.anyone(WHERE)
    on_duty(wecom, AWAY)
    caller.clock.forward(seconds=14)
    assert duty.anyone(WHERE)
    assert not duty.anyone(ConversationId(ACME, Channel.KF, "wk2", "wm1"))
    caller.clock.forward(seconds=1)
    assert not duty.anyone(WHERE)
    assert wecom.count("kf/servicer/list") == 3


def test_an_app_has_whom_its_settings_name(duty: WecomDuty, wecom: ScriptedWecom) -> None:
    assert duty.anyone(ConversationId(ACME, Channel.APP, "1000002", "ZhangSan"))
    assert not duty.anyone(ConversationId(ACME, Channel.APP, "1000003", "ZhangSan"))
    assert wecom.calls == []


def test_what_is_not_known_is_told(duty: WecomDuty, wecom: ScriptedWecom) -> None:
    for code, error in ((-1, TemporaryFailure), (48002, Misconfigured), (60020, Misconfigured), (95004, Misconfigured)):
        wecom.refuse("kf/servicer/list", code)
        with pytest.raises(error):
            duty.anyone(WHERE)
    wecom.script("kf/servicer/list", {"errcode": 0, "servicer_list": "?"})
    with pytest.raises(TemporaryFailure):
        duty.anyone(WHERE)
    with pytest.raises(Unknown):
        duty.anyone(ConversationId(ACME, Channel.KF, "wk9", "wm1"))
