"""What was asked in vain, out of the turns as the pipeline leaves them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.dialog.turns import CORP, NOON, WHERE, RankedArticles
from tests.fakes import FixedTenants, tenant
from tests.fixtures.actors import OWNER
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import KeptTurn, ToldTurn
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.misses import ListMisses, Misses

TIMEOUT = timedelta(minutes=30)
MENU = ("怎么退货", "怎么换货", "都不是")
NOBODY_WROTE = RankedArticles()


@dataclass
class Kept:
    """Turns, as ports.Turns hands them out."""

    turns: list[KeptTurn] = field(default_factory=list)

    def since(self, corp_id: CorpId, moment: datetime) -> Iterator[KeptTurn]:
        assert corp_id == CORP
        kept = (turn for turn in self.turns if turn.began_at >= moment)
        return iter(sorted(kept, key=lambda turn: (str(turn.conversation), turn.began_at)))

    def newest(self, corp_id: CorpId, **_: object) -> Sequence[ToldTurn]:
        raise AssertionError(f"nobody reads the turns of {corp_id} one by one")


def turn(words: str, minutes: float, misses: int = 0, *, customer: str = "wm1", **changes: object) -> KeptTurn:
    where, at = replace(WHERE, customer=customer), NOON + timedelta(minutes=minutes)
    made = KeptTurn(where, f"trace-{customer}-{minutes:g}", at, f"{customer}-1", words, misses)
    return replace(made, **changes)  # type: ignore[arg-type]


def misses(*turns: KeptTurn, most: int = 10, index: RankedArticles = NOBODY_WROTE, since: datetime = NOON) -> Misses:
    admission = Admission(FixedTenants.of(tenant(CORP)).get)
    return ListMisses(admission, Kept(list(turns)), index, TIMEOUT)(OWNER, CORP, since, most)


def counted(found: Misses) -> list[tuple[str, int]]:
    return [(each.words, each.count) for each in found.said]


def test_a_turn_is_missed_where_the_count_of_misses_rose() -> None:
    found = misses(
        turn("能分期吗", 0, 1),
        turn("货", 1, 1, offered=MENU),  # a menu keeps the count
        turn("我的订单", 2, 1),  # and so does a question back
        turn("能寄国外吗", 3, 2),
        turn("运费多少", 4, 0),
        turn("能寄月球吗", 5, 1),
    )
    assert counted(found) == [("能寄月球吗", 1), ("能寄国外吗", 1), ("能分期吗", 1)]
    assert (found.turns, found.missed, found.left_out) == (6, 3, 0)


def test_a_handoff_for_misses_is_missed_though_it_counts_anew() -> None:
    found = misses(
        turn("能分期吗", 0, 1),
        turn("能寄国外吗", 1, 0, handoff="misses"),
        turn("转人工", 2, 0, handoff="asked"),
        turn("能代写吗", 3, 0, request="misses", customer="wm2"),
        turn("电话 13812345678", 4, 0, request="message", customer="wm2"),
    )
    assert counted(found) == [("能代写吗", 1), ("能寄国外吗", 1), ("能分期吗", 1)]
    assert found.turns == 5


def test_where_the_bot_was_silent_nothing_is_counted() -> None:
    found = misses(turn("在吗", 0, 1, answered=False), turn("在吗", 1, 1))
    assert (found.turns, counted(found)) == (1, [])


def test_every_session_counts_from_nought() -> None:
    found = misses(turn("能分期吗", 0, 2), turn("能分期吗", 40, 1, session_id="wm1-2"))
    assert counted(found) == [("能分期吗", 2)]
    assert found.said[0].trace_id == "trace-wm1-40"


def test_conversations_do_not_count_on_each_other() -> None:
    found = misses(turn("能分期吗", 0, 1), turn("能寄国外吗", 1, 1, customer="wm2", session_id="wm1-1"))
    assert found.missed == 2


def test_what_came_just_before_counts_only_as_what_came_before() -> None:
    found = misses(turn("能分期吗", -20, 1), turn("货", 5, 1, offered=MENU), turn("能寄国外吗", 6, 2))
    assert counted(found) == [("能寄国外吗", 1)]
    assert found.turns == 2


def test_the_same_words_in_other_letters_are_one_and_shown_as_they_were_said_last() -> None:
    said = ["能分期吗？", "能分期吗", "能　分期嗎！", "can I pay later", "CAN I PAY LATER?!", "👍"]
    found = misses(*(turn(words, minutes, 1, customer=f"wm{minutes}") for minutes, words in enumerate(said)))
    assert counted(found) == [("能　分期嗎！", 3), ("CAN I PAY LATER?!", 2), ("👍", 1)]
    assert found.said[0].newest == NOON + timedelta(minutes=2)
    assert found.said[0].trace_id == "trace-wm2-2"


def test_the_most_asked_come_first_then_the_newest_and_the_rest_is_counted() -> None:
    said = ["甲", "乙", "乙", "丙", "丁"]
    turns = [turn(words, minutes, 1, customer=f"wm{minutes}") for minutes, words in enumerate(said)]
    found = misses(*turns, most=2)
    assert counted(found) == [("乙", 2), ("丁", 1)]
    assert (found.missed, found.left_out) == (5, 2)
    assert misses(*turns, most=9).left_out == 0


def test_who_picked_none_of_these_meant_what_they_had_said_before() -> None:
    for refusal in ("都不是", "3", "以上都不是"):
        found = misses(turn("能换颜色吗", 0, offered=MENU), turn(refusal, 1, 1))
        assert counted(found) == [("能换颜色吗", 1)]
        assert found.said[0].trace_id == "trace-wm1-1"
    again = misses(turn("吃了吗", 0, 1), turn("货", 1, 1, offered=MENU), turn("都不是", 2, 0, handoff="misses"))
    assert counted(again) == [("货", 1), ("吃了吗", 1)]
    others = misses(turn("货", 0, offered=MENU), turn("能寄国外吗", 1, 1))
    assert counted(others) == [("能寄国外吗", 1)]
    alone = misses(turn("货", 0), turn("都不是", 1, 1))
    assert counted(alone) == [("都不是", 1)]


def test_personal_data_is_masked() -> None:
    found = misses(turn("打13812345678能查到吗", 0, 1), turn("打 138 1234 5678 能查到吗？", 1, 2))
    assert [each.words for each in found.said] == ["打 138****5678 能查到吗？"]
    assert found.missed == 2


def test_beside_each_stands_the_article_that_is_nearest_now() -> None:
    index = RankedArticles.of(Article("pay", "怎么付款", "支付宝"), pay=0.31)
    found = misses(turn("打13812345678能分期吗", 0, 1), index=index)
    nearest = found.said[0].nearest
    assert nearest is not None
    assert (nearest.article_id, nearest.score) == ("pay", 0.31)
    assert index.asked == [(CORP, "打13812345678能分期吗", 1)]  # unmasked: the search keeps nothing
    assert misses(turn("能分期吗", 0, 1)).said[0].nearest is None
