"""Links, pictures and mini programs: what is shown, and what is said where they cannot be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from tests.fakes import ACME, KF, RememberedAllowance
from tests.fixtures.scripted_wecom import Call, Caller, ScriptedWecom
from wecom_bot.adapters.redis.media_ids import RedisMediaIds
from wecom_bot.adapters.wecom.speaking.app import AppSpeaker
from wecom_bot.adapters.wecom.speaking.kf import KfSpeaker
from wecom_bot.adapters.wecom.speaking.media import Pictures
from wecom_bot.domain.message import Attachment, Channel, ConversationId, Reply
from wecom_bot.errors import Misconfigured, Rejected, TemporaryFailure
from wecom_bot.ports import Speaker

WHERE = {
    "kf": ConversationId(ACME, Channel.KF, KF, "wm1"),
    "app": ConversationId(ACME, Channel.APP, "1000002", "ZhangSan"),
}
SEND = {"kf": "kf/send_msg", "app": "message/send"}
PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 50
JPG = b"\xff\xd8\xff" + b"j" * 50
LINK = Attachment("link", "说明书", "怎样安装", "https://x.cn/1?a=1", picture="手册.png")
IMAGE = Attachment("image", "安装图", picture="手册.png")
PAGE = Attachment("miniprogram", "我的订单", "查看物流", "pages/order.html?id=1", picture="手册.png", app_id="wx1")


@pytest.fixture
def media(tmp_path: Path, wecom: ScriptedWecom) -> Path:
    """A tenant's folder with one picture; WeCom takes it as media-1, media-2, ..."""
    folder = tmp_path / "media" / ACME
    folder.mkdir(parents=True)
    (folder / "手册.png").write_bytes(PNG)
    wecom.script("media/upload", lambda _call: {"errcode": 0, "media_id": f"media-{wecom.count('media/upload')}"})
    return folder


@pytest.fixture
def speakers(caller: Caller, media: Path) -> dict[str, Speaker]:
    clients, pictures = caller.clients(), Pictures(media.parent, RedisMediaIds(caller.valkey))
    allowance = RememberedAllowance(caller.clock)
    return {
        "kf": KfSpeaker(clients, caller.tenants, {}, pictures),
        "app": AppSpeaker(clients, caller.tenants, caller.clock, timedelta(minutes=30), allowance, pictures),
    }


@pytest.fixture
def lines() -> Iterator[list[EventDict]]:
    with capture_logs() as captured:
        yield captured


def show(speakers: dict[str, Speaker], channel: str, *attachments: Attachment) -> None:
    cut = speakers[channel].split(WHERE[channel], Reply("", attachments=attachments))
    for number, part in enumerate(cut.parts):
        speakers[channel].send(WHERE[channel], part, f"d{number}", None)


def contents(wecom: ScriptedWecom, channel: str) -> list[tuple[str, dict[str, str]]]:
    return [(body["msgtype"], body[body["msgtype"]]) for body in wecom.bodies(SEND[channel])]


def test_a_customer_in_wechat_is_shown_link_picture_and_mini_program(
    speakers: dict[str, Speaker], wecom: ScriptedWecom
) -> None:
    show(speakers, "kf", LINK, IMAGE, PAGE)
    link = {"title": "说明书", "desc": "怎样安装", "url": "https://x.cn/1?a=1", "thumb_media_id": "media-1"}
    page = {"appid": "wx1", "title": "我的订单", "thumb_media_id": "media-1", "pagepath": "pages/order.html?id=1"}
    assert contents(wecom, "kf") == [("link", link), ("image", {"media_id": "media-1"}), ("miniprogram", page)]
    assert [body["msgid"] for body in wecom.bodies("kf/send_msg")] == ["d0", "d1", "d2"]


def test_a_member_is_shown_link_picture_and_mini_program(speakers: dict[str, Speaker], wecom: ScriptedWecom) -> None:
    show(speakers, "app", LINK, IMAGE, PAGE, replace(LINK, description=""))
    card = {"title": "说明书", "description": "怎样安装", "url": "https://x.cn/1?a=1"}
    page = {"appid": "wx1", "page": "pages/order.html?id=1", "title": "我的订单", "description": "查看物流"}
    assert contents(wecom, "app") == [
        ("textcard", card),
        ("image", {"media_id": "media-1"}),
        ("miniprogram_notice", page),
        ("textcard", {**card, "description": "https://x.cn/1?a=1"}),
    ]


@pytest.mark.parametrize("channel", ["kf", "app"])
def test_titles_and_descriptions_keep_wecoms_limits(
    speakers: dict[str, Speaker], wecom: ScriptedWecom, channel: str
) -> None:
    title, description = "很长的标题" * 50, "很长的\n说明" * 99
    long = [replace(each, title=title, description=description) for each in (LINK, PAGE)]
    show(speakers, channel, *long)
    (_, link), (_, page) = contents(wecom, channel)
    assert 120 < len(link["title"].encode()) <= 128
    assert 500 < len(link.get("desc", link.get("description", "")).encode()) <= 512
    assert len(page["title"].encode()) <= 64
    assert "\n" not in link.get("desc", link.get("description", ""))


def test_the_picture_goes_up_as_a_file_and_only_once_while_wecom_keeps_it(
    caller: Caller, media: Path, speakers: dict[str, Speaker], wecom: ScriptedWecom
) -> None:
    show(speakers, "kf", IMAGE)
    show(speakers, "kf", IMAGE, LINK)
    (call,) = (call for call in wecom.calls if call.api == "media/upload")
    assert call.query["type"] == "image"
    assert PNG in call.raw
    assert b'name="media"; filename="' in call.raw
    assert b"image/png" in call.raw
    (kept,) = caller.valkey.keys(f"wb:{{{ACME}}}:media:shop:*")
    assert timedelta(days=2) < timedelta(milliseconds=caller.valkey.pttl(kept)) < timedelta(days=3)
    caller.valkey.delete(kept)
    show(speakers, "kf", IMAGE)
    assert wecom.count("media/upload") == 2
    (media / "手册.png").write_bytes(JPG)
    show(speakers, "kf", IMAGE)
    assert contents(wecom, "kf")[-1] == ("image", {"media_id": "media-3"})


@pytest.mark.parametrize("channel", ["kf", "app"])
def test_a_picture_that_wecom_has_lost_is_uploaded_again_once(
    speakers: dict[str, Speaker], wecom: ScriptedWecom, channel: str
) -> None:
    show(speakers, channel, IMAGE)

    def lost(call: Call) -> dict[str, object]:
        gone = call.body["image"]["media_id"] == "media-1"
        return {"errcode": 40007 if gone else 0, "errmsg": "invalid media_id"}

    wecom.script(SEND[channel], lost)
    show(speakers, channel, IMAGE)
    show(speakers, channel, IMAGE)
    assert [body["media_id"] for _, body in contents(wecom, channel)] == ["media-1", "media-1", "media-2", "media-2"]
    wecom.refuse(SEND[channel], 40007)
    with pytest.raises(Rejected) as refused:
        show(speakers, channel, IMAGE)
    assert (refused.value.code, wecom.count("media/upload")) == (40007, 3)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("", None),
        ("没有.png", None),
        ("短.png", b"\xff\xd8\xff"),
        ("动.gif", b"GIF89a" + b"g" * 50),
        ("大.jpg", JPG + b"j" * (10 * 1024 * 1024)),
    ],
)
def test_what_needs_a_picture_and_has_none_is_said_in_words(
    speakers: dict[str, Speaker],
    wecom: ScriptedWecom,
    media: Path,
    lines: list[EventDict],
    name: str,
    content: bytes | None,
) -> None:
    if content is not None:
        (media / name).write_bytes(content)
    show(
        speakers, "kf", replace(LINK, picture=name), replace(PAGE, picture=name), replace(IMAGE, picture=name, title="")
    )
    assert contents(wecom, "kf") == [
        ("text", {"content": "说明书\nhttps://x.cn/1?a=1"}),
        ("text", {"content": "我的订单"}),
    ]
    assert wecom.count("media/upload") == 0
    assert [line["event"] for line in lines if line["event"] != "token.fetched"] == [
        *("picture.unusable", "attachment.in_words") * 2,
        *("picture.unusable", "attachment.left_out"),
    ]


@pytest.mark.parametrize("name", ["../ww_other/手册.png", "..", ".", "/etc/passwd", "a\\b.png", "C:a.png", "a\0.png"])
def test_a_picture_must_be_in_the_tenants_own_folder(
    speakers: dict[str, Speaker], wecom: ScriptedWecom, media: Path, lines: list[EventDict], name: str
) -> None:
    other = media.parent / "ww_other"
    other.mkdir()
    (other / "手册.png").write_bytes(PNG)
    show(speakers, "kf", replace(IMAGE, picture=name))
    assert contents(wecom, "kf") == [("text", {"content": "安装图"})]
    (line,) = (line for line in lines if line["event"] == "picture.unusable")
    assert "不能是路径" in line["reason"]


def test_a_link_without_an_address_that_can_be_opened_is_said_in_words(
    speakers: dict[str, Speaker], wecom: ScriptedWecom
) -> None:
    for channel in ("kf", "app"):
        show(speakers, channel, replace(LINK, url="x.cn/1"), replace(LINK, url="https://x.cn/" + "1" * 2048))
        assert contents(wecom, channel) == [("text", {"content": "说明书"})] * 2


def test_a_picture_that_wecom_does_not_take_is_said_in_words_and_other_troubles_are_told(
    speakers: dict[str, Speaker], wecom: ScriptedWecom
) -> None:
    wecom.refuse("media/upload", 40009)
    show(speakers, "kf", LINK)
    assert contents(wecom, "kf")[0][0] == "text"
    for code, error in ((48002, Misconfigured), (-1, TemporaryFailure)):
        wecom.refuse("media/upload", code)
        with pytest.raises(error):
            show(speakers, "kf", LINK)
    wecom.script("media/upload", {"errcode": 0})
    with pytest.raises(TemporaryFailure):
        show(speakers, "kf", LINK)


def test_apps_do_not_share_what_they_uploaded(
    caller: Caller, speakers: dict[str, Speaker], wecom: ScriptedWecom
) -> None:
    support = ConversationId(ACME, Channel.APP, "1000003", "ZhangSan")
    for where in (WHERE["app"], support, WHERE["app"]):
        speakers["app"].send(where, Reply("", attachments=(IMAGE,)), "d1", None)
    assert [body["media_id"] for _, body in contents(wecom, "app")] == ["media-1", "media-2", "media-1"]
    assert caller.tenants.get(ACME).corp_id == ACME
