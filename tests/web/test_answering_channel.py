"""A channel whose protocol answers in the response, as a smart bot's does (WeCom page 101031)."""

import json
from datetime import UTC, datetime

import pytest

from tests.fixtures.front_door import KEY, TOKEN, FrontDoor, front_door
from wecom_bot.adapters.wecom.inbound import envelope
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto
from wecom_bot.domain.job import AnswerMessage
from wecom_bot.domain.message import Callback, Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Opened

CORP = CorpId("ww0123456789abcdef")
URL = f"/callback/{CORP}/service"
NOW, NONCE = "1700000000", "nonce123"
CRYPTO = CallbackCrypto(TOKEN, KEY)
SAID = '{"msgid": "m1", "msgtype": "text", "from": {"userid": "zhangsan"}, "text": {"content": "在吗"}}'
ASKED_AGAIN = '{"msgid": "m2", "msgtype": "stream", "stream": {"id": "m1"}}'


class StreamingGate:
    """A CallbackGate that answers each message with the beginning of a stream, and each refresh with what there is."""

    def verify(self, tenant: Tenant, app: str, callback: Callback) -> bytes:
        raise NotImplementedError

    def open(self, tenant: Tenant, app: str, callback: Callback, trace_id: str) -> Opened:
        sealed = envelope.encrypted(callback.body)
        said = json.loads(CRYPTO.open(callback.signature, callback.timestamp, callback.nonce, sealed, ("",)))
        if said["msgtype"] == "stream":
            return Opened(body=_sealed_stream(said["stream"]["id"], callback.nonce))
        where = ConversationId(tenant.corp_id, Channel.APP, "1000002", said["from"]["userid"])
        at = datetime.fromtimestamp(int(callback.timestamp), UTC)
        words = said["text"]["content"]
        message = InboundMessage(MessageId(said["msgid"]), where, app, MessageKind.TEXT, at, words)
        return Opened((AnswerMessage(message, trace_id),), _sealed_stream(said["msgid"], callback.nonce))


def _sealed_stream(stream: str, nonce: str) -> bytes:
    plain = json.dumps({"msgtype": "stream", "stream": {"id": stream, "finish": False, "content": "…"}})
    sealed = CRYPTO.seal(plain, "", NOW, nonce)
    fields = {"encrypt": sealed.encrypted, "msgsignature": sealed.signature, "timestamp": int(NOW), "nonce": nonce}
    return json.dumps(fields).encode()


@pytest.fixture
def door() -> FrontDoor:
    return _door(active=True)


def _door(*, active: bool) -> FrontDoor:
    fields = {"corp_id": CORP, "apps": [{"name": "service", "agent_id": 1000002}], "active": active}
    return front_door(Tenant.model_validate(fields), gate=StreamingGate())


def _post(door: FrontDoor, plain: str) -> tuple[int, bytes]:
    seal = CRYPTO.seal(plain, "", NOW, NONCE)
    query = {"msg_signature": seal.signature, "timestamp": NOW, "nonce": NONCE}
    answer = door.client.post(URL, query_string=query, data=json.dumps({"encrypt": seal.encrypted}))
    return answer.status_code, answer.data


def _stream(body: bytes) -> str:
    """The stream that an answer is about; it must be sealed as WeCom will check it."""
    answer = json.loads(body)
    plain = CRYPTO.open(answer["msgsignature"], str(answer["timestamp"]), answer["nonce"], answer["encrypt"], ("",))
    return str(json.loads(plain)["stream"]["id"])


def test_a_delivery_is_answered_in_the_response_as_the_channel_sealed_it(door: FrontDoor) -> None:
    status, body = _post(door, SAID)
    assert (status, _stream(body)) == (200, "m1")
    assert [job.dedup_id for job in door.inbox.jobs] == ["app/1000002/zhangsan-m1"]


def test_a_repeat_gets_the_same_answer_and_puts_nothing_new(door: FrontDoor) -> None:
    _post(door, SAID)
    status, body = _post(door, SAID)
    assert (status, _stream(body), len(door.inbox.jobs)) == (200, "m1", 1)


def test_a_delivery_that_asks_for_no_work_is_answered_all_the_same(door: FrontDoor) -> None:
    status, body = _post(door, ASKED_AGAIN)
    assert (status, _stream(body), door.inbox.jobs) == (200, "m1", [])


def test_nothing_is_answered_for_what_could_not_be_stored(door: FrontDoor) -> None:
    door.inbox.failure = TemporaryFailure("Redis is away")
    assert _post(door, SAID) == (503, b"")


def test_a_tenant_that_is_off_answers_nothing() -> None:
    assert _post(_door(active=False), SAID) == (200, b"")
