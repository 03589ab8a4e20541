"""Files of the simulated Coze: what is uploaded, shown in a chat, and heard in a sound."""

import json
from typing import Any

import pytest
import requests

from tests.deadlines import PATIENCE
from tests.fixtures.simulated_coze import BOT, Api, answers
from wecom_bot.simulators.coze.client import CozeSimulatorClient

UPLOAD, TRANSCRIBE = "/v1/files/upload", "/v1/audio/transcriptions"


@pytest.fixture
def api(coze: CozeSimulatorClient) -> Api:
    return Api(coze.base_url)


def send(coze: CozeSimulatorClient, path: str, name: str, content: bytes, token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(coze.base_url + path, files={"file": (name, content)}, headers=headers, timeout=PATIENCE)
    body: dict[str, Any] = answer.json()
    return body


def showing(*messages: object) -> dict[str, object]:
    """The changes to a chat that make it show these: lists of items, or a text."""
    said = [
        {"role": "user", "type": "question", "content": each, "content_type": "text"}
        if isinstance(each, str)
        else {"role": "user", "type": "question", "content": json.dumps(each), "content_type": "object_string"}
        for each in messages
    ]
    return {"additional_messages": said}


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def image(file_id: str) -> dict[str, str]:
    return {"type": "image", "file_id": file_id}


def test_an_upload_is_kept_for_who_sent_it(coze: CozeSimulatorClient, api: Api) -> None:
    coze.add_token("pat_other", name="other")
    coze.add_bot(BOT, [{"match": "坏", "given": {"images": "1"}, "answer": "看到了 {images} 张图"}])
    data = send(coze, UPLOAD, "a.jpg", b"picture", api.token)["data"]
    assert (data["bytes"], data["file_name"]) == (7, "a.jpg")
    shown = showing([text("这个坏了"), image(data["id"])])
    assert answers(api.chat("", **shown)) == ["看到了 1 张图"]
    assert Api(coze.base_url, "pat_other").start("", **shown).json()["code"] == 4300
    assert [(kept.file_id, kept.caller) for kept in coze.uploads()] == [(data["id"], "acme")]


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([[text("一"), text("二"), image("1")]], 4000),
        ([[text("一")]], 4000),
        ([[{"type": "image"}]], 4000),
        ([[image("1")]], 4000),
        ([[{"type": "hologram", "file_id": "1"}, text("一")]], 4000),
        ([[image("1")], "看这个"], 4300),
        ([[image("1"), text("一")]], 4300),
    ],
)
def test_an_object_string_has_its_rules(api: Api, messages: list[object], code: int) -> None:
    assert api.start("", **showing(*messages)).json()["code"] == code


def test_what_is_said_in_a_sound_is_written_down(coze: CozeSimulatorClient, api: Api) -> None:
    said = send(coze, TRANSCRIBE, "voice.amr", "#!AMR\n转人工".encode(), api.token)
    assert said["data"] == {"text": "转人工"}
    assert send(coze, TRANSCRIBE, "voice.amr", b"#!AMR\n\xff\xfe", api.token)["data"] == {"text": ""}
    assert send(coze, TRANSCRIBE, "page.html", b"words", api.token)["code"] == 4301


@pytest.mark.parametrize("path", [UPLOAD, TRANSCRIBE])
def test_files_need_a_token_and_a_file_and_may_fail(coze: CozeSimulatorClient, api: Api, path: str) -> None:
    assert send(coze, path, "voice.amr", b"sound", "pat_made_up")["code"] == 700012006
    assert api.post(path)["code"] == 4000
    coze.fault("*", "code", 5000)
    assert send(coze, path, "voice.amr", b"sound", api.token)["code"] == 5000
    assert [asked.body for asked in coze.requests() if asked.path == path][-1] == {"file": "voice.amr 5"}
