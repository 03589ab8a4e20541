"""Several questions in one message: each is answered, in its order, in one reply."""

from typing import Any

from tests.dialog.turns import CORP, Desk, RankedArticles, Scribe, ShopOrders, order, tenant, turn
from wecom_bot.dialog.pipeline import Pipeline, standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.dialog import Answerer, Left, Turn
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure

MINE = "202611200001"
ORDER_ID = {"name": "order_id", "pattern": "(?<![0-9])[0-9]{12}(?![0-9])", "ask": "订单号是多少？"}
SHOP = tenant(intents=[{"name": "order", "slots": [ORDER_ID], "lookup": "order"}])
COZE = {"bot_id": "1234567890"}
ANSWERS = {"怎么换货": "换货的答案", "怎么开发票": "发票的答案", "运费怎么算": "运费的答案"}


class Titles(RankedArticles):
    """A SearchIndex that knows a question by its title, wherever it stands in what is asked."""

    def search(self, corp_id: Any, query: str, limit: int) -> list[Passage]:
        assert corp_id == CORP
        self.asked.append((corp_id, query, limit))
        found = [title for title in ANSWERS if title in query]
        score = {True: 1.0, False: 0.6}[query.strip("？?") in ANSWERS]
        return [Passage(title, title, ANSWERS[title], score if len(found) == 1 else 0.3) for title in found]


def thought(said: str, shop: Tenant = SHOP, writer: Scribe | None = None, **state: Any) -> Turn:
    orders = ShopOrders([order(MINE)])
    think = standard(Titles(), Chain({}), orders, Desk(), writer)
    return think(shop, turn(said, **state))


def text(done: Turn) -> str:
    assert done.reply is not None
    return done.reply.text


def test_each_question_gets_its_answer() -> None:
    done = thought("怎么换货？另外怎么开发票", misses=2)
    assert text(done) == "换货的答案\n\n发票的答案"
    assert (done.answerer, done.state.misses) == (Answerer.ARTICLE, 0)
    assert [passage.article_id for passage in done.passages] == ["怎么换货", "怎么开发票"]


def test_the_same_answer_is_said_once() -> None:
    assert text(thought("怎么换货？怎么换货呢？怎么开发票？")) == "换货的答案\n\n发票的答案"


def test_an_order_and_an_article_are_answered_together() -> None:
    said = text(thought(f"{MINE}到哪了？怎么开发票？"))
    assert said.startswith(f"订单 {MINE}：已发货")
    assert said.endswith("\n\n发票的答案")


def test_what_we_ask_back_stands_at_the_end() -> None:
    done = thought("我的快递到哪了？怎么开发票？")
    assert text(done) == "发票的答案\n\n订单号是多少？"
    assert done.state.asking == "order_id"


def test_what_we_do_not_know_is_named() -> None:
    done = thought("怎么换货？你们老板贵姓？")
    assert text(done) == "换货的答案\n\n关于“你们老板贵姓？”，我还不会回答；可以换个说法再问，或回复“人工”联系客服。"


def test_a_question_about_the_one_before_it_is_a_part_of_it() -> None:
    assert text(thought("怎么换货？要多久？")) == "换货的答案"


def test_where_nothing_is_known_the_message_is_one() -> None:
    done = thought("你们老板贵姓？今年多大？")
    assert text(done) == SHOP.phrases.unknown
    assert done.state.misses == 1


def test_titles_without_a_question_word_are_questions_too() -> None:
    assert text(thought("怎么换货 怎么开发票")) == "换货的答案\n\n发票的答案"


def test_coze_is_told_all_that_are_left_in_one_call() -> None:
    writer = Scribe("扣子的话")
    shop = replace_coze(SHOP)
    done = thought(f"{MINE}到哪了？你们老板贵姓？怎么换货才快？", shop, writer)
    said = text(done)
    assert said.startswith(f"订单 {MINE}：已发货")
    assert said.endswith("\n\n扣子的话")
    assert [given.text for given in writer.given] == ["你们老板贵姓？\n怎么换货才快？"]
    assert [passage.article_id for passage in writer.given[0].passages] == ["怎么换货"]
    assert done.answerer is Answerer.COZE


def test_without_coze_each_is_answered_from_the_house() -> None:
    writer = Scribe(error=TemporaryFailure("away"))
    assert text(thought("怎么换货才快？怎么开发票才快？", replace_coze(SHOP), writer)) == "换货的答案\n\n发票的答案"


def test_a_wish_for_a_human_goes_before_all() -> None:
    done = thought("怎么换货？转人工")
    assert done.handoff is not None


def test_in_the_answer_to_an_open_question_there_are_no_several() -> None:
    reason = {"name": "reason", "pattern": ".{2,}", "ask": "什么原因？"}
    shop = tenant(intents=[{"name": "back", "slots": [reason], "reply": "好的：{reason}"}])
    done = thought("你说呢？怎么会这样？", shop, intent="back", asking="reason", asked=1)
    assert text(done) == "好的：你说呢?怎么会这样?"


def replace_coze(shop: Tenant) -> Tenant:
    return Tenant.model_validate({**shop.model_dump(), "coze": COZE})


def test_a_menu_of_one_of_them_can_be_clicked() -> None:
    near = turn("怎么换货？运费呢怎么开发票运费怎么算")
    done = standard(Titles(), Chain({}), ShopOrders(), Desk())(SHOP, near)
    assert done.reply is not None
    assert [choice.text for choice in done.reply.choices][-1] == SHOP.phrases.none_of_these
    assert done.state.offered == done.reply.choices


def test_articles_are_looked_up_without_the_courtesies_around() -> None:
    index = Titles()
    standard(index, Chain({}), ShopOrders(), Desk())(SHOP, turn("你好，怎么换货，谢谢"))
    assert index.asked[-1][1] == "怎么换货"


def drafted(said: str, writer: Scribe, shop: Tenant = SHOP) -> tuple[Pipeline, Turn]:
    think = standard(Titles(), Chain({}), ShopOrders([order(MINE)]), Desk(), writer)
    return think, think.draft(replace_coze(shop), turn(said))


def test_a_draft_asks_no_writer_and_leaves_what_is_to_be_worded() -> None:
    writer = Scribe("扣子的话")
    for said, left in {
        "怎么换货？怎么开发票？": None,
        "你们老板贵姓": Left.WHOLE,
        "怎么换货才快？怎么开发票才快？": Left.WHOLE,
        f"{MINE}到哪了？你们老板贵姓？": Left.PARTS,
    }.items():
        _, draft = drafted(said, writer)
        assert (draft.left, draft.reply is None) == (left, left is not None)
    assert writer.given == []


def test_drafts_are_worded_together_with_the_best_of_each() -> None:
    writer = Scribe("扣子的话")
    think, one = drafted("你们老板贵姓", writer)
    _, two = drafted("怎么换货才快？怎么开发票才快？", writer)
    done = think.word(replace_coze(SHOP), (one, two))
    assert done is not None
    assert (text(done), done.answerer, done.left, done.state.misses) == ("扣子的话", Answerer.COZE, None, 0)
    (given,) = writer.given
    assert given.text.splitlines() == ["你们老板贵姓", "怎么换货才快？怎么开发票才快？"]
    assert [passage.article_id for passage in given.passages] == ["怎么换货", "怎么开发票"]
    assert "ComposeReply" in done.spent


def test_drafts_of_which_none_is_known_are_one_miss() -> None:
    think, one = drafted("你们老板贵姓", Scribe())
    done = think.word(replace_coze(SHOP), (one, one))
    assert done is not None
    assert (done.state.misses, done.unsure, one.unsure) == (1, True, True)


def test_there_are_no_words_where_the_writer_fails() -> None:
    think, one = drafted("你们老板贵姓", Scribe(error=TemporaryFailure("away")))
    assert think.word(replace_coze(SHOP), (one,)) is None
