"""The fixed text of an intent."""

from dataclasses import dataclass, replace

from wecom_bot.dialog.pursuit import pursued
from wecom_bot.dialog.slots import missing
from wecom_bot.dialog.template import render
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant


@dataclass(frozen=True, slots=True)
class FillTemplate:
    """Say the intent's own reply, with its slots filled in, once it knows all of them; then it is done."""

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        spec = pursued(tenant, turn)
        if spec is None or not spec.reply or missing(spec, turn.state.slots):
            return turn
        known = {slot.name: turn.state.slots[slot.name] for slot in spec.slots}
        state = replace(turn.state, offered=(), misses=0, done=True)
        return turn.say(Answerer.PHRASE, Reply(render(spec.reply, known)), state=state)
