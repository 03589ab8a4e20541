"""What the customer wants."""

from dataclasses import dataclass, replace

from wecom_bot.dialog.pursuit import asked, recognised
from wecom_bot.dialog.recognizers import is_likely
from wecom_bot.dialog.slots import Whose, fit, is_bare, readable
from wecom_bot.domain.dialog import FALLBACK, Turn, Understanding
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import IntentRecognizer


@dataclass(frozen=True, slots=True)
class RecognizeIntent:
    """Note the intent, if it is likely enough, and the slots that the recogniser read; else this turn falls back.

    Nobody is asked about a bare answer to our own question, a number alone tells a recogniser nothing, nor about an
    image without words, nor about what is denied: the customer need not wait for that.
    """

    recognizer: IntentRecognizer

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if not turn.text.strip() or turn.reading.denies:
            return turn
        question = asked(tenant, turn.state)
        if question and is_bare(question, readable(turn.text), Whose(tenant.corp_id, turn.state.intent)):
            return turn
        understood = self.recognizer.recognize(tenant, turn)
        if not is_likely(tenant, understood.intent):
            understood = Understanding(FALLBACK, understood.slots, makeshift=understood.makeshift)
        heard, makeshift = _fitting(tenant, turn, understood), turn.makeshift or understood.makeshift
        return replace(turn, intent=understood.intent, recognizer=understood.source, heard=heard, makeshift=makeshift)


def _fitting(tenant: Tenant, turn: Turn, understood: Understanding) -> dict[str, str]:
    """The slots that the intent defines, with values that fit.

    A value that we know and that was not said now is no news: a model that is told the state repeats it.
    """
    spec = recognised(tenant, replace(turn, intent=understood.intent)) or tenant.intent(turn.state.intent or "")
    text, heard = readable(turn.text), {}
    for slot in spec.slots if spec else ():
        value = fit(slot, understood.slots.get(slot.name, ""), Whose(tenant.corp_id, spec.name if spec else None))
        if value and (value in text or value != turn.state.slots.get(slot.name)):
            heard[slot.name] = value
    return heard
