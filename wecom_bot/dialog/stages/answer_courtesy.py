"""A greeting, thanks, a nod: what asks for nothing."""

from dataclasses import dataclass, replace

from wecom_bot.dialog.courteous import courteous, has_example_of
from wecom_bot.dialog.pursuit import asked, is_exact
from wecom_bot.dialog.slots import Whose, is_bare, is_open, readable
from wecom_bot.dialog.stages.find_knowledge import FindKnowledge
from wecom_bot.domain.dialog import Answerer, DialogState, Turn
from wecom_bot.domain.intent import SlotSpec
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text.reading import Courtesy

_ANSWERS = frozenset({Courtesy.NOD, Courtesy.DECLINE})  # to a question of Coze's
_ASK_AGAIN = frozenset({Courtesy.GREETING, Courtesy.PRESENCE, Courtesy.PUZZLED})


@dataclass(frozen=True, slots=True)
class AnswerCourtesy:
    """Return a courtesy in the tenant's words, before anybody is asked what it means.

    It is no miss and calls nobody, and what the dialog is after stays as it is: to a greeting in the midst of it our
    question is said again. What the tenant wrote goes first: an article or an example of these very words, a slot that
    they fit. Where a message to humans is awaited, whether it is one is looked at there, and a nod to a question of
    Coze's is for Coze. It also notes which language the customer writes.
    """

    find: FindKnowledge

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        before = turn.state
        turn = replace(turn, state=_noted(turn))
        kind = turn.reading.courtesy or _unsaid(turn)
        if kind is None or turn.uploads or before.takes_message(turn.began_at):
            return turn
        if before.writer_asks and kind in _ANSWERS:
            return turn
        question = asked(tenant, turn.state)
        if _is_for_stages(tenant, turn, kind, question) or self._is_written(tenant, turn):
            return turn
        if question and kind in _ASK_AGAIN:
            return turn.say(Answerer.QUESTION, Reply(question.ask))
        return courteous(tenant, turn, kind)

    def _is_written(self, tenant: Tenant, turn: Turn) -> bool:
        return has_example_of(tenant, turn.text) or is_exact(self.find(tenant, turn))


def _noted(turn: Turn) -> DialogState:
    """The state with the customer's language; what Coze asked is answered now, or never."""
    return replace(turn.state, language=turn.reading.language or turn.state.language, writer_asks=False)


def _unsaid(turn: Turn) -> Courtesy | None:
    """Who quotes something and says nothing to it asks what it means."""
    return Courtesy.PUZZLED if turn.said.strip() and not turn.text.strip() else None


def _is_for_stages(tenant: Tenant, turn: Turn, kind: Courtesy, question: SlotSpec | None) -> bool:
    """Whether later stages know better: of an open question, or where the tenant wants Coze to word it."""
    if tenant.courtesies.coze and tenant.coze.bot_id and tenant.reply != "article":
        return True
    if question is None:
        return False
    whose = Whose(tenant.corp_id, turn.state.intent)
    is_value = is_open(question, whose) or is_bare(question, readable(turn.text), whose)
    return kind is Courtesy.DECLINE or is_value
