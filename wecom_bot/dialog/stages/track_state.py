"""What we know so far."""

from dataclasses import dataclass, replace

from wecom_bot.dialog import remarks
from wecom_bot.dialog.pursuit import acts, asked, is_exact, is_sure, recognised
from wecom_bot.dialog.slots import Whose, find, is_bare, is_open, readable
from wecom_bot.dialog.wished import Wish, Wished
from wecom_bot.domain.dialog import FALLBACK, Answerer, DialogState, Intent, Turn
from wecom_bot.domain.intent import SlotSpec
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text import privacy
from wecom_bot.text.folding import letters

_RECOGNIZER = "dialog"


@dataclass(frozen=True, slots=True)
class TrackState:
    """Remember the intent and the slots that were named: merged with what is known, a new value for the old one.

    Another intent takes over and keeps all slots, for slots of one name mean one thing; but an intent with nothing to
    do is only noted for its turn, so that a remark in between does not end what the dialog is after. What is done
    begins again when it is wished for anew, with the slots of a reply forgotten, or when the customer corrects it.
    """

    wished: Wished

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        before, question, active = turn.state, asked(tenant, turn.state), _active(tenant, turn)
        if question and active == before.intent and (refusal := self._refusal(tenant, turn, question)):
            return refusal
        heard = _heard(tenant, turn, active, question)
        corrects = before.done and active == before.intent and _corrects(tenant, turn, heard)
        anew = active == turn.intent.name
        if not (anew or corrects) and (before.done or _is_for_article(tenant, turn, question)):
            heard = {}
        volunteered = None if heard or question else _volunteered(tenant, turn)
        if volunteered:
            active, heard = volunteered
        done = before.done and not (anew or corrects or volunteered)
        known = before.slots if corrects or done else _outlasting(tenant, before, active)
        state = replace(before, intent=active, slots={**known, **heard}, done=done)
        answered = question is not None and question.name in heard
        if answered or question is None or active != before.intent:
            state = replace(state, asking=None, asked=0)
        elif heard:
            state = replace(state, asked=0)
        if active and (volunteered or corrects or (answered and active == before.intent)):
            turn = replace(turn, intent=Intent(active, 1.0), recognizer=_RECOGNIZER)
        return replace(turn, state=state, heard=heard)

    def _refusal(self, tenant: Tenant, turn: Turn, question: SlotSpec) -> Turn | None:
        """The last word about our question, if the customer will not answer it, or cannot; 取消 may be an answer."""
        whose = Whose(tenant.corp_id, turn.state.intent)
        if is_bare(question, readable(turn.text), whose):
            return None
        state = replace(turn.state, asking=None, asked=0, offered=())
        if self._gives_up(tenant, turn, question, whose):
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.cancelled), state=state)
        if not is_open(question, whose) and not is_sure(tenant, turn) and remarks.lacks(turn.text, question.ask):
            state = replace(state, misses=state.misses + 1)
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.unknown), state=state)
        return None

    def _gives_up(self, tenant: Tenant, turn: Turn, question: SlotSpec, whose: Whose) -> bool:
        """Whether the words say so; by likeness not where they are of the question, answer it, or are an article's."""
        certain = self.wished.certainly(tenant, Wish.CANCEL, turn.text)
        if certain is not None:
            return certain
        if remarks.cancels(turn.text):
            return True
        said = letters(turn.text)
        is_answer = said in letters(question.ask) or find(question, readable(turn.text), whose=whose) is not None
        if is_answer or is_open(question, whose) or is_sure(tenant, turn):
            return False
        return self.wished.probably(tenant, Wish.CANCEL, turn.text)


def _active(tenant: Tenant, turn: Turn) -> str | None:
    if turn.intent.name == FALLBACK.name:
        return turn.state.intent
    holds = acts(tenant.intent(turn.state.intent or ""))
    return turn.intent.name if acts(recognised(tenant, turn)) or not holds else turn.state.intent


def _heard(tenant: Tenant, turn: Turn, active: str | None, question: SlotSpec | None) -> dict[str, str]:
    """The recogniser's slots, then the one that we asked for, then whatever else of the intent the text names."""
    spec, named = tenant.intent(active or ""), recognised(tenant, turn)
    elsewhere = active != turn.state.intent or (named is not None and named.name != active)
    whose = Whose(tenant.corp_id, active)
    wanted = [slot for slot in (spec.slots if spec else ()) if not is_open(slot, whose)]
    if question and not (is_open(question, whose) and elsewhere):
        wanted.insert(0, question)
    text, heard = readable(turn.text), dict(turn.heard)
    for slot in wanted:
        if slot.name not in heard:
            value = find(slot, text, turn.state.slots.get(slot.name, ""), heard.values(), whose)
            if value:
                heard[slot.name] = value
    return heard


def _corrects(tenant: Tenant, turn: Turn, heard: dict[str, str]) -> bool:
    """Whether the customer takes back a value of what is done; of an order also, whether they ask for another one."""
    spec = tenant.intent(turn.state.intent or "")
    if spec is None or all(turn.state.slots.get(name) == value for name, value in heard.items()):
        return False
    return remarks.corrects(turn.text) or (bool(spec.lookup) and remarks.asks_for_another(turn.text))


def _is_for_article(tenant: Tenant, turn: Turn, question: SlotSpec | None) -> bool:
    """Whether an article is meant rather than a value in the midst of its title, or any words at all."""
    whose = Whose(tenant.corp_id, turn.state.intent)
    if question and is_open(question, whose):
        return is_sure(tenant, turn)
    return is_exact(turn) and not (question and is_bare(question, readable(turn.text), whose))


def _volunteered(tenant: Tenant, turn: Turn) -> tuple[str, dict[str, str]] | None:
    """The lookup that a bare number asks for, with nothing said beside it, nothing asked before, and nobody's phone."""
    text = readable(turn.text)
    if recognised(tenant, turn) or is_exact(turn) or privacy.find(text):
        return None
    for spec in tenant.intents:
        whose = Whose(tenant.corp_id, spec.name)
        for slot in spec.slots if spec.lookup else ():
            value = find(slot, text, whose=whose) if is_bare(slot, text, whose) else None
            if value:
                return spec.name, {slot.name: value}
    return None


def _outlasting(tenant: Tenant, before: DialogState, active: str | None) -> dict[str, str]:
    """The slots that are still known; those of a reply that was said go with it, but for another intent's."""
    spec, follower = tenant.intent(before.intent or ""), tenant.intent(active or "")
    if not before.done or spec is None or spec.lookup:
        return before.slots
    kept = {slot.name for slot in follower.slots} if follower and follower != spec else set()
    gone = {slot.name for slot in spec.slots} - kept
    return {name: value for name, value in before.slots.items() if name not in gone}
