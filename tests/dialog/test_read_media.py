from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.dialog.turns import message, tenant, turn
from wecom_bot.dialog.stages.read_media import ReadMedia
from wecom_bot.domain.message import InboundMessage, MessageId, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured, RateLimited, Rejected, TemporaryFailure, WecomBotError
from wecom_bot.ports import MediaReading

BOTH = tenant(media={"image": True, "voice": True})
IMAGE, VOICE = message(kind=MessageKind.IMAGE), message(kind=MessageKind.VOICE)


@dataclass
class Eyes:
    """A MediaReader that reads what it is told to, or raises, and remembers what it was given."""

    text: str = "转人工"
    error: WecomBotError | None = None
    given: list[InboundMessage] = field(default_factory=list)

    def read(self, tenant: Tenant, message: InboundMessage) -> MediaReading:
        assert tenant.media.image or tenant.media.voice
        self.given.append(message)
        if self.error:
            raise self.error
        return (
            MediaReading(text=self.text)
            if message.kind is MessageKind.VOICE
            else MediaReading(upload=f"f{len(self.given)}")
        )


def numbered(kind: MessageKind, count: int) -> tuple[InboundMessage, ...]:
    return tuple(replace(message(kind=kind), message_id=MessageId(f"m{number}")) for number in range(count))


def test_what_a_voice_says_are_the_messages_words() -> None:
    read = ReadMedia(Eyes())(BOTH, turn(VOICE, "快点"))
    assert read.text == "转人工\n快点"
    assert (read.messages[0].kind, read.uploads, read.settled) == (MessageKind.VOICE, (), False)


def test_images_become_uploads_in_their_order() -> None:
    read = ReadMedia(Eyes())(BOTH, turn(IMAGE, "坏了", IMAGE))
    assert (read.text, read.uploads) == ("坏了", ("f1", "f2"))


def test_what_was_read_is_not_read_again_when_the_turn_is_thought_over_with_more() -> None:
    eyes = Eyes()
    stage = ReadMedia(eyes)
    first = stage(BOTH, turn(IMAGE, VOICE))
    again = stage(BOTH, replace(turn(), messages=(*first.messages, message("这个多少钱"))))
    assert (again.uploads, again.text) == (first.uploads, "转人工\n这个多少钱")
    assert len(eyes.given) == 2


@pytest.mark.parametrize(
    ("allowed", "said"),
    [
        ({}, VOICE),
        ({}, IMAGE),
        ({"voice": True}, IMAGE),
        ({"image": True}, VOICE),
        ({"image": True, "voice": True}, message(kind=MessageKind.VIDEO)),
        ({"image": True, "voice": True}, message("有字", kind=MessageKind.VOICE)),
    ],
)
def test_only_what_the_tenant_allows_is_read(allowed: dict[str, bool], said: InboundMessage) -> None:
    eyes = Eyes()
    asked = turn(said)
    assert ReadMedia(eyes)(tenant(media=allowed), asked) == asked
    assert eyes.given == []


def test_without_a_reader_nothing_is_read() -> None:
    assert ReadMedia()(BOTH, turn(VOICE)) == turn(VOICE)


def test_a_silent_voice_stays_unreadable() -> None:
    assert ReadMedia(Eyes(text=""))(BOTH, turn(VOICE)) == turn(VOICE)


@pytest.mark.parametrize(
    "error", [TemporaryFailure("away 13812345678"), RateLimited("slow", timedelta(1)), Misconfigured("token")]
)
def test_after_a_failure_that_may_strike_again_no_more_is_tried(error: WecomBotError) -> None:
    eyes = Eyes(error=error)
    with capture_logs() as log:
        read = ReadMedia(eyes)(BOTH, turn(VOICE, VOICE))
    assert (read, len(eyes.given)) == (turn(VOICE, VOICE), 1)
    assert [(line["event"], line["error"]) for line in log] == [("media.failed", type(error).__name__)]
    assert "138" not in repr(log)


def test_a_file_that_is_refused_does_not_spoil_the_next() -> None:
    eyes = Eyes(error=Rejected("no image"))
    with capture_logs():
        ReadMedia(eyes)(BOTH, turn(IMAGE, IMAGE))
    assert len(eyes.given) == 2


def test_of_many_images_the_first_are_read() -> None:
    assert len(ReadMedia(Eyes(), most=4)(BOTH, turn(*numbered(MessageKind.IMAGE, 9))).uploads) == 4
