"""Every kind of message that the bot may send, its limits, and what of it can be seen."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from tests.fixtures.simulated_wecom import CORP, CUSTOMER, KF, Api, app_spec, simulated_wecom
from wecom_bot.simulators.wecom.client import SimulatorClient

JPG, PDF = b"\xff\xd8 a picture", b"%PDF-1.7 a paper"
LINK = {"title": "标题", "desc": "描述", "url": "https://example.com"}
PROGRAM = {"appid": "wx1", "title": "夏令营", "pagepath": "pages/index"}
CARD = {"title": "标题", "description": "描述", "url": "https://example.com", "btntxt": "更多"}
ARTICLE = {"title": "标题", "description": "描述", "url": "https://example.com"}
NOTICE = {
    "appid": "wx1",
    "page": "pages/index",
    "title": "会议室预订",
    "content_item": [{"key": "会议", "value": "周会"}],
}


@pytest.fixture
def wecom() -> Iterator[SimulatorClient]:
    with simulated_wecom() as client:
        client.say(CORP, KF, CUSTOMER, "hello")
        yield client


@pytest.fixture
def picture(api: Api) -> str:
    return str(api.upload("image", "图.jpg", JPG)["media_id"])


def _told(api: Api, kind: str, fields: object) -> int:
    return int(api.send_text("", msgtype=kind, **{kind: fields})["errcode"])


def _sent(api: Api, kind: str, fields: object) -> int:
    return int(api.send_to_member("", msgtype=kind, **{kind: fields})["errcode"])


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("image", "p.png", "[图片]"),
        ("voice", "v.amr", "[语音]"),
        ("video", "v.mp4", "[视频]"),
        ("file", "单.pdf", "[文件] 单.pdf"),
    ],
)
@pytest.mark.parametrize("say", [_told, _sent])
def test_a_file_that_was_sent_can_be_told_by_its_content(
    wecom: SimulatorClient, api: Api, kind: str, name: str, text: str, say: Any
) -> None:
    media_id = api.upload(kind, name, PDF)["media_id"]

    assert say(api, kind, {"media_id": media_id}) == 0

    (seen,) = wecom.seen(CORP)
    assert (seen.msgtype, seen.text) == (kind, text)
    assert seen.fields["media"] == {"name": name, "sha256": sha256(PDF).hexdigest(), "size": len(PDF)}


@pytest.mark.parametrize("say", [_told, _sent])
def test_a_file_must_be_there_and_of_its_kind(wecom: SimulatorClient, api: Api, picture: str, say: Any) -> None:
    assert say(api, "image", {}) == 40058
    assert say(api, "image", {"media_id": "made up"}) == 40007
    assert say(api, "file", {"media_id": picture}) == 40004
    wecom.age(timedelta(days=3, minutes=1))
    wecom.say(CORP, KF, CUSTOMER, "still there?")
    assert say(api, "image", {"media_id": picture}) == 40007
    assert wecom.seen(CORP) == []


def test_links_and_miniprograms_are_seen_with_their_fields(wecom: SimulatorClient, api: Api, picture: str) -> None:
    thumb = {"thumb_media_id": picture}

    assert _told(api, "link", LINK | thumb) == 0
    assert _told(api, "miniprogram", PROGRAM | thumb) == 0

    link, program = wecom.seen(CORP)
    assert link.text == "标题\n描述\nhttps://example.com"
    assert (link.fields["url"], link.fields["media"]["sha256"]) == (LINK["url"], sha256(JPG).hexdigest())
    assert (program.text, program.fields["pagepath"]) == ("夏令营", "pages/index")


@pytest.mark.parametrize(
    ("kind", "fields", "errcode"),
    [
        ("link", LINK, 40058),
        ("link", {"title": "汉" * 43}, 45002),
        ("link", {"desc": "汉" * 171}, 45002),
        ("link", {"url": ""}, 40058),
        ("link", {"url": "https://" + "u" * 2048}, 45002),
        ("miniprogram", PROGRAM, 40058),
        ("miniprogram", {"title": "汉" * 22}, 45002),
        ("miniprogram", {"pagepath": ""}, 40058),
    ],
)
def test_links_and_miniprograms_are_checked(
    api: Api, picture: str, kind: str, fields: dict[str, object], errcode: int
) -> None:
    whole = {"link": LINK, "miniprogram": PROGRAM}[kind]
    thumb = {} if fields is whole else {"thumb_media_id": picture}

    assert _told(api, kind, whole | fields | thumb) == errcode


@pytest.mark.parametrize(
    ("kind", "fields", "errcode", "text"),
    [
        ("location", {"latitude": -90, "longitude": 180.0, "name": "店", "address": "路1号"}, 0, "店\n路1号"),
        ("location", {"latitude": 0, "longitude": 0}, 0, "[位置]"),
        ("location", {"latitude": 90.1, "longitude": 0}, 95022, ""),
        ("location", {"latitude": 0, "longitude": "1"}, 95022, ""),
        ("business_card", {"userid": "zhang"}, 0, "[名片]"),
        ("business_card", {}, 40058, ""),
        ("ca_link", {"link_url": "https://work.weixin.qq.com/ca/1"}, 0, "https://work.weixin.qq.com/ca/1"),
        ("location", None, 44004, ""),
    ],
)
def test_places_and_cards_are_shown_or_refused(
    wecom: SimulatorClient, api: Api, kind: str, fields: object, errcode: int, text: str
) -> None:
    assert _told(api, kind, fields) == errcode
    assert [one.text for one in wecom.seen(CORP)] == ([text] if errcode == 0 else [])


def test_the_links_of_a_menu_are_seen(wecom: SimulatorClient, api: Api) -> None:
    menu = {"head_content": "?", "list": [{"type": "view", "view": {"url": "https://example.com", "content": "官网"}}]}

    assert _told(api, "msgmenu", menu) == 0

    (seen,) = wecom.seen(CORP)
    assert (seen.text, seen.fields) == ("?\n官网", menu)


@pytest.mark.parametrize(
    ("kind", "fields", "errcode", "text"),
    [
        ("markdown", {"content": "**粗**"}, 0, "**粗**"),
        ("markdown", {"content": "汉" * 683}, 45002, ""),
        ("markdown", {"content": ""}, 44004, ""),
        ("textcard", CARD, 0, "标题\n描述\nhttps://example.com"),
        ("textcard", CARD | {"title": "汉" * 43}, 45002, ""),
        ("textcard", CARD | {"description": "汉" * 171}, 45002, ""),
        ("textcard", CARD | {"url": "example.com"}, 40058, ""),
        ("textcard", CARD | {"btntxt": "了解更多吧"}, 40058, ""),
        ("news", {"articles": [ARTICLE, ARTICLE]}, 0, "标题\n标题"),
        ("news", {"articles": [{"title": "标题", "appid": "wx1", "pagepath": "p"}]}, 0, "标题"),
        ("news", {"articles": [ARTICLE] * 9}, 45008, ""),
        ("news", {"articles": []}, 40058, ""),
        ("news", {"articles": [{"title": "标题"}]}, 40058, ""),
        ("miniprogram_notice", NOTICE, 0, "会议室预订\n会议：周会"),
        ("miniprogram_notice", NOTICE | {"content_item": [{"key": "k", "value": "v"}] * 11}, 40058, ""),
        ("miniprogram_notice", NOTICE | {"content_item": [{"key": "k" * 11, "value": "v"}]}, 40058, ""),
    ],
)
def test_an_apps_message_of_another_kind_is_shown_or_refused(
    wecom: SimulatorClient, api: Api, kind: str, fields: object, errcode: int, text: str
) -> None:
    assert _sent(api, kind, fields) == errcode
    assert [one.text for one in wecom.seen(CORP)] == ([text] if errcode == 0 else [])


def test_an_apps_video_has_limits_for_its_words(api: Api) -> None:
    video = {"media_id": api.upload("video", "v.mp4", b"123456")["media_id"]}

    assert _sent(api, "video", video | {"title": "汉" * 43}) == 45002
    assert _sent(api, "video", video | {"title": "标题", "description": "描述"}) == 0


def test_members_without_a_licence_are_named_and_see_nothing(wecom: SimulatorClient, api: Api) -> None:
    wecom.add_corp(CORP, [app_spec(members=("wang", "Zhao"), unlicensed=("Zhao",))])

    some = api.send_to_member("x", touser="wang|Zhao|Nobody")
    everybody = api.send_to_member("x", touser="@all")
    none = api.send_to_member("x", touser="Zhao|Nobody")

    assert (some["errcode"], some["invaliduser"], some["unlicenseduser"]) == (0, "nobody", "zhao")
    assert (everybody["errcode"], everybody["unlicenseduser"]) == (0, "zhao")
    assert none["errcode"] == 81013
    assert [one.customer for one in wecom.seen(CORP)] == ["wang", "wang"]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"toparty": "|".join(map(str, range(101)))}, 82002),
        ({"totag": "|".join(map(str, range(101)))}, 82003),
        ({"touser": "@all", "msgtype": "miniprogram_notice", "miniprogram_notice": NOTICE}, 40058),
    ],
)
def test_recipients_are_checked(api: Api, changes: dict[str, object], errcode: int) -> None:
    assert api.send_to_member("x", **changes)["errcode"] == errcode


def test_departments_and_tags_that_are_not_there_come_back(api: Api) -> None:
    answer = api.send_to_member("x", toparty="1|2", totag="T1")

    assert (answer["errcode"], answer["invalidparty"], answer["invalidtag"]) == (0, "1|2", "T1")


def test_a_member_sees_no_more_than_a_thousand_an_hour(wecom: SimulatorClient, api: Api) -> None:
    wecom.mode(member_limit=True)
    for _ in range(33):
        for number in range(30):
            api.send_to_member(str(number))
        wecom.age(timedelta(seconds=61))

    for number in range(20):
        api.send_to_member(f"last {number}")

    seen = wecom.seen(CORP)
    assert (len(seen), seen[-1].text) == (1000, "last 9")
