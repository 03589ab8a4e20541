"""Chat v3 in the simulated Coze."""

import json

import pytest

from tests.fixtures.simulated_coze import (
    BOT,
    CHAT,
    COMPLETED,
    DELTA,
    MESSAGE,
    Api,
    answers,
    chat_body,
    names,
)
from wecom_bot.simulators.coze.client import CozeSimulatorClient
from wecom_bot.simulators.coze.schema import RememberedLine

OTHER_BOT = "7379462189365198899"


@pytest.fixture
def api(coze: CozeSimulatorClient) -> Api:
    return Api(coze.base_url)


def test_a_stream_tells_the_chat_in_the_usual_order(coze: CozeSimulatorClient, api: Api) -> None:
    coze.add_bot(BOT, [{"match": "运费", "answer": "满 99 元包邮，偏远地区除外。"}], follow_ups=["多久能到？"])

    events = api.chat("运费多少？")

    assert names(events) == [
        "conversation.chat.created",
        "conversation.chat.in_progress",
        DELTA,
        MESSAGE,
        COMPLETED,
        "done",
    ]
    created, completed = events[0].data, events[-2].data
    assert {len(created["id"]), len(created["conversation_id"])} == {19}
    assert [one.data["type"] for one in events if one.event == MESSAGE] == ["answer", "verbose", "follow_up"]
    verbose = next(one.data for one in events if one.event == MESSAGE and one.data["type"] == "verbose")
    assert json.loads(verbose["content"])["msg_type"] == "generate_answer_finish"
    assert "".join(one.data["content"] for one in events if one.event == DELTA) == "满 99 元包邮，偏远地区除外。"
    assert answers(events) == ["满 99 元包邮，偏远地区除外。"]
    assert (created["status"], completed["status"]) == ("created", "completed")
    assert completed["usage"]["token_count"] > 0
    assert events[-1].data == "[DONE]"


def test_frames_have_no_space_after_the_colon_and_a_type_of_their_own(api: Api) -> None:
    answer = api.start("你好")

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["X-Tt-Logid"]
    assert answer.raw.read().startswith(b"event:conversation.chat.created\ndata:{")


def test_a_connection_is_used_again_after_a_stream(api: Api) -> None:
    first = api.start("你好")
    connection = first.raw.connection
    first.raw.read()

    assert api.start("你好").raw.connection is connection


def test_a_bot_without_rules_shows_the_passage_that_it_was_given(api: Api) -> None:
    passages = "1. 问：怎么退货？\n   答：七天内可退。\n   运费自理。\n2. 问：怎么换货？\n   答：联系客服。"
    variables = {"passages": passages, "intent": "refund"}

    given = api.chat("怎么退", custom_variables=variables)
    in_block = api.chat(f"怎么退\n【参考资料：店里的】\n{passages}\n【参考资料完】")

    assert answers(given) == answers(in_block) == ["（扣子）七天内可退。\n   运费自理。"]


@pytest.mark.parametrize(
    ("passages", "shown"),
    [('[{"question": "a", "answer": "七天内可退"}]', "七天内可退"), ("七天内可退\n\n联系客服", "七天内可退")],
)
def test_passages_may_come_in_other_forms(api: Api, passages: str, shown: str) -> None:
    assert answers(api.chat("怎么退", custom_variables={"passages": passages})) == [f"（扣子）{shown}"]


def test_a_bot_with_neither_rule_nor_passage_shows_the_question(api: Api) -> None:
    assert answers(api.chat("在吗")) == ["您好，关于“在吗”我再帮您看看。"]
    assert answers(api.chat("在吗\n【参考资料】\n已知：a=b\n【参考资料完】")) == ["您好，关于“在吗”我再帮您看看。"]


def test_rules_look_at_the_words_and_at_the_variables(coze: CozeSimulatorClient, api: Api) -> None:
    coze.add_bot(
        BOT,
        [
            {"match": "^退货$", "given": {"intent": "refund"}, "answer": "可以退，{company}为您办理。"},
            {"match": "退货", "answer": ["请稍等。", "我看看。{unset}"]},
        ],
    )
    block = "\n【参考资料：店里的】\n答：退货\n【参考资料完】"

    assert answers(api.chat(f"退货{block}", custom_variables={"intent": "refund", "company": "云上"})) == [
        "可以退，云上为您办理。"
    ]
    assert answers(api.chat("退货")) == ["请稍等。", "我看看。{unset}"]


def test_a_conversation_goes_on_and_remembers(coze: CozeSimulatorClient, api: Api) -> None:
    coze.add_bot(BOT, [{"answer": "第{turn}次，之前您说“{before}”"}])

    first = api.chat("甲")
    conversation_id = first[0].data["conversation_id"]
    second = api.chat("乙", conversation_id)
    apart = api.chat("丙")

    assert second[0].data["conversation_id"] == conversation_id
    assert answers(second) == ["第2次，之前您说“甲”"]
    assert answers(apart) == ["第1次，之前您说“”"]
    talk, other = coze.conversations(BOT)
    assert (talk.conversation_id, talk.user_id, talk.running) == (conversation_id, "u1", "")
    assert talk.lines[2:] == (
        RememberedLine(role="user", content="乙"),
        RememberedLine(role="assistant", content="第2次，之前您说“甲”"),
    )
    assert len(other.lines) == 2


def test_a_conversation_that_is_gone_or_another_bots_is_refused(coze: CozeSimulatorClient, api: Api) -> None:
    coze.add_bot(OTHER_BOT)
    conversation_id = api.chat("甲")[0].data["conversation_id"]

    others = api.start("乙", conversation_id, bot_id=OTHER_BOT).json()["code"]
    coze.forget_conversations(BOT)
    gone = api.start("乙", conversation_id).json()["code"]

    assert (others, gone) == (4002, 4002)


def test_only_one_chat_goes_on_in_a_conversation_until_it_is_cancelled(coze: CozeSimulatorClient, api: Api) -> None:
    conversation_id = api.chat("甲")[0].data["conversation_id"]
    coze.fault(CHAT, "stall")
    hanging = api.start("乙", conversation_id)
    (talk,) = coze.conversations()

    busy = api.start("丙", conversation_id).json()
    cancelled = api.post("/v3/chat/cancel", conversation_id=conversation_id, chat_id=talk.running)
    again = api.post("/v3/chat/cancel", conversation_id=conversation_id, chat_id=talk.running)

    assert busy["code"] == 4016
    assert cancelled["data"]["status"] == "canceled"
    assert again["code"] == 4104
    assert names(api.chat("丙", conversation_id))[-1] == "done"
    assert [line.content for line in coze.conversations()[0].lines if line.role == "user"] == ["甲", "丙"]
    hanging.close()


def test_without_a_stream_a_chat_is_polled_and_its_messages_listed(coze: CozeSimulatorClient, api: Api) -> None:
    started = api.post(CHAT, **chat_body("你好", stream=False))["data"]
    asked = {"conversation_id": started["conversation_id"], "chat_id": started["id"]}

    seen = api.get("/v3/chat/retrieve", **asked)["data"]
    said = api.get("/v3/chat/message/list", **asked)["data"]

    assert (started["status"], seen["status"]) == ("in_progress", "completed")
    assert [message["type"] for message in said] == ["verbose", "answer"]
    assert said[1]["content"] == "您好，关于“你好”我再帮您看看。"
    assert [line.role for line in coze.conversations()[0].lines] == ["user", "assistant"]


def test_a_polled_chat_takes_its_time(coze: CozeSimulatorClient, api: Api) -> None:
    coze.add_bot(BOT, seconds=3600)

    started = api.post(CHAT, **chat_body("你好", stream=False))["data"]
    asked = {"conversation_id": started["conversation_id"], "chat_id": started["id"]}

    assert api.get("/v3/chat/retrieve", **asked)["data"]["status"] == "in_progress"
    assert api.get("/v3/chat/message/list", **asked)["data"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"additional_messages": [{"role": "system", "content": "x", "content_type": "text"}]}, 4000),
        ({"user_id": ""}, 4000),
        ({"custom_variables": {"订单": "1"}}, 4000),
        ({"custom_variables": {"n": 1}}, 4000),
        ({"stream": False, "auto_save_history": False}, 4007),
        ({"meta_data": {str(n): "x" for n in range(17)}}, 4003),
        ({"meta_data": {"msgid": "x" * 513}}, 4003),
        ({"additional_messages": [{"role": "user", "content": "x", "content_type": "text"}] * 101}, 4004),
        ({"bot_id": "7379462189365190000"}, 4200),
    ],
)
def test_what_the_cloud_refuses_is_refused(api: Api, changes: dict[str, object], code: int) -> None:
    answer = api.start("你好", **changes)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["code"] == code


def test_an_unpublished_bot_does_not_chat(coze: CozeSimulatorClient, api: Api) -> None:
    coze.add_bot(BOT, published=False)

    assert api.start("你好").json()["code"] == 4015
    assert api.get(f"/v1/bots/{BOT}")["code"] == 4015


def test_a_bot_can_be_looked_at(api: Api) -> None:
    assert api.get(f"/v1/bots/{BOT}", is_published="true")["data"]["bot_id"] == BOT
    assert api.get("/v1/bots/7379462189365190000")["code"] == 4200
