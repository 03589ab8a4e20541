from dataclasses import replace

from structlog.testing import capture_logs

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.stages.speak_plainly import SpeakPlainly
from wecom_bot.domain.message import Attachment, Choice, Reply
from wecom_bot.text.plain import MOST_BYTES

SHOP = tenant(phrases={"trouble": "稍后再试"})
PICTURE = (Attachment("image", picture="map.png"),)


def said(reply: Reply) -> Reply | None:
    return SpeakPlainly()(SHOP, replace(turn("问"), reply=reply)).reply


def test_whatever_was_decided_is_said_without_markdown() -> None:
    reply = Reply("<think>嗯</think>## 退货\n- **七天**内[^1^]", (Choice("a", "**退货**"), Choice("b", "---")), PICTURE)
    assert said(reply) == Reply("退货\n· 七天内", (Choice("a", "退货"), Choice("b", "---")), PICTURE)


def test_when_nothing_is_left_the_tenants_phrase_is_said() -> None:
    with capture_logs() as log:
        assert said(Reply("<think>不说</think>")) == Reply("稍后再试")
        assert said(Reply("\u200b")) == Reply("稍后再试")
    assert [line["event"] for line in log] == ["reply.nothing_plain"] * 2


def test_what_is_only_shown_needs_no_words() -> None:
    assert said(Reply("", attachments=PICTURE)) == Reply("", attachments=PICTURE)


def test_an_endless_reply_ends_with_a_sentence() -> None:
    reply = said(Reply("这是一个句子。" * 2000))
    assert reply is not None
    assert MOST_BYTES - 100 < len(reply.text.encode()) <= MOST_BYTES
    assert reply.text.endswith("。…")


def test_a_turn_without_a_reply_passes() -> None:
    assert SpeakPlainly()(SHOP, turn("问")) == turn("问")
