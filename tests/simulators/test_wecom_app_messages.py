"""Own apps in the simulator: what they may send to members."""

from datetime import timedelta

import pytest

from tests.fixtures.simulated_wecom import AGENT_ID, CORP, Api, app_spec
from wecom_bot.simulators.wecom.client import SimulatorClient


def test_every_member_named_sees_the_text(wecom: SimulatorClient, api: Api) -> None:
    answer = api.send_to_member("开会了", touser="wang|zhao")

    assert (answer["errcode"], answer["invaliduser"]) == (0, "")
    assert answer["msgid"]
    seen = wecom.wait_seen(CORP, str(AGENT_ID), channel="app", count=2)
    assert [(one.customer, one.text) for one in seen] == [("wang", "开会了"), ("zhao", "开会了")]


def test_members_out_of_range_come_back_in_lower_case_and_none_left_is_an_error(
    wecom: SimulatorClient, api: Api
) -> None:
    wecom.add_corp(CORP, [app_spec(members=("wang",))])

    some = api.send_to_member("x", touser="wang|ZhaoLei")
    none = api.send_to_member("x", touser="ZhaoLei")

    assert (some["errcode"], some["invaliduser"]) == (0, "zhaolei")
    assert none["errcode"] == 81013
    assert [one.customer for one in wecom.seen(CORP)] == ["wang"]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"agentid": 7}, 301002),
        ({"agentid": None}, 40056),
        ({"touser": ""}, 82001),
        ({"text": {"content": ""}}, 44004),
        ({"msgtype": "hologram"}, 40008),
        ({"enable_duplicate_check": 2}, 40058),
    ],
)
def test_a_message_is_checked(wecom: SimulatorClient, api: Api, changes: dict[str, object], errcode: int) -> None:
    assert api.send_to_member("x", **changes)["errcode"] == errcode
    assert wecom.seen(CORP) == []


def test_a_long_text_is_cut_between_characters(wecom: SimulatorClient, api: Api) -> None:
    api.send_to_member("汉" * 700)

    (seen,) = wecom.wait_seen(CORP)
    assert seen.text == "汉" * 682


def test_a_checked_duplicate_is_accepted_and_not_shown_within_its_interval(wecom: SimulatorClient, api: Api) -> None:
    check = {"enable_duplicate_check": 1, "duplicate_check_interval": 60}
    first = api.send_to_member("x", **check)
    again = api.send_to_member("x", **check)
    api.send_to_member("y", **check)
    api.send_to_member("x", touser="zhao", **check)
    wecom.age(timedelta(seconds=61))
    api.send_to_member("x", **check)

    assert (again["errcode"], again["msgid"]) == (0, first["msgid"])
    assert [(one.customer, one.text) for one in wecom.seen(CORP)] == [
        ("wang", "x"),
        ("wang", "y"),
        ("zhao", "x"),
        ("wang", "x"),
    ]


@pytest.mark.parametrize(("mode", "shown"), [("all", 1), ("checked", 2)])
def test_a_checked_repeat_of_an_unchecked_message(wecom: SimulatorClient, api: Api, mode: str, shown: int) -> None:
    wecom.mode(duplicate_check=mode)
    api.send_to_member("x")
    api.send_to_member("x", enable_duplicate_check=1, duplicate_check_interval=60)

    assert len(wecom.seen(CORP)) == shown


def test_an_unchecked_duplicate_is_shown_again(wecom: SimulatorClient, api: Api) -> None:
    api.send_to_member("x")
    api.send_to_member("x")

    assert len(wecom.seen(CORP)) == 2


def test_more_than_thirty_a_minute_are_silently_dropped_when_switched_on(wecom: SimulatorClient, api: Api) -> None:
    wecom.mode(member_limit=True)

    codes = {api.send_to_member(str(number))["errcode"] for number in range(31)}
    wecom.age(timedelta(minutes=1))
    api.send_to_member("next minute")

    assert codes == {0}
    assert [one.text for one in wecom.seen(CORP)] == [*map(str, range(30)), "next minute"]
