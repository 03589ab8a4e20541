"""Dialog: what the customer wants, what we know so far, and what the bot made of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from wecom_bot.domain.knowledge import Passage, SearchMode
from wecom_bot.domain.message import Choice, ConversationId, InboundMessage, MessageId, Reply, shown
from wecom_bot.domain.session_id import session_id
from wecom_bot.text.reading import Language, Reading, own_words, read

MOST_SAID = 10_000
"""Characters of merged messages that are read as one text: the beginning of more will do."""

_MORE_FOLLOWS = timedelta(minutes=5)  # who leaves a message in pieces writes the next one by then
_OFFER_STANDS = timedelta(days=1)  # asked in the evening, customers leave their message in the morning


class Attendant(StrEnum):
    """Who speaks with the customer: kf service_state 0/1, 2, 3 (WeCom page 94669); 4 is nobody, so the bot may."""

    BOT = "bot"
    QUEUE = "queue"
    SERVICER = "servicer"


@dataclass(frozen=True, slots=True)
class DialogState:
    """What is remembered of a conversation between two messages.

    A session is a stretch of talk that 30 minutes of silence end; its id is the customer's id plus the start.
    The attendant outlives the session: a servicer may take longer than that to answer, and a customer whom the bot
    asked for a message to write it.
    """

    session_id: str
    started_at: datetime
    last_at: datetime
    heard_at: datetime | None = None  # when the customer wrote the newest message that a turn was made of
    attendant: Attendant = Attendant.BOT
    attendant_since: datetime | None = None
    called: tuple[str, ...] = ()  # the open tickets for a servicer who was called and has not come yet
    served_until: datetime | None = None  # by WeCom's clock: what was said before that was said to a servicer
    intent: str | None = None
    slots: dict[str, str] = field(default_factory=dict)
    asking: str | None = None  # the slot of `intent` that the bot asked for
    asked: int = 0  # how often in a row
    done: bool = False  # `intent` was acted on: only a new wish or a correction begins it again
    offered: tuple[Choice, ...] = ()
    misses: int = 0
    writer_memory: str = ""  # what the reply writer needs to go on with this session (Coze: conversation_id)
    writer_asks: bool = False  # it asked something: 好的 may be the answer
    unheard: tuple[str, ...] = ()  # the writer_memory after talks of which the customer saw nothing: to be taken back
    language: Language | None = None  # that the customer wrote last, as far as it could be told
    rest: str = ""  # what of the last reply did not fit, for who asks for more
    leaving_message: bool = False  # the bot has asked for a message to a human who is not there
    message_at: datetime | None = None  # when it asked for that message, or took the last piece of it

    @classmethod
    def resume(cls, before: "DialogState | None", customer: str, now: datetime, timeout: timedelta) -> "DialogState":
        """The state with which a message at `now` begins: the old session, or a new one after `timeout` of silence."""
        if before is not None and now - before.last_at <= timeout:
            return replace(before, last_at=max(now, before.last_at))
        fresh = cls(session_id=session_id(customer, now), started_at=now, last_at=now)
        if before is None:
            return fresh
        fresh = replace(
            fresh,
            attendant=before.attendant,
            attendant_since=before.attendant_since,
            called=before.called,
            served_until=before.served_until,
        )
        if before.still_offers(now):
            fresh = replace(fresh, leaving_message=True, message_at=before.message_at)
        return fresh

    def was_for_servicer(self, sent_at: datetime) -> bool:
        """Whether what the customer said then was said to a servicer, who has ended the conversation since."""
        return self.served_until is not None and sent_at < self.served_until

    def adds_to_message(self, now: datetime) -> bool:
        """Whether a message to humans was taken so shortly before `now` that more of it may come."""
        return not self.leaving_message and self.message_at is not None and now - self.message_at <= _MORE_FOLLOWS

    def takes_message(self, now: datetime) -> bool:
        """Whether what the customer says at `now` is for humans, unless the bot surely knows an answer."""
        return self.leaving_message or self.adds_to_message(now)

    def still_offers(self, now: datetime) -> bool:
        """Whether the message that the bot asked for may come yet: nobody has attended to the customer since."""
        asked_at = self.message_at or self.last_at
        attended = self.attendant_since is not None and self.attendant_since > asked_at
        return self.leaving_message and not attended and now - asked_at <= _OFFER_STANDS


@dataclass(frozen=True, slots=True)
class Intent:
    """What the customer seems to want; score in 0..1."""

    name: str
    score: float


FALLBACK = Intent("fallback", 0.0)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a recogniser made of a message; `source` is the recogniser's name.

    It is `makeshift` where somebody who was to be asked failed: another time it may be another.
    """

    intent: Intent = FALLBACK
    slots: dict[str, str] = field(default_factory=dict)
    source: str = ""
    makeshift: bool = False


@dataclass(frozen=True, slots=True)
class Handoff:
    """A wish for a servicer; its reason is a fixed word: asked, misses, rule, complaint, promised, late or given_up."""

    reason: str


class Answerer(StrEnum):
    """Who had the last word; for the log, the record and the metrics."""

    ARTICLE = "article"
    MENU = "menu"
    PHRASE = "phrase"
    QUESTION = "question"  # back, for a slot
    ORDER = "order"
    QUERY = "query"  # of the tenant's own database
    COURTESY = "courtesy"  # a greeting, thanks, a nod: what asks for nothing
    COZE = "coze"
    NOBODY = "nobody"


class Left(StrEnum):
    """What of a draft the reply writer is yet to word."""

    WHOLE = "whole"
    PARTS = "parts"  # some of several questions, beside those that the house answers


@dataclass(frozen=True, slots=True)
class Uncached:
    """A question that is thought over for all who ask the same: the key of its hot answer, and the state before it."""

    key: str
    state: DialogState


_BEFORE_MORE = frozenset({Answerer.MENU, Answerer.QUESTION, Answerer.COURTESY})  # 你好, and then the question


@dataclass(frozen=True, slots=True)
class Turn:
    """What the bot made of one or more messages of a conversation, from the first stage to the last.

    It can be stored whole (pydantic's TypeAdapter): `state` is the dialog state after it, `parts` the reply cut to
    what the channel can carry. It never holds a secret, and never the tenant.
    """

    conversation: ConversationId
    messages: tuple[InboundMessage, ...]
    trace_id: str
    began_at: datetime
    state: DialogState
    intent: Intent = FALLBACK
    recognizer: str = ""
    heard: dict[str, str] = field(default_factory=dict)  # the slots that were named in this turn
    passages: tuple[Passage, ...] = ()
    reply: Reply | None = None
    handoff: Handoff | None = None
    answerer: Answerer = Answerer.NOBODY
    parts: tuple[Reply, ...] = ()
    request: str = ""  # the reason why a human has to look at this later: then it is kept as an open ticket
    uploads: tuple[str, ...] = ()  # what the customer showed, as the reply writer knows it
    left: Left | None = None  # of a draft alone, never of what is stored
    uncached: Uncached | None = None  # while it is thought over, never of what is stored
    hot: bool = False  # the answer is what the same question was answered a moment ago
    makeshift: bool = False  # a neighbour failed, and the answer is the next best: another time it may be another
    spent: dict[str, float] = field(default_factory=dict)

    @property
    def turn_id(self) -> MessageId:
        """The id of the first message: the same at every redo."""
        return self.messages[0].message_id

    @property
    def text(self) -> str:
        """The customer's own words as one text, as they were written, and no more of it than anybody reads.

        What they quote is none of it: a quote is context, never a wish, a topic, a blocked word or a slot.
        """
        if len(self.messages) == 1:  # as in most turns; and every stage asks for it
            return own_words(self.messages[0].text)[:MOST_SAID]
        said = (own_words(message.text) for message in self.messages if message.text)
        return "\n".join(words for words in said if words)[:MOST_SAID]

    @property
    def said(self) -> str:
        """The same with what they quote, for who keeps it or can tell the one from the other."""
        return "\n".join(message.text for message in self.messages if message.text)[:MOST_SAID]

    @property
    def reading(self) -> Reading:
        """What the customer's own words say, read once for all stages."""
        return read(self.text)

    @property
    def shown(self) -> str:
        """What the customer said and sent, for people to read: 这个坏了, [图片]."""
        return "\n".join(each for message in self.messages if (each := shown(message.kind, message.text)))

    @property
    def search(self) -> SearchMode | None:
        """How its passages were ranked; None where nothing was looked for, or found."""
        return next((passage.mode for passage in self.passages if passage.mode), None)

    @property
    def settled(self) -> bool:
        """Whether no further stage has to decide; a courtesy may be answered by silence."""
        done = self.reply is not None or self.handoff is not None or self.left is not None
        return done or self.answerer is Answerer.COURTESY

    @property
    def unsure(self) -> bool:
        """Whether more words of the customer might change the reply: it is a question back, or an "I do not know".

        Of a draft: whether that will be so, however the writer words it.
        """
        if (self.reply is None and self.left is None) or self.handoff or self.request:
            return False
        if self.answerer in _BEFORE_MORE or (self.uploads and not self.text):
            return True  # who shows a picture often says next what it is about
        return self.answerer in {Answerer.PHRASE, Answerer.COZE} and self.state.misses > 0

    def say(self, answerer: Answerer, reply: Reply, **changes: object) -> "Turn":
        """The turn, settled with this reply."""
        return replace(self, reply=reply, answerer=answerer, **changes)  # type: ignore[arg-type]

    def put_off(self, left: Left, misses: int) -> "Turn":
        """The draft that leaves its words to the writer; `misses` is what the state will count then."""
        state = replace(self.state, offered=(), misses=misses)
        return replace(self, left=left, answerer=Answerer.COZE, state=state)
