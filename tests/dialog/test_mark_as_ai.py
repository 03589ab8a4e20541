"""Who worded a reply is said where the tenant wants that."""

from dataclasses import replace

import pytest

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.stages.mark_as_ai import MarkAsAi
from wecom_bot.domain.dialog import Answerer
from wecom_bot.domain.message import Reply
from wecom_bot.text.plain import MOST_BYTES

MARK = "（AI 生成）"
MARKED = tenant(coze={"mark": MARK})


def said(answerer: Answerer, text: str = "亲，包邮的") -> str:
    done = MarkAsAi()(MARKED, turn("包邮吗").say(answerer, Reply(text)))
    assert done.reply is not None
    return done.reply.text


def test_what_coze_worded_is_marked() -> None:
    assert said(Answerer.COZE) == f"亲，包邮的\n\n{MARK}"


@pytest.mark.parametrize("answerer", [each for each in Answerer if each is not Answerer.COZE])
def test_what_people_wrote_is_not(answerer: Answerer) -> None:
    assert said(answerer) == "亲，包邮的"


def test_the_mark_is_shown_whole_below_the_longest_reply() -> None:
    text = said(Answerer.COZE, "很" * MOST_BYTES)
    assert text.endswith(f"…\n\n{MARK}")
    assert len(text.encode()) <= MOST_BYTES


def test_without_a_mark_or_a_reply_nothing_is_added() -> None:
    worded = turn("包邮吗").say(Answerer.COZE, Reply("包邮"))
    assert MarkAsAi()(tenant(), worded) == worded
    assert MarkAsAi()(MARKED, replace(worded, reply=None)).reply is None
