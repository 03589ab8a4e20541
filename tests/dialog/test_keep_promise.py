"""What Coze promises is done, or taken back."""

import pytest

from tests.dialog.turns import Desk, tenant, turn
from wecom_bot.dialog.stages.keep_promise import KeepPromise
from wecom_bot.domain.dialog import Answerer, Handoff, Turn
from wecom_bot.domain.message import Reply

PHRASES = tenant().phrases


def written(text: str, answerer: Answerer = Answerer.COZE) -> Turn:
    return turn("我的杯子碎了").say(answerer, Reply(text))


@pytest.mark.parametrize(
    "text",
    [
        "好的，正在为您转接人工客服，请稍等。",
        "抱歉，我马上帮您联系客服处理。",
        "已为您转接到人工，请稍候～",
        "好的，已为您转人工客服，请稍候。",
        "好的，这就为您转人工。",
        "我帮您转人工客服，请稍等",
        "别急。正在转接人工客服……",
        "我来为您安排一位专员。",
        "这个问题我会转给人工客服跟进。",
        "I am transferring you to a human agent now.",
    ],
)
def test_a_promise_is_kept(text: str) -> None:
    kept = KeepPromise(Desk())(tenant(), written(text))
    assert kept.handoff == Handoff("promised")
    assert kept.reply == Reply(PHRASES.handoff)


@pytest.mark.parametrize(
    "text",
    [
        "如需帮助，可以回复“人工”联系客服。",
        "您可以马上联系客服修改地址。",
        "人工客服的服务时间是九点到六点。",
        "七天内可退，运费由我们承担。",
        "杯子若有破损，请立即联系客服并附上照片，48 小时内免费补发。",
        "您已联系客服的话，退款会在 1-3 个工作日原路退回。",
        "发现被盗刷，请马上联系人工客服 95588 冻结账户。",
        "我无法立即转接人工客服。",
        "拨打 400-800-1234 立即联系人工客服。",
        "如果还有问题，我会为您转接人工客服。",
        "I can transfer you to a human agent if you like.",
        "需要我为您转接人工客服吗？",
        "You can ask for a human agent at any time.",
    ],
)
def test_advice_is_no_promise(text: str) -> None:
    said = written(text)
    assert KeepPromise(Desk())(tenant(), said) == said


def test_where_nobody_is_there_the_promise_is_taken_back() -> None:
    kept = KeepPromise(Desk(staffed=False))(tenant(), written("正在为您转接人工客服。"))
    assert kept.reply == Reply(PHRASES.nobody)
    assert (kept.handoff, kept.request) == (None, "promised")


def test_what_an_article_says_is_the_tenants_own() -> None:
    said = written("正在为您转接人工客服。", Answerer.ARTICLE)
    assert KeepPromise(Desk())(tenant(), said) == said
