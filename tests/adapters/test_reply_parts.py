"""Cutting a reply to what a channel carries, with what did not fit kept for who asks for more."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.fakes import ACME, KF
from wecom_bot.adapters.wecom.speaking import content, parts
from wecom_bot.domain.message import Attachment, Channel, Choice, ConversationId, Reply
from wecom_bot.domain.tenant import Phrases
from wecom_bot.ports import Cut

WHERE = ConversationId(ACME, Channel.KF, KF, "wm1")
MORE = "内容较多，回复“继续”查看余下部分。"
PHRASES = Phrases(more=MORE)
CHOICES = (Choice("a1", "怎么退货"), Choice("a2", "怎么换货"))
LINK = Attachment("link", "说明书", url="https://x.cn/1")
TEXTS = st.lists(
    st.sampled_from(["好的。", "请稍候，", "a" * 300, "退货" * 90, "\n\n", "  ", "https://x.cn/?a=1&b=2 ", "Is it? "]),
    max_size=90,
).map("".join)
CUTS: dict[str, Callable[[Reply], Cut]] = {
    "kf": lambda reply: parts.cut(WHERE, reply, PHRASES, 4, 1024),
    "app": lambda reply: parts.cut(WHERE, reply, PHRASES, 5, content.above(reply.choices)),
}
MOST = {"kf": 4, "app": 5}


def without_space(text: str) -> str:
    return re.sub(r"\s", "", text)


def words(cut: Cut) -> str:
    """All that was said, without the offer, and the rest."""
    return without_space("".join(part.text for part in cut.parts).removesuffix(MORE if cut.rest else "") + cut.rest)


@pytest.mark.parametrize("channel", CUTS)
@given(text=TEXTS, choices=st.sampled_from([(), CHOICES]))
def test_no_word_is_lost_and_none_is_said_twice(channel: str, text: str, choices: tuple[Choice, ...]) -> None:
    cut = CUTS[channel](Reply(text + "完", choices))
    assert words(cut) == without_space(text + "完")
    assert 1 <= len(cut.parts) <= MOST[channel]
    assert all(len(part.text.encode()) <= 2048 for part in cut.parts)
    assert [part.choices for part in cut.parts[:-1]] == [()] * (len(cut.parts) - 1)
    assert cut.parts[-1].choices == choices
    assert cut.rest == "" or cut.parts[-1].text.endswith("\n" + MORE)


@pytest.mark.parametrize("channel", CUTS)
def test_what_does_not_fit_is_shortened_at_a_sentence_and_offers_the_rest(channel: str) -> None:
    cut = CUTS[channel](Reply("这是第一句话。" * 1500, CHOICES))
    assert len(cut.parts) == MOST[channel]
    *whole, offer = cut.parts[-1].text.splitlines()
    assert offer == MORE
    assert "".join(whole).endswith("话。")
    assert all(part.text.endswith("话。") for part in cut.parts[:-1])
    assert cut.rest.startswith("这是第一句话。")


def test_going_on_with_the_rest_says_all_of_it() -> None:
    text = "".join(f"第{number}句话。" for number in range(3000))
    said, left = "", text
    while left:
        cut = CUTS["kf"](Reply(left))
        said += "".join(part.text for part in cut.parts).removesuffix("\n" + MORE if cut.rest else "")
        left = cut.rest
    assert said == text


def test_a_long_chinese_answer_is_cut_into_few_ordered_parts() -> None:
    text = "".join(f"第{number}条规定如下，请您留意。" for number in range(180))  # 7,000 bytes
    cut = CUTS["kf"](Reply(text))
    assert "".join(part.text for part in cut.parts) == text
    assert (len(cut.parts), cut.rest) == (4, "")
    assert all(part.text.endswith("。") for part in cut.parts)


def test_space_at_the_end_is_no_rest() -> None:
    cut = CUTS["kf"](Reply("好" * 2728 + "\n" * 9000))
    assert (len(cut.parts), cut.rest) == (4, "")


def test_a_tenants_endless_offer_leaves_room_for_words() -> None:
    cut = parts.cut(WHERE, Reply("一句话。" * 5000, CHOICES), Phrases(more="还有" * 2000), 4, 1024)
    assert len(cut.parts[-1].text.encode()) <= 1024
    assert cut.parts[-1].text.startswith("一句话。")


def test_attachments_come_after_the_words_each_by_itself() -> None:
    picture = Attachment("image", picture="a.png")
    cut = CUTS["kf"](Reply("您看", CHOICES, (LINK, picture)))
    assert cut.parts == (
        Reply("您看", CHOICES),
        Reply("", attachments=(LINK,)),
        Reply("", attachments=(picture,)),
    )
    assert CUTS["kf"](Reply("", attachments=(LINK,))).parts == (Reply("", attachments=(LINK,)),)
    assert CUTS["kf"](Reply("", CHOICES, (LINK,))).parts == (Reply("", CHOICES), Reply("", attachments=(LINK,)))


def test_words_go_before_attachments_that_do_not_fit() -> None:
    with capture_logs() as lines:
        cut = CUTS["kf"](Reply("退" * 1200, attachments=(LINK,) * 5))
    assert [bool(part.attachments) for part in cut.parts] == [False, False, True, True]
    assert [line["left_out"] for line in lines if line["event"] == "reply.attachments_left_out"] == [3]
