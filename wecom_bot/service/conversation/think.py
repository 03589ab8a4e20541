"""Think about what a customer said, with one question to the reply writer at a time, and never without an answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from wecom_bot.domain.dialog import Answerer, Left, Turn
from wecom_bot.domain.message import InboundMessage, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import TimeLimit
from wecom_bot.service.conversation.thought import Considered, Thought
from wecom_bot.telemetry import logs

log = logs.get(__name__)


class Mind(Protocol):
    """What makes turns of messages; each raises what its neighbours raise."""

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        """The turn, settled."""

    def draft(self, tenant: Tenant, turn: Turn) -> Turn:
        """The turn, settled where that takes no reply writer; else `left` to it."""

    def word(self, tenant: Tenant, drafts: Sequence[Turn]) -> Turn | None:
        """One settled turn over drafts that were left as wholes; None where the reply writer fails."""


@dataclass(frozen=True, slots=True)
class Think:
    """Take more messages into a thought. Customers send a sentence in several messages, and several sentences.

    An unsure answer is thought over together with what comes next. Where that makes it sure, both were one question;
    else the next message has its own answer, and the one before keeps its "I do not know". The reply writer is asked
    once, for all that is left to it.
    """

    mind: Mind
    time_limit: TimeLimit
    deadline: timedelta

    def __call__(
        self,
        tenant: Tenant,
        thought: Thought,
        *messages: InboundMessage,
        once: bool = False,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> Thought:
        """The thought with the messages taken in, one by one until it ends or `goes_on` no longer holds.

        With `once` there is no time for a second try: what stays unsure together is not looked at alone.
        """
        if not once and (thought.ended or not goes_on()):
            return thought
        if thought.open is None and len(messages) == 1:
            asked = thought.asked(*messages)
            made = Considered(asked, self._safely(tenant, asked, self.mind))
            return thought.with_instead(made).counting(1)
        if once:
            thought = self._joined(tenant, thought, messages)
        else:
            for message in messages:
                if thought.ended or not goes_on():
                    break
                thought = self._further(tenant, thought, message)
        return self._worded(tenant, thought)

    def _joined(self, tenant: Tenant, thought: Thought, messages: tuple[InboundMessage, ...]) -> Thought:
        made = self._draft(tenant, thought.asked_together(*messages))
        return thought.with_instead(made).counting(len(messages))

    def _further(self, tenant: Tenant, thought: Thought, message: InboundMessage) -> Thought:
        joined = self._joined(tenant, thought, (message,))
        if thought.open is None or joined.open is None:
            return joined
        *_, read = joined.open.turn.messages
        alone = self._draft(tenant, thought.asked_after(read))
        return joined if alone.turn.unsure else thought.with_after(alone).counting(1)

    def _draft(self, tenant: Tenant, asked: Turn) -> Considered:
        return Considered(asked, self._safely(tenant, asked, self.mind.draft))

    def _worded(self, tenant: Tenant, thought: Thought) -> Thought:
        """The thought with words for all that was left to the reply writer: together where that can be."""
        if not thought.left:
            return thought
        whole = {number: each for number, each in enumerate(thought.all) if each.turn.left is Left.WHOLE}
        parts = {number: each for number, each in enumerate(thought.all) if each.turn.left is Left.PARTS}
        worded = {number: self._safely(tenant, each.asked, self.mind) for number, each in parts.items()}
        return thought.with_words(dict(sorted((worded | self._together(tenant, whole)).items())))

    def _together(self, tenant: Tenant, whole: dict[int, Considered]) -> dict[int, Turn]:
        """The words for all of them, in the first one's place; each one's from the house where the writer fails."""
        if not whole:
            return {}
        drafts = [each.turn for each in whole.values()]
        try:
            with self.time_limit(self.deadline):
                worded = self.mind.word(tenant, drafts)
        except Exception as e:  # noqa: BLE001 - what the house has to say is better than silence; the log says where
            self._log(tenant, e)
            worded = None
        if worded is not None:
            return {min(whole): worded}
        alone = tenant.model_copy(update={"reply": "article"})
        return {number: self._safely(alone, each.asked, self.mind) for number, each in whole.items()}

    def _safely(self, tenant: Tenant, turn: Turn, mind: Callable[[Tenant, Turn], Turn]) -> Turn:
        """What the mind makes of it; the tenant's phrase if it fails, whatever the failure, or takes too long."""
        try:
            with self.time_limit(self.deadline):
                return mind(tenant, turn)
        except Exception as e:  # noqa: BLE001 - silence would be worse than any bug; the log says where it is
            self._log(tenant, e)
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.trouble))

    def _log(self, tenant: Tenant, error: Exception) -> None:
        log.error("turn.trouble", corp_id=tenant.corp_id, error=type(error).__name__, at=logs.place(error))
