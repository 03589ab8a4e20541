"""What the doctor says of WeCom: of the way there, of each app, and of the accounts that it serves."""

import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fakes import ACME, KF, tenant
from tests.fixtures.connect_proxy import Asked, proxy
from tests.fixtures.ports import free_port
from tests.fixtures.scripted_wecom import Caller, ScriptedWecom, raw_server
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.api.checkup import WecomCheckup, look
from wecom_bot.domain.finding import Finding, State
from wecom_bot.domain.tenant import KfAccount
from wecom_bot.outbound.egress import Egress

HERE, AWAY = {"userid": "Li", "status": 0}, {"userid": "Li", "status": 1}


def accounts(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"errcode": 0, "account_list": list(listed)}


def found(caller: Caller, servicers: tuple[str, ...] = ()) -> list[Finding]:
    ours = tenant(kf_accounts=[KfAccount(open_kfid=KF, app="shop", servicers=servicers)])
    caller.tenants.tenants[ACME] = ours
    return [*WecomCheckup(caller.clients()).look(ours, ours.app("shop"))]


def by_check(findings: list[Finding]) -> dict[str, Finding]:
    return {each.check: each for each in findings}


def test_an_app_and_its_account_are_well(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.script("kf/account/list", accounts({"open_kfid": KF, "name": "售后", "manage_privilege": True}))
    wecom.script("kf/servicer/list", {"errcode": 0, "servicer_list": [HERE]})
    seen = found(caller)
    assert [(each.check, each.state, each.about) for each in seen] == [
        ("wecom.app", State.OK, "ww_acme/shop"),
        ("wecom.kf_account", State.OK, "ww_acme/shop"),
        ("wecom.servicers", State.OK, "ww_acme/shop"),
    ]
    assert wecom.count("gettoken") == 1


@pytest.mark.parametrize(
    ("chosen", "listed", "state", "words"),
    [
        ((), [], State.WARNING, "no servicer"),
        ((), [AWAY], State.OK, "nobody receives now"),
        (("li",), [HERE], State.OK, "somebody receives"),
        (("li", "zhao"), [HERE], State.WARNING, "zhao"),
        (("zhao",), [AWAY, {"department_id": 7}], State.OK, "somebody receives"),
    ],
)
def test_whom_a_handoff_would_reach_is_said(
    *, caller: Caller, wecom: ScriptedWecom, chosen: tuple[str, ...], listed: list[Any], state: State, words: str
) -> None:
    wecom.script("kf/account/list", accounts({"open_kfid": KF}))
    wecom.script("kf/servicer/list", {"errcode": 0, "servicer_list": listed})
    seen = by_check(found(caller, chosen))["wecom.servicers"]
    assert (seen.state, words in seen.seen) == (state, True)


def test_an_account_that_the_app_may_not_manage_is_said(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.script("kf/account/list", accounts({"open_kfid": KF, "manage_privilege": False}))
    seen = by_check(found(caller))["wecom.kf_account"]
    assert (seen.state, KF in seen.seen, "right to manage" in seen.mend) == (State.FAILED, True, True)


@pytest.mark.parametrize(
    ("code", "check"), [(48002, "wecom.kf_permission"), (95011, "wecom.kf_permission"), (95004, "wecom.kf_account")]
)
def test_what_wecom_refuses_of_an_account_is_sorted(
    caller: Caller, wecom: ScriptedWecom, code: int, check: str
) -> None:
    wecom.script("kf/account/list", accounts({"open_kfid": KF}))
    wecom.refuse("kf/servicer/list", code)
    last = found(caller)[-1]
    assert (last.check, last.state, str(code) in last.seen) == (check, State.FAILED, True)


@pytest.mark.parametrize("knows_pages", [True, False])
def test_accounts_beyond_the_first_page_are_found(caller: Caller, wecom: ScriptedWecom, *, knows_pages: bool) -> None:
    all_of_them = [{"open_kfid": f"wkx{number}"} for number in range(100)]
    second = accounts({"open_kfid": KF}) if knows_pages else accounts(*all_of_them)
    wecom.script("kf/account/list", accounts(*all_of_them), second)
    seen = by_check(found(caller))
    assert seen["wecom.kf_account"].state is (State.OK if knows_pages else State.FAILED)
    assert wecom.bodies("kf/account/list") == [{"offset": 0, "limit": 100}, {"offset": 100, "limit": 100}]


def test_nothing_that_wecom_says_is_repeated_but_our_address(caller: Caller, wecom: ScriptedWecom) -> None:
    said = "not allow, hint: [secret-of-shop token-1], from ip: 203.0.113.7, more info at https://x"
    for code in (60020, 40001, -1, 48002, 301002, 999999):
        caller.valkey.flushall()  # no pause is left of the one before
        wecom.refuse("agent/get", code, said)
        seen = found(caller)
        assert not [each for each in seen if "secret-of-shop" in each.seen + each.mend or "token-1" in each.seen]
    caller.valkey.flushall()
    wecom.refuse("agent/get", 60020, said)
    (seen_ip,) = found(caller)
    assert (seen_ip.check, "203.0.113.7" in seen_ip.mend) == ("wecom.trusted_ip", True)


def test_the_workers_token_is_used_and_left_to_it(caller: Caller, wecom: ScriptedWecom) -> None:
    worker = caller.clients().of(ACME, "shop")
    wecom.script("kf/account/list", accounts())
    before = worker.access_token
    found(caller)
    assert worker.access_token == before
    assert {call.token for call in wecom.calls if call.api != "gettoken"} == {before}
    assert wecom.count("gettoken") == 1


def test_a_secret_that_the_worker_found_wrong_is_not_asked_again(caller: Caller, wecom: ScriptedWecom) -> None:
    wecom.refuse("gettoken", 40001)
    for _ in range(3):
        (seen,) = found(caller)
        assert (seen.check, "tenants import" in seen.mend) == ("wecom.secret", True)
    assert wecom.count("gettoken") == 1


@dataclass(frozen=True)
class Apart:
    """A clock that is so far from this machine's, which is WeCom's here."""

    by: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(0, State.OK), (1.9, State.OK), (-1.9, State.OK), (600, State.WARNING), (-600, State.WARNING)],
)
def test_wecoms_clock_may_be_two_seconds_away(wecom: ScriptedWecom, seconds: float, state: State) -> None:
    here, clock = look(wecom.url, Apart(timedelta(seconds=seconds)))
    assert (here.check, here.state) == ("wecom", State.OK)
    assert (clock.check, clock.state) == ("wecom.clock", state)


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Foo 2026 99:99:99 GMT"])
def test_a_date_that_is_none_is_no_clock(date: str) -> None:
    head = f"HTTP/1.1 404 Not Found\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n"
    with raw_server(lambda connection: connection.sendall(head.encode())) as url:
        _, clock = look(url, SystemClock())
    assert clock.state is State.SKIPPED


def test_nobody_there_is_said_without_the_rest_of_the_url() -> None:
    (seen,) = look(f"http://127.0.0.1:{free_port()}", SystemClock())
    assert (seen.check, seen.state, "WECOM_BOT_WECOM_BASE_URL" in seen.mend) == ("wecom", State.FAILED, True)


def test_a_proxy_that_refuses_us_is_said_with_what_to_change() -> None:
    def refuse(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    with proxy(0, Asked(), refuse) as url:
        way = Egress.parse(url.replace("//", "//us:s3cret-word@"), "")
        (seen,) = look("https://qyapi.weixin.qq.com", SystemClock(), way)
    assert (seen.check, seen.state, "WECOM_BOT_EGRESS_PROXY" in seen.mend) == ("wecom", State.FAILED, True)
    assert "s3cret-word" not in seen.seen + seen.mend
