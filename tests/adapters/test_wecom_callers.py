"""WeCom's own addresses: what it lists becomes networks, or nothing at all."""

import pytest

from tests.fakes import ACME
from tests.fixtures.scripted_wecom import Caller, ScriptedWecom
from wecom_bot.adapters.wecom.api.callers import WecomCallers, networks
from wecom_bot.errors import Misconfigured, TemporaryFailure

LISTED = {"ip_list": ["1.2.3.4", "101.226.103.*"], "errcode": 0, "errmsg": "ok"}


def test_the_documented_answer_is_understood(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.script("getcallbackip", LISTED)
    found = WecomCallers(caller.clients()).fetch(ACME, "shop")
    assert list(map(str, found)) == ["1.2.3.4/32", "101.226.103.0/24"]
    assert [call.token for call in wecom.calls if call.api == "getcallbackip"] == ["token-1"]


def test_an_expired_token_is_renewed(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.script("getcallbackip", {"errcode": 42001, "errmsg": "expired"}, LISTED)
    assert len(WecomCallers(caller.clients()).fetch(ACME, "shop")) == 2


def test_a_refusal_says_what_to_change(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.refuse("getcallbackip", 60020, "not allow to access from your ip, from ip: 203.0.113.9")
    with pytest.raises(Misconfigured, match=r"203\.0\.113\.9"):
        WecomCallers(caller.clients()).fetch(ACME, "shop")


@pytest.mark.parametrize("answer", [{}, {"ip_list": []}, {"ip_list": None}, {"ip_list": "1.2.3.4"}, {"ip_list": {}}])
def test_no_addresses_are_no_list(caller: Caller, wecom: ScriptedWecom, answer: dict[str, object]) -> None:
    wecom.script("getcallbackip", {"errcode": 0} | answer)
    with pytest.raises(TemporaryFailure, match="without addresses"):
        WecomCallers(caller.clients()).fetch(ACME, "shop")


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (["10.0.0.2", "9.9.9.9", "10.0.0.2"], ["9.9.9.9/32", "10.0.0.2/32"]),
        ([" 1.2.3.4\n"], ["1.2.3.4/32"]),
        (["101.226.*.*"], ["101.226.0.0/16"]),
        (["101.226.103.*", "101.226.103.7", "101.226.102.*"], ["101.226.102.0/23"]),
        (["1.2.3.0/24"], ["1.2.3.0/24"]),
        (["2001:DB8::1", "1.2.3.4"], ["1.2.3.4/32", "2001:db8::1/128"]),
    ],
)
def test_entries_are_sorted_and_none_is_within_another(entries: list[str], expected: list[str]) -> None:
    assert list(map(str, networks(entries))) == expected


@pytest.mark.parametrize(
    "entry",
    [
        "*",
        "1.*.*.*",
        "*.*.*.*",
        "1.*.3.4",
        "1.2.3.**",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.4/24",
        "0.0.0.0/0",
        "1.0.0.0/8",
        "::/0",
        "fe80::1%;default wecom",
        "1.2.3.4 wecom; default",
        "1.2.3.4;",
        "wecom.example",
        "",
        None,
        5,
        ["1.2.3.4"],
    ],
)
def test_an_entry_that_is_no_address_or_lets_everybody_in_spoils_the_list(entry: object) -> None:
    with pytest.raises(TemporaryFailure, match="getcallbackip"):
        networks(["1.2.3.4", entry])
