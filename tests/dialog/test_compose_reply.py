from dataclasses import replace

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.stages.compose_reply import ComposeReply
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import Choice, Reply

TENANT = tenant(thresholds={"answer": 0.6, "suggest": 0.2}, phrases={"did_you_mean": "哪一个？", "unknown": "不懂"})
OLD = (Choice("z", "旧"),)


def composed(*scores: float, misses: int = 0) -> Turn:
    passages = tuple(Passage(f"a{n}", f"问{n}", f"答{n}", score) for n, score in enumerate(scores))
    return ComposeReply()(TENANT, replace(turn("问", offered=OLD, misses=misses), passages=passages))


def test_a_sure_find_is_the_answer() -> None:
    said = composed(0.6, 0.5, misses=2)
    assert (said.reply, said.answerer) == (Reply("答0"), Answerer.ARTICLE)
    assert (said.state.misses, said.state.offered) == (0, ())


def test_an_unsure_find_becomes_a_menu_of_three() -> None:
    said = composed(0.59, 0.3, 0.1, 0.1, misses=1)
    choices = tuple(Choice(f"a{n}", f"问{n}") for n in range(3))
    assert (said.reply, said.answerer) == (Reply("哪一个？", choices), Answerer.MENU)
    assert said.state.offered == choices
    assert said.state.misses == 1  # neither answered nor missed yet


def test_a_poor_find_is_none() -> None:
    said = composed(0.19, misses=1)
    assert (said.reply, said.answerer) == (Reply("不懂"), Answerer.PHRASE)
    assert (said.state.misses, said.state.offered) == (2, ())


def test_nothing_found_is_said_so_even_with_a_threshold_of_zero() -> None:
    said = ComposeReply()(tenant(thresholds={"answer": 0, "suggest": 0}), turn("问"))
    assert said.answerer is Answerer.PHRASE
    assert said.state.misses == 1
