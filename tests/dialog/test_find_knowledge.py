import structlog

from tests.dialog.turns import CORP, RankedArticles, tenant, turn
from wecom_bot.dialog.stages.find_knowledge import FindKnowledge
from wecom_bot.domain.knowledge import Article
from wecom_bot.errors import TemporaryFailure


def test_the_passages_for_all_that_was_said_are_attached() -> None:
    index = RankedArticles.of(Article("a", "甲", "答"), Article("b", "乙", "答"), a=0.9, b=0.1)
    after = FindKnowledge(index)(tenant(), turn("我的货", "到哪了"))
    assert [passage.article_id for passage in after.passages] == ["a", "b"]
    assert index.asked == [(CORP, "我的货\n到哪了", 3)]
    assert not after.settled


def test_a_failing_index_finds_nothing_and_the_log_says_only_what_kind_of_failure_it_was() -> None:
    with structlog.testing.capture_logs() as log:
        after = FindKnowledge(RankedArticles(error=TemporaryFailure("我的货 not found")))(tenant(), turn("我的货"))
    assert (after.passages, after.settled) == ((), False)
    assert log == [{"event": "knowledge.failed", "log_level": "warning", "corp_id": CORP, "error": "TemporaryFailure"}]


def test_without_words_nothing_is_looked_for() -> None:
    index = RankedArticles.of(Article("a", "甲", "答"), a=0.9)
    assert FindKnowledge(index)(tenant(), turn(" ")).passages == ()
    assert index.asked == []


def test_a_title_that_denies_something_is_found_by_its_very_words() -> None:
    index = RankedArticles.of(Article("a", "不用开发票", "好的"), a=1.0)
    assert [each.article_id for each in FindKnowledge(index)(tenant(), turn("不用开发票")).passages] == ["a"]
    near = RankedArticles.of(Article("a", "怎么开发票", "在订单里"), a=0.9)
    assert FindKnowledge(near)(tenant(), turn("不用开发票")).passages == ()
