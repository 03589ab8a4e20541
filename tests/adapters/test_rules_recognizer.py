import pytest

from tests.dialog.turns import turn
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.domain.dialog import FALLBACK, Intent
from wecom_bot.domain.tenant import Tenant

SHOP = Tenant.model_validate(
    {
        "corp_id": "ww_shop",
        "intents": [
            {"name": "logistics", "examples": ["怎么查物流", "我的快递到哪了", "包裹什么时候到"]},
            {"name": "refund", "examples": ["我要退货", "怎么申请退款", "东西坏了想退"]},
        ],
    }
)


def recognized(text: str, tenant: Tenant = SHOP) -> Intent:
    understood = RulesRecognizer().recognize(tenant, turn(text))
    assert understood.source == "rules"
    return understood.intent


@pytest.mark.parametrize("text", ["我要退货", "我要退貨！", "我要 退货"])
def test_the_same_words_as_an_example_are_certain(text: str) -> None:
    assert recognized(text) == Intent("refund", 1)


@pytest.mark.parametrize(
    ("text", "intent"), [("帮我查下物流呗", "logistics"), ("退款在哪申请", "refund"), ("快递现在到哪里了", "logistics")]
)
def test_words_like_an_example_are_likely_and_never_certain(text: str, intent: str) -> None:
    found = recognized(text)
    assert found.name == intent
    assert SHOP.thresholds.suggest < found.score < 1


@pytest.mark.parametrize("text", ["", "😀", "asdf", "2025102719434928"])
def test_nothing_in_common_is_the_fallback(text: str) -> None:
    assert recognized(text) == FALLBACK


def test_an_unrelated_sentence_scores_low() -> None:
    assert recognized("今天天气不错").score < SHOP.thresholds.intent


def test_a_tenant_without_intents_gets_the_fallback() -> None:
    assert recognized("我要退货", Tenant.model_validate({"corp_id": "ww_none"})) == FALLBACK


def test_each_tenant_has_its_own_examples() -> None:
    other = Tenant.model_validate({"corp_id": "ww_o", "intents": [{"name": "visit", "examples": ["我要退货"]}]})
    assert recognized("我要退货", other) == Intent("visit", 1)
    assert recognized("我要退货") == Intent("refund", 1)


def test_the_first_intent_has_an_example_that_two_have() -> None:
    twice = [{"name": "one", "examples": ["你好"]}, {"name": "two", "examples": ["你好"]}]
    assert recognized("你好", Tenant.model_validate({"corp_id": "ww_t", "intents": twice})).name == "one"
