"""A turn in the making: what will be said whatever comes, and what may change with the next words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wecom_bot.dialog.several import spent_on
from wecom_bot.domain.dialog import Answerer, DialogState, Turn
from wecom_bot.domain.message import InboundMessage, MessageId, Reply

# A question back makes no sense once something else was answered; that we do not know does
_STANDS = frozenset({Answerer.PHRASE, Answerer.COZE})


@dataclass(frozen=True, slots=True)
class Considered:
    """A turn as it was asked, with its messages and the state before them, and what was made of it, perhaps a draft."""

    asked: Turn
    turn: Turn


@dataclass(frozen=True, slots=True)
class Thought:
    """A turn in the making. `sure` is what will be said whatever comes; `open` may change with the next words.

    `start` is the turn before anything was thought: its state, its trace, no messages. `taken` is how many messages are
    in it.
    """

    start: Turn
    sure: tuple[Considered, ...] = ()
    open: Considered | None = None
    taken: int = 0

    @property
    def all(self) -> tuple[Considered, ...]:
        """What will be said, in its order."""
        return (*self.sure, self.open) if self.open else self.sure

    @property
    def left(self) -> tuple[Considered, ...]:
        """The drafts that the reply writer is to word."""
        return tuple(each for each in self.all if each.turn.left)

    @property
    def waits(self) -> bool:
        """Whether it is worth waiting for more words: nothing sure would have to wait with it."""
        return self.open is not None and not self.sure

    @property
    def ended(self) -> bool:
        """Whether what the customer says next is for somebody else to hear."""
        return any(each.turn.handoff for each in self.sure)

    def asked(self, *messages: InboundMessage) -> Turn:
        """What is to be thought of the next messages by themselves."""
        return replace(self.start, state=self._state, messages=messages)

    def asked_together(self, *messages: InboundMessage) -> Turn:
        """What is to be thought of them and of what is open, as if nothing had been made of that yet."""
        if self.open is None:
            return self.asked(*messages)
        state = replace(self._state, unheard=_unheard(self.open))
        return replace(self.start, state=state, messages=(*self.open.turn.messages, *messages))

    def asked_after(self, *messages: InboundMessage) -> Turn:
        """What is to be thought of them by themselves, after what is open was said."""
        state = self.open.turn.state if self.open else self._state
        return replace(self.start, state=state, messages=messages)

    @property
    def _state(self) -> DialogState:
        return self.sure[-1].turn.state if self.sure else self.start.state

    def with_instead(self, made: Considered) -> "Thought":
        """The thought with this in the place of what was open."""
        if made.turn.unsure:
            return replace(self, open=made)
        return replace(self, sure=(*self.sure, made), open=None)

    def with_after(self, made: Considered) -> "Thought":
        """The thought with this sure turn after what was open, which is said if it still makes sense."""
        stands = self.open is not None and self.open.turn.answerer in _STANDS
        return replace(self, sure=(*(self.all if stands else self.sure), made), open=None)

    def with_words(self, worded: dict[int, Turn]) -> "Thought":
        """The thought with these for all that were left, by their number in `all`; one may be for several."""
        *_, last = self.all
        made = tuple(
            replace(each, turn=worded.get(number, each.turn))
            for number, each in enumerate(self.all)
            if number in worded or not each.turn.left
        )
        state = _latest(last.turn, worded)
        made = (*made[:-1], replace(made[-1], turn=replace(made[-1].turn, state=state)))
        if made[-1].turn.unsure and len(made) == len(self.all):
            return replace(self, sure=made[:-1], open=made[-1])
        return replace(self, sure=made, open=None)

    def counting(self, messages: int) -> "Thought":
        """The thought with so many more messages taken in."""
        return replace(self, taken=self.taken + messages)

    def afresh(self) -> "Thought":
        """The turn with nothing thought of it; what was said with the reply writer meanwhile counts for nothing."""
        unheard = self.start.state.unheard
        for each in self.all:
            unheard = (*unheard, *(one for one in _unheard(each) if one not in unheard))
        return Thought(replace(self.start, state=replace(self.start.state, unheard=unheard)))

    def turn(self, messages: tuple[InboundMessage, ...]) -> Turn:
        """The turn over these messages: one reply, which answers one after the other."""
        turns = [each.turn for each in self.all]
        *_, last = turns
        return replace(
            last,
            messages=tuple(_heard(turns).get(each.message_id, each) for each in messages),
            passages=tuple(dict.fromkeys(passage for turn in turns for passage in turn.passages)),
            reply=_joined(turns),
            handoff=next((turn.handoff for turn in turns if turn.handoff), None),
            request=next((turn.request for turn in turns if turn.request), ""),
            uploads=tuple(upload for turn in turns for upload in turn.uploads),
            spent=spent_on(turns),
        )


def _unheard(made: Considered) -> tuple[str, ...]:
    """What the reply writer has to take back if the customer never sees this."""
    before, after = made.asked.state, made.turn.state.writer_memory
    return (*before.unheard, after) if after not in {"", before.writer_memory} else made.turn.state.unheard


def _latest(last: Turn, worded: dict[int, Turn]) -> DialogState:
    """The state after the last turn, with what the reply writer knows by now."""
    *_, words = worded.values()
    if last.left or words.handoff or words.request:
        return words.state
    return replace(last.state, writer_memory=words.state.writer_memory, unheard=words.state.unheard)


def _heard(turns: Sequence[Turn]) -> dict[MessageId, InboundMessage]:
    """The messages as the thought has them: what was said in a voice message is written down there."""
    return {message.message_id: message for turn in turns for message in turn.messages}


def _joined(turns: Sequence[Turn]) -> Reply | None:
    """One reply, a paragraph for each."""
    replies = _without_echoes(turns)
    if len(replies) <= 1:
        return replies[0] if replies else None
    text = "\n\n".join(reply.text for reply in replies if reply.text)
    attachments = tuple(each for reply in replies for each in reply.attachments)
    return Reply(text, replies[-1].choices, attachments)


def _without_echoes(turns: Sequence[Turn]) -> Sequence[Reply]:
    """The replies in order; the same phrase twice in a row would only sound like a machine."""
    replies: list[Reply] = []
    for turn in turns:
        is_echo = turn.answerer is Answerer.PHRASE and replies[-1:] == [turn.reply]
        if turn.reply and not is_echo:
            replies.append(turn.reply)
    return replies
