"""The floor does a whole turn, or the bench would compare ours with nothing."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict

import gevent
import pytest

from tests.deadlines import PATIENCE
from tests.e2e.house import KEY
from tests.load.floor import SETTING, Floor, Place, create, spoken
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto
from wecom_bot.simulators.coze.client import CozeSimulatorClient
from wecom_bot.simulators.coze.server import CozeSimulator
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import AppSpec, KfSpec
from wecom_bot.simulators.wecom.server import WecomSimulator

BOT = "7379462189365198898"

STREAM = """\
event:conversation.chat.created
data:{"id":"1"}

event:conversation.message.delta
data:{"type":"answer","content":"您"}

event:conversation.message.completed
data:{"type":"verbose","content":"{}"}

event:conversation.message.completed
data:{"type":"answer","content":"您好：\\n请看"}

event:done
data:"[DONE]"

"""


def test_the_answer_of_a_stream_is_what_the_bot_completed() -> None:
    assert spoken(STREAM.encode()) == "您好：\n请看"


def test_a_stream_without_an_answer_is_no_turn() -> None:
    with pytest.raises(ValueError, match="no answer"):
        spoken(STREAM.partition("event:conversation.message.completed")[0].encode())


@pytest.fixture
def neighbours() -> Iterator[tuple[SimulatorClient, CozeSimulatorClient]]:
    wecom, coze = WecomSimulator(), CozeSimulator()
    with ExitStack() as leaving:
        clients = SimulatorClient(wecom.start()), CozeSimulatorClient(coze.start())
        leaving.callback(wecom.stop)
        leaving.callback(coze.stop)
        app = AppSpec(name="shop", agent_id=1, secret="s", token="t", encoding_aes_key=KEY)
        clients[0].add_corp("ww", [app], [KfSpec(open_kfid="wk", app="shop")])
        clients[1].add_token("pat")
        clients[1].add_bot(BOT, [{"answer": "关于{question}"}])
        yield clients


def test_the_floor_makes_one_chat_and_one_reply_a_message_in_both_channels(
    neighbours: tuple[SimulatorClient, CozeSimulatorClient],
) -> None:
    wecom, coze = neighbours
    floor = Floor(Place("ww", 1, "s", "t", KEY, wecom.base_url, coze.base_url, "pat", BOT))
    floor.take({"MsgType": "text", "FromUserName": "mary", "Content": "优惠"})
    wecom.say("ww", "wk", "paul", "退货")
    wecom.say("ww", "wk", "john", "发票")
    floor.take({"Event": "kf_msg_or_event", "OpenKfId": "wk", "Token": ""})
    floor.take({"Event": "kf_msg_or_event", "OpenKfId": "wk", "Token": ""})
    assert gevent.wait(timeout=PATIENCE)  # its greenlets
    seen = wecom.seen()
    assert {(each.customer, each.text) for each in seen} == {
        ("mary", "关于优惠"),
        ("paul", "关于退货"),
        ("john", "关于发票"),
    }
    assert coze.calls("/v3/chat", "0") == 3
    assert wecom.calls("kf/service_state/get") == wecom.calls("kf/sync_msg") == 2  # the second page was empty
    assert wecom.calls("gettoken") == 1


def test_the_floor_believes_no_callback_that_was_not_sealed_for_it(
    neighbours: tuple[SimulatorClient, CozeSimulatorClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom, coze = neighbours
    place = Place("ww", 1, "s", "t", KEY, wecom.base_url, coze.base_url, "pat", BOT)
    monkeypatch.setenv(SETTING, json.dumps(asdict(place)))
    sealed = CallbackCrypto("t", KEY).seal("<xml><MsgType>event</MsgType></xml>", "ww", "1", "2")
    body = f"<xml><Encrypt>{sealed.encrypted}</Encrypt></xml>"
    client = create().test_client()
    query = {"msg_signature": sealed.signature, "timestamp": "1", "nonce": "2"}
    assert client.post("/callback/ww/shop", query_string=query, data=body).status_code == 200
    forged = client.post("/callback/ww/shop", query_string=query | {"nonce": "3"}, data=body)
    assert forged.status_code == 500
