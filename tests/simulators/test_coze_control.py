"""The simulated Coze as a server: trouble of every path, outages, and what it tells about its calls."""

import subprocess
import sys
from datetime import timedelta
from typing import Final

import pytest
import requests

from tests.deadlines import PATIENCE
from tests.fixtures.simulated_coze import BOT, CHAT, PROJECT, TOKEN, WORKFLOW, Api, names
from wecom_bot.errors import ConfigurationError
from wecom_bot.simulators.coze.client import CozeSimulatorClient
from wecom_bot.simulators.coze.server import CozeSimulator

RUN: Final = "/v1/workflow/run"
OTHER_WORKFLOW = "7379462189365190009"


@pytest.fixture
def api(coze: CozeSimulatorClient) -> Api:
    return Api(coze.base_url)


def run(api: Api, workflow_id: str = WORKFLOW) -> requests.Response:
    return api.raw(RUN, {"workflow_id": workflow_id, "parameters": {"query": "退货"}})


@pytest.mark.parametrize("code", [4100, 4101, 4013, 4015, 4014, 4002, -1])
def test_any_code_may_come_on_http_200(coze: CozeSimulatorClient, api: Api, code: int) -> None:
    coze.fault(CHAT, "code", code)

    answer = api.start("你好")

    assert (answer.status_code, answer.json()["code"]) == (200, code)
    assert answer.headers["Content-Type"].startswith("application/json")
    assert names(api.chat("你好"))[-1] == "done"
    assert coze.calls(CHAT, str(code)) == 1


def test_gateways_answer_in_their_own_way(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(RUN, "status", 504)
    coze.fault(RUN, "json_status", 500)
    coze.fault(RUN, "limited", 2)
    coze.fault(RUN, "garbage")

    page, bare, limited, garbage = run(api), run(api), run(api), run(api)

    assert (page.status_code, page.headers["Content-Type"]) == (504, "text/html")
    assert (bare.status_code, "code" in bare.json()) == (500, False)
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "2")
    with pytest.raises(ValueError, match=r"."):
        garbage.json()
    assert run(api).json()["code"] == 0
    outcomes = ["0", "garbage", "http 429", "http 500", "http 504"]
    assert [one.outcome for one in coze.call_counts()] == outcomes


def test_a_garbage_stream_calls_itself_a_stream(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "garbage")

    answer = api.start("你好")

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert b"<html>" in answer.raw.read()


def test_connections_are_reset_at_once_or_after_a_silence(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(RUN, "reset")
    coze.fault(CHAT, "hang", 0.05)

    with pytest.raises(requests.ConnectionError):
        run(api)
    with pytest.raises(requests.ConnectionError):
        api.start("你好")

    assert coze.calls(CHAT, "hang") == coze.calls(RUN, "reset") == 1
    assert coze.conversations() == []


def test_a_delayed_call_is_done_all_the_same(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault("*", "delay", 0.01, times=2)

    assert run(api).json()["code"] == 0
    assert names(api.chat("你好"))[-1] == "done"


def test_a_fault_holds_its_calls_its_time_and_its_subject(coze: CozeSimulatorClient, api: Api) -> None:
    coze.add_workflow(OTHER_WORKFLOW)
    coze.fault(RUN, "code", 4009, of=WORKFLOW, times=2)
    coze.fault(RUN, "code", 4013, of=OTHER_WORKFLOW, lasting=timedelta(hours=1))

    assert [run(api).json()["code"] for _ in range(3)] == [4009, 4009, 0]
    assert [run(api, OTHER_WORKFLOW).json()["code"] for _ in range(3)] == [4013] * 3
    coze.clear_faults()
    assert run(api, OTHER_WORKFLOW).json()["code"] == 0


def test_what_was_asked_can_be_read_but_no_token(coze: CozeSimulatorClient, api: Api) -> None:
    api.chat("你好", custom_variables={"passages": "答：好"})
    run(api)
    Api(coze.base_url, "pat_made_up").post("/v1/nlu/predict", q="x", project_key=PROJECT)

    chat, run_, predict = coze.requests()

    assert (chat.path, chat.caller, chat.outcome) == (CHAT, "acme", "0")
    assert chat.body["custom_variables"] == {"passages": "答：好"}
    assert run_.body == {"workflow_id": WORKFLOW, "parameters": {"query": "退货"}}
    assert (predict.caller, predict.outcome) == ("", "http 401")
    assert coze.requests(RUN) == [run_]
    assert coze.calls(CHAT, of=BOT) == 1
    told = requests.get(f"{coze.base_url}/_sim/requests", timeout=PATIENCE).text
    assert "pat_" not in told
    assert TOKEN not in told


def test_a_stop_is_an_outage_and_a_start_on_the_same_port_its_end() -> None:
    simulator = CozeSimulator()
    client = CozeSimulatorClient(simulator.start())
    port = int(client.base_url.rpartition(":")[2])
    api = Api(client.base_url)
    try:
        client.add_token(TOKEN)
        client.add_bot(BOT)
        conversation_id = api.chat("你好")[0].data["conversation_id"]
        for _ in range(5):
            simulator.stop()
            with pytest.raises(requests.ConnectionError):
                api.start("你好")
            assert simulator.start(port=port) == client.base_url
        assert names(api.chat("你好", conversation_id))[-1] == "done"
    finally:
        client.close()
        simulator.stop()


def test_a_stop_cuts_a_hanging_stream() -> None:
    simulator = CozeSimulator()
    client = CozeSimulatorClient(simulator.start())
    client.add_token(TOKEN)
    client.add_bot(BOT)
    client.fault(CHAT, "stall")
    answer = Api(client.base_url).start("你好")

    client.close()
    simulator.stop()

    with pytest.raises(requests.RequestException):
        for _ in answer.iter_content(None):
            pass


def test_a_port_in_use_is_said_to_be(coze: CozeSimulatorClient) -> None:
    port = int(coze.base_url.rpartition(":")[2])

    with pytest.raises(ConfigurationError, match=str(port)):
        CozeSimulator().start(port=port)


def test_a_reset_forgets_everything(coze: CozeSimulatorClient, api: Api) -> None:
    api.chat("你好")
    coze.fault(CHAT, "code", 4013)

    coze.reset()

    assert (coze.requests(), coze.call_counts(), coze.conversations()) == ([], [], [])
    assert api.start("你好").json()["code"] == 4200


_UNDER_GEVENT = (
    "from wecom_bot import startup; startup.patch_all();from wecom_bot.simulators.coze.server import main;main()"
)


@pytest.mark.parametrize("program", [("-m", "wecom_bot.simulators.coze"), ("-c", _UNDER_GEVENT)])
def test_it_runs_in_a_process_of_its_own_with_threads_or_greenlets(program: tuple[str, ...]) -> None:
    with subprocess.Popen([sys.executable, *program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        client = CozeSimulatorClient(process.stdout.readline().strip())
        client.add_token(TOKEN)
        client.add_bot(BOT)
        ended = names(Api(client.base_url).chat("你好"))[-1]
        client.close()
        process.terminate()
        status = process.wait(PATIENCE)

    assert (ended, status) == ("done", 0)
