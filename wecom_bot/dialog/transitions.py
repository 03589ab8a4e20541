"""How a dialog goes on, a transition a function: each gives the turn after it, or None where it does not apply.

They stand in the order in which they are tried; the last one always applies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wecom_bot.dialog import remarks
from wecom_bot.dialog.courteous import courteous
from wecom_bot.dialog.looked_up import is_of_order, looked_up_by
from wecom_bot.dialog.moment import Moment
from wecom_bot.dialog.order_talk import (
    asks_again,
    asks_for_another_one,
    asks_how_it_stands,
    asks_where_it_is,
    is_other_business,
    names_a_person,
)
from wecom_bot.dialog.pursuit import is_exact, is_near, is_sure, recognised
from wecom_bot.dialog.slots import Whose, find, is_bare, is_open, missing, unlabelled, without_values
from wecom_bot.dialog.wished import Wish
from wecom_bot.domain.dialog import Answerer, DialogState, Intent, Turn
from wecom_bot.domain.intent import SlotSpec
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text.folding import letters
from wecom_bot.text.reading import Courtesy, courtesy
from wecom_bot.text.reading.sentences import clauses

_RECOGNIZER = "dialog"
_IT_IS_WELL = frozenset({Courtesy.NOD, Courtesy.DECLINE, Courtesy.PRAISE, Courtesy.GOODBYE})


def cancelled(moment: Moment) -> Turn | None:
    """算了, 不查了: the customer would rather not answer our question. 取消 may be an answer, and then it is one."""
    question = _own_question(moment)
    if question is None or is_bare(question, moment.text, moment.whose) or not _gives_up(moment, question):
        return None
    if question.name in moment.heard and not is_open(question, moment.whose):
        return None
    state = replace(moment.before, asking=None, asked=0, offered=())
    return moment.turn.say(Answerer.PHRASE, Reply(moment.tenant.phrases.cancelled), state=state)


def refused(moment: Moment) -> Turn | None:
    """没有订单号: the customer cannot answer our question, is told how to go on, and asked no more."""
    question = _own_question(moment)
    if question is None or is_bare(question, moment.text, moment.whose) or is_open(question, moment.whose):
        return None
    if is_sure(moment.tenant, moment.turn) or not remarks.lacks(moment.turn.text, question.ask):
        return None
    state = replace(moment.before, asking=None, asked=0, offered=())
    return moment.turn.say(Answerer.PHRASE, Reply(moment.tenant.phrases.not_at_hand), state=state)


def corrected(moment: Moment) -> Turn | None:
    """不是XL，是M: a value of what is done is taken back, or another order is named. All else stays as it was."""
    spec, turn = moment.spec, moment.turn
    if not (moment.before.done and moment.is_same) or spec is None or _is_known(moment):
        return None
    if not (remarks.corrects(turn.text) or (spec.lookup and remarks.asks_for_another(turn.text))):
        return None
    state = replace(moment.before, slots={**moment.before.slots, **moment.heard}, done=False)
    state = _after_question(moment, state, moment.heard)
    return replace(turn, state=state, heard=moment.heard, intent=Intent(spec.name, 1.0), recognizer=_RECOGNIZER)


def volunteered(moment: Moment) -> Turn | None:
    """202611200001什么时候到: a number that can be looked up was named, and how it stands is asked, if anything.

    Beside other business the number is only remembered: 202611200001 退款 is about a refund.
    """
    turn = moment.turn
    if recognised(moment.tenant, turn) or is_exact(turn) or (moment.question and moment.heard):
        return None
    for spec, slot in looked_up_by(moment.tenant):
        named = unlabelled(slot, moment.text, Whose(moment.tenant.corp_id, spec.name))
        if not named:
            continue
        if said := _thanked(moment, slot, named):
            return said
        heard = {slot.name: named[0]}
        known = {**_outlasting(moment.tenant, moment.before, spec.name), **heard}
        if not _is_asked_about(moment):
            return replace(turn, state=replace(moment.before, slots={**moment.before.slots, **heard}))
        state = replace(moment.before, intent=spec.name, slots=known, done=False, asking=None, asked=0)
        return _certain(replace(turn, state=state, heard=heard), spec.name)
    return None


def begun_anew(moment: Moment) -> Turn | None:
    """The intent was said now: it begins, or goes on, or begins again where it was done."""
    if moment.active is None or moment.active != moment.turn.intent.name:
        return None
    heard = moment.heard
    known = _outlasting(moment.tenant, moment.before, moment.active)
    state = replace(moment.before, intent=moment.active, slots={**known, **heard}, done=False)
    turn = replace(moment.turn, state=_after_question(moment, state, heard), heard=heard)
    return _certain(turn, moment.active) if moment.is_same and _is_answered(moment) else turn


def asked_about_another(moment: Moment) -> Turn | None:
    """另一个呢: the same about another order, which has to be named."""
    spec = moment.spec
    if spec is None or not spec.lookup or not moment.before.done or moment.heard:
        return None
    if (recognised(moment.tenant, moment.turn) or spec) != spec or not asks_for_another_one(moment.turn.text):
        return None
    own = {slot.name for slot in spec.slots}
    slots = {name: value for name, value in moment.before.slots.items() if name not in own}
    state = replace(moment.before, slots=slots, done=False, asking=None, asked=0)
    return _certain(replace(moment.turn, state=state), spec.name)


def looked_up_again(moment: Moment) -> Turn | None:
    """再查一次: the same look-up once more, with what is known, whatever came of it before."""
    spec = moment.spec
    if spec is None or not spec.lookup or moment.question or missing(spec, moment.before.slots):
        return None
    if (recognised(moment.tenant, moment.turn) or spec) != spec or not asks_again(moment.turn.text):
        return None
    state = replace(moment.before, done=False, asking=None, asked=0)
    return _certain(replace(moment.turn, state=state), spec.name)


def asked_where_it_is(moment: Moment) -> Turn | None:
    """怎么还没到: about the order that is known, or one that has to be named, unless an article surely answers it."""
    if recognised(moment.tenant, moment.turn) or moment.question or is_exact(moment.turn):
        return None
    for spec, slot in looked_up_by(moment.tenant):
        is_known = moment.before.intent == spec.name and slot.name in moment.before.slots
        asks = (is_known or is_of_order(spec, slot)) and asks_where_it_is(
            moment.turn.reading.about, is_told=is_known and moment.before.done
        )
        if not asks or (is_sure(moment.tenant, moment.turn) and not is_known):
            return None
        state = replace(moment.before, intent=spec.name, done=False, asking=None, asked=0)
        return _certain(replace(moment.turn, state=state), spec.name)
    return None


def answered(moment: Moment) -> Turn | None:
    """Our question has its answer, and the dialog goes on with it."""
    if not moment.is_same or not _is_answered(moment) or moment.before.done or moment.is_for_article:
        return None
    return _certain(went_on(moment), moment.active or "")


def went_on(moment: Moment) -> Turn:
    """Nothing of that: what was named is remembered, unless the turn is an article's, or what it is for is done."""
    heard = {} if moment.before.done or moment.is_for_article else moment.heard
    known = moment.before.slots if moment.before.done else _outlasting(moment.tenant, moment.before, moment.active)
    state = replace(moment.before, intent=moment.active, slots={**known, **heard})
    return replace(moment.turn, state=_after_question(moment, state, heard), heard=heard)


TRANSITIONS = (
    cancelled,
    refused,
    corrected,
    volunteered,
    asked_about_another,
    looked_up_again,
    asked_where_it_is,
    begun_anew,
    answered,
    went_on,
)


def _own_question(moment: Moment) -> SlotSpec | None:
    """Our open question, while the dialog is after what it was asked for."""
    return moment.question if moment.is_same else None


def _gives_up(moment: Moment, question: SlotSpec) -> bool:
    """Whether the words say so; by likeness not where they are of the question, answer it, or are an article's."""
    tenant, turn = moment.tenant, moment.turn
    certain = moment.wished.certainly(tenant, Wish.CANCEL, turn.text)
    if certain is not None:
        return certain
    if remarks.cancels(turn.text) and not remarks.lacks(turn.text, question.ask):
        return True
    said = letters(turn.text)
    is_answer = said in letters(question.ask) or find(question, moment.text, whose=moment.whose) is not None
    if is_answer or is_open(question, moment.whose) or is_sure(tenant, turn):
        return False
    return turn.reading.denies or moment.wished.probably(tenant, Wish.CANCEL, turn.text)


def _is_known(moment: Moment) -> bool:
    """Whether nothing was named but what we knew."""
    return all(moment.before.slots.get(name) == value for name, value in moment.heard.items())


def _is_answered(moment: Moment) -> bool:
    return moment.question is not None and moment.question.name in moment.heard


def _thanked(moment: Moment, slot: SlotSpec, named: Sequence[str]) -> Turn | None:
    """202611200001 收到了，谢谢, after it was told: a courtesy."""
    before, turn = moment.before, moment.turn
    if not (before.done and moment.question is None and before.slots.get(slot.name) in named):
        return None
    said = without_values(moment.text, named)
    kind, kinds = courtesy(said), {courtesy(clause) for clause in clauses(said)}
    # mere thanks beside the number are for the look-up that is wished for again
    return courteous(moment.tenant, turn, kind) if kind and kinds & _IT_IS_WELL else None


def _is_asked_about(moment: Moment) -> bool:
    """Whether what is said beside a number asks how it stands, or nothing that anybody else knows about."""
    turn, about = moment.turn, moment.turn.reading.about
    if asks_how_it_stands(about) or names_a_person(about):
        return True
    if is_sure(moment.tenant, turn):
        return False
    return not (is_near(moment.tenant, turn) and is_other_business(about))


def _certain(turn: Turn, intent: str) -> Turn:
    return replace(turn, intent=Intent(intent, 1.0), recognizer=_RECOGNIZER)


def _after_question(moment: Moment, state: DialogState, heard: Mapping[str, str]) -> DialogState:
    """The state with our question closed, if this turn closes it, by its answer or by another intent."""
    if moment.question is None or not moment.is_same or moment.question.name in heard:
        return replace(state, asking=None, asked=0)
    return replace(state, asked=0) if heard else state


def _outlasting(tenant: Tenant, before: DialogState, active: str | None) -> dict[str, str]:
    """The slots that are still known; those of a reply that was said go with it, but for another intent's."""
    spec, follower = tenant.intent(before.intent or ""), tenant.intent(active or "")
    if not before.done or spec is None or spec.lookup:
        return before.slots
    kept = {slot.name for slot in follower.slots} if follower and follower != spec else set()
    gone = {slot.name for slot in spec.slots} - kept
    return {name: value for name, value in before.slots.items() if name not in gone}
