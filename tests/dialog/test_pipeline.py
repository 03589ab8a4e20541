from dataclasses import dataclass, replace

from tests.dialog.turns import RankedArticles, ShopOrders, message, tenant, turn
from wecom_bot.dialog.pipeline import Pipeline, standard
from wecom_bot.domain.dialog import Answerer, Handoff, Turn, Understanding
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import Choice, MessageKind, Reply
from wecom_bot.domain.tenant import Tenant


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
    return standard(index, Nobody(), ShopOrders(), None)(STRICT, said)


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
