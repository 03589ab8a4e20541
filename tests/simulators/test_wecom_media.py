"""Files in the simulator: uploaded by the bot, sent by customers, and fetched again."""

from datetime import timedelta

import pytest
import requests

from tests.deadlines import PATIENCE
from tests.fixtures.simulated_wecom import CORP, CUSTOMER, KF, OTHER_CORP, Api, app_spec
from wecom_bot.simulators.wecom.client import SimulatorClient

MEGABYTE = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n and so on"


def test_a_customers_file_is_downloaded_under_its_name(wecom: SimulatorClient, api: Api) -> None:
    media_id = wecom.put_media(b"%PDF-1.7 \x00\xff", '订单"2026".pdf')
    wecom.say(CORP, KF, CUSTOMER, msgtype="file", fields={"media_id": media_id})

    (item,) = api.items()
    answer = api.download(item["file"]["media_id"])

    assert (answer.status_code, answer.content) == (200, b"%PDF-1.7 \x00\xff")
    assert answer.headers["Content-Type"] == "application/pdf"
    named = answer.headers["Content-disposition"].encode("latin-1").decode()
    assert named == 'attachment; filename="订单2026.pdf"'
    assert wecom.calls("media/get", CORP, "0") == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.JPG", "image"), ("a.png", "image"), ("a.amr", "voice"), ("a.mp4", "video"), ("a.pdf", "file")],
)
def test_the_name_of_a_file_tells_its_kind(wecom: SimulatorClient, api: Api, name: str, kind: str) -> None:
    wecom.say(CORP, KF, CUSTOMER, "hello")
    media_id = wecom.put_media(b"content", name)

    assert api.send_text("", msgtype=kind, **{kind: {"media_id": media_id}})["errcode"] == 0


def test_what_is_unknown_of_another_corp_or_old_is_an_error_with_status_200(wecom: SimulatorClient, api: Api) -> None:
    wecom.add_corp(OTHER_CORP, [app_spec()])
    own = wecom.put_media(b"content", "a.txt", corp_id=CORP)
    foreign = wecom.put_media(b"content", "a.txt", corp_id=OTHER_CORP)

    for media_id in ("made up", foreign):
        answer = api.download(media_id)
        assert (answer.status_code, answer.json()["errcode"]) == (200, 40007)
    assert api.download(own).content == b"content"
    wecom.age(timedelta(days=3, minutes=1))
    assert api.download(own).json()["errcode"] == 40007


def test_a_part_of_a_file_is_downloaded_by_range(wecom: SimulatorClient, api: Api) -> None:
    media_id = wecom.put_media(b"0123456789", "a.txt")

    part = api.download(media_id, Range="bytes=2-4")

    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")


def test_more_than_20_megabytes_are_downloaded_only_in_parts(wecom: SimulatorClient, api: Api) -> None:
    media_id = wecom.put_media(b"x" * (20 * MEGABYTE + 1), "big.bin")

    assert api.download(media_id).json()["errcode"] == 830002
    assert api.download(media_id, Range="bytes=0-").json()["errcode"] == 830002
    assert len(api.download(media_id, Range=f"bytes=0-{20 * MEGABYTE - 1}").content) == 20 * MEGABYTE
    assert len(api.download(media_id, Range=f"bytes={20 * MEGABYTE}-").content) == 1


def test_an_uploaded_file_is_good_for_every_app_of_the_corp(wecom: SimulatorClient, api: Api) -> None:
    wecom.add_corp(CORP, [app_spec(name="other", agent_id=7, secret="s7")])

    answer = api.upload("image", "图.png", PNG)

    assert (answer["errcode"], answer["errmsg"], answer["type"]) == (0, "", "image")
    assert int(answer["created_at"]) > 1_600_000_000
    assert Api(wecom.base_url, secret="s7").download(answer["media_id"]).content == PNG


@pytest.mark.parametrize(
    ("kind", "name", "content", "errcode"),
    [
        ("hologram", "a.bin", b"123456", 40004),
        ("file", "a.bin", b"12345", 40006),
        ("file", "a.bin", b"123456", 0),
        ("file", "a.bin", b"x" * (20 * MEGABYTE + 1), 45001),
        ("image", "a.gif", PNG, 40005),
        ("image", "a.JPG", b"x" * (10 * MEGABYTE + 1), 40009),
        ("voice", "a.mp3", b"123456", 40005),
        ("voice", "a.amr", b"x" * (2 * MEGABYTE + 1), 45001),
        ("video", "a.mp4", b"x" * (10 * MEGABYTE + 1), 40011),
    ],
)
def test_an_upload_is_checked(api: Api, kind: str, name: str, content: bytes, errcode: int) -> None:
    assert api.upload(kind, name, content)["errcode"] == errcode


def test_an_upload_without_a_file_is_refused(wecom: SimulatorClient, api: Api) -> None:
    query = {"access_token": api.token, "type": "file"}

    answer = requests.post(
        f"{wecom.base_url}/cgi-bin/media/upload", params=query, data={"media": "words"}, timeout=PATIENCE
    )

    assert answer.json()["errcode"] == 44001
