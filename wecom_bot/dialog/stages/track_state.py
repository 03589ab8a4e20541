"""What we know so far."""

import re
from dataclasses import dataclass, replace

from wecom_bot.dialog.pursuit import acts, asked
from wecom_bot.dialog.slots import find, is_bare, is_open, readable
from wecom_bot.domain.dialog import FALLBACK, Answerer, Intent, Turn
from wecom_bot.domain.intent import IntentSpec, SlotSpec
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.domain.text import letters

_CANCELS = re.compile(
    r"[那就先还是我嗯哦好行的谢]*+"
    r"(?:算了|取消|停止|退出|没事了?|下次再说|[不别](?:想|要|用|必)?再?(?:查|问|说|办|弄)了?|不(?:用|要|需要|必|想)了|不用)"
    r"(?:[了吧啊呀哈谢先]|算了|[不别][用查问]了?)*+"
)
_RECOGNIZER = "dialog"


@dataclass(frozen=True, slots=True)
class TrackState:
    """Remember the intent and the slots that were named: merged with what is known, a new value for the old one.

    Another intent takes over and keeps all slots, for slots of one name mean one thing; but an intent with nothing to
    do is only noted for its turn, so that a remark in between does not end what the dialog is after.
    """

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        before, question = turn.state, asked(tenant, turn.state)
        active = _active(tenant, turn)
        if question and active == before.intent and _cancels(question, turn.text):
            state = replace(before, asking=None, asked=0, offered=())
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.cancelled), state=state)
        heard = _heard(turn, tenant.intent(active or ""), question, stays=active == before.intent)
        volunteered = None if heard or question else _volunteered(tenant, turn)
        if volunteered:
            active, heard = volunteered
        state = replace(before, intent=active, slots={**before.slots, **heard})
        answered = question is not None and question.name in heard
        if answered or question is None or active != before.intent:
            state = replace(state, asking=None, asked=0)
        elif heard:
            state = replace(state, asked=0)
        if active and (volunteered or (answered and active == before.intent)):
            turn = replace(turn, intent=Intent(active, 1.0), recognizer=_RECOGNIZER)
        return replace(turn, state=state, heard=heard)


def _cancels(question: SlotSpec, text: str) -> bool:
    """Whether the customer would rather not answer; 取消 may be an answer too."""
    return _CANCELS.fullmatch(letters(text)) is not None and not is_bare(question, readable(text))


def _active(tenant: Tenant, turn: Turn) -> str | None:
    recognised = turn.intent.name
    if recognised == FALLBACK.name:
        return turn.state.intent
    holds = acts(tenant.intent(turn.state.intent or ""))
    return recognised if acts(tenant.intent(recognised)) or not holds else turn.state.intent


def _heard(turn: Turn, spec: IntentSpec | None, question: SlotSpec | None, *, stays: bool) -> dict[str, str]:
    """The recogniser's slots, then the one that we asked for, then whatever else of the intent the text names."""
    remark = turn.intent.name not in (FALLBACK.name, turn.state.intent)
    wanted = [slot for slot in (spec.slots if spec else ()) if not is_open(slot)]
    if question and not (is_open(question) and (remark or not stays)):
        wanted.insert(0, question)
    text, heard = readable(turn.text), dict(turn.heard)
    for slot in wanted:
        if slot.name not in heard:
            value = find(slot, text, turn.state.slots.get(slot.name, ""), heard.values())
            if value:
                heard[slot.name] = value
    return heard


def _volunteered(tenant: Tenant, turn: Turn) -> tuple[str, dict[str, str]] | None:
    """The lookup that a bare number asks for, with nothing said beside it and nothing asked before."""
    text = readable(turn.text)
    for spec in tenant.intents if turn.intent.name == FALLBACK.name else ():
        for slot in spec.slots if spec.lookup else ():
            value = find(slot, text) if is_bare(slot, text) else None
            if value:
                return spec.name, {slot.name: value}
    return None
