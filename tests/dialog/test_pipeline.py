from dataclasses import dataclass, replace

from tests.dialog.turns import Desk, RankedArticles, Scribe, ShopOrders, message, tenant, turn
from wecom_bot.dialog.pipeline import Pipeline, standard
from wecom_bot.domain.dialog import MOST_SAID, Answerer, Handoff, Turn, Understanding
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import Attachment, Choice, InboundMessage, MessageKind, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import MediaReading


@dataclass(frozen=True)
class Nobody:
    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:  # noqa: ARG002 - knows no intent
        return Understanding()


def shout(_tenant: Tenant, turn: Turn) -> Turn:
    return replace(turn, reply=Reply((turn.reply.text if turn.reply else "") + "!"))


def greet(_tenant: Tenant, turn: Turn) -> Turn:
    return turn.say(Answerer.PHRASE, Reply("hello"))


def wait(_tenant: Tenant, turn: Turn) -> Turn:
    return turn


STRICT = tenant(blocked_words=["骗子"])
INDEX = RankedArticles.of(Article("a", "退款多久到账", "三天，问 13812345678"), a=0.9)


def think(said: Turn, index: RankedArticles = INDEX) -> Turn:
    return standard(index, Nobody(), ShopOrders(), Desk(), None)(STRICT, said)


def test_deciding_ends_with_the_stage_that_settles_and_every_finish_stage_follows() -> None:
    done = Pipeline(decide=(wait, greet, shout), finish=(shout, shout))(STRICT, turn("hi"))
    assert done.reply == Reply("hello!!")


def test_finish_stages_run_also_when_nothing_was_decided() -> None:
    assert Pipeline(decide=(wait,), finish=(shout,))(STRICT, turn("hi")).reply == Reply("!")


def test_the_time_of_each_stage_that_ran_is_kept_by_its_name() -> None:
    done = Pipeline(decide=(wait, greet, shout))(STRICT, turn("hi"))
    assert list(done.spent) == ["wait", "greet"]
    assert all(seconds >= 0 for seconds in done.spent.values())
    assert "AskForHuman" in think(turn("人工")).spent


ORDERING = [{"name": "order", "slots": [{"name": "n", "pattern": "[0-9]{6}", "ask": "订单号？"}], "reply": "{n}"}]


def test_the_stages_of_an_intent_run_only_where_the_dialog_is_after_one() -> None:
    assert "AskForSlot" not in think(turn("退款多久到账")).spent
    pipeline = standard(RankedArticles(), Nobody(), ShopOrders(), Desk(), None)
    asked = pipeline(tenant(intents=ORDERING), turn("看看我的单子", intent="order", asking="n"))
    assert (asked.reply, "AskForSlot" in asked.spent, "AnswerOrder" in asked.spent) == (Reply("订单号？"), True, False)


def test_a_known_question_is_answered_and_the_answer_masked() -> None:
    done = think(turn("退款多久到账"))
    assert done.answerer is Answerer.ARTICLE
    assert done.reply == Reply("三天，问 138****5678")


def test_an_unknown_one_is_counted_as_missed() -> None:
    done = think(turn("天气"), RankedArticles())
    assert done.reply == Reply(STRICT.phrases.unknown)
    assert done.state.misses == 1


def test_blocked_words_are_answered_before_anything_is_looked_up() -> None:
    index = RankedArticles.of()
    assert think(turn("骗子，退款"), index).reply == Reply(STRICT.phrases.blocked)
    assert index.asked == []


def test_who_swears_and_asks_for_a_human_gets_the_human() -> None:
    assert think(turn("骗子，转人工")).handoff == Handoff("asked")


def test_an_image_is_declined() -> None:
    assert think(turn(message(kind=MessageKind.IMAGE))).reply == Reply(STRICT.phrases.unreadable)


def test_a_choice_is_resolved_before_it_is_searched_for() -> None:
    done = think(turn("1", offered=(Choice("a", "退款多久到账"),)), RankedArticles(INDEX.articles))
    assert done.answerer is Answerer.ARTICLE
    assert "FindKnowledge" not in done.spent


@dataclass(frozen=True)
class Eyes:
    said: str = ""

    def read(self, tenant: Tenant, message: InboundMessage) -> MediaReading:  # noqa: ARG002 - reads whatever it is given
        return MediaReading(text=self.said) if message.kind is MessageKind.VOICE else MediaReading(upload="7401")


SEEING = tenant(media={"image": True, "voice": True}, coze={"bot_id": "7379462189365198898"}, blocked_words=["骗子"])


def look(said: Turn, eyes: Eyes, writer: Scribe | None = None, index: RankedArticles = INDEX) -> Turn:
    return standard(index, Nobody(), ShopOrders(), Desk(), writer, eyes)(SEEING, said)


def test_what_is_said_in_a_voice_message_is_said() -> None:
    voice = turn(message(kind=MessageKind.VOICE))
    assert look(voice, Eyes("转人工")).handoff == Handoff("asked")
    assert look(voice, Eyes("骗子")).reply == Reply(SEEING.phrases.blocked)
    assert look(voice, Eyes("退款多久到账")).reply == Reply("三天，问 138****5678")
    assert look(replace(voice, state=replace(voice.state, rest="第二部分")), Eyes("继续")).reply == Reply("第二部分")
    assert look(voice, Eyes("")).reply == Reply(SEEING.phrases.unreadable)


def test_an_image_alone_is_answered_by_the_writer_with_nothing_looked_up() -> None:
    index, scribe = RankedArticles.of(Article("a", "甲", "答"), a=0.9), Scribe("**杯口裂了**，可以退")
    done = look(turn(message(kind=MessageKind.IMAGE)), Eyes(), scribe, index)
    assert (done.reply, done.answerer) == (Reply("杯口裂了，可以退"), Answerer.COZE)
    assert scribe.given[0].uploads == ("7401",)
    assert index.asked == []


def test_an_image_that_nobody_can_answer_is_declined() -> None:
    assert look(turn(message(kind=MessageKind.IMAGE)), Eyes()).reply == Reply(SEEING.phrases.unreadable)


def test_an_article_in_markdown_is_said_plainly_with_all_that_it_shows_and_masked() -> None:
    shown = (Attachment("link", "问 13812345678", url="https://a.cn/x_y"),)
    index = RankedArticles.of(
        Article("a", "运费", "**江浙**：~~8 元~~包邮，问 **13812345678**", attachments=shown), a=0.9
    )
    assert think(turn("运费"), index).reply == Reply(
        "江浙：8 元包邮，问 138****5678",
        attachments=(replace(shown[0], title="问 138****5678"),),
    )


def test_of_merged_messages_no_more_is_read_than_anybody_would() -> None:
    assert turn("很" * MOST_SAID).text == "很" * MOST_SAID
    assert turn("很" * MOST_SAID, "多").text == "很" * MOST_SAID
