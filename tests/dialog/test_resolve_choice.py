import pytest
import structlog

from tests.dialog.turns import Desk, RankedArticles, message, tenant, turn
from wecom_bot.dialog.stages.resolve_choice import ResolveChoice
from wecom_bot.domain.dialog import Answerer, Handoff
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import NONE_OF_THESE, Attachment, Choice, Reply
from wecom_bot.errors import TemporaryFailure

INDEX = RankedArticles.of(Article("a", "退款多久到账", "三天"), Article("b", "退款退到哪里", "原路"))
OFFERED = (Choice("a", "退款多久到账"), Choice("b", "退款退到哪里"))
NONE = Choice(NONE_OF_THESE, "都不是")
RESOLVE = ResolveChoice(INDEX, Desk())


def test_a_click_is_answered_with_its_article() -> None:
    said = RESOLVE(tenant(), turn(message("退款退到哪里", menu_id="b"), offered=OFFERED, misses=1))
    assert said.reply == Reply("原路")
    assert said.answerer is Answerer.ARTICLE
    assert [passage.article_id for passage in said.passages] == ["b"]
    assert said.state.offered == ()
    assert said.state.misses == 0


@pytest.mark.parametrize("words", ["2", "２", "②", "2.", "二", "第二个", "第2个", "选2", "我选第二个吧", "2号"])
def test_its_number_picks_a_choice(words: str) -> None:
    assert RESOLVE(tenant(), turn(words, offered=OFFERED)).reply == Reply("原路")


@pytest.mark.parametrize("words", ["退款退到哪里", "退款退到哪里？", " 退款，退到哪里"])
def test_its_title_picks_a_choice(words: str) -> None:
    assert RESOLVE(tenant(), turn(words, offered=OFFERED)).reply == Reply("原路")


@pytest.mark.parametrize("words", ["3", "0", "12", "2天能到吗", "不是有优惠吗", "退款", ""])
def test_whatever_else_is_said_picks_none(words: str) -> None:
    assert not RESOLVE(tenant(), turn(words, offered=OFFERED)).settled


def test_a_number_with_another_question_behind_it_is_a_question() -> None:
    assert not RESOLVE(tenant(), turn("2", "运费多少", offered=OFFERED)).settled


def test_without_an_offer_a_number_is_only_a_number() -> None:
    assert not RESOLVE(tenant(), turn("2")).settled


def test_an_article_that_is_gone_settles_nothing() -> None:
    offered = (Choice("gone", "旧问题"),)
    assert not RESOLVE(tenant(), turn(message("旧问题", menu_id="gone"), offered=offered)).settled


def test_a_failing_index_settles_nothing_and_is_logged() -> None:
    away = RankedArticles(INDEX.articles, error=TemporaryFailure("away"))
    with structlog.testing.capture_logs() as log:
        assert not ResolveChoice(away, Desk())(tenant(), turn("2", offered=OFFERED)).settled
    assert [(line["event"], line["error"]) for line in log] == [("knowledge.failed", "TemporaryFailure")]


def test_what_belongs_to_the_article_is_shown_with_it() -> None:
    shown = (Attachment("image", picture="map.png"),)
    index = RankedArticles.of(Article("a", "在哪", "在这里", attachments=shown))
    said = ResolveChoice(index, Desk())(tenant(), turn("1", offered=(Choice("a", "在哪"),)))
    assert said.reply == Reply("在这里", attachments=shown)


PHRASES = tenant().phrases
NO = message("都不是", menu_id=NONE_OF_THESE)


@pytest.mark.parametrize(
    "said", ["3", "第三个", "都不是", "以上都不是", "都不对啊", "没有我要问的", "这些都不是我想问的", "None of these"]
)
def test_who_means_none_of_them_is_asked_for_other_words(said: str) -> None:
    asked = RESOLVE(tenant(), turn(said, offered=(*OFFERED, NONE)))
    assert asked.reply == Reply(PHRASES.rephrase)
    assert asked.answerer is Answerer.PHRASE
    assert (asked.state.offered, asked.state.misses) == ((), 1)


@pytest.mark.parametrize("misses", [0, 2])
def test_a_click_on_none_in_an_older_menu_is_asked_for_other_words_and_counts_nothing(misses: int) -> None:
    clicked = RESOLVE(tenant(), turn(NO, misses=misses))
    assert clicked.reply == Reply(PHRASES.rephrase)
    assert clicked.state.misses == misses


def test_who_was_asked_for_other_words_and_means_none_again_gets_a_human() -> None:
    again = turn(NO, offered=(*OFFERED, NONE), misses=1)
    assert RESOLVE(tenant(), again).handoff == Handoff("misses")
    assert RESOLVE(tenant(handoff={"misses": 0}), again).reply == Reply(PHRASES.rephrase)


def test_other_words_beside_the_click_are_what_is_asked_now() -> None:
    went_on = RESOLVE(tenant(), turn(NO, "怎么申请退货", offered=(*OFFERED, NONE), misses=1))
    assert not went_on.settled
    assert went_on.text == "怎么申请退货"
    assert (went_on.state.offered, went_on.state.misses) == ((), 2)


@pytest.mark.parametrize("said", ["是的", "对", "嗯嗯", "好的", "yes", "就是这个"])
def test_a_yes_picks_the_only_article_that_was_offered(said: str) -> None:
    one = (*OFFERED[:1], Choice(NONE_OF_THESE, "都不是"))
    picked = ResolveChoice(INDEX, Desk())(tenant(), turn(said, offered=one))
    assert picked.answerer is Answerer.ARTICLE
    assert not ResolveChoice(INDEX, Desk())(tenant(), turn(said, offered=(*OFFERED[:2], one[1]))).settled
