"""Think about what a customer said: message by message, and never without an answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import InboundMessage, MessageId, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import TimeLimit
from wecom_bot.telemetry import logs

log = logs.get(__name__)


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


@dataclass(frozen=True, slots=True)
class Think:
    """Take more messages into a thought. Customers send a sentence in several messages, and several sentences.

    An unsure answer is thought over together with what comes next. Where that makes it sure, both were one question;
    else the next message has its own answer, and the one before keeps its "I do not know".
    """

    pipeline: Callable[[Tenant, Turn], Turn]
    time_limit: TimeLimit
    deadline: timedelta

    def __call__(self, tenant: Tenant, thought: Thought, *messages: InboundMessage, once: bool = False) -> Thought:
        """With `once` there is no time for a second try: what stays unsure together is not looked at alone."""
        state = thought.sure[-1].state if thought.sure else thought.start.state
        if thought.open is None:
            return self._with(thought, self._turn(tenant, replace(thought.start, state=state, messages=messages)))
        together = replace(thought.start, state=state, messages=(*thought.open.messages, *messages))
        joined = self._turn(tenant, together)
        if once or not joined.unsure:
            return self._with(thought, joined)
        alone = self._turn(tenant, replace(thought.start, state=thought.open.state, messages=messages))
        if alone.unsure:
            return replace(thought, open=joined)
        before = (*thought.sure, thought.open) if thought.open.answerer in _STANDS else thought.sure
        return replace(thought, sure=(*before, alone), open=None)

    def _with(self, thought: Thought, turn: Turn) -> Thought:
        if turn.unsure:
            return replace(thought, open=turn)
        return replace(thought, sure=(*thought.sure, turn), open=None)

    def _turn(self, tenant: Tenant, turn: Turn) -> Turn:
        """The pipeline's turn; the tenant's phrase if it fails, whatever the failure, or takes too long."""
        try:
            with self.time_limit(self.deadline):
                return self.pipeline(tenant, turn)
        except Exception as e:  # noqa: BLE001 - silence would be worse than any bug; the log says where it is
            log.error("turn.trouble", corp_id=tenant.corp_id, error=type(e).__name__, at=logs.place(e))
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.trouble))


# A question back makes no sense once something else was answered; that we do not know does
_STANDS = frozenset({Answerer.PHRASE, Answerer.COZE})
