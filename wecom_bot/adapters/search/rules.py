"""Intents by example: the tenant's phrases, matched like the questions of its articles."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from wecom_bot.adapters.search import confidence, hybrid
from wecom_bot.adapters.search.confidence import Features, MeantArticle, Phrasing, Ranked, Vocabulary, compare
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.meaning import Meaning, Texts
from wecom_bot.adapters.search.none_of_these import NONE_OF_THESE
from wecom_bot.adapters.search.phrase_vectors import PhraseVectors
from wecom_bot.adapters.search.text import sameness, tokens
from wecom_bot.domain.dialog import FALLBACK, Intent, Turn, Understanding
from wecom_bot.domain.intent import IntentSpec
from wecom_bot.domain.tenant import Tenant
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_FIRST_LOOK = timedelta(seconds=1)  # for the vectors of a tenant's examples; most take a fraction of it


@dataclass(frozen=True, slots=True)
class RulesRecognizer:
    """Takes the intent whose examples the text is most like; the same words as an example are certain.

    With an `embedder` meaning counts, too, and what is no tenant's intent competes with the examples.
    """

    embedder: Embedder | None = None

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
        exact = _same(tenant.intents).get(sameness(turn.text))
        if exact:
            return Understanding(Intent(exact, 1.0), source="rules")
        intent, makeshift = self._recognize(tenant.intents, turn.reading.about)
        return Understanding(intent, source="rules", makeshift=makeshift)

    def prepare(self, tenant: Tenant) -> None:
        """Embed the tenant's examples, and wait for it: for who measures."""
        if self.embedder:
            _understood(tenant.intents, self.embedder).vectors.wait()

    def _recognize(self, intents: tuple[IntentSpec, ...], text: str) -> tuple[Intent, bool]:
        """The intent, and whether it had to be told by words alone, though there is a model."""
        if not intents or not text:
            return FALLBACK, False
        if name := _same(intents).get(sameness(text)):
            return Intent(name, 1.0), False
        understood = _understood(intents, self.embedder) if self.embedder else None
        ranked = understood.rank(text) if understood else None
        makeshift = understood is not None and ranked is None
        if ranked is None:
            ranked = _examples(intents).rank(text)
        named = bool(ranked) and any(intent.name == ranked[0].key for intent in intents)
        return (Intent(ranked[0].key, ranked[0].score) if named else FALLBACK), makeshift


@dataclass(frozen=True, slots=True)
class _Examples:
    """Candidates by words alone."""

    candidates: Sequence[MeantArticle]
    vocabulary: Vocabulary

    @classmethod
    def of(cls, named: Sequence[tuple[str, Sequence[str]]]) -> "_Examples":
        phrases = [(name, [(text, tokens(text)) for text in examples]) for name, examples in named]
        counts = Counter(token for _, ways in phrases for token in frozenset().union(*(pieces for _, pieces in ways)))
        vocabulary = Vocabulary(len(phrases), counts)
        return cls(
            [
                MeantArticle(
                    name, tuple(Phrasing(text, frozenset(pieces), vocabulary.mass(pieces)) for text, pieces in ways)
                )
                for name, ways in phrases
            ],
            vocabulary,
        )

    def rank(self, text: str) -> list[Ranked]:
        return confidence.rank(tokens(text), self.candidates, self.vocabulary, confidence.EXAMPLES)

    def features(self, text: str) -> dict[str, Features]:
        return {key: found for key, _, found in compare(tokens(text), self.candidates, self.vocabulary)}


@dataclass(slots=True)
class _Understood:
    """Candidates by words and meaning, and beside them what is none of these."""

    examples: _Examples
    vectors: PhraseVectors
    _meaning: Meaning | None = None

    @classmethod
    def of(cls, named: Sequence[tuple[str, Sequence[str]]], embedder: Embedder) -> "_Understood":
        return cls(_Examples.of(named), PhraseVectors(embedder, [text for _, ways in named for text in ways]))

    def rank(self, text: str) -> list[Ranked] | None:
        """None while the examples are not embedded, or where the model fails; who asks first gives it a moment."""
        self.vectors.wait(_FIRST_LOOK)
        if self._meaning is None and self.vectors.rows is not None:
            ways = [[each.text for each in candidate.phrasings] for candidate in self.examples.candidates]
            self._meaning = Meaning.of_middles(Texts(ways, ()), self.vectors.rows)
        if self._meaning is None:
            return None
        try:
            vector = self.vectors.embedder.question(text)
        except Exception as e:  # noqa: BLE001 - whatever ails the model, the words answer
            log.warning("meaning.failed", error=type(e).__name__)
            return None
        if not vector.any():
            return []
        near = self._meaning.near(vector, len(self.examples.candidates))
        close = {each.key: near.closeness(number) for number, each in enumerate(self.examples.candidates)}
        return hybrid.rank(self.examples.features(text), close, hybrid.EXAMPLES)


@lru_cache(maxsize=1024)
def _same(intents: tuple[IntentSpec, ...]) -> dict[str, str]:
    """The intent of each example; built once, as long as the tenant's examples stay the same."""
    return {key: intent.name for intent in reversed(intents) for each in intent.examples if (key := sameness(each))}


@lru_cache(maxsize=1024)
def _examples(intents: tuple[IntentSpec, ...]) -> _Examples:
    return _Examples.of([(intent.name, intent.examples) for intent in intents])


@lru_cache(maxsize=1024)
def _understood(intents: tuple[IntentSpec, ...], embedder: Embedder) -> _Understood:
    named = [(intent.name, intent.examples) for intent in intents if intent.examples]
    others = [(f"none of these: {each}", (each,)) for each in NONE_OF_THESE]
    return _Understood.of([*named, *others], embedder)
