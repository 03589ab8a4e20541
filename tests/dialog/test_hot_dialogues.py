"""Random dialogues, of many customers with one cache: each hears and leaves behind what they would without it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import hypothesis.strategies as st
from hypothesis import given, settings

from tests.dialog.office import CLOSED, INTENTS, MINE, OPEN, RULES, ByWord, Freight, shop
from tests.dialog.turns import NOON, WHERE, Desk, ShopOrders, message, order
from tests.fakes import FixedKnowledge, MemoryHotAnswers, SettableClock
from wecom_bot.dialog.hot_questions import HotPath, HotQuestions
from wecom_bot.dialog.pipeline import standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import CorpId, InboundMessage, MessageKind
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text.folding import fold

RETURN = {
    "name": "return",
    "slots": [{"name": "reason", "pattern": ".{2,}", "ask": "什么原因？"}],
    "reply": "好的：{reason}",
}


@dataclass(frozen=True)
class Library(Freight):
    """As every search it sees through the script."""

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        return Freight.search(self, corp_id, fold(query), limit)


SHOPS = (shop(), shop(handoff=RULES | {"misses": 2}), shop(intents=[*INTENTS, RETURN], hot_answers=60))
SAID: tuple[str | InboundMessage, ...] = (
    *("运费多少", "运费多少？", "運費多少", "运费多少，多久到", "运费多少？你们老板贵姓？", "老板贵姓", "查订单", MINE),
    *(
        f"查订单 {MINE} 运费多少",
        "202699999999",
        "算了",
        "没有订单号",
        "你好",
        "谢谢",
        "不用了",
        "好的",
        "？",
        "1",
        "都不是",
    ),
    *(
        "杯子碎了",
        "转人工",
        "我要留言",
        "打我电话 13800138000",
        "继续",
        "退货",
        "不要运费险",
        "hello",
        "how much is 运费",
    ),
    *(message(kind=MessageKind.IMAGE), message("运费多少", menu_id="console"), message("运费多少", menu_id="freight")),
    "「你：运费」\n- - - - - - - - - - - - - - -\n多少",
)
ANSWERS, ORDERS = MemoryHotAnswers(), ShopOrders([order(MINE)])
NEIGHBOURS = Library(), Chain({"rules": ByWord()}), ORDERS, Desk()
PLAIN = standard(*NEIGHBOURS)
CACHED = standard(
    *NEIGHBOURS,
    hot=HotPath(ANSWERS, HotQuestions(FixedKnowledge()), SettableClock(), timedelta(minutes=5), timedelta(minutes=1)),
)


@given(
    st.sampled_from(SHOPS),
    st.lists(st.sampled_from(SAID), min_size=1, max_size=8),
    st.sampled_from((OPEN, CLOSED)),
    st.sampled_from(("wk1", "wk2")),
)
@settings(max_examples=150)
def test_nobody_can_tell_that_there_is_a_cache(
    tenant: Tenant, said: list[str | InboundMessage], began: datetime, account: str
) -> None:
    where = replace(WHERE, account=account)
    state = DialogState("wm1-1", NOON, NOON)
    for number, each in enumerate(said):
        one = replace(message(each) if isinstance(each, str) else each, conversation=where)
        asked = Turn(where, (one,), "trace", began + timedelta(minutes=number), state)
        would, did = PLAIN(tenant, asked), CACHED(tenant, asked)
        assert replace(did, hot=False, spent={}) == replace(would, spent={})
        state = did.state
