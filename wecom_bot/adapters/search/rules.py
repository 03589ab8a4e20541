"""Intents by example: the tenant's phrases, matched like the questions of its articles."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from wecom_bot.adapters.search.confidence import Candidate, Phrasing, Vocabulary, rank
from wecom_bot.adapters.search.text import sameness, tokens
from wecom_bot.domain.dialog import FALLBACK, Intent, Turn, Understanding
from wecom_bot.domain.intent import IntentSpec
from wecom_bot.domain.tenant import Tenant


@dataclass(frozen=True, slots=True)
class RulesRecognizer:
    """Takes the intent whose examples the text is most like; the same words as an example are certain."""

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
        return Understanding(_examples(tenant.intents).recognize(turn.text), source="rules")


@dataclass(frozen=True, slots=True)
class _Examples:
    same: dict[str, str]
    candidates: Sequence[Candidate]
    vocabulary: Vocabulary

    @classmethod
    def of(cls, intents: Sequence[IntentSpec]) -> "_Examples":
        phrases = [(intent.name, [(text, frozenset(tokens(text))) for text in intent.examples]) for intent in intents]
        counts = Counter(token for _, ways in phrases for token in frozenset().union(*(pieces for _, pieces in ways)))
        vocabulary = Vocabulary(len(phrases), counts)
        return cls(
            same={sameness(text): intent.name for intent in reversed(intents) for text in intent.examples},
            candidates=[
                Candidate(name, tuple(Phrasing(text, pieces, vocabulary.mass(pieces)) for text, pieces in ways))
                for name, ways in phrases
            ],
            vocabulary=vocabulary,
        )

    def recognize(self, text: str) -> Intent:
        if (key := sameness(text)) and key in self.same:
            return Intent(self.same[key], 1.0)
        ranked = rank(frozenset(tokens(text)), self.candidates, self.vocabulary)
        return Intent(ranked[0].key, ranked[0].score) if ranked else FALLBACK


@lru_cache(maxsize=1024)
def _examples(intents: tuple[IntentSpec, ...]) -> _Examples:
    """Built once, as long as the tenant's examples stay the same."""
    return _Examples.of(intents)
