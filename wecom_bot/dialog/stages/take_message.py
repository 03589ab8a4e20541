"""A message to humans who are not there."""

from dataclasses import dataclass, replace

from wecom_bot.dialog import remarks
from wecom_bot.dialog.handing_off import take_message
from wecom_bot.dialog.pursuit import acts, asked, is_sure, recognised
from wecom_bot.dialog.wished import Wish, Wished
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text.reading import Courtesy


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """After we asked for a message, take the customer's words for it, unless the bot surely knows an answer to them.

    Then they are answered, and our offer stands. Who would rather leave no message is let go. It is no miss: nobody
    asked the bot anything. A message comes in pieces: what follows shortly is more of it, until the bot knows an
    answer. Mere courtesy is no message; a picture without words is one.
    """

    wished: Wished

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if not turn.shown.strip() or not turn.state.takes_message(turn.began_at):
            return turn
        if turn.state.leaving_message:
            return turn if _is_for_bot(tenant, turn) else self._first(tenant, turn)
        if _is_for_bot(tenant, turn):
            return replace(turn, state=replace(turn.state, message_at=None))
        return _more(tenant, turn)

    def _first(self, tenant: Tenant, turn: Turn) -> Turn:
        if _is_courtesy(turn):
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.message_awaited))
        certain = self.wished.certainly(tenant, Wish.CANCEL, turn.text)
        if remarks.cancels(turn.text) if certain is None else certain:
            state = replace(turn.state, offered=(), misses=0, leaving_message=False, message_at=None)
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.cancelled), state=state)
        return take_message(tenant, turn)


def _more(tenant: Tenant, turn: Turn) -> Turn:
    """Also 算了, 不用联系了: whoever reads the message should know."""
    if _is_courtesy(turn):
        return turn.say(Answerer.PHRASE, Reply(tenant.phrases.message_taken))
    state = replace(turn.state, offered=(), misses=0, message_at=turn.began_at)
    return turn.say(Answerer.PHRASE, Reply(tenant.phrases.message_more), state=state, request="message")


def _is_for_bot(tenant: Tenant, turn: Turn) -> bool:
    """Whether a question of the bot's is open, or the words are a question that it can answer.

    Who says how they can be reached wants to be, whatever else they ask: an answer must not cost them the call.
    """
    if asked(tenant, turn.state) is not None:
        return True
    if remarks.asks_back(turn.text):
        return False
    spec = recognised(tenant, turn)
    does = acts(spec) and spec is not None and not spec.handoff
    return does or is_sure(tenant, turn)


def _is_courtesy(turn: Turn) -> bool:
    return turn.shown == turn.text and turn.reading.courtesy not in {None, Courtesy.DECLINE, Courtesy.PUZZLED}
