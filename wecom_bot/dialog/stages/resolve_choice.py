"""The customer's choice from a menu of ours."""

import re
from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import Choice, Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.domain.text import letters
from wecom_bot.errors import WecomBotError
from wecom_bot.ports import SearchIndex
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_NUMBER = re.compile(r"(?:我?[选要点]|第)*(?P<number>[1-9一二三])(?:[个号项条]|吧|谢谢)*")
_CHINESE = {"一": 1, "二": 2, "三": 3}


@dataclass(frozen=True, slots=True)
class ResolveChoice:
    """Answer with the article that the customer picked: by a click, by its number, or by its title."""

    index: SearchIndex

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        choice = _clicked(turn) or _named(turn)
        passage = self._passage(tenant, choice) if choice else None
        if passage is None:  # nothing was picked, or the article is gone since, or the index is away
            return turn
        state = replace(turn.state, offered=(), misses=0)
        reply = Reply(passage.answer, attachments=passage.attachments)
        return turn.say(Answerer.ARTICLE, reply, state=state, passages=(passage,))

    def _passage(self, tenant: Tenant, choice: Choice) -> Passage | None:
        try:
            return self.index.get(tenant.corp_id, choice.choice_id)
        except WecomBotError as e:
            log.warning("knowledge.failed", corp_id=tenant.corp_id, error=type(e).__name__)
            return None


def _clicked(turn: Turn) -> Choice | None:
    clicks = {message.menu_id for message in turn.messages}
    return next((choice for choice in turn.state.offered if choice.choice_id in clicks), None)


def _named(turn: Turn) -> Choice | None:
    """The choice that the words name; they must name it and say no more, for then they ask something else."""
    said = letters(turn.text)
    for choice in turn.state.offered:
        if said and said == letters(choice.text):
            return choice
    if number := _NUMBER.fullmatch(said):
        place = _CHINESE.get(number["number"]) or int(number["number"])
        return turn.state.offered[place - 1] if place <= len(turn.state.offered) else None
    return None
