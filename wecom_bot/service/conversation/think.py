"""Think about what a customer said: message by message, and never without an answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import InboundMessage, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import TimeLimit
from wecom_bot.service.conversation.thought import Thought
from wecom_bot.telemetry import logs

log = logs.get(__name__)


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
