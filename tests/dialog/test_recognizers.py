from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import structlog

from tests.dialog.turns import tenant, turn
from wecom_bot.dialog.recognizers import Chain
from wecom_bot.domain.dialog import FALLBACK, Intent, Turn, Understanding
from wecom_bot.domain.tenant import RecognizerName, Tenant
from wecom_bot.errors import Misconfigured, RateLimited, Rejected, TemporaryFailure

SECRET_WORDS = "我的身份证丢了"
REFUND = Understanding(Intent("refund", 0.9), {"order_id": "1"})


@dataclass
class Knows:
    """A recogniser that answers as told, and counts."""

    answer: Understanding | Exception
    asked: int = 0

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:  # noqa: ARG002 - as told
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class Asked:
    """A chain of three, and what came of asking it."""

    http: Understanding | Exception = field(default_factory=Understanding)
    coze_workflow: Understanding | Exception = field(default_factory=Understanding)
    rules: Understanding | Exception = field(default_factory=Understanding)
    log: list[MutableMapping[str, Any]] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    def by(self, who: Tenant) -> Understanding:
        providers: dict[RecognizerName, Knows] = {
            "http": Knows(self.http),
            "coze_workflow": Knows(self.coze_workflow),
            "rules": Knows(self.rules),
        }
        with structlog.testing.capture_logs() as self.log:
            understood = Chain(providers).recognize(who, turn(SECRET_WORDS))
        self.order = [name for name, provider in providers.items() if provider.asked]
        return understood


ALL = tenant(recognizers=["http", "coze_workflow", "rules"], intents=[{"name": "refund"}, {"name": "order"}])


def test_the_first_who_knows_is_believed_and_nobody_else_asked() -> None:
    asked = Asked(http=REFUND, rules=Understanding(Intent("order", 1.0)))
    understood = asked.by(ALL)
    assert (understood.intent, understood.slots, understood.source) == (
        Intent("refund", 0.9),
        {"order_id": "1"},
        "http",
    )
    assert asked.order == ["http"]


@pytest.mark.parametrize(
    "error",
    [
        TemporaryFailure("down"),
        RateLimited("slow down", timedelta(seconds=1)),
        Misconfigured("bad token"),
        Rejected("no"),
        ValueError(f"a bug, with {SECRET_WORDS} in it"),
    ],
)
def test_a_failure_is_one_line_in_the_log_without_the_customers_words_and_the_next_is_asked(
    error: Exception,
) -> None:
    asked = Asked(http=error, coze_workflow=REFUND)
    assert asked.by(ALL).intent == Intent("refund", 0.9)
    (line,) = asked.log
    assert line["event"] == "intent.provider_failed"
    assert (line["provider"], line["error"]) == ("http", type(error).__name__)
    assert str(line["at"]).startswith(__file__)
    assert SECRET_WORDS not in repr(line)


@pytest.mark.parametrize(
    "poor", [Intent("refund", 0.77), FALLBACK, Intent("", 0.9), Intent("fallback", 0.9), Intent("Fallback", 0.95)]
)
def test_who_is_not_sure_enough_does_not_know(poor: Intent) -> None:
    asked = Asked(http=Understanding(poor), rules=Understanding(Intent("order", 0.78)))
    assert asked.by(ALL).intent == Intent("order", 0.78)
    assert asked.log == []


def test_when_nobody_knows_it_is_the_fallback() -> None:
    asked = Asked(http=TemporaryFailure("down"), coze_workflow=TemporaryFailure("down"))
    assert asked.by(ALL) == Understanding(FALLBACK, makeshift=True)
    assert len(asked.log) == 2


def test_an_intent_may_have_a_threshold_of_its_own_even_zero() -> None:
    low = tenant(recognizers=["http"], intents=[{"name": "refund", "threshold": 0}, {"name": "order"}])
    assert Asked(http=Understanding(Intent("refund", 0.1))).by(low).intent.name == "refund"
    assert Asked(http=Understanding(Intent("order", 0.1))).by(low).intent == FALLBACK


def test_a_label_that_the_tenant_does_not_define_is_kept() -> None:
    assert Asked(http=Understanding(Intent("chitchat", 0.9))).by(ALL).intent == Intent("chitchat", 0.9)


@pytest.mark.parametrize("label", ["other", "none", "Fallback", "其他"])
def test_a_label_that_the_tenant_does_not_define_stops_nobody_who_knows(label: str) -> None:
    asked = Asked(http=Understanding(Intent(label, 0.95), {"order_id": "7"}), rules=REFUND)
    understood = asked.by(ALL)
    assert (understood.intent, understood.source) == (REFUND.intent, "rules")
    assert understood.slots == {"order_id": "7"}


@pytest.mark.parametrize("name", ["fallback", "Fallback", "FALLBACK"])
def test_a_fallback_is_none_however_it_is_spelled(name: str) -> None:
    assert Asked(http=Understanding(Intent(name, 0.95))).by(ALL).intent == FALLBACK


def test_of_several_such_labels_the_first_is_kept() -> None:
    asked = Asked(http=Understanding(Intent("other", 0.9)), rules=Understanding(Intent("none", 1.0)))
    assert (asked.by(ALL).intent.name, asked.by(ALL).source) == ("other", "http")


def test_slots_are_kept_also_of_who_saw_no_intent() -> None:
    asked = Asked(
        http=Understanding(slots={"order_id": "1", "size": "L"}), rules=Understanding(REFUND.intent, {"size": "M"})
    )
    assert asked.by(ALL).slots == {"order_id": "1", "size": "L"}


def test_the_order_is_the_tenants() -> None:
    asked = Asked(http=REFUND, coze_workflow=REFUND, rules=REFUND)
    assert asked.by(tenant(recognizers=["rules", "http"])).source == "rules"


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ({}, []),
        ({"intents": [{"name": "a"}]}, []),
        ({"intents": [{"name": "a", "examples": ["问"]}]}, ["rules"]),
        ({"nlu": {"base_url": "http://nlu"}, "intents": [{"name": "a", "examples": ["问"]}]}, ["http", "rules"]),
        (
            {"nlu": {"base_url": "http://nlu"}, "coze": {"workflow_id": "7379462189365198898"}},
            ["http", "coze_workflow"],
        ),
    ],
)
def test_without_an_order_whatever_is_configured_is_asked(configured: dict[str, Any], expected: list[str]) -> None:
    asked = Asked()
    asked.by(tenant(**configured))
    assert asked.order == expected
