"""The control of the simulator: seeing, waiting, counting, resetting, and running it as a program."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from flask import Flask

from tests.deadlines import PATIENCE
from tests.fixtures.simulated_wecom import (
    AGENT_ID,
    CORP,
    CUSTOMER,
    KF,
    OTHER_CORP,
    SECRET,
    Api,
    app_spec,
)
from wecom_bot.errors import ConfigurationError, InvalidInput, Unknown
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.control import blueprint
from wecom_bot.simulators.wecom.faults import WecomFaults
from wecom_bot.simulators.wecom.news import News
from wecom_bot.simulators.wecom.schema import KfSpec
from wecom_bot.simulators.wecom.sender import Sender
from wecom_bot.simulators.wecom.server import WecomSimulator
from wecom_bot.simulators.wecom.world import WecomWorld


def test_waiting_ends_as_soon_as_enough_was_seen(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    with ThreadPoolExecutor(2) as pool:
        for_customer = pool.submit(wecom.wait_seen, CORP, KF, CUSTOMER, count=2, timeout=PATIENCE)
        for_all = pool.submit(wecom.wait_seen, count=2, timeout=PATIENCE)
        api.send_text("1")
        api.send_text("2")

        assert [one.text for one in for_customer.result(10)] == ["1", "2"]
        assert [one.text for one in for_all.result(10)] == ["1", "2"]


def test_waiting_in_vain_says_what_was_seen(wecom: SimulatorClient, api: Api) -> None:
    api.send_to_member("您好")

    with pytest.raises(TimeoutError, match=r"1 of 2 messages were seen(.|\n)*wang saw text: '您好'"):
        wecom.wait_seen(CORP, str(AGENT_ID), "wang", count=2, timeout=0.05)


def test_what_was_seen_is_found_by_place_and_from_where_one_was(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    api.send_text("kf")
    api.send_to_member("app", touser="wang|zhao")

    first, *_ = seen = wecom.seen()

    assert [one.text for one in seen] == ["kf", "app", "app"]
    assert [one.customer for one in wecom.seen(CORP, channel="app")] == ["wang", "zhao"]
    assert [one.customer for one in wecom.seen(customer="zhao")] == ["zhao"]
    assert [one.text for one in wecom.seen(CORP, KF)] == ["kf"]
    assert [one.customer for one in wecom.seen(CORP, after=first.seq)] == ["wang", "zhao"]
    assert wecom.seen(OTHER_CORP) == []


def test_the_unanswered_are_those_who_saw_nothing_since_they_wrote(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "1")
    wecom.say(CORP, KF, CUSTOMER, "2")
    waiting = wecom.say(CORP, KF, "wmother", "3")
    api.send_text("both of you")
    again = wecom.say(CORP, KF, CUSTOMER, "4")
    member = wecom.say(CORP, str(AGENT_ID), "wang", "5", "app")

    unanswered = wecom.unanswered(CORP)

    assert {one.msgid: one.service_state for one in unanswered} == {waiting: 0, again: 0, member: None}
    assert wecom.unanswered(OTHER_CORP) == []


def test_a_reset_forgets_everything(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    api.send_text("hi")
    wecom.mode(repeated_msgid="shown")
    wecom.fault("gettoken", "status", 502)

    wecom.reset()
    wecom.add_corp(CORP, [app_spec()], [KfSpec(open_kfid=KF, app="shop")])

    assert (wecom.seen(), wecom.unanswered(), wecom.call_counts()) == ([], [], [])
    assert wecom.mode().repeated_msgid == "refused"
    assert api("kf/sync_msg", open_kfid=KF)["errcode"] == 40014
    assert Api(wecom.base_url)("kf/sync_msg", open_kfid=KF)["msg_list"] == []


def test_adding_a_corp_again_keeps_what_was_said(wecom: SimulatorClient, api: Api) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")

    wecom.add_corp(CORP, [app_spec("http://127.0.0.1:1/")], [KfSpec(open_kfid=KF, app="shop")])

    assert len(api("kf/sync_msg", open_kfid=KF)["msg_list"]) == 1


def test_who_is_not_there_is_named(wecom: SimulatorClient) -> None:
    with pytest.raises(Unknown, match="no corp 'wwnobody'"):
        wecom.say("wwnobody", KF, CUSTOMER, "hello")
    with pytest.raises(Unknown, match="no kf account 'wkx'"):
        wecom.say(CORP, "wkx", CUSTOMER, "hello")
    with pytest.raises(InvalidInput, match="never wrote"):
        wecom.take(CORP, KF, "wmstranger", "zhang")
    with pytest.raises(InvalidInput, match="names app 'x'"):
        wecom.add_corp(OTHER_CORP, [], [KfSpec(open_kfid=KF, app="x")])
    with pytest.raises(InvalidInput, match="hold"):
        wecom.mode(hold="perhaps")


def test_the_control_is_for_this_machine_alone() -> None:
    world = WecomWorld()
    pages = Flask(__name__)
    sender = Sender(lambda: world.modes)
    pages.register_blueprint(blueprint(world, WecomFaults(), sender, News(world, sender)))

    def status(address: str) -> int:
        answer = pages.test_client().get("/_sim/seen", environ_base={"REMOTE_ADDR": address})
        return answer.status_code

    assert {address: status(address) for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.7")} == {
        "127.0.0.1": 200,
        "::1": 200,
        "::ffff:127.0.0.1": 200,
        "10.0.0.7": 403,
    }


def test_connections_are_kept_alive(wecom: SimulatorClient) -> None:
    with requests.Session() as session:
        ports = set()
        for _ in range(3):
            answer = session.get(f"{wecom.base_url}/_sim/modes", stream=True, timeout=PATIENCE)
            assert answer.raw.connection is not None
            ports.add(answer.raw.connection.sock.getsockname()[1])
            answer.json()

    assert len(ports) == 1


def test_an_outage_cuts_connections_and_loses_no_memory() -> None:
    simulator = WecomSimulator()
    base_url = simulator.start()
    client = SimulatorClient(base_url)
    client.add_corp(CORP, [app_spec()], [KfSpec(open_kfid=KF, app="shop")])
    client.say(CORP, KF, CUSTOMER, "hello")

    simulator.stop()
    with pytest.raises(requests.ConnectionError):
        client.seen()
    simulator.start(port=int(base_url.rsplit(":", 1)[1]))

    assert len(client.unanswered(CORP)) == 1
    with pytest.raises(ConfigurationError, match="cannot be used"):
        WecomSimulator().start(port=int(base_url.rsplit(":", 1)[1]))
    client.close()
    simulator.stop()


_UNDER_GEVENT = (
    "from wecom_bot import startup; startup.patch_all();from wecom_bot.simulators.wecom.server import main;main()"
)


@pytest.mark.parametrize("program", [("-m", "wecom_bot.simulators.wecom"), ("-c", _UNDER_GEVENT)])
def test_it_runs_as_a_program_and_logs_no_secret(program: tuple[str, ...]) -> None:
    process = subprocess.Popen([sys.executable, *program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        client = SimulatorClient(process.stdout.readline().strip())
        client.add_corp(CORP, [app_spec("http://127.0.0.1:1/")], [KfSpec(open_kfid=KF, app="shop")])
        client.say(CORP, KF, CUSTOMER, "秘密的话")
        api = Api(client.base_url)
        with ThreadPoolExecutor(1) as pool:
            seen = pool.submit(client.wait_seen, CORP, timeout=PATIENCE)
            api.send_text("hi")
            assert [one.text for one in seen.result(PATIENCE)] == ["hi"]
        client.fault("kf/sync_msg", "reset")
        with pytest.raises(requests.ConnectionError):
            api("kf/sync_msg", open_kfid=KF)
        requests.get(f"{client.base_url}/bad path {api.token}", timeout=PATIENCE)
    finally:
        process.terminate()
        _, logged = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert "simulator.started" in logged
    assert "Traceback" not in logged
    assert not [secret for secret in (api.token, SECRET, "秘密的话") if secret in logged]
