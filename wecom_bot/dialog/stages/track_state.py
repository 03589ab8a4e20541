"""What we know so far."""

from dataclasses import dataclass

from wecom_bot.dialog.moment import Moment
from wecom_bot.dialog.transitions import TRANSITIONS
from wecom_bot.dialog.wished import Wished
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant


@dataclass(frozen=True, slots=True)
class TrackState:
    """Remember the intent and the slots that were named: merged with what is known, a new value for the old one.

    Another intent takes over and keeps all slots, for slots of one name mean one thing; but an intent with nothing to
    do is only noted for its turn, so that a remark in between does not end what the dialog is after. What is done
    begins again when it is wished for anew, with the slots of a reply forgotten, or when the customer corrects it.
    The first transition that applies is made; `transitions.py` has them, one a function.
    """

    wished: Wished

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        moment = Moment.of(tenant, turn, self.wished)
        made = (transition(moment) for transition in TRANSITIONS)
        return next(after for after in made if after is not None)
