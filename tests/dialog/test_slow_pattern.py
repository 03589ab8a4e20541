"""A tenant that was stored with a pattern that is slow, or none: its customers are answered, and so are all others."""

import pytest
from structlog.testing import capture_logs

from tests.dialog.turns import CORP, NOON, WHERE, Desk, RankedArticles, ShopOrders, message
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.dialog.pipeline import standard
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.intent import STORED
from wecom_bot.domain.pattern import LIMIT
from wecom_bot.domain.pattern_share import MOST, share
from wecom_bot.domain.tenant import Tenant

ASK = "序列号是多少？"


def shop(pattern: str) -> Tenant:
    serial = {"name": "serial", "pattern": pattern, "ask": ASK}
    size = {"name": "size", "pattern": "([SML])码", "ask": "尺码？"}
    intent = {"name": "lookup", "examples": ["查序列号"], "slots": [serial, size], "reply": "{serial} {size}"}
    return Tenant.model_validate({"corp_id": CORP, "intents": [intent]}, context=STORED)


def hear(tenant: Tenant, state: DialogState, said: str) -> Turn:
    think = standard(RankedArticles(), Chain({"rules": RulesRecognizer()}), ShopOrders(), Desk())
    return think(tenant, Turn(WHERE, (message(said),), "trace", NOON, state))


@pytest.mark.parametrize(
    ("pattern", "event"),
    [(r"(?:\d+\s?)+$|[0-9]*[0-9]*[0-9]*[0-9]*x", "slot.too_slow"), ("((a{30000}){30000}){30000}", "slot.no_pattern")],
)
def test_its_slot_counts_as_not_named_and_the_turn_goes_on(pattern: str, event: str) -> None:
    tenant, state = shop(pattern), DialogState("wm1-1", NOON, NOON)
    digits = "7" * 600 + "！"
    with capture_logs() as logs:
        asked = hear(tenant, state, "查序列号")
        answered = hear(tenant, asked.state, f"{digits} M码 {digits}")
    assert asked.reply is not None
    assert asked.reply.text == ASK
    assert answered.reply is not None
    assert answered.reply.text == ASK
    assert answered.state.slots == {"size": "M"}
    told = [line for line in logs if line["event"] == event]
    assert told
    assert {(line["corp_id"], line["intent"], line["slot"]) for line in told} == {(CORP, "lookup", "serial")}
    assert digits not in str(logs)


def test_a_tenant_with_many_slow_patterns_takes_no_more_time_than_one_with_few() -> None:
    slots = [{"name": f"s{n}", "pattern": rf"(?:[0-9]+\s?)+$|^(?:[0-9]+\s?)+x{n}", "ask": ASK} for n in range(40)]
    intent = {"name": "lookup", "examples": ["查序列号"], "slots": slots, "reply": "好"}
    tenant = Tenant.model_validate({"corp_id": "ww-many-slow", "intents": [intent]}, context=STORED)
    share(tenant.corp_id).clock = lambda: 0.0  # nothing is given back, however slow the machine is
    state = hear(tenant, DialogState("wm1-1", NOON, NOON), "查序列号").state
    with capture_logs() as logs:
        answered = hear(tenant, state, "7" * 600 + "！x")
    assert answered.reply is not None
    told = ["together" in line["why"] for line in logs if line["event"] == "slot.too_slow"]
    assert told.count(True) == 1
    assert told.count(False) <= MOST / LIMIT + 1  # readings that were cut; each took about LIMIT
    assert hear(shop("[0-9]{4}"), DialogState("wm1-1", NOON, NOON), "查序列号 1234").state.slots == {"serial": "1234"}
