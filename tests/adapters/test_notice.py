"""What an app's servicers read of a conversation when they are called."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes import ACME, RememberedAllowance
from tests.fixtures.scripted_wecom import Caller, ScriptedWecom
from wecom_bot.adapters.redis.media_ids import RedisMediaIds
from wecom_bot.adapters.wecom.speaking.app import AppSpeaker
from wecom_bot.adapters.wecom.speaking.media import Pictures
from wecom_bot.domain.dialog import Attendant
from wecom_bot.domain.message import Channel, ConversationId
from wecom_bot.ports import HandedOff, Line

SHOP = ConversationId(ACME, Channel.APP, "1000002", "ZhangSan")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def speaker(caller: Caller) -> AppSpeaker:
    allowance, pictures = RememberedAllowance(caller.clock), Pictures(Path("/nowhere"), RedisMediaIds(caller.valkey))
    return AppSpeaker(caller.clients(), caller.tenants, caller.clock, timedelta(minutes=30), allowance, pictures)


def turns(number: int, said: str, answered: str) -> list[Line]:
    """So many turns, a minute apart, numbered from 0."""
    at = [NOW + timedelta(minutes=each) for each in range(number)]
    return [
        line
        for each in range(number)
        for line in (Line("customer", f"问{each}{said}", at[each]), Line("bot", f"答{each}{answered}", at[each]))
    ]


def test_servicers_read_the_last_ten_turns_the_newest_at_the_end(speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    speaker.hand_off(SHOP, "misses", turns(11, "句\n话", "好"))
    (body,) = wecom.bodies("message/send")
    head, _, _, *said = body["text"]["content"].splitlines()
    assert "机器人连续几次没能答上" in head
    numbers = range(1, 11)
    assert said == [line for n in numbers for line in (f"08:{n:02} 成员：问{n}句 话", f"08:{n:02} 机器人：答{n}好")]


def test_what_has_no_words_is_named(speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    speaker.hand_off(SHOP, "asked", [Line("servicer", "", NOW)])
    assert wecom.bodies("message/send")[0]["text"]["content"].endswith("\n08:00 客服：（没有文字的消息）")


def test_ten_long_turns_take_two_notices_the_newest_turns_in_the_first(
    speaker: AppSpeaker, wecom: ScriptedWecom
) -> None:
    speaker.hand_off(SHOP, "asked", turns(10, "很长的话" * 99, "很长的回答" * 400))
    newest, older = [body["text"]["content"] for body in wecom.bodies("message/send")]
    assert all(len(each.encode()) <= 2048 for each in (newest, older))
    assert newest.startswith("【转人工】成员 ZhangSan 在应用“shop”里需要人工服务（对方要求人工）")
    assert older.startswith("【转人工】成员 ZhangSan 更早的对话：\n08:00 成员：问0很长")
    said = [line for each in (older, newest) for line in each.splitlines() if line.startswith("08:")]
    assert [line.partition("：")[2][:2] for line in said] == [f"{who}{n}" for n in range(10) for who in "问答"]
    lengths = [len(line.partition("：")[2].encode()) for line in said]
    assert min(lengths) >= 120
    assert max(lengths) - min(lengths) < 6, "all are cut at the same length"
    assert all(line.endswith("…") for line in said)


def test_only_long_lines_are_cut_and_only_as_far_as_they_must(speaker: AppSpeaker, wecom: ScriptedWecom) -> None:
    speaker.hand_off(SHOP, "asked", turns(10, "在吗", "很长的回答" * 400))
    (body,) = wecom.bodies("message/send")
    said = [line.partition("：")[2] for line in body["text"]["content"].splitlines()[3:]]
    assert said[::2] == [f"问{n}在吗" for n in range(10)]
    assert all(120 < len(words.encode()) < 300 and words.endswith("…") for words in said[1::2])


def test_what_was_said_earlier_is_told_to_none_who_was_not_told_the_rest(
    speaker: AppSpeaker, wecom: ScriptedWecom
) -> None:
    wecom.script("message/send", {"errcode": 0, "invaliduser": "wang"})
    speaker.hand_off(SHOP, "asked", turns(10, "很长的话" * 99, "很长的回答" * 99))
    assert [body["touser"] for body in wecom.bodies("message/send")] == ["li|Wang", "li"]


@pytest.mark.parametrize("code", [-1, 45009, 45002, 81013])
def test_a_handoff_does_not_fail_where_only_what_was_said_earlier_cannot_be_told(
    speaker: AppSpeaker, wecom: ScriptedWecom, code: int
) -> None:
    wecom.script("message/send", {"errcode": 0}, {"errcode": code})
    assert speaker.hand_off(SHOP, "asked", turns(10, "话" * 99, "答" * 99)) == HandedOff(Attendant.SERVICER)
    assert wecom.count("message/send") == 2
