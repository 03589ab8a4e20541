from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.dialog.office import Freight
from tests.dialog.turns import CORP, NOON, WHERE, Desk, ShopOrders, message, tenant
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.dialog.pipeline import standard
from wecom_bot.domain.business import QuerySpec, Row
from wecom_bot.domain.dialog import Answerer, DialogState, Turn
from wecom_bot.domain.message import ConversationId, CorpId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import Misconfigured, TemporaryFailure, WecomBotError

MINE, ALSO_MINE, OTHERS, NOBODYS = "202611200001", "202611200002", "202611200003", "202611200009"
ORDER_ID = {"name": "order_id", "pattern": "(?<![0-9])[0-9]{12}(?![0-9])", "ask": "订单号？"}
LAST4 = {"name": "phone_last4", "pattern": "(?<![0-9])[0-9]{4}(?![0-9])", "ask": "下单手机后四位？"}
OWN = {
    "name": "order",
    "sql": "SELECT no, status FROM orders WHERE no = :order_id AND customer = :customer AND shop = :shop",
    "fixed": {"shop": 7},
    "owner": "customer",
    "template": "订单 {{ no }}：{{ status }}",
    "no_rows": "没有 {order_id}",
}
BY_PHONE = {
    "name": "by_phone",
    "sql": "SELECT no, status, phone FROM orders WHERE no = :order_id",
    "verify": {"slot": "phone_last4", "column": "phone"},
    "template": "订单 {{ no }}：{{ status }}",
}
LATEST = {
    "name": "latest",
    "sql": "SELECT no, status FROM orders WHERE customer = :customer",
    "owner": "customer",
    "template": "{% for row in rows %}{{ row.no }};{% endfor %}",
}
SHOPPED = [
    {"no": MINE, "status": "已发货", "customer": "wm1", "phone": "13800008866"},
    {"no": ALSO_MINE, "status": "待发货", "customer": "wm1", "phone": "13800008866"},
    {"no": OTHERS, "status": "已签收", "customer": "wm2", "phone": "13900001234"},
]


def shop(*names: str, **changes: Any) -> Tenant:
    """A tenant with these of the queries."""
    kinds: dict[str, tuple[dict[str, Any], list[Any], list[str]]] = {
        "order": (OWN, [ORDER_ID], ["查订单"]),
        "by_phone": (BY_PHONE, [ORDER_ID, LAST4], ["查朋友的订单"]),
        "latest": (LATEST, [], ["我最近买了什么"]),
    }
    chosen = [kinds[name] for name in names]
    intents = [
        {"name": spec["name"], "lookup": f"query:{spec['name']}", "slots": slots, "examples": said}
        for spec, slots, said in chosen
    ]
    return tenant(queries=[spec for spec, _, _ in chosen], intents=intents, recognizers=["rules"], **changes)


@dataclass
class Shelf:
    """BusinessQueries over rows in memory; what was bound is kept."""

    rows: list[dict[str, Any]] = field(default_factory=lambda: list(SHOPPED))
    trouble: WecomBotError | None = None
    asked: list[Mapping[str, str | int]] = field(default_factory=list)

    def run(self, tenant: Tenant, query: QuerySpec, values: Mapping[str, str | int]) -> Sequence[Row]:
        assert tenant.corp_id == CORP
        assert set(values) == query.parameters
        self.asked.append(values)
        if self.trouble:
            raise self.trouble
        wanted = {"no": values.get("order_id"), "customer": values.get("customer")}
        meant = {column: value for column, value in wanted.items() if value is not None}
        return [row for row in self.rows if meant.items() <= row.items()]


@dataclass
class Counted:
    """Tries, three under each name."""

    under: dict[str, set[str]] = field(default_factory=dict)

    def begin(self, corp_id: CorpId, names: Sequence[str], guess: str) -> bool:
        assert corp_id == CORP
        if any(len(self.under.get(name, set()) - {guess}) >= 3 for name in names):
            return False
        self.under |= {name: self.under.get(name, set()) | {guess} for name in names}
        return True

    def give_back(self, corp_id: CorpId, names: Sequence[str], guess: str) -> None:
        assert corp_id == CORP
        self.under |= {name: self.under[name] - {guess} for name in names}


@dataclass
class Talk:
    """A customer and the bot."""

    shop: Tenant
    shelf: Shelf = field(default_factory=Shelf)
    tries: Counted = field(default_factory=Counted)
    customer: str = "wm1"
    desk: Desk = field(default_factory=Desk)
    state: DialogState = field(default_factory=lambda: DialogState("wm1-1", NOON, NOON))
    turn: Turn | None = None

    def hears(self, said: str) -> str:
        recognizer = RulesRecognizer()
        recognizer.prepare(self.shop)
        think = standard(Freight(), recognizer, ShopOrders(), self.desk, queries=self.shelf, tries=self.tries)
        where = ConversationId(WHERE.corp_id, WHERE.channel, WHERE.account, self.customer)
        self.turn = think(self.shop, Turn(where, (message(said),), "trace", NOON, self.state))
        self.state = self.turn.state
        assert self.turn.reply is not None
        return self.turn.reply.text


TROUBLE, NOTHING, USED_UP = (getattr(tenant().phrases, name) for name in ("trouble", "nothing_found", "tries_used_up"))


def test_a_customer_is_told_their_own_row_in_the_tenants_words() -> None:
    talk = Talk(shop("order"))
    assert talk.hears("查订单") == "订单号？"
    assert talk.hears(MINE) == f"订单 {MINE}：已发货"
    assert talk.turn is not None
    assert talk.turn.answerer is Answerer.QUERY
    assert talk.shelf.asked == [{"order_id": MINE, "customer": "wm1", "shop": 7}]
    assert talk.state.done


def test_a_row_of_somebody_elses_and_none_at_all_are_the_same() -> None:
    said = {number: Talk(shop("order")) for number in (OTHERS, NOBODYS)}
    told = [talk.hears(f"查订单 {number}").replace(number, "…") for number, talk in said.items()]
    assert told == ["没有 …", "没有 …"]
    assert [talk.state for talk in said.values()] == [talk.state for talk in list(said.values())[::-1]]
    assert "order_id" not in said[OTHERS].state.slots


def test_of_several_numbers_all_that_are_found_are_told() -> None:
    talk = Talk(shop("order"))
    said = talk.hears(f"查订单 {OTHERS}、{ALSO_MINE}、{MINE}")
    assert said == f"订单 {ALSO_MINE}：待发货\n订单 {MINE}：已发货"
    assert talk.state.slots == {"order_id": ALSO_MINE}


def test_it_is_looked_up_again_and_for_another_number() -> None:
    talk = Talk(shop("order"))
    talk.hears(f"查订单 {MINE}")
    assert talk.hears("再查一次订单") == f"订单 {MINE}：已发货"
    assert talk.hears(f"{ALSO_MINE}呢") == f"订单 {ALSO_MINE}：待发货"
    assert talk.hears("另一个呢") == "订单号？"


@pytest.mark.parametrize("error", [TemporaryFailure("away"), Misconfigured("refused")])
def test_with_the_database_away_the_customer_hears_so_and_may_ask_again(error: WecomBotError) -> None:
    talk = Talk(shop("order"), Shelf(trouble=error))
    assert talk.hears(f"查订单 {MINE}") == TROUBLE
    assert talk.state.slots == {"order_id": MINE}
    talk.shelf.trouble = None
    assert talk.hears("再查一次") == f"订单 {MINE}：已发货"


def test_where_there_is_no_database_to_ask_the_customer_hears_so() -> None:
    shelfless = standard(Freight(), RulesRecognizer(), ShopOrders(), Desk())
    asked = Turn(WHERE, (message(f"查订单 {MINE}"),), "trace", NOON, DialogState("wm1-1", NOON, NOON))
    told = shelfless(shop("order"), asked)
    assert told.reply is not None
    assert told.reply.text == TROUBLE


def test_rows_that_do_not_fit_the_template_are_trouble_and_no_half_sentence() -> None:
    talk = Talk(shop("order"), Shelf([{"no": MINE, "customer": "wm1"}]))
    assert talk.hears(f"查订单 {MINE}") == TROUBLE


def test_nothing_a_customer_says_stands_for_who_asks() -> None:
    talk = Talk(shop("order"))
    talk.state = DialogState("wm1-1", NOON, NOON, intent="order", slots={"customer": "wm2", "shop": "8"})
    assert talk.hears(f"查订单 {OTHERS} customer=wm2") == f"没有 {OTHERS}"
    assert talk.shelf.asked == [{"order_id": OTHERS, "customer": "wm1", "shop": 7}]


def test_a_query_without_slots_is_answered_at_once_and_is_done() -> None:
    talk = Talk(shop("latest"))
    assert talk.hears("我最近买了什么") == f"{MINE};{ALSO_MINE};"
    talk = Talk(shop("latest"), customer="wm9")
    assert talk.hears("我最近买了什么") == NOTHING
    assert talk.state.done


def test_a_second_factor_is_asked_for_and_opens_the_row() -> None:
    talk = Talk(shop("by_phone"), customer="wm9")
    assert talk.hears("查朋友的订单") == "订单号？"
    assert talk.hears(OTHERS) == "下单手机后四位？"
    assert talk.hears("1234") == f"订单 {OTHERS}：已签收"
    assert not any(talk.tries.under.values())
    assert talk.hears("再查一次") == f"订单 {OTHERS}：已签收"


def test_a_wrong_answer_and_a_record_that_is_not_there_are_the_same() -> None:
    talks = {number: Talk(shop("by_phone"), customer="wm9") for number in (OTHERS, NOBODYS)}
    for number, talk in talks.items():
        talk.hears(f"查朋友的订单 {number}")
        assert talk.hears("0000") == NOTHING
        assert talk.state.slots == {"order_id": number}
        assert talk.state.asking == "phone_last4"
    assert talks[OTHERS].hears("1234") == f"订单 {OTHERS}：已签收"
    assert talks[NOBODYS].hears("1234") == NOTHING


def test_tries_are_counted_for_the_customer_over_all_records() -> None:
    talk = Talk(shop("by_phone"), customer="wm9")
    for number in (OTHERS, NOBODYS, MINE):
        talk.hears(f"查朋友的订单 {number}")
        assert talk.hears("0000") == NOTHING
    talk.hears(f"查朋友的订单 {OTHERS}")
    assert talk.hears("1234") == USED_UP
    assert talk.state.asking is None
    assert len(talk.shelf.asked) == 3


@pytest.mark.parametrize("spelled", [OTHERS, "２０２６１１２００００３"])
def test_tries_are_counted_for_the_record_over_all_customers(spelled: str) -> None:
    tries = Counted()
    for customer in ("wm7", "wm8", "wm9"):
        talk = Talk(shop("by_phone"), tries=tries, customer=customer)
        talk.hears(f"查朋友的订单 {OTHERS}")
        assert talk.hears(f"000{customer[-1]}") == NOTHING
    talk = Talk(shop("by_phone"), tries=tries, customer="wm2")
    talk.hears(f"查朋友的订单 {spelled}")
    assert talk.hears("1234") == USED_UP
    talk.hears(f"查朋友的订单 {MINE}")
    assert talk.hears("8866") == f"订单 {MINE}：已发货"


def test_the_same_wrong_answer_said_again_is_no_other_try() -> None:
    talk = Talk(shop("by_phone"), customer="wm9")
    talk.hears(f"查朋友的订单 {OTHERS}")
    assert [talk.hears(said) for said in ("0000", "0000", "尾号0000", "0000")] == [NOTHING] * 4
    assert talk.hears("1234") == f"订单 {OTHERS}：已签收"


def test_who_has_no_tries_left_is_handed_off_where_the_tenant_wants_that() -> None:
    query = {**BY_PHONE, "verify": {**BY_PHONE["verify"], "handoff": True}}  # type: ignore[dict-item]
    own = shop("by_phone")
    talk = Talk(own.model_copy(update={"queries": (QuerySpec.model_validate(query),)}), customer="wm9")
    for number in range(3):
        talk.hears(f"查朋友的订单 {OTHERS}")
        talk.hears(f"000{number}")
    talk.hears(f"查朋友的订单 {OTHERS}")
    assert talk.hears("1234") == own.phrases.handoff
    assert talk.turn is not None
    assert talk.turn.handoff is not None


def test_a_database_that_is_away_costs_no_tries() -> None:
    talk = Talk(shop("by_phone"), Shelf(trouble=TemporaryFailure("away")), customer="wm9")
    talk.hears(f"查朋友的订单 {OTHERS}")
    assert talk.hears("1234") == TROUBLE
    assert not any(talk.tries.under.values())


def test_four_digits_alone_are_no_number_to_look_up() -> None:
    talk = Talk(shop("by_phone"))
    talk.hears("你好")
    assert talk.hears("2026") not in {"订单号？", "下单手机后四位？"}
    assert talk.shelf.asked == []


def test_a_row_without_a_phone_is_nobodys() -> None:
    rows = [{"no": MINE, "status": "已发货", "phone": phone} for phone in ("", None, "866")]
    talk = Talk(shop("by_phone"), Shelf(rows))
    talk.hears(f"查朋友的订单 {MINE}")
    assert talk.hears("8866") == NOTHING
