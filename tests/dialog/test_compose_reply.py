from collections.abc import MutableMapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog

from tests.dialog.turns import Scribe, tenant, turn
from wecom_bot.dialog.stages.compose_reply import ComposeReply
from wecom_bot.domain.dialog import FALLBACK, Answerer, Intent, Turn
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import NONE_OF_THESE, Attachment, Choice, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured, RateLimited, Rejected, TemporaryFailure

THRESHOLDS = {"answer": 0.6, "suggest": 0.2}
TENANT = tenant(thresholds=THRESHOLDS, phrases={"did_you_mean": "哪一个？", "unknown": "不懂"})
OLD = (Choice("z", "旧"),)


def configured(reply: str) -> Tenant:
    coze = {"bot_id": "7379462189365198898"}
    return tenant(thresholds=THRESHOLDS, coze=coze, reply=reply, blocked_words=["微信"], intents=[{"name": "greeting"}])


WITH_COZE = configured("auto")


def composed(*scores: float, misses: int = 0) -> Turn:
    passages = tuple(Passage(f"a{n}", f"问{n}", f"答{n}", score) for n, score in enumerate(scores))
    return ComposeReply()(TENANT, replace(turn("问", offered=OLD, misses=misses), passages=passages))


def test_a_sure_find_is_the_answer() -> None:
    said = composed(0.6, 0.5, misses=2)
    assert (said.reply, said.answerer) == (Reply("答0"), Answerer.ARTICLE)
    assert (said.state.misses, said.state.offered) == (0, ())


def test_an_unsure_find_becomes_a_menu_of_three() -> None:
    said = composed(0.59, 0.3, 0.1, 0.1, misses=1)
    choices = (*(Choice(f"a{n}", f"问{n}") for n in range(3)), Choice(NONE_OF_THESE, "都不是"))
    assert (said.reply, said.answerer) == (Reply("哪一个？", choices), Answerer.MENU)
    assert said.state.offered == choices
    assert said.state.misses == 1  # neither answered nor missed yet


@pytest.mark.parametrize(("score", "answerer"), [(0.69, Answerer.MENU), (0.7, Answerer.ARTICLE)])
def test_a_careful_article_needs_more_to_be_the_answer(score: float, answerer: Answerer) -> None:
    found = Passage("a", "怎么改密码", "先验证身份", score, careful=True)
    said = ComposeReply()(tenant(thresholds={"careful": 0.7}), replace(turn("密码"), passages=(found,)))
    assert said.answerer is answerer


def test_a_careful_article_never_needs_less_than_others() -> None:
    found = Passage("a", "怎么改密码", "先验证身份", 0.8, careful=True)
    said = ComposeReply()(tenant(thresholds={"answer": 0.9, "careful": 0.7}), replace(turn("密码"), passages=(found,)))
    assert said.answerer is Answerer.MENU


def test_a_poor_find_is_none() -> None:
    said = composed(0.19, misses=1)
    assert (said.reply, said.answerer) == (Reply("不懂"), Answerer.PHRASE)
    assert (said.state.misses, said.state.offered) == (2, ())


def test_nothing_found_is_said_so_even_with_a_threshold_of_zero() -> None:
    said = ComposeReply()(tenant(thresholds={"answer": 0, "suggest": 0}), turn("问"))
    assert said.answerer is Answerer.PHRASE
    assert said.state.misses == 1


def worded(
    writer: Scribe, *scores: float, own: Tenant = WITH_COZE, intent: Intent = FALLBACK, misses: int = 1
) -> tuple[Turn, list[MutableMapping[str, Any]]]:
    passages = tuple(Passage(f"a{n}", f"问{n}", f"答{n}", score) for n, score in enumerate(scores))
    asked = replace(turn("问", offered=OLD, misses=misses, writer_memory="m"), passages=passages, intent=intent)
    with structlog.testing.capture_logs() as log:
        return ComposeReply(writer)(own, asked), log


@pytest.mark.parametrize("scores", [(0.99,), (0.3,), ()])
def test_coze_words_whatever_was_found_and_is_remembered(scores: tuple[float, ...]) -> None:
    scribe = Scribe("您好，三天到账")
    said, _ = worded(scribe, *scores)
    assert (said.reply, said.answerer) == (Reply("您好，三天到账"), Answerer.COZE)
    assert (said.state.writer_memory, said.state.offered) == ("conversation-1", ())
    assert [passage.score for passage in scribe.given[0].passages] == list(scores)


def test_the_same_words_as_a_question_are_answered_as_it_is_written() -> None:
    scribe = Scribe()
    said, _ = worded(scribe, 1.0)
    assert (said.reply, said.answerer, scribe.given) == (Reply("答0"), Answerer.ARTICLE, [])


def test_a_tenant_may_have_everything_worded_or_nothing() -> None:
    assert worded(Scribe(), 1.0, own=configured("coze"))[0].answerer is Answerer.COZE
    assert worded(Scribe(), 0.9, own=configured("article"))[0].answerer is Answerer.ARTICLE
    assert worded(Scribe(), 0.9, own=TENANT)[0].answerer is Answerer.ARTICLE  # no bot at Coze


@pytest.mark.parametrize(
    ("scores", "intent", "misses"),
    [
        ((0.2,), FALLBACK, 0),
        ((0.19,), FALLBACK, 2),
        ((), FALLBACK, 2),
        ((), Intent("greeting", 0.9), 0),
        ((), Intent("其他", 0.9), 2),
    ],
)
def test_what_nobody_knew_is_a_miss_however_well_it_is_worded(
    scores: tuple[float, ...], intent: Intent, misses: int
) -> None:
    assert worded(Scribe(), *scores, intent=intent)[0].state.misses == misses


@pytest.mark.parametrize(("score", "answerer"), [(0.6, Answerer.ARTICLE), (0.3, Answerer.MENU), (0.1, Answerer.PHRASE)])
@pytest.mark.parametrize(
    "writer",
    [
        Scribe(error=TemporaryFailure("down")),
        Scribe(error=RateLimited("slow down", timedelta(seconds=9))),
        Scribe(error=Misconfigured("bad token")),
        Scribe(error=Rejected("moderated")),
        Scribe(error=ValueError("a bug, with 加我微信 in it")),
        Scribe(text="加我微 信，返现"),
    ],
)
def test_without_coze_the_next_best_is_said_in_the_same_turn(writer: Scribe, score: float, answerer: Answerer) -> None:
    said, log = worded(writer, score)
    assert said.answerer is answerer
    assert said.state.writer_memory == "m"
    assert [line["event"] for line in log] == ["reply.writer_failed"]
    assert "微" not in repr(log)


SHOWN = (Attachment("image", picture="map.png"),)


def showing(
    *passages: Passage, text: str = "", writer: Scribe | None = None, own: Tenant = WITH_COZE
) -> tuple[Turn, Scribe]:
    scribe = writer or Scribe("杯口裂了，可以退")
    asked = replace(turn(text, misses=1), uploads=("7401",), passages=passages)
    with structlog.testing.capture_logs():
        return ComposeReply(scribe)(own, asked), scribe


def test_an_article_is_shown_with_what_belongs_to_it() -> None:
    found = Passage("a", "在哪", "在这里", 0.9, attachments=SHOWN)
    said = ComposeReply()(TENANT, replace(turn("在哪"), passages=(found,)))
    assert said.reply == Reply("在这里", attachments=SHOWN)


@pytest.mark.parametrize("own", [configured("auto"), configured("coze")])
def test_what_the_customer_shows_is_for_coze_to_answer(own: Tenant) -> None:
    said, scribe = showing(own=own)
    assert (said.reply, said.answerer) == (Reply("杯口裂了，可以退"), Answerer.COZE)
    assert scribe.given[0].uploads == ("7401",)
    assert said.state.misses == 1  # nobody can tell


def test_an_image_goes_before_the_same_words_as_a_question() -> None:
    said, _ = showing(Passage("a", "这个能退吗", "能", 1.0), text="这个能退吗")
    assert (said.answerer, said.state.misses) == (Answerer.COZE, 0)


def test_an_image_that_coze_cannot_answer_is_declined() -> None:
    said, _ = showing(writer=Scribe(error=TemporaryFailure("down")))
    assert (said.reply, said.answerer) == (Reply(WITH_COZE.phrases.unreadable), Answerer.PHRASE)


def test_an_image_with_words_falls_back_to_the_words() -> None:
    said, _ = showing(Passage("a", "能退吗", "能", 0.9), text="能退吗", writer=Scribe(error=TemporaryFailure("down")))
    assert said.reply == Reply("能")


def test_a_denial_is_acknowledged_without_coze_unless_the_tenant_wants_its_words() -> None:
    scribe, said = Scribe(), turn("不用开发票", misses=2)
    known = ComposeReply(scribe)(WITH_COZE, said)
    assert known.reply == Reply(WITH_COZE.courtesies.zh.denied)
    assert (known.answerer, known.state.misses, scribe.given) == (Answerer.COURTESY, 2, [])
    own = Tenant.model_validate({**WITH_COZE.model_dump(), "courtesies": {"coze": True}})
    worded = ComposeReply(scribe)(own, said)
    assert (worded.answerer, worded.state.misses) == (Answerer.COZE, 2)


def test_a_courtesy_that_coze_words_is_no_miss_and_falls_back_to_the_tenants_phrase() -> None:
    own = Tenant.model_validate({**WITH_COZE.model_dump(), "courtesies": {"coze": True}})
    assert ComposeReply(Scribe())(own, turn("你好", misses=2)).state.misses == 2
    away = ComposeReply(Scribe(error=TemporaryFailure("away")))(own, turn("你好", misses=2))
    assert (away.reply, away.state.misses) == (Reply(own.courtesies.zh.greeting), 2)


@pytest.mark.parametrize(("text", "asks"), [("要帮您登记吗？", True), ("需要我帮您登记吗", True), ("已登记。", False)])
def test_whether_coze_asked_something_is_remembered(text: str, asks: bool) -> None:  # noqa: FBT001
    assert worded(Scribe(text))[0].state.writer_asks is asks


def test_coze_sees_what_is_quoted_unless_a_blocked_word_is_in_it() -> None:
    own = Tenant.model_validate({**WITH_COZE.model_dump(), "blocked_words": ["加微信"]})
    for quoted, seen in (("48 小时发货", True), ("加微信返现", False)):
        scribe = Scribe()
        ComposeReply(scribe)(own, turn(f"「客服：{quoted}」\n- - - - -\n这是真的吗"))
        assert [given.said != given.text for given in scribe.given] == [seen]
