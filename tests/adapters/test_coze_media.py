"""Images and voice messages: fetched from WeCom, and read by Coze."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from tests.dialog.turns import CORP, message, tenant
from tests.fakes import FixedTenants
from tests.fixtures.scripted_coze import (
    BOT,
    TOKEN,
    HangUp,
    Scripted,
    ScriptedCoze,
    as_json,
    nobody_there,
    scripted_coze,
)
from tests.fixtures.simulated_coze import TOKEN as SIMULATED_TOKEN
from tests.fixtures.simulated_coze import simulated_coze
from wecom_bot.adapters.coze.client import CozeClient
from wecom_bot.adapters.coze.media import MOST_BYTES, CozeMediaReader
from wecom_bot.domain.message import CorpId, InboundMessage, MessageKind
from wecom_bot.domain.secrets import TenantSecrets
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured, RateLimited, Rejected, TemporaryFailure, TookTooLong, WecomBotError
from wecom_bot.ports import MediaReading

UPLOAD, TRANSCRIBE = "/v1/files/upload", "/v1/audio/transcriptions"
LONG = timedelta(seconds=20)
NO_PAUSE = timedelta(milliseconds=5)
JPEG, AMR = b"\xff\xd8\xff\xe0picture", b"#!AMR\nsound"
UPLOADED = as_json({"code": 0, "data": {"id": "7401", "bytes": 11, "file_name": "image.jpg"}})
WRITTEN_DOWN = as_json({"code": 0, "data": {"text": " 我要退货 "}})


@pytest.fixture
def coze() -> Iterator[ScriptedCoze]:
    with scripted_coze() as scripted:
        yield scripted


@dataclass
class Files:
    """WeCom's files, and what was asked for."""

    content: bytes = JPEG
    error: WecomBotError | None = None
    asked: list[tuple[CorpId, str, str]] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def __call__(self, corp_id: CorpId, app: str, media_id: str) -> bytes:
        self.asked.append((corp_id, app, media_id))
        self.meanwhile()
        if self.error:
            raise self.error
        return self.content


def shop(**changes: Any) -> Tenant:
    return tenant(**({"coze": {"bot_id": BOT}, "media": {"image": True, "voice": True}} | changes))


def image(**detail: str) -> InboundMessage:
    return replace(message(kind=MessageKind.IMAGE), detail=detail or {"media_id": "M1"})


def voice() -> InboundMessage:
    return replace(message(kind=MessageKind.VOICE), detail={"media_id": "V1"})


def read(
    url: str,
    files: Files,
    said: InboundMessage,
    corp: Tenant | None = None,
    deadline: timedelta = LONG,
    token: str = TOKEN,
) -> MediaReading:
    corp = corp or shop()
    known = FixedTenants({CORP: corp}, {CORP: TenantSecrets.model_validate({"coze_token": token})})
    reader = CozeMediaReader(files, CozeClient(url, 4, pause=NO_PAUSE), known, SecretStr(""), deadline)
    return reader.read(corp, said)


def test_an_image_is_uploaded_for_the_writer(coze: ScriptedCoze) -> None:
    coze.script(UPLOAD, UPLOADED)
    files = Files()
    assert read(coze.url, files, image()) == MediaReading(upload="7401")
    assert files.asked == [(CORP, "shop", "M1")]
    (call,) = coze.calls
    assert call.headers["Authorization"] == f"Bearer {TOKEN}"
    assert call.headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="file"; filename="image.jpg"' in call.body
    assert JPEG in call.body


def test_a_voice_message_is_written_down(coze: ScriptedCoze) -> None:
    coze.script(TRANSCRIBE, WRITTEN_DOWN)
    assert read(coze.url, Files(AMR), voice()) == MediaReading(text="我要退货")
    assert b'filename="voice.amr"' in coze.calls[0].body


def test_silence_is_no_text(coze: ScriptedCoze) -> None:
    coze.script(TRANSCRIBE, as_json({"code": 0, "data": {"text": " \u200b"}}))
    assert read(coze.url, Files(AMR), voice()) == MediaReading()


def test_an_apps_own_names_of_the_fields_will_do(coze: ScriptedCoze) -> None:
    coze.script(UPLOAD, UPLOADED)
    files = Files()
    read(coze.url, files, image(MediaId="M2", PicUrl="https://p.cn"))
    assert files.asked == [(CORP, "shop", "M2")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"media": {"voice": True}}, image()),
        ({"media": {"image": True}}, voice()),
        ({"coze": {}}, image()),
        ({"reply": "article"}, image()),
        ({}, message(kind=MessageKind.VIDEO)),
        ({}, replace(image(), detail={"url": "x"})),
    ],
)
def test_what_nobody_may_or_could_look_at_is_not_fetched(
    coze: ScriptedCoze, changes: dict[str, Any], said: InboundMessage
) -> None:
    files = Files()
    assert read(coze.url, files, said, shop(**changes)) == MediaReading()
    assert (files.asked, coze.calls) == ([], [])


def test_a_voice_needs_no_bot(coze: ScriptedCoze) -> None:
    coze.script(TRANSCRIBE, WRITTEN_DOWN)
    assert read(coze.url, Files(AMR), voice(), shop(coze={}, reply="article")) == MediaReading(text="我要退货")


def test_without_a_token_nothing_is_fetched(coze: ScriptedCoze) -> None:
    files = Files()
    with pytest.raises(Misconfigured, match=r"coze\.token"):
        read(coze.url, files, image(), token="")
    assert files.asked == []


@pytest.mark.parametrize(
    "content", [b"", b"tiny", JPEG + b"x" * MOST_BYTES, b"<html>not an image</html>", b"RIFF1234WAVE"]
)
def test_what_is_no_image_or_too_large_is_not_sent(coze: ScriptedCoze, content: bytes) -> None:
    with pytest.raises(Rejected):
        read(coze.url, Files(content), image())
    assert coze.calls == []


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"\x89PNG\r\n\x1a\nx", "image.png"), (b"RIFF1234WEBPx", "image.webp"), (b"GIF89ax", "image.gif")],
)
def test_an_image_is_named_by_its_kind(coze: ScriptedCoze, content: bytes, name: str) -> None:
    coze.script(UPLOAD, UPLOADED)
    read(coze.url, Files(content), image())
    assert f'filename="{name}"'.encode() in coze.calls[0].body


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (as_json({"code": 4100, "msg": "x"}), Misconfigured),
        (as_json({"code": 4101, "msg": "x"}), Misconfigured),
        (as_json({"code": 4302, "msg": "x"}), Rejected),
        (as_json({"code": 4009, "msg": "x"}, Retry_After="60"), RateLimited),
        (as_json(b"<html>", 502), TemporaryFailure),
        (as_json({"code": 0}), TemporaryFailure),
        (HangUp(), TemporaryFailure),
    ],
)
def test_a_failure_is_an_error_of_the_house(coze: ScriptedCoze, answer: Scripted, error: type[WecomBotError]) -> None:
    coze.script(UPLOAD, answer)
    with pytest.raises(error):
        read(coze.url, Files(), image())


def test_a_failure_that_passes_is_tried_again(coze: ScriptedCoze) -> None:
    coze.script(UPLOAD, as_json(b"<html>", 502), UPLOADED)
    assert read(coze.url, Files(), image()) == MediaReading(upload="7401")


def test_coze_away_is_a_temporary_failure() -> None:
    with pytest.raises(TemporaryFailure):
        read(nobody_there(), Files(), image())


def test_wecoms_failure_is_passed_on(coze: ScriptedCoze) -> None:
    with pytest.raises(Rejected, match="media expired"):
        read(coze.url, Files(error=Rejected("media expired", 40007)), image())


def test_the_deadline_is_for_download_and_upload_together(coze: ScriptedCoze) -> None:
    coze.script(UPLOAD, coze.over)
    with pytest.raises(TookTooLong):
        read(coze.url, Files(), image(), deadline=timedelta(seconds=2))
    with pytest.raises(TookTooLong):
        read(coze.url, Files(), image(), deadline=timedelta(0))
    assert len(coze.calls) == 1


def test_nothing_of_a_file_is_logged(coze: ScriptedCoze) -> None:
    coze.script(TRANSCRIBE, as_json({"code": 4000, "msg": "我要退货"}))
    with capture_logs() as logged, pytest.raises(Misconfigured) as failed:
        read(coze.url, Files(AMR), voice())
    assert logged
    assert not any(secret in f"{logged}{failed.value}" for secret in ("退货", TOKEN, "V1"))


def test_a_simulated_coze_reads_both() -> None:
    with simulated_coze() as simulated:
        sound = Files("#!AMR\n我要退货".encode())
        assert read(simulated.base_url, sound, voice(), token=SIMULATED_TOKEN) == MediaReading(text="我要退货")
        found = read(simulated.base_url, Files(), image(), token=SIMULATED_TOKEN)
        (kept,) = simulated.uploads()
        assert (found, kept.name, kept.size) == (MediaReading(upload=kept.file_id), "image.jpg", len(JPEG))
