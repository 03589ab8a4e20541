from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.stages.screen_words import ScreenWords
from wecom_bot.domain.dialog import Answerer
from wecom_bot.domain.message import Reply

STRICT = tenant(blocked_words=["办假证", "刷单"], phrases={"blocked": "换个话题吧"})


def test_a_blocked_word_gets_the_neutral_phrase() -> None:
    said = ScreenWords()(STRICT, turn("你好，办 假 证多少钱"))
    assert said.reply == Reply("换个话题吧")
    assert said.answerer is Answerer.PHRASE


def test_a_word_split_over_two_messages_is_found() -> None:
    assert ScreenWords()(STRICT, turn("刷", "单")).settled


def test_other_words_pass() -> None:
    assert not ScreenWords()(STRICT, turn("办理证件")).settled


def test_a_tenant_without_words_blocks_nothing() -> None:
    assert not ScreenWords()(tenant(), turn("办假证")).settled
