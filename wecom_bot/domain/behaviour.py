"""What a tenant's people may set of how the bot behaves: from which score on it acts, and when a human is called."""

from typing import Annotated

from pydantic import Field, model_validator

from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import MessageKind
from wecom_bot.domain.proved import Proved, Words


class Thresholds(Proved):
    """From which score (0..1) the bot acts: `answer` it, `suggest` it in a menu, or take an `intent` for meant.

    `careful`: from which it answers with an article that is so. A score means the same risk whether the search goes by
    words alone or by meaning too.
    """

    answer: Annotated[float, Field(ge=0, le=1)] = 0.45
    careful: Annotated[float, Field(ge=0, le=1)] = 0.7
    suggest: Annotated[float, Field(ge=0, le=1)] = 0.18
    intent: Annotated[float, Field(ge=0, le=1)] = 0.78

    @model_validator(mode="after")
    def _in_order(self) -> "Thresholds":
        if self.suggest > self.answer:
            raise ValueError("thresholds.suggest must not be above thresholds.answer")
        return self

    def answers(self, passage: Passage) -> bool:
        """Whether the passage is sure enough to be the answer; a careful one needs no less than any other."""
        return passage.score >= (max(self.careful, self.answer) if passage.careful else self.answer)


class HandoffRules(Proved):
    """When a human is called though nobody asked for one.

    `misses`: at so many answers in a row that we do not know, or cannot read it; 0 for never. `words`: topics that
    always go to a human (投诉). `kinds`: messages that do (video, file).
    """

    misses: Annotated[int, Field(ge=0, le=100)] = 3
    words: Words = ()
    kinds: tuple[MessageKind, ...] = ()


class WishPhrases(Proved):
    """How customers of the tenant say a wish, beside `ours`; `against` only looks so. The same words are certain."""

    phrases: Annotated[Words, Field(max_length=500)] = ()
    against: Annotated[Words, Field(max_length=500)] = ()
    ours: bool = True


class Wishes(Proved):
    """What customers wish for whatever the business: a human, to leave a message, to cancel, to complain.

    Of a human the phrases that come with the bot count where `handoff_words` has a word with 人工.
    """

    human: WishPhrases = WishPhrases()
    leave_message: WishPhrases = WishPhrases()
    cancel: WishPhrases = WishPhrases()
    complain: WishPhrases = WishPhrases()
