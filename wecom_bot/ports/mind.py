"""What thinking asks of the outside: who finds, who recognises, who words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from wecom_bot.domain.dialog import Turn, Understanding
from wecom_bot.domain.hot_answer import HotAnswer, Unkept
from wecom_bot.domain.knowledge import KnowledgeState, Passage
from wecom_bot.domain.message import CorpId, InboundMessage
from wecom_bot.domain.order import Order
from wecom_bot.domain.tenant import Tenant


class SearchIndex(Protocol):
    """Retrieval: finds what a tenant has written about something."""

    def search(self, corp_id: CorpId, query: str, limit: int) -> Sequence[Passage]:
        """The best passages, best first; scores in 0..1, and 1 only for the same words."""

    def get(self, corp_id: CorpId, article_id: str) -> Passage | None:
        """One article, as a certain passage."""


class KnowledgeStates(Protocol):
    """What searches are answered from, for who keeps what came of one."""

    def state(self, corp_id: CorpId) -> KnowledgeState | None:
        """What a search of the tenant's would be answered from now; None while that cannot be told.

        From memory: nobody is asked and nobody waits. Raises nothing.
        """


class HotAnswers(Protocol):
    """A cache of answers to questions (cache-aside), each under a key that says all it depends on.

    Raises nothing: with the cache away, or slow, it knows what this process had of it, and nothing else.
    """

    def recall(self, corp_id: CorpId, key: str) -> HotAnswer | Unkept:
        """The answer. Where it is missing the caller is to think, and then to call `keep`, whatever came of it.

        Single flight: who asks the same in this process meanwhile waits for that a moment, and no longer. An answer
        that is about to run out is thought over by one caller of all processes, while the others are given it still.
        """

    def keep(self, corp_id: CorpId, key: str, answer: HotAnswer | None, life: timedelta) -> None:
        """Keep the answer for so long; None where there is none for others, which stays so as long."""


Lists = Sequence[tuple[str, ...]]
"""Lists of phrases."""


class Likeness(Protocol):
    """Semantic similarity: tells what a text is like, in whatever words it says it."""

    def share(self, text: str, these: Lists, those: Lists) -> float | None:
        """How much of its likeness to all the phrases is with `these`, in 0..1; None while it cannot be told.

        A phrase counts the more, the closer it is; a text that is like none of them lies somewhere in the middle. What
        many ask about stays one list: each list is learnt once.
        """

    def knows(self, lists: Lists) -> bool:
        """Whether all of them are learnt, so that `share` can tell. Waits for nothing."""


class IntentRecognizer(Protocol):
    """Intent classification and slot filling: tells what a customer wants."""

    def recognize(self, tenant: Tenant, turn: Turn) -> Understanding:
        """The likeliest intent of the turn's text, FALLBACK when there is none, and the slots that it names.

        Raises TemporaryFailure, RateLimited, Misconfigured, Rejected: somebody else may know.
        """


@dataclass(frozen=True, slots=True)
class MediaReading:
    """What a message without words holds: its `text` (a voice), or its `upload` at Coze, for the writer (an image)."""

    text: str = ""
    upload: str = ""


class MediaReader(Protocol):
    """Reads what customers send without words, where the tenant allows it."""

    def read(self, tenant: Tenant, message: InboundMessage) -> MediaReading:
        """What the image or voice message says; empty where nothing can be made of it.

        Raises TemporaryFailure, RateLimited, Misconfigured, Rejected: then it is declined politely.
        """


@dataclass(frozen=True, slots=True)
class Written:
    """A reply in words, and what the writer wants to be given at the next turn of the session."""

    text: str
    memory: str


class ReplyWriter(Protocol):
    """Words a reply from what a turn knows: its passages, intent, slots, and DialogState.writer_memory."""

    def write(self, tenant: Tenant, turn: Turn) -> Written:
        """A reply fit for the customer: not empty, nothing internal; Markdown in it is made plain later.

        Raises TemporaryFailure, RateLimited, Misconfigured, Rejected: then the next best is said.
        """


class Orders(Protocol):
    """Customers' orders, in SQL."""

    def find(self, corp_id: CorpId, customer: str, order_id: str) -> Order | None:
        """The customer's own order; None if there is none, also when it is somebody else's."""

    def save(self, corp_id: CorpId, orders: Iterable[Order]) -> int:
        """Add or replace them by id, all or none; how many."""


class OrderBook(Protocol):
    """The same orders, for who keeps the book."""

    def load(self, corp_id: CorpId, customer: str | None = None) -> Sequence[Order]:
        """All of a tenant's orders, or one customer's, by id."""

    def save(self, corp_id: CorpId, orders: Iterable[Order]) -> int:
        """Add or replace them by id, all or none; how many."""

    def remove(self, corp_id: CorpId, order_ids: Iterable[str]) -> int:
        """Forget these, all or none; how many were there."""
