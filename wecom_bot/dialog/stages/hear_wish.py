"""The customer's wish for a human, to complain or to leave a message, in any words."""

from dataclasses import dataclass

from wecom_bot.dialog import remarks
from wecom_bot.dialog.clicks import Clicks
from wecom_bot.dialog.handing_off import ask_for_message, hand_off, take_message
from wecom_bot.dialog.pursuit import acts, asked, is_exact, is_sure, recognised
from wecom_bot.dialog.slots import Whose, is_open
from wecom_bot.dialog.wished import Wish, Wished
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Duty, SearchIndex


@dataclass(frozen=True, slots=True)
class HearWish:
    """Call a human for who wants one or complains, and ask for the message of who wants to leave one.

    Who says at which number they can be reached has left it already. What the tenant wrote goes first: an intent that
    does something, an article of this very title, an open question that any words answer. An article that is only sure
    goes before what merely sounds like a complaint or a message; but who wants a human is told no article about that.
    Where a message is awaited, whatever is said is in it.
    """

    duty: Duty
    index: SearchIndex
    wished: Wished

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if turn.state.takes_message(turn.began_at) or turn.reading.denies or _is_for_tenant(tenant, turn):
            return turn
        said = Clicks(self.index).customers(tenant, turn)
        if any(self.wished.expressed(tenant, Wish.HUMAN, text) for text in said):
            return hand_off(tenant, turn, "asked", self.duty)
        heard = self.wished.certainly if is_sure(tenant, turn) else self.wished.expressed
        if any(heard(tenant, Wish.COMPLAIN, text) for text in said):
            return hand_off(tenant, turn, "complaint", self.duty)
        if any(heard(tenant, Wish.LEAVE_MESSAGE, text) for text in said):
            if any(map(remarks.names_way_back, said)):
                return take_message(tenant, turn)
            return ask_for_message(turn, "message", tenant.phrases.message_awaited)
        return turn


def _is_for_tenant(tenant: Tenant, turn: Turn) -> bool:
    question = asked(tenant, turn.state)
    if question and is_open(question, Whose(tenant.corp_id, turn.state.intent)):
        return True
    return is_exact(turn) or acts(recognised(tenant, turn))
