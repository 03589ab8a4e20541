from typing import Any

import pytest
from pydantic import ValidationError

from wecom_bot.domain.intent import IntentSpec
from wecom_bot.domain.message import MessageKind
from wecom_bot.domain.tenant import HandoffRules


def test_kinds_are_named_as_wecom_names_them() -> None:
    rules = HandoffRules.model_validate({"kinds": ["video", "merged_msg"]})
    assert rules.kinds == (MessageKind.VIDEO, MessageKind.MERGED_MSG)
    assert HandoffRules.model_validate(rules.model_dump(mode="json")) == rules


@pytest.mark.parametrize("wrong", [{"kinds": ["films"]}, {"misses": -1}, {"words": [" "]}, {"mises": 3}])
def test_what_is_wrong_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HandoffRules.model_validate(wrong)


@pytest.mark.parametrize(
    "more", [{"reply": "好"}, {"slots": [{"name": "a", "pattern": "1", "ask": "?"}]}], ids=["reply", "slots"]
)
def test_an_intent_for_humans_does_nothing_else(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="handoff = true calls a human at once"):
        IntentSpec.model_validate({"name": "damage", "handoff": True} | more)
