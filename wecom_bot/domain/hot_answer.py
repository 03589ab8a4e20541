"""A hot answer: what a question was answered a moment ago, for all who ask the same."""

from dataclasses import dataclass, replace
from enum import StrEnum

from wecom_bot.domain.dialog import Answerer, DialogState, Intent, Turn
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import Reply

_FOR_ALL = frozenset({Answerer.ARTICLE, Answerer.MENU, Answerer.PHRASE, Answerer.COZE})


class Unkept(StrEnum):
    """Why a question has no hot answer: none is kept, or its answer is for nobody else."""

    MISSING = "missing"
    OWN = "own"


class MissCount(StrEnum):
    """What becomes of the misses in a row."""

    NONE = "none"
    SAME = "same"
    ONE_MORE = "one_more"


@dataclass(frozen=True, slots=True)
class HotAnswer:
    """The reply to a question before name and masking, and all that it changes of the turn and the dialog state.

    `pursues` is the intent that the dialog is after from then on.
    """

    reply: Reply
    answerer: Answerer
    intent: Intent
    recognizer: str
    passages: tuple[Passage, ...]
    pursues: str | None
    misses: MissCount

    @classmethod
    def of(cls, before: DialogState, made: Turn) -> "HotAnswer | None":
        """The answer of a turn that came upon this state; None where it is not for all who ask the same.

        It is where giving it anew makes just this turn: then nothing was heard, looked up, asked, handed off or noted
        that the answer does not have.
        """
        if made.reply is None or made.answerer not in _FOR_ALL:
            return None
        misses = _misses(before, made)
        if made.answerer is Answerer.PHRASE and misses is not MissCount.ONE_MORE:
            return None  # of all phrases only that we do not know
        if made.answerer is Answerer.COZE and not _is_of_itself(before, made):
            return None
        whole = made.reply, made.answerer, made.intent, made.recognizer, made.passages
        answer = cls(*whole, pursues=made.state.intent, misses=misses)
        asked = Turn(made.conversation, made.messages, made.trace_id, made.began_at, before)
        state = replace(made.state, writer_memory=before.writer_memory, unheard=before.unheard)
        told = replace(made, state=state, spent={}, uncached=None)
        return answer if answer.given(asked) == told else None

    @property
    def is_unknown(self) -> bool:
        """Whether it is that we do not know: a negative answer."""
        return self.answerer is Answerer.PHRASE

    def given(self, turn: Turn) -> Turn:
        """The turn, settled with this answer."""
        misses = {MissCount.NONE: 0, MissCount.SAME: turn.state.misses, MissCount.ONE_MORE: turn.state.misses + 1}
        state = replace(turn.state, intent=self.pursues, offered=self.reply.choices, misses=misses[self.misses])
        known = {"intent": self.intent, "recognizer": self.recognizer, "passages": self.passages}
        return turn.say(self.answerer, self.reply, state=state, **known)


def _misses(before: DialogState, made: Turn) -> MissCount:
    if made.answerer is Answerer.MENU:
        return MissCount.SAME
    return MissCount.ONE_MORE if made.state.misses > before.misses else MissCount.NONE


def _is_of_itself(before: DialogState, made: Turn) -> bool:
    """Whether Coze worded it for a question that begins a talk, and asks for no answer that only Coze would know."""
    is_first = not (before.writer_memory or before.unheard)
    return is_first and not (made.reading.courtesy or made.reading.denies or made.state.writer_asks)
