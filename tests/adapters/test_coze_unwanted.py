"""Chats of which the customer saw nothing: deleted from the bot's conversation, or said to count for nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal

import pytest
from pydantic import SecretStr

from tests.deadlines import wait_until
from tests.dialog.turns import tenant, turn
from tests.fakes import FixedTenants
from tests.fixtures.scripted_coze import ScriptedCoze, answering, as_json, chat, scripted_coze, stream
from tests.fixtures.simulated_coze import BOT, TOKEN, simulated_coze
from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.adapters.coze.memory import ConversationMemory
from wecom_bot.adapters.coze.unwanted import Unwanted
from wecom_bot.adapters.coze.wire import CozeWire
from wecom_bot.adapters.coze.writer import CozeWriter
from wecom_bot.domain.dialog import Turn
from wecom_bot.errors import TookTooLong
from wecom_bot.simulators.coze.client import CozeSimulatorClient

CHAT: Final = "/v3/chat"
LIST: Final = "/v1/conversation/message/list"
DELETE: Final = "/v1/conversation/message/delete"
CORP = tenant(coze={"bot_id": BOT})
LONG = timedelta(seconds=20)
VOID = "说明：此前最近"


@pytest.fixture
def coze() -> Iterator[CozeSimulatorClient]:
    with simulated_coze() as client:
        client.add_bot(BOT, [{"answer": "第{turn}次，之前您说“{before}”"}])
        yield client


@pytest.fixture
def scripted() -> Iterator[ScriptedCoze]:
    with scripted_coze() as made:
        made.script(CHAT, answering("您好"))
        yield made


def writer(url: str) -> CozeWriter:
    return CozeWriter(CozeClient(url, 8), FixedTenants.of(CORP), SecretStr(TOKEN), LONG)


def said(text: str, memory: str, *unheard: str) -> Turn:
    return turn(text, writer_memory=memory, unheard=unheard)


def test_what_the_customer_never_saw_is_gone_before_the_next_chat(coze: CozeSimulatorClient) -> None:
    one = writer(coze.base_url)
    first = one.write(CORP, said("你好", ""))
    unheard = one.write(CORP, said("我想退", first.memory))
    both = one.write(CORP, said("我想退\n上周的鞋", first.memory, unheard.memory))
    assert both.text == "第2次，之前您说“你好”"
    (talk,) = coze.conversations()
    asked = [line.content for line in talk.lines if line.role == "user"]
    assert asked == ["你好", "我想退\n上周的鞋"]
    assert both.memory.split("/")[:2] == first.memory.split("/")[:2]


def test_what_was_said_in_another_conversation_stays_there(coze: CozeSimulatorClient) -> None:
    one = writer(coze.base_url)
    unheard = one.write(CORP, said("我想退", ""))
    one.write(CORP, said("我想退\n上周的鞋", "", unheard.memory))
    assert (coze.calls(LIST), len(coze.conversations())) == (0, 2)


@pytest.mark.parametrize("path", [LIST, DELETE])
def test_where_coze_refuses_the_next_chat_is_told_and_it_is_not_asked_again(
    coze: CozeSimulatorClient, path: Literal["/v1/conversation/message/list", "/v1/conversation/message/delete"]
) -> None:
    coze.fault(path, "code", 4101)
    one = writer(coze.base_url)
    first = one.write(CORP, said("你好", ""))
    unheard = one.write(CORP, said("我想退", first.memory))
    for _ in range(2):
        one.write(CORP, said("我想退\n上周的鞋", first.memory, unheard.memory))
        words = coze.requests(CHAT)[-1].body["additional_messages"][0]["content"]
        assert words.startswith("我想退\n上周的鞋\n【参考资料：商家知识库与系统提供，不是客户说的】\n" + VOID + " 1 次")
    assert coze.calls(path) == 1


def test_an_endpoint_that_is_not_there_is_told_too(scripted: ScriptedCoze) -> None:
    memories = [f"{BOT}/7381conv/{number}" for number in (1, 2)]
    writer(scripted.url).write(CORP, said("我想退", f"{BOT}/7381conv/0", *memories))
    words = scripted.bodies(CHAT)[0]["additional_messages"][0]["content"]
    assert VOID + " 2 次" in words
    assert len(scripted.bodies(LIST)) == 1


def test_after_a_while_coze_is_asked_again(scripted: ScriptedCoze) -> None:
    now = [0.0]
    unwanted = Unwanted(CozeWire(scripted.url, 8), lambda: now[0])
    assert not unwanted.erase(TOKEN, BOT, "7381conv", "1")
    scripted.script(LIST, as_json({"code": 0, "data": []}))
    assert not unwanted.erase(TOKEN, BOT, "7381conv", "1")
    now[0] = 601
    assert unwanted.erase(TOKEN, BOT, "7381conv", "1")


def test_a_list_of_other_chats_deletes_nothing(scripted: ScriptedCoze) -> None:
    others = [{"id": "5", "chat_id": "2", "type": "question"}, {"id": "6", "chat_id": "1", "type": "answer"}]
    scripted.script(LIST, as_json({"code": 0, "data": others}))
    assert not Unwanted(CozeWire(scripted.url, 8)).erase(TOKEN, BOT, "7381conv", "1")
    assert scripted.bodies(DELETE) == []


def test_what_is_gone_already_counts_as_erased(scripted: ScriptedCoze) -> None:
    kinds = ("question", "function_call", "answer")
    data = [{"id": str(number), "chat_id": "1", "type": kind} for number, kind in enumerate(kinds)]
    scripted.script(LIST, as_json({"code": 0, "data": data}))
    scripted.script(DELETE, as_json({"code": 4005, "msg": "no such message"}))
    unwanted = Unwanted(CozeWire(scripted.url, 8))
    assert unwanted.erase(TOKEN, BOT, "7381conv", "1")
    deleted = [call.query["message_id"] for call in scripted.calls if call.path == DELETE]
    assert deleted == ["0", "2"]  # what lies between goes with its answer
    scripted.script(LIST, as_json({"code": 4002, "msg": "no such conversation"}))
    assert unwanted.erase(TOKEN, BOT, "7381conv", "1")


def test_a_chat_that_could_not_be_cancelled_is_erased(scripted: ScriptedCoze) -> None:
    scripted.script(CHAT, stream(chat("created"), scripted.over))
    scripted.script("/v3/chat/cancel", as_json({"code": 4104, "msg": "cannot be cancelled"}))
    scripted.script(LIST, as_json({"code": 0, "data": [{"id": "5", "chat_id": "7382chat", "type": "answer"}]}))
    scripted.script(DELETE, as_json({"code": 0, "data": {}}))
    slow = replace(writer(scripted.url), deadline=timedelta(seconds=2))
    with pytest.raises(TookTooLong):
        slow.write(CORP, said("你好", f"{BOT}/7381conv/0"))
    wait_until(lambda: scripted.bodies(DELETE))


@pytest.mark.parametrize("text", ["", "7381", f"{BOT}/", "a/b/c/d"])
def test_a_memory_without_a_conversation_is_none(text: str) -> None:
    assert ConversationMemory.read(text).conversation_id == ""
    assert ConversationMemory.read(text).within([text, ""]) == ()


def test_a_memory_of_an_older_version_names_no_chat() -> None:
    memory = ConversationMemory.read(f"{BOT}/7381conv")
    assert (memory.conversation_id, memory.chat_id, memory.written()) == ("7381conv", "", f"{BOT}/7381conv")
    assert memory.within([f"{BOT}/7381conv", f"{BOT}/7381conv/9", f"{BOT}/7381other/8"]) == ("9",)
