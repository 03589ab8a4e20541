"""A turn in the making: what will be said whatever comes, and what may change with the next words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import InboundMessage, MessageId, Reply


@dataclass(frozen=True, slots=True)
class Thought:
    """A turn in the making. `sure` is what will be said whatever comes; `open` may change with the next words.

    `start` is the turn before anything was thought: its state, its trace, no messages.
    """

    start: Turn
    sure: tuple[Turn, ...] = ()
    open: Turn | None = None

    @property
    def waits(self) -> bool:
        """Whether it is worth waiting for more words: nothing sure would have to wait with it."""
        return self.open is not None and not self.sure

    @property
    def ended(self) -> bool:
        """Whether what the customer says next is for somebody else to hear."""
        return any(turn.handoff for turn in self.sure)

    def turn(self, messages: tuple[InboundMessage, ...]) -> Turn:
        """The turn over these messages: one reply, which answers one after the other."""
        turns = (*self.sure, self.open) if self.open else self.sure
        *_, last = turns
        spent: dict[str, float] = {}
        for stage, seconds in (each for turn in turns for each in turn.spent.items()):
            spent[stage] = spent.get(stage, 0.0) + seconds
        return replace(
            last,
            messages=tuple(_heard(turns).get(each.message_id, each) for each in messages),
            passages=tuple(dict.fromkeys(passage for turn in turns for passage in turn.passages)),
            reply=_joined(turns),
            request=next((turn.request for turn in turns if turn.request), ""),
            uploads=tuple(upload for turn in turns for upload in turn.uploads),
            spent=spent,
        )


def _heard(turns: tuple[Turn, ...]) -> dict[MessageId, InboundMessage]:
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
