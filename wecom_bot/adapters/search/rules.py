"""Intents by example: the tenant's phrases, matched like the questions of its articles."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from threading import Thread

from wecom_bot.adapters.search import confidence, hybrid
from wecom_bot.adapters.search.confidence import Candidate, Phrasing, Ranked, Vocabulary
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.meaning import Meaning, Texts
from wecom_bot.adapters.search.none_of_these import NONE_OF_THESE
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
        return Understanding(self._recognize(tenant.intents, turn.text), source="rules")

    def prepare(self, tenant: Tenant) -> None:
        """Embed the tenant's examples, and wait for it: for who measures."""
        if self.embedder:
            _understood(tenant.intents, self.embedder).thread.join()

    def _recognize(self, intents: tuple[IntentSpec, ...], text: str) -> Intent:
        if name := _same(intents).get(sameness(text)):
            return Intent(name, 1.0)
        if not intents:
            return FALLBACK
        understood = _understood(intents, self.embedder) if self.embedder else None
        ranked = understood.rank(text) if understood and understood.ready() else _examples(intents).rank(text)
        named = bool(ranked) and any(intent.name == ranked[0].key for intent in intents)
        return Intent(ranked[0].key, ranked[0].score) if named else FALLBACK


@dataclass(frozen=True, slots=True)
class _Examples:
    """Candidates by words alone."""

    candidates: Sequence[Candidate]
    vocabulary: Vocabulary

    @classmethod
    def of(cls, named: Sequence[tuple[str, Sequence[str]]]) -> "_Examples":
        phrases = [(name, [(text, frozenset(tokens(text))) for text in examples]) for name, examples in named]
        counts = Counter(token for _, ways in phrases for token in frozenset().union(*(pieces for _, pieces in ways)))
        vocabulary = Vocabulary(len(phrases), counts)
        return cls(
            [
                Candidate(name, tuple(Phrasing(text, pieces, vocabulary.mass(pieces)) for text, pieces in ways))
                for name, ways in phrases
            ],
            vocabulary,
        )

    def rank(self, text: str) -> list[Ranked]:
        return confidence.rank(frozenset(tokens(text)), self.candidates, self.vocabulary, confidence.EXAMPLES)


@dataclass(slots=True)
class _Understood:
    """Candidates by words and meaning, and beside them what is none of these."""

    examples: _Examples
    embedder: Embedder
    meaning: Meaning | None = None
    thread: Thread = field(init=False)
    _waited: bool = False

    def __post_init__(self) -> None:
        self.thread = Thread(target=self._embed, name="examples", daemon=True)
        self.thread.start()

    def ready(self) -> bool:
        """Who asks first gives the embedding a moment; the words answer meanwhile."""
        if self.meaning is None and not self._waited:
            self.thread.join(_FIRST_LOOK.total_seconds())
            self._waited = True
        return self.meaning is not None

    def rank(self, text: str) -> list[Ranked]:
        vector = self.embedder.question(text)
        if self.meaning is None or not vector.any():
            return []
        near = self.meaning.near(vector, len(self.examples.candidates))
        close = {each.key: near.closeness(number) for number, each in enumerate(self.examples.candidates)}
        return hybrid.rank(
            frozenset(tokens(text)), self.examples.candidates, self.examples.vocabulary, close, hybrid.EXAMPLES
        )

    def _embed(self) -> None:
        ways = [[each.text for each in candidate.phrasings] for candidate in self.examples.candidates]
        try:
            vectors = [[self.embedder.question(text) for text in texts] for texts in ways]
            self.meaning = Meaning.of_middles(Texts(ways, ()), vectors)
        except Exception as e:  # noqa: BLE001 - whatever ails the model, the words answer
            log.warning("meaning.failed", error=type(e).__name__)


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
    return _Understood(_Examples.of([*named, *others]), embedder)
