"""Access tokens in the simulator, and the trouble that it makes on demand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.deadlines import PATIENCE, wait_until
from tests.fixtures.simulated_wecom import AGENT_ID, CORP, CUSTOMER, KF, OTHER_CORP, Api, app_spec
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import KfSpec


def test_the_same_token_is_given_within_its_life_and_every_call_is_counted(wecom: SimulatorClient, api: Api) -> None:
    again = api.get_token()

    assert again["access_token"] == api.token
    assert 7190 <= again["expires_in"] <= 7200
    assert len(api.token) <= 512
    assert wecom.calls("gettoken", CORP, "0") == 2


def test_every_app_has_a_token_of_its_own(wecom: SimulatorClient, api: Api) -> None:
    wecom.add_corp(CORP, [app_spec(name="other", agent_id=7, secret="s7")])

    assert Api(wecom.base_url, secret="s7").token != api.token


@pytest.mark.parametrize(
    ("query", "errcode"),
    [
        ({"corpid": CORP, "corpsecret": "wrong"}, 40001),
        ({"corpid": "wwnobody", "corpsecret": "wrong"}, 40013),
        ({"corpid": CORP}, 41004),
        ({"corpsecret": "wrong"}, 41002),
    ],
)
def test_wrong_credentials_get_no_token(wecom: SimulatorClient, query: dict[str, str], errcode: int) -> None:
    answer = requests.get(f"{wecom.base_url}/cgi-bin/gettoken", params=query, timeout=PATIENCE).json()

    assert answer["errcode"] == errcode
    assert "access_token" not in answer


def test_refusals_are_worded_as_wecoms(api: Api) -> None:
    api.token = "made up"

    answer = api("kf/sync_msg", open_kfid=KF)

    assert answer["errcode"] == 40014
    assert answer["errmsg"].startswith("invalid access_token, hint: [")
    assert answer["errmsg"].endswith(
        "], from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e=40014"
    )
    assert "made up" not in answer["errmsg"]


def test_tokens_end_early_on_demand_and_a_new_one_works(wecom: SimulatorClient, api: Api) -> None:
    api.token = ""
    missing = api("kf/sync_msg", open_kfid=KF)["errcode"]
    api.token = api.get_token()["access_token"]
    wecom.expire_tokens(CORP)
    expired = api("kf/sync_msg", open_kfid=KF)["errcode"]
    api.token = api.get_token()["access_token"]
    wecom.forget_tokens(CORP)
    forgotten = api("kf/sync_msg", open_kfid=KF)["errcode"]
    api.token = api.get_token()["access_token"]

    assert (missing, expired, forgotten) == (41001, 42001, 40014)
    assert api("kf/sync_msg", open_kfid=KF)["errcode"] == 0


def test_tokens_of_one_corp_can_be_refused_however_new(wecom: SimulatorClient, api: Api) -> None:
    wecom.add_corp(OTHER_CORP, [app_spec()], [KfSpec(open_kfid=KF, app="shop")])
    wecom.refuse_tokens(CORP)

    api.token = api.get_token()["access_token"]

    assert api("kf/sync_msg", open_kfid=KF)["errcode"] == 40014
    assert Api(wecom.base_url, OTHER_CORP)("kf/sync_msg", open_kfid=KF)["errcode"] == 0
    wecom.clear_faults()
    assert api("kf/sync_msg", open_kfid=KF)["errcode"] == 0


def test_what_is_not_json_is_refused_but_a_content_type_may_be_missing(wecom: SimulatorClient, api: Api) -> None:
    url, query = f"{wecom.base_url}/cgi-bin/kf/sync_msg", {"access_token": api.token}

    def code(body: bytes, content_type: str | None) -> int:
        headers = {"Content-Type": content_type} if content_type else {}
        answer = requests.post(url, params=query, data=body, headers=headers, timeout=PATIENCE)
        return int(answer.json()["errcode"])

    good = b'{"open_kfid": "%s"}' % KF.encode()
    assert code(good, "application/json; charset=utf-8") == 0
    assert code(good, None) == 0
    assert code(good, "application/x-www-form-urlencoded") == 47001
    assert code(b"{not json", "application/json") == 47001
    assert code(b"[1]", "application/json") == 47001
    assert code(b"", "application/json") == 47001


def test_a_fault_holds_as_many_calls_as_asked_and_no_other_api_or_corp(wecom: SimulatorClient, api: Api) -> None:
    wecom.fault("kf/sync_msg", "errcode", -1, times=2, corp_id=CORP)
    wecom.fault("kf/sync_msg", "errcode", 45033, corp_id=OTHER_CORP)

    codes = [api("kf/sync_msg", open_kfid=KF)["errcode"] for _ in range(3)]

    assert codes == [-1, -1, 0]
    assert api.get_token()["errcode"] == 0
    assert (wecom.calls("kf/sync_msg", CORP, "-1"), wecom.calls("kf/sync_msg", CORP, "0")) == (2, 1)


def test_a_fault_of_every_api_spares_gettoken(wecom: SimulatorClient, api: Api) -> None:
    wecom.fault("*", "errcode", 45009, lasting=timedelta(minutes=1))

    assert api.get_token()["errcode"] == 0
    assert api("kf/sync_msg", open_kfid=KF)["errcode"] == 45009
    assert api.send_to_member("x")["errcode"] == 45009


def test_a_fault_can_last_for_a_time(wecom: SimulatorClient, api: Api) -> None:
    wecom.fault("kf/sync_msg", "errcode", 45009, lasting=timedelta(seconds=2))

    assert api("kf/sync_msg", open_kfid=KF)["errcode"] == 45009
    wait_until(lambda: api("kf/sync_msg", open_kfid=KF)["errcode"] != 45009)


def test_http_trouble_looks_like_a_gateways(wecom: SimulatorClient, api: Api) -> None:
    for kind in ("status", "garbage"):
        wecom.fault("kf/sync_msg", kind, 502)

    bad_gateway = api.raw("kf/sync_msg", {"open_kfid": KF})
    garbage = api.raw("kf/sync_msg", {"open_kfid": KF})

    assert bad_gateway.status_code == 502
    assert bad_gateway.headers["Content-Type"] == "text/html"
    assert garbage.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        garbage.json()


def test_a_connection_is_reset_and_the_next_call_works(wecom: SimulatorClient, api: Api) -> None:
    wecom.fault("kf/sync_msg", "reset")

    with pytest.raises(requests.ConnectionError):
        api("kf/sync_msg", open_kfid=KF)

    assert api("kf/sync_msg", open_kfid=KF)["errcode"] == 0


def test_a_message_may_be_shown_and_only_its_answer_lost(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    wecom.fault("kf/send_msg", "reset", performed=True)

    with pytest.raises(requests.ConnectionError):
        api.send_text("hi", msgid="m1")

    assert [one.text for one in wecom.seen(CORP)] == ["hi"]
    assert api.send_text("hi", msgid="m1")["errcode"] == 95033


@pytest.mark.parametrize("kind", ["errcode", "status", "garbage", "reset", "hang", "delay"])
def test_every_sending_call_may_take_effect_and_lose_its_answer(wecom: SimulatorClient, api: Api, kind: Any) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    code = api.trans(2)["msg_code"]
    calls = {
        "kf/send_msg_on_event": {"code": code, "msgtype": "text", "text": {"content": "queued"}},
        "message/send": {"touser": "wang", "agentid": AGENT_ID, "msgtype": "text", "text": {"content": "notice"}},
        "kf/service_state/trans": {"open_kfid": KF, "external_userid": CUSTOMER, "service_state": 4},
    }
    value = {"errcode": -1, "status": 502, "hang": 0.05, "delay": 0.05}.get(kind, 0)
    for name, body in calls.items():
        wecom.fault(name, kind, value, performed=True)
        try:
            api.raw(name, body)
        except requests.ConnectionError:
            assert kind in {"reset", "hang"}

    assert [one.text for one in wecom.seen(CORP)] == ["queued", "notice"]
    assert wecom.state(CORP, KF, CUSTOMER).service_state == 4
    assert api.on_event(code, "queued")["errcode"] == 95007


def test_a_call_that_hangs_outlasts_the_callers_patience_and_shows_nothing(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    wecom.fault("kf/send_msg", "hang")
    body = {"touser": CUSTOMER, "open_kfid": KF, "msgtype": "text", "text": {"content": "hi"}}

    with pytest.raises(requests.ReadTimeout):
        api.raw("kf/send_msg", body, timeout=0.2)

    assert wecom.seen(CORP) == []


def test_calls_that_hang_are_broken_off_when_the_faults_are_cleared(wecom: SimulatorClient, api: Api) -> None:
    wecom.fault("kf/sync_msg", "hang")
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(api.raw, "kf/sync_msg", {"open_kfid": KF}, timeout=PATIENCE)
        _wait_for_call(wecom, "hang")
        wecom.clear_faults()
        with pytest.raises(requests.ConnectionError):
            call.result(PATIENCE)


def _wait_for_call(wecom: SimulatorClient, outcome: str) -> None:
    wait_until(lambda: wecom.calls("kf/sync_msg", CORP, outcome))


def test_a_delayed_call_is_performed_all_the_same(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    wecom.fault("kf/send_msg", "delay", 0.1)
    wecom.fault("kf/send_msg", "delay", 0.1, performed=True)

    assert [api.send_text(str(number))["errcode"] for number in range(3)] == [0, 0, 0]
    assert [one.text for one in wecom.seen(CORP)] == ["0", "1", "2"]


def test_an_unknown_call_is_not_found(wecom: SimulatorClient, api: Api) -> None:
    assert api.raw("kf/dance", {}).status_code == 404
    assert requests.get(f"{wecom.base_url}/cgi-bin/kf/send_msg", timeout=PATIENCE).status_code == 405
