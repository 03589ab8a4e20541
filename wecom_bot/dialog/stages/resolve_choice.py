"""The customer's choice from a menu of ours."""

import re
from dataclasses import dataclass, replace

from wecom_bot.dialog import remarks
from wecom_bot.dialog.handing_off import hand_off
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import NONE_OF_THESE, InboundMessage, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import WecomBotError
from wecom_bot.ports import Duty, SearchIndex
from wecom_bot.telemetry import logs
from wecom_bot.text.folding import letters

log = logs.get(__name__)

_NUMBER = re.compile(r"(?:我?[选要点]|第)*(?P<number>[1-9一二三四])(?:[个号项条]|吧|谢谢)*")
_YES = re.compile(
    r"(?:[是对嗯恩好]|没错|就是|可以|yes|yeah|yep|ok|这个)(?:[的啊呀呢滴对是嗯这个]|它)*"
)  # to one article
_ONE_AND_NONE = 2
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True, slots=True)
class ResolveChoice:
    """Answer with the article that the customer picked: by a click, by its number, its title, or a yes to the only one.

    Who means none of them is asked for other words, or called a human if that was said already. Other words that came
    along are what is asked next.
    """

    index: SearchIndex
    duty: Duty

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        picked = _clicked(turn) or _named(turn)
        if picked == NONE_OF_THESE:
            return self._none(tenant, turn)
        passage = self._passage(tenant, picked) if picked else None
        if passage is None:  # nothing was picked, or the article is gone since, or the index is away
            return turn
        state = replace(turn.state, offered=(), misses=0)
        reply = Reply(passage.answer, attachments=passage.attachments)
        return turn.say(Answerer.ARTICLE, reply, state=state, passages=(passage,))

    def _none(self, tenant: Tenant, turn: Turn) -> Turn:
        offered, misses = turn.state.offered, turn.state.misses
        state = replace(turn.state, offered=(), misses=misses + 1 if offered else misses)
        said = tuple(_without_click(message) for message in turn.messages)
        if said != turn.messages and any(message.text.strip() for message in said):
            return replace(turn, messages=said, state=state)
        if offered and misses and tenant.handoff.misses:  # a second click on the same menu is no second miss
            return hand_off(tenant, turn, "misses", self.duty)
        return turn.say(Answerer.PHRASE, Reply(tenant.phrases.rephrase), state=state)

    def _passage(self, tenant: Tenant, article_id: str) -> Passage | None:
        try:
            return self.index.get(tenant.corp_id, article_id)
        except WecomBotError as e:
            log.warning("knowledge.failed", corp_id=tenant.corp_id, error=type(e).__name__)
            return None


def _without_click(message: InboundMessage) -> InboundMessage:
    return replace(message, text="") if message.menu_id == NONE_OF_THESE else message


def _clicked(turn: Turn) -> str | None:
    """The id of what was clicked on, if it is of the last menu; "none of these" is so in every menu."""
    known = {NONE_OF_THESE, *(choice.choice_id for choice in turn.state.offered)}
    return next((message.menu_id for message in turn.messages if message.menu_id in known), None)


def _named(turn: Turn) -> str | None:
    """The id that the words name; they must name it and say no more, for then they ask something else."""
    offered, said = turn.state.offered, letters(turn.text)
    for choice in offered:
        if said and said == letters(choice.text):
            return choice.choice_id
    if _YES.fullmatch(said) and len(offered) == _ONE_AND_NONE:
        return offered[0].choice_id
    if number := _NUMBER.fullmatch(said):
        place = _CHINESE.get(number["number"]) or int(number["number"])
        return offered[place - 1].choice_id if place <= len(offered) else None
    return NONE_OF_THESE if offered and remarks.is_none_of_these(turn.text) else None
