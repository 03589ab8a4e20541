"""Intents as a tenant defines them: how they are said, what they need to know, and what comes of them."""

from string import Formatter
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, model_validator

from wecom_bot.domain.pattern import NotAPattern
from wecom_bot.domain.pattern_trial import try_out
from wecom_bot.domain.proved import Proved, Words

IntentName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
STORED = "stored"
"""As the context of validation: what was taken in before. Its patterns are not tried again: reading is bounded."""

_QUERY = "query:"

SlotName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class SlotSpec(Proved):
    """Something that an intent has to know: how it looks, and how to ask for it.

    `pattern` is a regular expression, found anywhere in what is said; its first group, if it has one, is the value. One
    that could be slow is refused.
    """

    name: SlotName
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    ask: Annotated[str, StringConstraints(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _is_fast(self, info: ValidationInfo) -> "SlotSpec":
        if info.context != STORED:
            try:
                try_out(self.pattern)
            except NotAPattern as e:
                raise ValueError(f"槽位 / slot {self.name}, pattern '{self.pattern}': {e}") from None
        return self


class IntentSpec(Proved):
    """An intent: `examples` are phrases that mean it; `slots` have to be filled, in this order, before it is acted on.

    Then `lookup` "order" answers with the customer's order (which needs a slot `order_id`), "query:NAME" with what the
    tenant's query of that name finds, and `reply` says a fixed text in which {slot} stands for its value. With none of
    them the knowledge or Coze answers, knowing the slots.
    `threshold` replaces the tenant's thresholds.intent for this intent. With `handoff` a human is called as soon as it
    is recognised, and nothing else comes of it.
    """

    name: IntentName
    examples: Words = ()
    slots: tuple[SlotSpec, ...] = ()
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    lookup: Annotated[str, StringConstraints(pattern=r"^(order|query:[a-z0-9][a-z0-9_.-]{0,63})?$")] = ""
    reply: str = ""
    handoff: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> "IntentSpec":
        names = [slot.name for slot in self.slots]
        if len(names) != len(set(names)):
            raise ValueError("slots.name must be unique within the intent")
        if self.lookup == "order" and "order_id" not in names:
            raise ValueError('lookup = "order" needs a slot named order_id')
        if self.handoff and (self.slots or self.lookup or self.reply):
            raise ValueError("handoff = true calls a human at once: leave out slots, lookup and reply")
        used = {field for _, field, _, _ in Formatter().parse(self.reply) if field is not None}
        if unknown := used - set(names):
            raise ValueError(f"reply uses {sorted(unknown)}, which are no slots of this intent")
        return self

    @property
    def query(self) -> str | None:
        """The name of the query that it looks up by, if it does."""
        return self.lookup.removeprefix(_QUERY) if self.lookup.startswith(_QUERY) else None
