"""Wishes by phrases: the same words without a model, others by likeness."""

from dataclasses import dataclass
from importlib import resources

import pytest

from tests.dialog.office import CLOSED, FREIGHT, PHRASES, SHOP, Talk, shop, waiting
from tests.dialog.turns import Desk, RankedArticles, tenant, turn
from wecom_bot.dialog.stages.ask_for_human import AskForHuman
from wecom_bot.dialog.wished import Wish, Wished
from wecom_bot.domain.dialog import Handoff
from wecom_bot.ports.mind import Lists


@dataclass
class Likes:
    """A Likeness that goes by one word, and knows it of every list or of none."""

    word: str
    ready: bool = True

    def share(self, text: str, these: Lists, those: Lists) -> float | None:
        if not self.ready:
            return None
        near, far = (self.word in text and self.word in repr(lists) for lists in (these, those))
        return 0.9 if near else 0.1 if far else 0.5

    def knows(self, lists: Lists) -> bool:
        return self.ready and bool(lists)


@pytest.mark.parametrize("said", ["我要投诉", "我要投訴！", "I want to file a complaint"])
def test_who_complains_is_handed_to_a_human(said: str) -> None:
    talk = Talk(shop=shop(wishes={"complain": {"phrases": ["I want to file a complaint"]}}))
    assert talk.hears(said) == PHRASES.handoff
    assert talk.outcome == ("complaint", "")


def test_a_complaint_when_nobody_is_there_is_kept_and_its_message_awaited() -> None:
    talk = Talk(at=CLOSED)
    talk.hears("我要投诉")
    assert talk.outcome == ("", "complaint")
    assert talk.hears("杯子碎了，电话 13812345678") == PHRASES.message_taken
    assert talk.outcome == ("", "message")


def test_who_wants_to_leave_a_message_is_asked_for_it_and_not_forgotten() -> None:
    talk = Talk()
    assert talk.hears("我想留个言") == PHRASES.message_awaited
    assert talk.outcome == ("", "message")
    assert talk.hears("柜门关不严") == PHRASES.message_taken


def test_a_wish_with_a_number_is_the_message() -> None:
    talk = Talk(likeness=Likes("回电"))
    assert talk.hears("下午给我回电 13812345678") == PHRASES.message_taken
    assert talk.outcome == ("", "message")
    assert talk.hears("三点以后") == PHRASES.message_more


def test_where_a_message_is_awaited_a_complaint_is_part_of_it() -> None:
    talk = waiting()
    assert talk.hears("我要投诉") == PHRASES.message_taken


def test_what_the_tenant_wrote_goes_first() -> None:
    talk = Talk(likeness=Likes("查订单"), shop=shop(wishes={"complain": {"phrases": ["查订单"]}}))
    assert talk.hears("查订单") == "订单号？"


def test_an_answer_to_an_open_question_in_any_words_is_no_wish() -> None:
    report = {"name": "order", "slots": [{"name": "what", "pattern": ".+", "ask": "什么事？"}], "reply": "记下了"}
    talk = Talk(shop=shop(intents=[report]))
    assert talk.hears("查订单") == "什么事？"
    assert talk.hears("我要投诉") == "记下了"


@pytest.mark.parametrize("said", ["不查了", "哎不搞了太麻烦"])
def test_who_gives_up_is_let_go(said: str) -> None:
    talk = Talk(likeness=Likes("不搞"), shop=shop(wishes={"cancel": {"phrases": ["不搞啦"]}}))
    assert talk.hears("查订单") == "订单号？"
    assert talk.hears(said) == PHRASES.cancelled
    assert talk.state.asking is None


def test_an_answer_is_no_giving_up_whatever_else_is_said() -> None:
    talk = Talk(likeness=Likes("不搞"), shop=shop(wishes={"cancel": {"phrases": ["不搞啦"]}}))
    talk.hears("查订单")
    assert "202611200001" in talk.hears("不搞别的，就查 202611200001")


def test_a_message_that_only_sounds_like_giving_up_is_taken() -> None:
    talk = waiting(likeness=Likes("不搞"), shop=shop(wishes={"cancel": {"phrases": ["不搞啦"]}}))
    assert talk.hears("退货不搞了，电话 13812345678") == PHRASES.message_taken


@pytest.mark.parametrize(("said", "asked"), [("请安排顾问", True), ("顾问费多少", False)])
def test_the_tenants_phrases_for_and_against_are_certain(said: str, *, asked: bool) -> None:
    own = tenant(wishes={"human": {"phrases": ["请安排顾问"], "against": ["顾问费多少"]}})
    ask = AskForHuman(Desk(), RankedArticles(), Wished(Likes("顾问")))
    assert ask(own, turn(said)).settled is asked


def test_a_phrase_against_goes_before_the_grammar_of_words() -> None:
    ask = AskForHuman(Desk(), RankedArticles(), Wished())
    assert ask(tenant(), turn("转人工呀")).handoff == Handoff("asked")
    assert not ask(tenant(wishes={"human": {"against": ["转人工呀"]}}), turn("转人工呀")).settled


@pytest.mark.parametrize(
    ("likeness", "asked"), [(None, ""), (Likes("能做主的"), "asked"), (Likes("能做主的", ready=False), "")]
)
def test_by_likeness_a_human_is_called_where_words_do_not_say_it(likeness: Likes | None, asked: str) -> None:
    talk = Talk(likeness=likeness)
    talk.hears("想和能做主的说")
    assert talk.outcome == (asked, "")


def test_what_the_tenant_wrote_goes_before_what_only_sounds_like_a_wish() -> None:
    human = Talk(likeness=Likes("查订单"), shop=shop(wishes={"human": {"phrases": ["找人查订单"]}}))
    assert human.hears("帮我查订单吧") == "订单号？"
    complaint = shop(wishes={"complain": {"phrases": ["投诉运费"]}})
    assert Talk(likeness=Likes("运费"), shop=complaint).hears("运费呢") == FREIGHT
    human = Talk(likeness=Likes("运费"), shop=shop(wishes={"human": {"phrases": ["找人说运费"]}}))
    human.hears("运费呢")
    assert human.outcome == ("asked", "")


def test_the_words_of_our_question_are_no_giving_up() -> None:
    parking = {"name": "order", "slots": [{"name": "n", "pattern": "[0-9]+", "ask": "停车还是洗车？"}], "reply": "好"}
    talk = Talk(likeness=Likes("停"), shop=shop(intents=[parking], wishes={"cancel": {"phrases": ["停下"]}}))
    talk.hears("查订单")
    assert talk.hears("停车") != PHRASES.cancelled
    assert talk.hears("停吧") == PHRASES.cancelled


def test_the_tenants_phrases_go_before_ours_and_before_the_words_of_giving_up() -> None:
    assert Wished().certainly(tenant(wishes={"human": {"phrases": ["店员爱搭不理的"]}}), Wish.HUMAN, "店员爱搭不理的")
    talk = Talk(shop=shop(wishes={"cancel": {"against": ["不用了"]}}))
    talk.hears("查订单")
    assert talk.hears("不用了") != PHRASES.cancelled


def test_our_phrases_for_a_human_go_with_the_word_and_can_be_switched_off() -> None:
    wished = Wished(Likes("人"))
    assert wished.expressed(SHOP, Wish.HUMAN, "找个能做主的人来")
    assert not wished.expressed(tenant(handoff_words=["顾问"]), Wish.HUMAN, "找个能做主的人来")
    assert not wished.expressed(tenant(wishes={"human": {"ours": False}}), Wish.HUMAN, "找个能做主的人来")
    assert not wished.expressed(tenant(wishes={"complain": {"ours": False}}), Wish.COMPLAIN, "我要投诉")


@pytest.mark.parametrize("wish", list(Wish))
def test_no_phrase_says_a_wish_and_only_looks_so(wish: Wish) -> None:
    wished = Wished()
    for line in (lines := _lines(wish)):
        assert wished.certainly(SHOP, wish, line), line
    assert len(lines) > 100


def _lines(wish: Wish) -> list[str]:
    return (resources.files("wecom_bot.dialog") / "wish_phrases" / f"{wish}.txt").read_text("utf-8").splitlines()
