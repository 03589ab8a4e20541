"""What the intent still has to know."""

from dataclasses import dataclass, replace

from wecom_bot.dialog.pursuit import pursued
from wecom_bot.dialog.slots import missing
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant


@dataclass(frozen=True, slots=True)
class AskForSlot:
    """Ask for the first slot that is missing; after `most` questions in a row that nothing came of, no more.

    Then the turn is left to the next stages: perhaps an article fits or Coze has a word, else it counts as a miss.
    """

    most: int = 2

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        state, spec = turn.state, pursued(tenant, turn)
        slot = missing(spec, state.slots) if spec else None
        if slot is None:
            return turn
        before = state.asked if state.asking == slot.name else 0
        if before >= self.most:
            return replace(turn, state=replace(state, asking=None, asked=0))
        state = replace(state, asking=slot.name, asked=before + 1, offered=())
        return turn.say(Answerer.QUESTION, Reply(slot.ask), state=state)
