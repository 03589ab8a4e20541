"""Chat v3: what Coze really streams becomes one answer, and every way to fail has its own error."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fixtures.scripted_coze import (
    BOT,
    DONE,
    ENDED,
    FINISHED,
    TOKEN,
    Answer,
    HangUp,
    ScriptedCoze,
    answering,
    as_json,
    chat,
    completed,
    delta,
    frame,
    nobody_there,
    scripted_coze,
    stream,
)
from wecom_bot.adapters.coze.chat import ChatAnswer
from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.errors import (
    ConfigurationError,
    Misconfigured,
    RateLimited,
    Rejected,
    TemporaryFailure,
    TookTooLong,
    WecomBotError,
)

CHAT, CANCEL = "/v3/chat", "/v3/chat/cancel"
LONG = timedelta(seconds=20)
SHORT = timedelta(seconds=2)  # enough for the question to arrive
NO_PAUSE = timedelta(milliseconds=5)


@pytest.fixture
def coze() -> Iterator[ScriptedCoze]:
    with scripted_coze() as scripted:
        scripted.script(CANCEL, as_json({"code": 4104, "msg": "cannot be cancelled"}))
        yield scripted


@pytest.fixture
def client(coze: ScriptedCoze) -> CozeClient:
    return CozeClient(coze.url + "/", 8, pause=NO_PAUSE)


def ask(client: CozeClient, conversation_id: str = "", deadline: timedelta = LONG, **more: Any) -> ChatAnswer:
    return client.chat(
        TOKEN,
        bot_id=BOT,
        user_id="u1",
        messages=["我要退款"],
        conversation_id=conversation_id,
        deadline=deadline,
        **more,
    )


def failing(client: CozeClient, conversation_id: str = "", deadline: timedelta = LONG) -> WecomBotError:
    with pytest.raises(WecomBotError) as raised:
        ask(client, conversation_id, deadline)
    return raised.value


# What is asked


def test_a_chat_is_asked_for_as_a_stream_with_the_token_in_its_header(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, answering("您好"))
    ask(client, variables={"intent": "refund"}, meta={"msgid": "m1"})
    (call,) = coze.calls
    assert call.headers["Authorization"] == f"Bearer {TOKEN}"
    assert call.query == {}
    assert call.body == {
        "bot_id": BOT,
        "user_id": "u1",
        "stream": True,
        "auto_save_history": True,
        "additional_messages": [
            {"role": "user", "type": "question", "content": "我要退款", "content_type": "text"},
        ],
        "custom_variables": {"intent": "refund"},
        "meta_data": {"msgid": "m1"},
    }


def test_a_known_conversation_is_gone_on_with(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, answering("您好"))
    ask(client, "7381conv")
    assert coze.calls[0].query == {"conversation_id": "7381conv"}


@pytest.mark.parametrize("token", ["", "  ", "pat_中文", "pat_a b", "pat_a\nb"])
def test_a_token_that_cannot_be_one_is_not_sent(client: CozeClient, coze: ScriptedCoze, token: str) -> None:
    with pytest.raises(Misconfigured, match="token is empty, or holds"):
        client.chat(token, bot_id=BOT, user_id="u", messages=["你好"], deadline=LONG)
    assert not coze.calls


def test_a_token_copied_with_its_line_end_is_good(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, answering("您好"))
    client.chat(TOKEN + "\n", bot_id=BOT, user_id="u", messages=["你好"], deadline=LONG)
    assert coze.calls[0].headers["Authorization"] == f"Bearer {TOKEN}"


# What is answered


def test_a_usual_chat_becomes_its_answer(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(
        CHAT, stream(chat("created"), delta("七天"), delta("可退"), completed("七天可退"), ENDED, X_Tt_Logid="L1")
    )
    assert ask(client) == ChatAnswer("七天可退", "7381conv", "L1", "7382chat")


STREAMS = {
    "what is completed replaces its pieces": ([delta("七"), delta("天"), completed("七天可退。")], "七天可退。"),
    "several answers follow each other in the order in which they began": (
        [delta("请稍", 1), delta("查", 2), completed("查到了", 2), completed("请稍等", 1)],
        "请稍等\n查到了",
    ),
    "an answer in pieces alone is an answer": ([delta("七天"), delta("可退")], "七天可退"),
    "reasoning is not said": ([delta("", reasoning_content="想想"), delta("可退"), completed("可退")], "可退"),
    "only answers are for the customer": (
        [
            completed('{"name":"f"}', 2, type="function_call"),
            completed("recall slice 1:", 3, type="knowledge"),
            completed("结果", 4, type="tool_response"),
            completed("可退"),
            FINISHED,
            completed("还想问？", 5, type="follow_up"),
        ],
        "可退",
    ),
    "a note of Coze to itself is not said, even as an answer": (
        [completed("可退"), completed('{"msg_type":"generate_answer_finish","data":""}', 2)],
        "可退",
    ),
    "a card is not said": ([completed('{"card":1}', 2, content_type="card"), completed("可退")], "可退"),
    "texts are taken out of a mixed message": (
        [completed('[{"type":"text","text":"可退"},{"type":"image","file_url":"x"}]', content_type="object_string")],
        "可退",
    ),
    "pieces under another id than their whole are not said twice": ([delta("可", 7), completed("可退", 8)], "可退"),
    "a line separator is no end of a line": ([completed("a\u2028b\u0085c\u2029d")], "a\u2028b\u0085c\u2029d"),
    "comments, pings and strangers are passed over": (
        [": ping\n\n", 'data:{"debug_url":"x"}\n\n', frame("conversation.new", "nonsense"), "x\n\n", completed("可退")],
        "可退",
    ),
    "a space after the colon makes no difference": (
        [frame("conversation.message.completed", json.loads(completed("可退").partition("data:")[2]), space=True)],
        "可退",
    ),
    "carriage returns make no difference": ([completed("可退").replace("\n", "\r\n")], "可退"),
    "a broken piece is made good by the whole": (
        [delta("七"), frame("conversation.message.delta", "{"), completed("七天")],
        "七天",
    ),
}


@pytest.mark.parametrize(("frames", "text"), STREAMS.values(), ids=STREAMS)
def test_in_a_stream(client: CozeClient, coze: ScriptedCoze, frames: list[str], text: str) -> None:
    coze.script(CHAT, stream(chat("created"), *frames, ENDED))
    assert ask(client).text == text


def test_characters_cut_in_the_middle_are_put_together(client: CozeClient, coze: ScriptedCoze) -> None:
    whole = (chat("created") + completed("七天无理由退货🙂") + ENDED).encode()
    coze.script(CHAT, stream(*(whole[place : place + 1] for place in range(len(whole)))))
    assert ask(client).text == "七天无理由退货🙂"


@pytest.mark.parametrize("end", [DONE, "event:done\ndata:[DONE]\n\n", "event:done\ndata:{}\n\n"])
def test_the_end_has_many_forms(client: CozeClient, coze: ScriptedCoze, end: str) -> None:
    coze.script(CHAT, stream(chat("created"), completed("可退"), end, framing="close"))
    assert ask(client).text == "可退"


def test_studio_ends_a_stream_in_its_own_way(client: CozeClient, coze: ScriptedCoze) -> None:
    end = "event: conversation.stream.done\ndata: \n\n"
    coze.script(CHAT, stream(chat("created"), completed("可退"), end, coze.over))
    assert ask(client).text == "可退"


def test_a_stream_that_stays_open_after_its_end_holds_nobody_up(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, stream(chat("created"), completed("可退"), ENDED, coze.over))
    assert ask(client).text == "可退"


def test_a_stream_without_content_type_is_known_by_its_look(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, Answer(((chat("created") + completed("可退") + ENDED).encode(),), headers={}))
    assert ask(client).text == "可退"


@pytest.mark.parametrize("framing", ["chunked", "close", "cut"])
def test_a_stream_that_breaks_off_after_a_complete_answer_has_answered(
    client: CozeClient, coze: ScriptedCoze, framing: Any
) -> None:
    coze.script(CHAT, stream(chat("created"), completed("可退"), framing=framing))
    assert ask(client).text == "可退"


@pytest.mark.parametrize("framing", ["chunked", "close", "cut"])
def test_half_an_answer_is_none(client: CozeClient, coze: ScriptedCoze, framing: Any) -> None:
    coze.script(CHAT, stream(chat("created"), completed("请稍等", 1), delta("可", 2), framing=framing))
    assert type(failing(client)) is TemporaryFailure
    assert len(coze.bodies(CHAT)) == 1


def test_half_an_answer_is_none_though_coze_says_done(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, stream(chat("created"), completed("请稍等", 1), delta("可", 2), DONE))
    assert type(failing(client)) is TemporaryFailure
    assert len(coze.bodies(CHAT)) == 1


@pytest.mark.parametrize("bad", ["a b", "../x", "7\ud800", "\0", "7" * 65, {"a": 1}, True])
def test_an_id_that_cannot_be_one_is_not_kept(client: CozeClient, coze: ScriptedCoze, bad: object) -> None:
    created = chat("created", conversation_id=bad).encode("utf-8", "replace")
    ended = chat("completed", conversation_id=bad).encode("utf-8", "replace")
    coze.script(CHAT, stream(created, completed("可退"), ended, DONE))
    assert ask(client).conversation_id == ""


def test_half_a_character_is_not_kept(client: CozeClient, coze: ScriptedCoze) -> None:
    data = json.dumps({"id": "1", "type": "answer", "content": "可\ud800退🙂", "content_type": "text"})
    coze.script(CHAT, stream(chat("created"), frame("conversation.message.completed", data), ENDED))
    assert ask(client).text == "可\ufffd退🙂"


# What is refused


@pytest.mark.parametrize(
    ("code", "error", "hint"),
    [
        (4000, Misconfigured, "wrong parameters"),
        (4015, Misconfigured, "publish the bot to the API channel"),
        (4028, Misconfigured, "used up"),
        (4011, Misconfigured, "top up"),
        (4100, Misconfigured, "check that the token belongs to this base_url"),
        (700012006, Misconfigured, "check that the token belongs to this base_url"),
        (4101, Misconfigured, "permissions"),
        (4200, Misconfigured, "publish"),
        (4014, Rejected, "4014"),
        (4102, Rejected, "4102"),
        (5000, TemporaryFailure, "internal error"),
        (4013, TemporaryFailure, "4013"),
        (4009, RateLimited, "4009"),
        (987654, TemporaryFailure, "987654"),
    ],
)
@pytest.mark.parametrize("where", ["json", "json_401", "failed", "error", "text_code"])
def test_a_refusal_is_told_by_its_code_wherever_it_stands(
    client: CozeClient, coze: ScriptedCoze, code: int, error: type[WecomBotError], hint: str, where: str
) -> None:
    refusal = {"code": code, "msg": "no"}
    last = {"last_error": refusal}
    answers: dict[str, Answer] = {
        "json": as_json(refusal | {"detail": {"logid": "L7"}}),
        "json_401": as_json(refusal, 401, X_Tt_Logid="L7"),
        "failed": stream(chat("created"), chat("failed", **last), DONE, X_Tt_Logid="L7"),
        "error": stream(frame("error", refusal), X_Log_ID="L7"),
        "text_code": stream(frame("error", refusal | {"code": str(code)}), DONE, X_Log_ID="L7"),
    }
    coze.script(CHAT, answers[where])
    if where == "json_401" and code == 987654:
        error, hint = Misconfigured, "token"  # a code that nobody knows: the status decides
    with capture_logs() as logged:
        refused = failing(client)
    assert type(refused) is error
    assert hint in str(refused)
    assert "L7" in str(refused)
    assert {line.get("logid") for line in logged if line["event"] == "coze.failed"} == {"L7"}


def test_a_bare_failure_is_one(client: CozeClient, coze: ScriptedCoze) -> None:
    bare = frame("conversation.chat.failed", {"code": 701231, "msg": "error"})
    coze.script(CHAT, stream(chat("created"), bare, DONE))
    assert "701231" in str(failing(client))


def test_raw_text_as_an_error_is_one_and_is_not_repeated(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, stream(chat("created"), frame("error", "panic: something")))
    assert "unknown" in str(refused := failing(client))
    assert "panic" not in str(refused)


NOTHING = {
    "nothing but verbose": [FINISHED, ENDED],
    "nothing but reasoning": [delta("", reasoning_content="想"), completed("", reasoning_content="想"), ENDED],
    "nothing but a card": [completed("{}", content_type="card"), ENDED],
    "nothing but blanks": [completed(" \n"), ENDED],
    "cancelled": [completed("可"), chat("canceled")],
    "cancelled by Studio": [chat("cancelled")],
}


@pytest.mark.parametrize("frames", NOTHING.values(), ids=NOTHING)
def test_no_answer_is_an_error(client: CozeClient, coze: ScriptedCoze, frames: list[str]) -> None:
    coze.script(CHAT, stream(chat("created"), *frames))
    assert "empty" in str(failing(client))
    assert len(coze.calls) == 1


def test_an_answer_that_is_no_stream_is_an_error(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, as_json({"code": 0, "data": {"id": "1", "status": "in_progress"}}))
    assert type(failing(client)) is TemporaryFailure


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateways_page_is_an_error(client: CozeClient, coze: ScriptedCoze, status: int) -> None:
    coze.script(CHAT, Answer((b"<html>Tengine</html>",), status, {}, "length"))
    assert str(status) in str(failing(client))
    assert len(coze.bodies(CHAT)) == 3


def test_another_sites_page_is_an_error(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(
        CHAT, Answer((b"<html>Log in to the hotel's network</html>",), 200, {"Content-Type": "text/html"}, "length")
    )
    assert type(failing(client)) is TemporaryFailure


def test_a_redirect_is_not_followed_with_the_token(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, Answer((b"",), 302, {"Location": coze.url + "/elsewhere"}, "length"))
    assert "base_url" in str(failing(client))
    assert [call.path for call in coze.calls] == [CHAT]


@pytest.mark.parametrize("call_type", ["function", "reply_message"])
def test_a_bot_that_waits_for_something_is_cancelled_and_reported(
    client: CozeClient, coze: ScriptedCoze, call_type: str
) -> None:
    action = {"submit_tool_outputs": {"tool_calls": [{"id": "", "type": call_type, "function": None}]}}
    coze.script(
        CHAT, stream(chat("created"), completed("几号？"), chat("requires_action", required_action=action), DONE)
    )
    assert "remove it from the bot" in str(failing(client))
    assert coze.wait_for(CANCEL).body == {"conversation_id": "7381conv", "chat_id": "7382chat"}


@pytest.mark.parametrize(
    "piece", ["x" * 65536, "data:" + "x" * 65000 + "\n", delta("x" * 65000)], ids=["line", "event", "text"]
)
def test_what_does_not_end_is_cut_off(client: CozeClient, coze: ScriptedCoze, piece: str) -> None:
    coze.script(CHAT, stream(chat("created"), *[piece] * 40, coze.over))
    assert "does not end" in str(failing(client))


def test_a_body_that_does_not_end_is_cut_off(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, Answer((b" " * 65536,) * 40, 200, {"Content-Type": "application/json"}))
    assert type(failing(client)) is TemporaryFailure


# Again


def test_a_busy_conversation_is_waited_for(client: CozeClient, coze: ScriptedCoze) -> None:
    busy = stream(frame("error", {"code": 4016, "msg": "Conversation occupied"}))
    coze.script(CHAT, busy, as_json({"code": 4016}), answering("可退"))
    assert ask(client, "7381conv").text == "可退"
    assert [call.query["conversation_id"] for call in coze.calls] == ["7381conv"] * 3


def test_a_conversation_that_stays_busy_is_left_for_a_new_one(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, *[as_json({"code": 4016})] * 3, answering("可退"))
    assert ask(client, "old").text == "可退"
    assert [call.query.get("conversation_id") for call in coze.calls] == ["old", "old", "old", None]


def test_what_is_always_busy_is_given_up(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, as_json({"code": 4016}))
    assert type(failing(client)) is TemporaryFailure
    assert len(coze.calls) == 3


@pytest.mark.parametrize("code", [4002, 4010])
def test_a_conversation_that_is_gone_or_full_is_left_once(client: CozeClient, coze: ScriptedCoze, code: int) -> None:
    coze.script(CHAT, as_json({"code": code}), answering("可退"))
    assert ask(client, "old").conversation_id == "7381conv"
    assert [call.query.get("conversation_id") for call in coze.calls] == ["old", None]
    coze.script(CHAT, as_json({"code": code}))
    assert type(failing(client, "old")) is Rejected
    assert len(coze.calls) == 4


@pytest.mark.parametrize(
    "first",
    [
        HangUp(),
        as_json({"code": 4013, "msg": "model"}),
        as_json({"code": 720702222, "msg": "busy"}),
        as_json(b"<html>", 503),
        as_json({}, 429, Retry_After="0"),
        stream(frame("error", {"code": 5000, "msg": "internal"})),
    ],
)
def test_what_passes_before_a_chat_has_begun_is_tried_again(
    client: CozeClient, coze: ScriptedCoze, first: Answer
) -> None:
    coze.script(CHAT, first, answering("可退"))
    assert ask(client).text == "可退"


@pytest.mark.parametrize(
    "broken",
    [
        stream(chat("created"), framing="cut"),
        stream(chat("created"), chat("failed", last_error={"code": 5000, "msg": "event interval error"})),
        stream(chat("created"), frame("error", {"code": 4013, "msg": "model"})),
    ],
)
def test_what_fails_after_a_chat_has_begun_is_not_tried_again(
    client: CozeClient, coze: ScriptedCoze, broken: Answer
) -> None:
    coze.script(CHAT, broken)
    failing(client)
    assert len(coze.bodies(CHAT)) == 1


def test_a_pause_that_is_longer_than_the_deadline_is_told_and_not_waited_for(
    client: CozeClient, coze: ScriptedCoze
) -> None:
    coze.script(CHAT, as_json({"code": 4009, "msg": "limit"}, 429, Retry_After="30"))
    limited = failing(client)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == timedelta(seconds=30)
    assert len(coze.calls) == 1


def test_a_pause_of_thousands_of_digits_is_a_long_one(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, as_json({"code": 4009}, 429, Retry_After="9" * 5000))
    limited = failing(client)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == timedelta(hours=1)


@pytest.mark.parametrize("base_url", ["https://[bad", "https://", "https://a:b"])
def test_a_base_url_that_is_none_is_said_at_the_start(base_url: str) -> None:
    with pytest.raises(ConfigurationError, match="coze_base_url"):
        CozeClient(base_url, 4)


# In time


def test_a_silent_coze_costs_the_deadline_and_no_more(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, coze.over)
    assert type(failing(client, deadline=SHORT)) is TookTooLong
    assert len(coze.bodies(CHAT)) == 1


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_a_chat_that_stops_in_the_middle_is_given_up_and_cancelled(
    client: CozeClient, coze: ScriptedCoze, framing: Any
) -> None:
    coze.script(CHAT, stream(chat("created"), delta("可"), coze.over, framing=framing))
    assert type(failing(client, deadline=SHORT)) is TookTooLong
    assert coze.wait_for(CANCEL).body["chat_id"] == "7382chat"


def test_heartbeats_do_not_move_the_deadline(client: CozeClient, coze: ScriptedCoze) -> None:
    pings = [piece for _ in range(3000) for piece in (b"event:PING\ndata:{}\n\n", _Tick())]
    coze.script(CHAT, stream(chat("created"), *pings))
    assert type(failing(client, deadline=SHORT)) is TookTooLong
    assert coze.wait_for(CANCEL).body["chat_id"] == "7382chat"


class _Tick(threading.Event):
    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - the server's wait, made short
        return super().wait(0.01)


def test_an_answer_that_was_complete_at_the_deadline_is_used(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, stream(chat("created"), completed("可退"), FINISHED, coze.over))
    assert ask(client, deadline=SHORT).text == "可退"


# Connections, tokens and logs


def test_one_connection_serves_many_chats(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, answering("可退"))
    for _ in range(10):
        ask(client)
    coze.script(CHAT, as_json({"code": 4014}))
    failing(client)
    failing(client)
    assert coze.connections == 1


def test_a_cookie_of_coze_is_not_kept(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, stream(chat("created"), completed("可退"), ENDED, Set_Cookie="session=1; Path=/"))
    ask(client)
    ask(client)
    assert all("Cookie" not in call.headers for call in coze.calls)


@pytest.mark.parametrize("leak", [TOKEN, "sat_leakleak", "Authorization: Bearer abc.def", "czs_A-b_c.d"])
def test_no_token_is_ever_logged_or_raised(coze: ScriptedCoze, leak: str) -> None:
    secrets = (TOKEN, "leakleak", "abc.def", "A-b_c.d")
    coze.script(
        CHAT,
        as_json({"code": 4100, "msg": f"bad {leak}"}),
        stream(frame("error", f"bad {leak}")),
        Answer((f"<html>{leak}".encode(),), 404, {}, "length"),
        stream(chat("created"), chat("failed", last_error={"code": 4000, "msg": leak})),
    )
    for url in (*[coze.url] * 4, nobody_there()):
        with capture_logs() as logged:
            refused = failing(CozeClient(url, 4, pause=NO_PAUSE))
        chain = [refused, refused.__cause__, refused.__context__]
        assert not any(secret in f"{logged}{chain!r}" for secret in secrets)


def test_what_a_customer_said_is_not_logged_even_if_coze_quotes_it(client: CozeClient, coze: ScriptedCoze) -> None:
    coze.script(CHAT, as_json({"code": 4014, "msg": "cannot answer: 我要退款"}))
    with capture_logs() as logged:
        refused = failing(client)
    assert "退款" not in f"{logged}{refused}"
