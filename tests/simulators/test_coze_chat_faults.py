"""What a chat of the simulated Coze may come to, and how its stream may break."""

import json

import pytest
import requests
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from tests.deadlines import wait_until
from tests.fixtures.simulated_coze import (
    CHAT,
    COMPLETED,
    DELTA,
    MESSAGE,
    Api,
    answers,
    chat_body,
    heard,
    names,
)
from wecom_bot.errors import InvalidInput
from wecom_bot.simulators.coze.client import CozeSimulatorClient
from wecom_bot.simulators.coze.schema import Plot

WORDS = "您好，关于“你好”我再帮您看看。"


@pytest.fixture
def api(coze: CozeSimulatorClient) -> Api:
    return Api(coze.base_url)


def test_a_failed_chat_says_why_in_its_last_error(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "failed", times=2)

    events = api.chat("你好")
    started = api.post(CHAT, **chat_body("你好", stream=False))
    asked = {"conversation_id": started["data"]["conversation_id"], "chat_id": started["data"]["id"]}
    polled = api.get("/v3/chat/retrieve", **asked)

    assert names(events)[2:] == ["conversation.chat.failed", "done"]
    assert events[2].data["last_error"]["code"] == 4028
    assert (polled["code"], polled["data"]["status"], polled["data"]["last_error"]["code"]) == (0, "failed", 4028)
    assert coze.calls(CHAT, "failed") == 2


@pytest.mark.parametrize(
    ("kind", "value", "event", "code"),
    [
        ("failed", 4013, "conversation.chat.failed", 0),
        ("bare_failed", 0, "conversation.chat.failed", 701231),
        ("error", 0, "error", 4016),
        ("error", 4013, "error", 4013),
    ],
)
def test_failures_come_in_other_shapes_too(
    coze: CozeSimulatorClient, api: Api, kind: Plot, value: int, event: str, code: int
) -> None:
    coze.fault(CHAT, kind, value)

    failed = api.chat("你好")[2]

    assert failed.event == event
    assert failed.data.get("code", 0) == code
    assert names(api.chat("你好", failed.data.get("conversation_id", "")))[-1] == "done"


def test_an_empty_answer_is_only_verbose(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "empty")

    events = api.chat("你好")

    assert [one.data["type"] for one in events if one.event in {MESSAGE, DELTA}] == ["verbose"]
    assert names(events)[-2:] == [COMPLETED, "done"]


def test_reasoning_comes_in_deltas_without_content(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "reasoning")

    deltas = [one.data for one in api.chat("你好") if one.event == DELTA]

    thought = [delta for delta in deltas if delta.get("reasoning_content")]
    assert thought
    assert {delta["content"] for delta in thought} == {""}
    assert "".join(delta["content"] for delta in deltas) == WORDS


def test_several_answers_have_ids_of_their_own(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "several")

    events = api.chat("你好")

    assert answers(events) == [WORDS, "请问还有什么可以帮您？"]
    assert len({one.data["id"] for one in events if one.event == DELTA}) == 2


def test_unicode_separators_stand_raw_in_the_text(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "separators")

    stream = api.start("你好").raw.read()

    assert "\u2028\u2029\u0085".encode() in stream
    assert answers(heard(stream)) == [WORDS[0] + "\u2028\u2029\u0085" + WORDS[1:]]


def test_a_chat_that_requires_action_keeps_its_conversation(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "requires_action")

    events = api.chat("你好")

    assert events[2].event == "conversation.chat.requires_action"
    assert events[2].data["required_action"]["type"] == "submit_tool_outputs"
    assert api.start("再见", events[0].data["conversation_id"]).json()["code"] == 4016


def test_a_stalled_stream_falls_silent_after_the_first_words(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "stall")
    answer = api.start("你好")
    stream = bytearray()
    while DELTA.encode() not in stream:
        stream += answer.raw.read1(65536)
    answer.raw.connection.sock.settimeout(0.05)  # type: ignore[union-attr]

    with pytest.raises(ReadTimeoutError):
        answer.raw.read1(65536)


def test_a_stalled_stream_is_reset_in_the_end_and_the_chat_completed(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "stall", 0.05)

    with pytest.raises(ProtocolError):
        api.chat("你好")

    assert coze.conversations()[0].lines[1].content == WORDS


def test_pings_and_comments_come_instead_of_words(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "pings")
    answer = api.start("你好")
    stream = bytearray()

    while stream.count(b":\n\nevent:PING\ndata:{}\n\n") < 3:
        piece = answer.raw.read1(65536)
        assert piece, "the stream ended"
        stream += piece
    coze.clear_faults()

    assert DELTA.encode() not in stream
    with pytest.raises(ProtocolError):
        answer.raw.read()


def test_a_stream_may_end_early_but_in_order(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "eof")

    events = api.chat("你好")

    assert answers(events) == [WORDS]
    assert names(events)[-1] == MESSAGE


def test_a_stream_may_be_cut_within_the_answer(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "cut")
    answer = api.start("你好")
    stream = bytearray()

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _read_on(answer, stream)

    assert names(heard(bytes(stream)))[-1] == DELTA


def test_a_reader_who_leaves_does_not_end_the_chat(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "slow", 0.02)
    answer = api.start("你好")

    answer.close()

    wait_until(lambda: not coze.conversations()[0].running)
    assert coze.conversations()[0].lines[1].content == WORDS


def test_the_connection_may_stay_open_after_done(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "open")
    answer = api.start("你好")
    stream = bytearray()
    while not stream.endswith(b'event:done\ndata:"[DONE]"\n\n'):
        stream += answer.raw.read1(65536)
    conversation_id = heard(bytes(stream))[0].data["conversation_id"]

    assert names(api.chat("再见", conversation_id))[-1] == "done"
    answer.close()


def test_chunks_may_end_within_a_character(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "split")

    chunks = list(api.start("你好").iter_content(None))

    assert max(map(len, chunks)) <= 5
    assert any(_broken(chunk) for chunk in chunks)
    assert answers(heard(b"".join(chunks))) == [WORDS]


def _read_on(answer: requests.Response, stream: bytearray) -> None:
    for chunk in answer.iter_content(None):
        stream += chunk


def _broken(chunk: bytes) -> bool:
    try:
        chunk.decode()
    except UnicodeDecodeError:
        return True
    return False


def test_noise_holds_all_that_a_reader_has_to_skip(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "noise")

    stream = api.start("你好").raw.read().decode()

    assert stream.startswith(": hello\r\n\r\ndata:{")
    assert "event: conversation.chat.created\r\ndata: {" in stream
    assert "event: conversation.somewhat.new\r\ndata: not json\r\n\r\n" in stream
    kinds = [
        json.loads(line.partition(":")[2])["type"]
        for before, line in zip(stream.splitlines(), stream.splitlines()[1:], strict=False)
        if MESSAGE in before
    ]
    assert kinds == ["knowledge", "function_call", "tool_response", "answer", "verbose"]


def test_slow_deltas_come_all_the_same(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "slow", 0.001)

    assert answers(api.chat("你好")) == [WORDS]


def test_a_plain_body_ends_with_its_connection(coze: CozeSimulatorClient, api: Api) -> None:
    coze.fault(CHAT, "plain")

    answer = api.start("你好")

    assert "Transfer-Encoding" not in answer.headers
    assert answer.headers["Connection"] == "close"
    assert names(heard(answer.raw.read()))[-1] == "done"


def test_a_fault_of_streams_is_none_of_other_paths(coze: CozeSimulatorClient) -> None:
    with pytest.raises(ValueError, match="of /v3/chat alone"):
        coze.fault("/v1/workflow/run", "stall")


def test_the_control_api_refuses_an_impossible_fault_too(coze: CozeSimulatorClient) -> None:
    with pytest.raises(InvalidInput):
        coze._tell("fault", {"path": CHAT, "kind": "code"})  # noqa: SLF001 - as another language would post it
