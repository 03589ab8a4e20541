"""What is recalled and kept of the answers to questions, stage by stage and through the whole pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from tests.dialog.office import FREIGHT, INTENTS, MINE, ByWord, Freight, shop
from tests.dialog.test_answer_query import Shelf
from tests.dialog.test_answer_query import shop as shop_with
from tests.dialog.turns import NOON, WHERE, Desk, RankedArticles, Scribe, ShopOrders, message, order, turn
from tests.fakes import FixedKnowledge, MemoryHotAnswers, SettableClock
from wecom_bot.dialog.hot_questions import HotPath, HotQuestions, normalised
from wecom_bot.dialog.pipeline import Pipeline, standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.dialog import FALLBACK, Answerer, DialogState, Intent, Turn, Understanding
from wecom_bot.domain.hot_answer import Unkept
from wecom_bot.domain.knowledge import Article, KnowledgeState, Passage, SearchMode
from wecom_bot.domain.message import Choice, CorpId, InboundMessage, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import BusinessQueries, IntentRecognizer, Likeness, ReplyWriter, SearchIndex
from wecom_bot.ports.mind import Lists

SHOP = shop()
LIFE, UNKNOWN = timedelta(minutes=5), timedelta(seconds=30)


@dataclass
class Cached:
    """The pipeline with a cache in memory, and what it was told."""

    answers: MemoryHotAnswers = field(default_factory=MemoryHotAnswers)
    knowledge: FixedKnowledge = field(default_factory=FixedKnowledge)
    index: SearchIndex = field(default_factory=Freight)
    recognizer: IntentRecognizer = field(default_factory=lambda: Chain({"rules": ByWord()}))
    writer: ReplyWriter | None = None
    likeness: Likeness | None = None
    orders: ShopOrders = field(default_factory=lambda: ShopOrders([order(MINE)]))
    falls_back: bool = False
    queries: BusinessQueries | None = None

    def think(self, asked: Turn, tenant: Tenant = SHOP, life: timedelta = LIFE) -> Turn:
        return self.pipeline(life)(tenant, asked)

    def pipeline(self, life: timedelta = LIFE) -> Pipeline:
        questions, clock = HotQuestions(self.knowledge), SettableClock(NOON)
        hot = HotPath(self.answers, questions, clock, life, UNKNOWN, lambda _: self.falls_back)
        asked = self.index, self.recognizer, self.orders, Desk()
        return standard(*asked, self.writer, likeness=self.likeness, queries=self.queries, hot=hot)

    def keeps(self, *said: str | InboundMessage, tenant: Tenant = SHOP, **state: Any) -> bool:
        """Whether the answer is given to the next who asks the same."""
        first = self.think(turn(*said, **state), tenant)
        assert not first.hot
        assert first.uncached is None, "what is stored does not hold it"
        return self.think(turn(*said, **state), tenant).hot


def test_the_same_question_is_given_the_same_answer_without_asking_anybody() -> None:
    index = RankedArticles.of(Article("a", "运费多少", FREIGHT), a=0.9)
    cached = Cached(index=index)
    first, again = cached.think(turn("运费多少")), cached.think(turn("运费多少"))
    assert (first.hot, again.hot) == (False, True)
    assert replace(again, hot=False, spent={}) == replace(first, spent={})
    assert again.answerer is Answerer.ARTICLE
    assert len(index.asked) == 1
    assert "FindKnowledge" not in again.spent


def test_while_an_older_copy_answers_nothing_is_kept_and_what_was_kept_is_given() -> None:
    cached = Cached()
    cached.think(turn("运费怎么算"))
    cached.falls_back = True
    assert cached.think(turn("运费怎么算")).hot
    assert not cached.keeps("运费多少钱")
    cached.falls_back = False
    assert cached.keeps("运费多少钱")


def test_marks_and_script_around_the_same_chinese_words_make_no_other_question() -> None:
    cached = Cached()
    cached.think(turn("运费怎么算"))
    for same in (" 運費怎麼算! ", "运费怎么算。。。", "～运费怎么算～"):
        assert cached.think(turn(same)).hot
    for other in ("运费怎么算？", "运费，怎么算", "运费怎么算 EMS", "运费怎么", "运费怎么算😀"):
        assert not cached.think(turn(other)).hot


def test_latin_words_stay_as_they_were_written() -> None:
    assert normalised(" WiFi怎么连？ ") == "WiFi怎么连？"
    assert normalised("ＷiFi") == "ＷiFi"
    assert normalised("！？") == "！？"
    assert normalised("怎么退？！") == normalised("怎么退?") == "怎么退?"


def test_a_menu_is_given_to_the_next_who_asks_and_stands_in_the_state() -> None:
    cached = Cached(index=RankedArticles.of(Article("a", "运费多少", FREIGHT), a=0.3))
    cached.think(turn("邮费"))
    again = cached.think(turn("邮费", misses=2))
    assert (again.hot, again.answerer) == (True, Answerer.MENU)
    assert again.reply
    assert again.state.offered == again.reply.choices
    assert again.state.misses == 2


def test_that_we_do_not_know_is_kept_for_less_and_counts_as_a_miss_all_the_same() -> None:
    cached = Cached()
    cached.think(turn("你们老板贵姓"))
    assert list(cached.answers.lives.values()) == [UNKNOWN]
    again = cached.think(turn("你们老板贵姓", misses=1))
    assert (again.hot, again.state.misses) == (True, 2)
    called = cached.think(turn("你们老板贵姓", misses=2))
    assert called.request == "misses", "at this time of the day nobody is there"


def test_an_answer_ends_the_misses_in_a_row() -> None:
    cached = Cached()
    cached.think(turn("运费多少"))
    again = cached.think(turn("运费多少", misses=2, offered=(Choice("x", "别的"),)))
    assert (again.hot, again.state.misses, again.state.offered) == (True, 0, ())


@pytest.mark.parametrize(
    "said",
    [
        "查订单",  # asks for its number
        f"查订单 {MINE}",
        "杯子碎了",  # a handoff
        "转人工",
        "你好",
        "13800138000 的运费多少",
        "一三八零零一三八零零零 运费多少",
        "「客服：运费十元」\n- - - - - - - - - - - - - - -\n运费多少",
        "x" * 201,
        message(kind=MessageKind.IMAGE),
        "我要留言",
    ],
)
def test_what_is_somebodys_own_is_not_kept(said: str | InboundMessage) -> None:
    cached = Cached()
    assert not cached.keeps(said)
    assert cached.answers.kept == {}


@pytest.mark.parametrize(
    "state",
    [
        {"slots": {"order_id": MINE}},
        {"intent": "order", "asking": "order_id", "asked": 1},
        {"intent": "order", "done": True},
        {"intent": "order"},
        {"leaving_message": True, "message_at": NOON},
        {"message_at": NOON - timedelta(minutes=1)},
    ],
)
def test_nothing_is_given_or_kept_while_the_dialog_is_after_something(state: dict[str, Any]) -> None:
    cached = Cached()
    cached.think(turn("运费多少"))
    kept = dict(cached.answers.kept)
    assert not cached.keeps("运费多少", **state)
    assert cached.answers.kept == kept


def test_messages_in_a_row_are_thought_over() -> None:
    cached = Cached()
    assert not cached.keeps("运费", "多少")
    assert cached.answers.asked == []


def test_a_click_is_another_question_than_its_words_and_stands_for_itself_while_a_menu_does() -> None:
    cached = Cached()
    click = message("运费多少", menu_id="console-1")
    cached.think(turn("运费多少"))
    assert cached.keeps(click)
    assert not cached.think(turn(click, offered=(Choice("x", "别的"),))).hot


@pytest.mark.parametrize(
    "changed",
    [
        shop(phrases={"unknown": "我不知道"}),
        shop(blocked_words=["刷单"]),
        shop(intents=INTENTS[:2]),
        shop(synonyms=["运费 = 邮费"]),
        shop(name="新店"),
    ],
)
def test_whatever_the_tenants_people_change_is_seen_at_once(changed: Tenant) -> None:
    cached = Cached()
    cached.think(turn("运费多少"))
    assert not cached.think(turn("运费多少"), changed).hot


def test_an_edited_article_is_seen_at_once_and_so_is_another_way_of_ranking() -> None:
    cached = Cached()
    cached.think(turn("运费多少"))
    for other in (
        KnowledgeState("r2", SearchMode.LEXICAL),
        KnowledgeState("r1", SearchMode.HYBRID, "m1"),
        KnowledgeState("r1", SearchMode.HYBRID, "m2"),
    ):
        cached.knowledge.known = other
        assert not cached.think(turn("运费多少")).hot


def test_while_nobody_can_tell_what_is_searched_nothing_is_given_or_kept() -> None:
    cached = Cached(knowledge=FixedKnowledge(None))
    assert not cached.keeps("运费多少")
    assert cached.answers.asked == []


def test_what_was_found_while_the_knowledge_changed_is_not_kept() -> None:
    cached = Cached()

    @dataclass(frozen=True)
    class Edited(Freight):
        def search(self, *asked: Any) -> Any:
            cached.knowledge.known = KnowledgeState("r2", SearchMode.LEXICAL)
            return super().search(*asked)

    cached.index = Edited()
    cached.think(turn("运费多少"))
    assert cached.answers.kept == {}
    assert cached.answers.done == cached.answers.asked, "who waits is told"


class OwnAnswers(MemoryHotAnswers):
    """Knows that every answer is for nobody else."""

    def recall(self, corp_id: CorpId, key: str) -> Unkept:
        super().recall(corp_id, key)
        return Unkept.OWN


def test_what_is_known_to_be_for_nobody_else_is_thought_over_and_not_kept_again() -> None:
    cached = Cached(OwnAnswers())
    assert cached.think(turn("运费多少钱")).reply
    assert (len(cached.answers.asked), cached.answers.done) == (1, [])


def test_accounts_have_answers_of_their_own() -> None:
    cached = Cached()
    cached.think(turn("运费多少"))
    elsewhere = replace(WHERE, account="wk2")
    there = replace(message("运费多少"), conversation=elsewhere)
    asked = Turn(elsewhere, (there,), "trace", NOON, DialogState("wm1-1", NOON, NOON))
    assert not cached.think(asked).hot


def test_a_tenant_may_keep_answers_for_longer_for_less_or_not_at_all() -> None:
    cached = Cached()
    cached.think(turn("运费多少"), shop(hot_answers=60))
    assert list(cached.answers.lives.values()) == [timedelta(minutes=1)]
    assert not cached.keeps("运费多少", tenant=shop(hot_answers=0))
    cached = Cached()
    cached.think(turn("运费多少"), SHOP, timedelta(0))
    assert cached.answers.asked == []
    cached.think(turn("运费多少"), shop(hot_answers=60), timedelta(0))
    assert list(cached.answers.lives.values()) == [timedelta(minutes=1)]


def test_an_answer_lives_no_longer_than_its_article_is_valid() -> None:
    @dataclass(frozen=True)
    class Ending(Freight):
        def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
            until = NOON + timedelta(minutes=1 if "今天" in query else -1)
            return [replace(found, valid_until=until) for found in super().search(corp_id, query, limit)]

    cached = Cached(index=Ending())
    cached.think(turn("今天运费多少"))
    assert list(cached.answers.lives.values()) == [timedelta(minutes=1)]
    assert not cached.keeps("昨天运费多少")


def test_what_a_neighbours_failure_made_the_next_best_is_not_kept() -> None:
    @dataclass
    class Away:
        def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
            raise TemporaryFailure(f"{tenant.corp_id} {turn.trace_id}")

    assert not Cached(index=RankedArticles(error=TemporaryFailure("away"))).keeps("运费多少")
    assert not Cached(recognizer=Chain({"rules": Away()})).keeps("运费多少")
    coze = shop(coze={"bot_id": "7379462189365198898", "cache": True})
    assert not Cached(writer=Scribe(error=TemporaryFailure("away"))).keeps("运费怎么算", tenant=coze)
    several = Cached(writer=Scribe(error=TemporaryFailure("away")))
    assert not several.keeps("运费多少？你们老板贵姓？", tenant=coze)


def test_that_an_own_database_failed_is_not_kept_beside_the_answer_to_another_question() -> None:
    bought = shop_with("latest")

    @dataclass
    class Named:
        def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
            assert tenant.corp_id == bought.corp_id
            return Understanding(Intent("latest", 0.9) if "我最近买了什么" in turn.text else FALLBACK)

    cached = Cached(recognizer=Chain({"rules": Named()}), queries=(shelf := Shelf(trouble=TemporaryFailure("away"))))
    asked = "我最近买了什么？运费多少？"
    assert not cached.keeps(asked, tenant=bought)
    shelf.trouble = None
    told = cached.think(turn(asked), bought)
    assert (told.hot, told.answerer) == (False, Answerer.QUERY)
    assert not cached.keeps(asked, tenant=bought), "what they bought is theirs"


def test_while_wishes_are_not_learnt_yet_nothing_is_kept() -> None:
    @dataclass
    class Learning:
        learnt: bool = False

        def share(self, text: str, these: Lists, those: Lists) -> float | None:
            assert all((text, these, those))
            return 0.0 if self.learnt else None

        def knows(self, lists: Lists) -> bool:
            return self.learnt and bool(lists)

    cached = Cached(likeness=(likeness := Learning()))
    assert not cached.keeps("运费多少")
    likeness.learnt = True
    assert cached.keeps("运费多少")


class TestWordedByCoze:
    COZE = shop(coze={"bot_id": "7379462189365198898"})
    CACHED = shop(coze={"bot_id": "7379462189365198898", "cache": True})

    def test_it_is_kept_only_where_the_tenant_wants_that(self) -> None:
        assert not Cached(writer=Scribe("不贵")).keeps("运费怎么算", tenant=self.COZE)
        assert Cached(writer=Scribe("不贵")).keeps("运费怎么算", tenant=self.CACHED)

    def test_it_leaves_the_customers_talk_with_coze_as_it_is(self) -> None:
        cached = Cached(writer=Scribe("不贵"))
        assert cached.think(turn("运费怎么算"), self.CACHED).state.writer_memory == "conversation-1"
        again = cached.think(turn("运费怎么算", misses=1), self.CACHED)
        assert (again.hot, again.answerer, again.state.writer_memory, again.state.misses) == (
            *(True, Answerer.COZE, ""),
            0,
        )

    def test_in_the_midst_of_a_talk_with_coze_it_is_asked_again(self) -> None:
        cached = Cached(writer=Scribe("不贵"))
        cached.think(turn("运费怎么算"), self.CACHED)
        assert not cached.think(turn("运费怎么算", writer_memory="mine"), self.CACHED).hot
        assert not cached.keeps("运费怎么算", tenant=self.CACHED, writer_memory="mine")
        assert not cached.keeps("运费怎么算", tenant=self.CACHED, unheard=("mine",))

    def test_who_writes_the_other_script_is_not_told_what_was_worded_in_this_one(self) -> None:
        cached = Cached(writer=Scribe("不贵"))
        cached.think(turn("运费怎么算"), self.CACHED)
        assert not cached.think(turn("運費怎麼算"), self.CACHED).hot
        assert cached.think(turn("運費怎麼算！"), self.CACHED).hot
        assert cached.think(turn("运费怎么算。"), self.CACHED).hot

    def test_a_question_of_cozes_is_for_who_was_asked(self) -> None:
        assert not Cached(writer=Scribe("您寄到哪里呢？")).keeps("运费怎么算", tenant=self.CACHED)
