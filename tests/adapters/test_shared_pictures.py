"""Pictures of which several processes know: what is shown twice, and what is uploaded twice."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.fakes import ACME, RememberedAllowance
from tests.fixtures.ports import free_port
from tests.fixtures.scripted_wecom import Call, Caller, ScriptedWecom
from wecom_bot.adapters.redis.connection import Client, connect
from wecom_bot.adapters.redis.media_ids import RedisMediaIds
from wecom_bot.adapters.wecom.speaking.app import AppSpeaker
from wecom_bot.adapters.wecom.speaking.media import Pictures
from wecom_bot.domain.message import Attachment, Channel, ConversationId, Reply
from wecom_bot.ports import Repeat

MEMBER = ConversationId(ACME, Channel.APP, "1000002", "ZhangSan")
PART = Reply("", attachments=(Attachment("image", "安装图", picture="a.png"),))


@pytest.fixture
def folder(tmp_path: Path, wecom: ScriptedWecom) -> Path:
    """One picture, which WeCom takes as media-1, media-2, ..."""
    (tmp_path / ACME).mkdir()
    (tmp_path / ACME / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"p" * 50)
    wecom.script("media/upload", lambda _call: {"errcode": 0, "media_id": f"media-{wecom.count('media/upload')}"})
    return tmp_path


@pytest.fixture
def away() -> Iterator[Client]:
    """A Redis that is not there."""
    client = connect(f"redis://127.0.0.1:{free_port()}", timeout=timedelta(seconds=1), most=4)
    yield client
    client.close()


def process(caller: Caller, folder: Path, shared: Client | None = None) -> AppSpeaker:
    pictures = Pictures(folder, RedisMediaIds(shared or caller.valkey))
    allowance = RememberedAllowance(caller.clock)
    return AppSpeaker(caller.clients(), caller.tenants, caller.clock, timedelta(minutes=30), allowance, pictures)


def shown(wecom: ScriptedWecom) -> list[str]:
    return [body["image"]["media_id"] for body in wecom.bodies("message/send")]


def test_the_repeat_of_another_process_is_the_same_message(caller: Caller, wecom: ScriptedWecom, folder: Path) -> None:
    process(caller, folder).send(MEMBER, PART, "d1", None)
    process(caller, folder).send(MEMBER, PART, "d1", Repeat(caller.clock.now()))
    first, again = wecom.bodies("message/send")
    assert (first["enable_duplicate_check"], again["enable_duplicate_check"]) == (0, 1)
    assert first["image"] == again["image"] == {"media_id": "media-1"}
    assert wecom.count("media/upload") == 1


def test_who_was_overtaken_while_uploading_shows_the_others(caller: Caller, wecom: ScriptedWecom, folder: Path) -> None:
    quick = process(caller, folder)

    def slow(_call: Call) -> dict[str, object]:
        wecom.script("media/upload", {"errcode": 0, "media_id": "quick"})
        quick.send(MEMBER, PART, "d1", None)
        return {"errcode": 0, "media_id": "slow"}

    wecom.script("media/upload", slow)
    process(caller, folder).send(MEMBER, PART, "d1", None)
    assert shown(wecom) == ["quick", "quick"]


def test_what_wecom_lost_one_uploads_again_for_all(caller: Caller, wecom: ScriptedWecom, folder: Path) -> None:
    def lost(call: Call) -> dict[str, object]:
        return {"errcode": 40007 if call.body["image"]["media_id"] == "media-1" else 0}

    wecom.script("message/send", lost)
    for _ in range(2):
        process(caller, folder).send(MEMBER, PART, "d1", None)
    assert shown(wecom) == ["media-1", "media-2", "media-2"]


def test_without_redis_a_picture_is_uploaded_and_shown(
    caller: Caller, wecom: ScriptedWecom, folder: Path, away: Client
) -> None:
    with capture_logs() as lines:
        process(caller, folder, away).send(MEMBER, PART, "d1", None)
    assert shown(wecom) == ["media-1"]
    assert "picture.not_shared" in [line["event"] for line in lines]
