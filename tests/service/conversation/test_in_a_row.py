"""What a customer says in a row, with a writer that takes its time: it is asked once, and once more for the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.dialog.turns import Desk, Scribe, ShopOrders, order
from tests.fakes import ACME, message
from tests.service.conversation.answering import House
from wecom_bot.adapters.redis.connection import Client
from wecom_bot.dialog.pipeline import standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.dialog import FALLBACK, Answerer, Intent, Turn, Understanding
from wecom_bot.domain.job import AnswerMessage
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import CorpId, MessageId
from wecom_bot.domain.order import Order
from wecom_bot.domain.phrases import Phrases
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import Written

MINE = "202611200001"
TITLES = {"怎么换货": "换货的答案", "怎么开发票": "发票的答案", "运费怎么算": "运费的答案"}
ORDER_ID = {"name": "order_id", "pattern": "(?<![0-9])[0-9]{12}(?![0-9])", "ask": "订单号是多少？"}
SHOP: dict[str, Any] = {
    "coze": {"bot_id": "1234567890"},
    "intents": [{"name": "order", "slots": [ORDER_ID], "lookup": "order"}],
    "recognizers": ["rules"],
    "blocked_words": ["赌博"],
    "merge_window": 0,
}


class Titles:
    """A SearchIndex that knows titles for certain, and whatever holds one a little."""

    def search(self, _corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        found = [title for title in TITLES if title in query]
        score = 1.0 if query in TITLES else 0.7
        return [Passage(each, each, TITLES[each], score) for each in found][:limit]

    def get(self, _corp_id: CorpId, article_id: str) -> Passage | None:
        return Passage(article_id, article_id, TITLES[article_id], 1.0) if article_id in TITLES else None


class ByWord:
    """Knows an order's intent by its word."""

    def recognize(self, _tenant: Tenant, turn: Turn) -> Understanding:
        return Understanding(Intent("order", 0.9) if "订单" in turn.text else FALLBACK)


class Books(ShopOrders):
    def find(self, _corp_id: CorpId, customer: str, order_id: str) -> Order | None:
        return next((each for each in self.orders if (each.customer, each.order_id) == (customer, order_id)), None)


@dataclass
class SlowScribe(Scribe):
    """Says which words it was asked to answer; while it thinks, things happen: the first deed at the first call."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def write(self, tenant: Tenant, turn: Turn) -> Written:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return replace(super().write(tenant, turn), text=f"答{turn.text.splitlines()}")

    @property
    def asked(self) -> list[list[str]]:
        return [turn.text.splitlines() for turn in self.given]


@dataclass
class Row:
    """A house whose writer is slow."""

    house: House
    scribe: SlowScribe
    said: int = 0

    def says(self, *texts: str) -> None:
        self.said += len(texts)
        numbered = enumerate(texts, self.said - len(texts) + 1)
        self.house.inbox.put(
            ACME, [AnswerMessage(message(text, n, sent_at=self.house.clock.now()), "t") for n, text in numbered]
        )

    def meanwhile(self, *texts: str) -> None:
        """What the customer says during the next chat."""
        self.scribe.meanwhile.append(lambda: self.says(*texts))

    def reads(self, first: str) -> list[str]:
        """What the customer reads after saying this, and whatever they say meanwhile."""
        self.says(first)
        self.house.finish()
        return [part for text in self.house.speaker.texts for part in text.split("\n\n")]

    def turn(self) -> Turn:
        (closed,) = self.house.closed()
        return closed.turn


def opened(client: Client, **settings: Any) -> Row:
    house, scribe = House(client, **SHOP | settings), SlowScribe()
    orders = Books([order(MINE)])
    house.mind = standard(Titles(), Chain({"rules": ByWord()}), orders, Desk(), scribe)
    return Row(house, scribe)


@pytest.fixture
def row(redis_client: Client) -> Row:
    return opened(redis_client)


@pytest.mark.parametrize(("count", "chats"), [(1, 1), (2, 2), (5, 2), (10, 2)])
@pytest.mark.parametrize("what", ["第{}件事", "第{}件事：你们有什么优惠", "{}号怎么换货"])
def test_what_comes_during_a_chat_takes_one_more(row: Row, what: str, count: int, chats: int) -> None:
    first, *rest = [what.format(number) for number in range(count)]
    if rest:
        row.meanwhile(*rest)
    row.reads(first)
    assert len(row.scribe.given) == chats
    turn = row.turn()
    assert len(turn.messages) == count
    assert (turn.left, row.house.inbox.waiting(ACME)) == (None, 0)


def test_an_unsure_answer_is_not_said_once_all_is_thought_over_together(row: Row) -> None:
    row.meanwhile("上周的鞋", "还没拆")
    assert row.reads("我想退") == ["答['我想退', '上周的鞋', '还没拆']"]
    assert row.turn().state.misses == 1


def test_a_sure_answer_stays_and_the_rest_is_told_with_it(row: Row) -> None:
    row.meanwhile("能开发票吗", "包邮吗")
    assert row.reads("怎么换货才快") == ["答['怎么换货才快']", "答['能开发票吗', '包邮吗']"]
    assert [given.state.writer_memory for given in row.scribe.given] == ["", "conversation-1"]
    assert row.turn().state.writer_memory == "conversation-2"


def test_what_the_house_knows_for_certain_is_said_as_it_is_written(row: Row) -> None:
    row.meanwhile("怎么换货", "怎么开发票才快", "怎么换货", "怎么开发票", "有实体店", "几个店")
    assert row.reads("运费怎么算呢亲") == [
        "答['运费怎么算呢亲']",
        "换货的答案",
        "答['怎么开发票才快', '有实体店', '几个店']",
        "换货的答案",
        "发票的答案",
    ]
    assert row.turn().state.writer_memory == "conversation-2"


def test_the_writer_is_given_what_was_found_for_each(row: Row) -> None:
    row.meanwhile("怎么换货才快", "怎么开发票才快")
    row.reads("运费怎么算才少")
    assert [passage.article_id for passage in row.scribe.given[1].passages] == ["怎么换货", "怎么开发票"]
    assert row.turn().state.misses == 0


def test_the_writer_hears_which_of_its_answers_nobody_saw(row: Row) -> None:
    row.meanwhile("上周的鞋")
    row.meanwhile("还没拆")
    assert row.reads("我想退") == ["答['我想退', '上周的鞋', '还没拆']"]
    unheard = [given.state.unheard for given in row.scribe.given]
    assert unheard == [(), ("conversation-1",), ("conversation-1", "conversation-2")]
    assert row.turn().state.unheard == ()


def test_an_answer_that_nobody_saw_is_remembered_until_the_writer_is_asked_again(row: Row) -> None:
    row.meanwhile(MINE)
    (said,) = row.reads("我的单子呢")
    assert (said.startswith(f"订单 {MINE}："), len(row.scribe.given)) == (True, 1)
    state = row.turn().state
    assert (state.writer_memory, state.unheard) == ("", ("conversation-1",))
    row.reads("有实体店")
    assert row.scribe.given[-1].state.unheard == ("conversation-1",)


def test_a_number_in_the_second_message_fills_the_slot_of_the_first(row: Row) -> None:
    row.says("查一下订单", MINE)
    row.house.finish()
    assert [text.startswith(f"订单 {MINE}：") for text in row.house.speaker.texts] == [True]
    assert (row.scribe.given, row.turn().state.slots) == ([], {"order_id": MINE})


def test_what_is_tracked_between_two_open_questions_stays_known(row: Row) -> None:
    row.meanwhile("怎么换货才快", f"订单{MINE}到哪了", "有实体店")
    said = row.reads("运费怎么算才少")
    assert (said[1], said[2][:15], len(said)) == ("答['怎么换货才快', '有实体店']", f"订单 {MINE}", 3)
    state = row.turn().state
    assert (state.slots, state.writer_memory) == ({"order_id": MINE}, "conversation-2")


def test_what_follows_a_wish_for_a_human_is_left_to_the_human(row: Row) -> None:
    row.meanwhile("怎么换货才快", "转人工", "几个店")
    said = row.reads("运费怎么算才少")
    assert said == ["答['运费怎么算才少']", "答['怎么换货才快']", Phrases().handoff]
    assert (row.house.speaker.handed_off, row.house.inbox.waiting(ACME)) == (["asked"], 1)


def test_a_blocked_word_in_one_of_them_leaves_the_house_in_none(row: Row) -> None:
    row.meanwhile("哪里能赌博", "有实体店")
    said = row.reads("运费怎么算才少")
    assert said == ["答['运费怎么算才少']", Phrases().blocked, "答['有实体店']"]


def test_where_the_writer_fails_each_is_answered_from_the_house(row: Row) -> None:
    def fails() -> None:
        row.says("怎么换货才快", "怎么开发票才快", "几个店")
        row.scribe.error = TemporaryFailure("away")

    row.scribe.meanwhile = [fails]
    row.says("运费怎么算才少")
    row.house.finish()
    assert row.house.speaker.texts == ["运费的答案\n\n换货的答案\n\n发票的答案\n\n" + Phrases().unknown]
    assert len(row.scribe.given) == 2


def test_several_questions_in_one_message_of_a_row_each_keep_their_answer(row: Row) -> None:
    row.meanwhile(f"{MINE}到哪了？你们老板贵姓？", "有实体店")
    said = row.reads("运费怎么算才少")
    assert said[0] == "答['运费怎么算才少']"
    assert said[1].startswith(f"订单 {MINE}：")
    assert said[2:] == ["答['你们老板贵姓？']", "答['有实体店']"]
    assert len(row.scribe.given) == 3


def test_what_is_taken_back_during_a_chat_takes_one_more_for_all_that_stays(row: Row) -> None:
    def recall() -> None:
        row.says("有实体店", "几个店")
        row.house.ledger.recall(message().conversation, MessageId("m1"))

    row.scribe.meanwhile = [recall]
    assert row.reads("运费怎么算才少") == ["答['有实体店', '几个店']"]
    assert row.scribe.asked == [["运费怎么算才少"], ["有实体店", "几个店"], ["有实体店", "几个店"]]
    assert row.scribe.given[-1].state.unheard == ("conversation-1", "conversation-2")
    assert row.turn().answerer is Answerer.COZE


def test_what_comes_after_the_last_chat_has_the_next_turn(row: Row) -> None:
    def late() -> None:
        row.house.clock.forward(seconds=6)
        row.says("有实体店")

    row.scribe.meanwhile = [late]
    assert row.reads("运费怎么算才少") == ["答['运费怎么算才少']"]
    assert row.house.inbox.waiting(ACME) == 1


def test_a_redo_before_anything_was_stored_gathers_and_says_all(row: Row) -> None:
    def dies() -> None:
        raise SystemExit

    row.says("运费怎么算才少", "有实体店")
    row.scribe.meanwhile = [dies]
    lease = row.house.again()
    with pytest.raises(SystemExit):
        row.house.answer(lease)
    row.house.inbox.give_back(lease)
    row.house.finish()
    assert row.house.speaker.texts == ["答['运费怎么算才少']\n\n答['有实体店']"]
