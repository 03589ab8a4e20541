"""The messages of a conversation in the simulated Coze: listed, and taken away one by one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.simulated_coze import BOT, CHAT, MESSAGE, Api, answers, simulated_coze
from wecom_bot.simulators.coze.client import CozeSimulatorClient

LIST = "/v1/conversation/message/list"
DELETE = "/v1/conversation/message/delete"


@pytest.fixture
def coze() -> Iterator[CozeSimulatorClient]:
    with simulated_coze() as client:
        client.add_bot(BOT, [{"answer": "第{turn}次，之前您说“{before}”"}])
        yield client


@pytest.fixture
def api(coze: CozeSimulatorClient) -> Api:
    return Api(coze.base_url)


def listed(api: Api, conversation_id: str, **body: object) -> dict[str, Any]:
    found: dict[str, Any] = api.raw(LIST, body, conversation_id=conversation_id).json()
    return found


def deleted(api: Api, conversation_id: str, message_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.raw(DELETE, None, conversation_id=conversation_id, message_id=message_id).json()
    return found


def test_messages_are_listed_newest_first_in_pages_and_by_chat(api: Api) -> None:
    first = api.chat("甲")
    where, chat_id = first[0].data["conversation_id"], first[0].data["id"]
    spoken = next(one.data for one in first if one.event == MESSAGE)
    api.chat("乙", where)

    whole = listed(api, where)
    assert [message["content"] for message in whole["data"]][1::2] == ["乙", "甲"]
    assert (whole["first_id"], whole["has_more"]) == (whole["data"][0]["id"], False)
    page = listed(api, where, order="asc", limit=1)
    assert (page["data"][0]["content"], page["has_more"]) == ("甲", True)
    rest = listed(api, where, order="asc", after_id=page["last_id"])["data"]
    assert [message["type"] for message in rest] == ["answer", "question", "answer"]
    of_chat = listed(api, where, order="asc", chat_id=chat_id)["data"]
    assert [(message["type"], message["chat_id"]) for message in of_chat] == [
        ("question", chat_id),
        ("answer", chat_id),
    ]
    assert of_chat[1]["id"] == spoken["id"]


def test_what_was_deleted_the_bot_knows_no_more(coze: CozeSimulatorClient, api: Api) -> None:
    first = api.chat("甲")
    where = first[0].data["conversation_id"]
    for message in listed(api, where, chat_id=first[0].data["id"])["data"]:
        assert deleted(api, where, message["id"])["data"]["content"] == message["content"]

    assert (coze.conversations(BOT)[0].lines, listed(api, where)["data"]) == ((), [])
    assert answers(api.chat("乙", where)) == ["第1次，之前您说“”"]


def test_what_is_not_there_can_neither_be_listed_nor_deleted(api: Api) -> None:
    where = api.chat("甲")[0].data["conversation_id"]
    message_id = listed(api, where)["first_id"]

    assert deleted(api, where, message_id)["code"] == 0
    assert deleted(api, where, message_id)["code"] == 4005
    assert {deleted(api, "7", message_id)["code"], listed(api, "7")["code"]} == {4002}
    assert listed(api, where, limit=51)["code"] == 4000


def test_both_take_a_token_that_may(coze: CozeSimulatorClient, api: Api) -> None:
    where = api.chat("甲")[0].data["conversation_id"]
    stranger, elsewhere = Api(coze.base_url, "pat_made_up"), Api(coze.base_url, "pat_other")
    coze.add_token("pat_other", allows=["7379462189365190001"])

    refused = [listed(stranger, where), deleted(stranger, where, "1")]
    assert {answer["code"] for answer in refused} == {700012006}
    assert {listed(elsewhere, where)["code"], deleted(elsewhere, where, "1")["code"]} == {4101}


def test_the_messages_of_a_chat_that_was_cancelled_are_not_there(coze: CozeSimulatorClient, api: Api) -> None:
    where = api.chat("甲")[0].data["conversation_id"]
    coze.fault(CHAT, "stall")
    hanging = api.start("乙", where)
    running = coze.conversations()[0].running
    api.post("/v3/chat/cancel", conversation_id=where, chat_id=running)

    assert listed(api, where, chat_id=running)["data"] == []
    hanging.close()
