"""Which questions are the same for all who ask them, and what their answers depend on."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from wecom_bot import __version__
from wecom_bot.dialog.pursuit import acts
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.hot_answer import HotAnswer
from wecom_bot.domain.knowledge import KnowledgeState
from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Clock, HotAnswers, KnowledgeStates
from wecom_bot.text.folding import fold

_NONE = timedelta(0)
_RECIPE = 2  # raise it when a stage decides otherwise: answers of another recipe are other answers
_VARIANT = ""  # of an experiment: there is none yet
_LONGEST = 200  # characters; who writes more tells a story, and nobody tells the same
_PERSONAL = re.compile(r"\d{4}|[零〇一二三四五六七八九幺]{4}")  # a number that is somebody's
_EDGES = " \t\r\n。.!?~～…，,、；;"  # as they are folded
_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class HotQuestion:
    """A question by the key of its answer; `knowledge` is what the answer is searched in."""

    key: str
    knowledge: KnowledgeState


@dataclass(slots=True)
class HotQuestions:
    """Tells the questions that may have a hot answer, by all that the answer depends on."""

    knowledge: KnowledgeStates
    _digests: dict[CorpId, tuple[Tenant, str]] = field(default_factory=dict, init=False)

    def of(self, tenant: Tenant, turn: Turn) -> HotQuestion | None:
        """The question of the turn; None where more than its words makes the answer, or nobody can tell what does."""
        if not (_is_at_rest(tenant, turn) and _is_for_all(turn)):
            return None
        state = self.knowledge.state(tenant.corp_id)
        if state is None:
            return None
        (message,) = turn.messages
        where = turn.conversation
        parts = (
            *(_RECIPE, __version__, self._digest(tenant), state.revision, state.mode.value, state.model),
            *(where.corp_id, where.channel.value, where.account, _VARIANT),
            *(message.menu_id or "", turn.state.intent or "", bool(turn.state.writer_memory or turn.state.unheard)),
            *(
                normalised(turn.text),
                tenant.coze.cache and _is_simplified(turn.text),
            ),  # Coze answers in one's own script
        )
        return HotQuestion(sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40], state)

    def _digest(self, tenant: Tenant) -> str:
        """Of all that the tenant's people set: computed once, for a change makes another object of it."""
        known = self._digests.get(tenant.corp_id)
        if known is None or known[0] is not tenant:
            digest = sha256(tenant.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()
            known = self._digests[tenant.corp_id] = (tenant, digest)
        return known[1]


@dataclass(frozen=True, slots=True)
class HotPath:
    """The cache of answers, and for how long it keeps one: that we do not know (`unknown`), for less.

    `falls_back` is whether what was found for a tenant just now may be older than the knowledge that it is told from:
    then nothing is kept, and what was kept before is given.
    """

    answers: HotAnswers
    questions: HotQuestions
    clock: Clock
    life: timedelta
    unknown: timedelta
    falls_back: Callable[[CorpId], bool] = lambda _: False

    def is_on(self, tenant: Tenant) -> bool:
        """Whether the tenant's answers are kept at all."""
        return self._life(tenant) > _NONE

    def life_of(self, tenant: Tenant, answer: HotAnswer | None) -> timedelta:
        """For how long the answer may be kept, or that there is none: no longer than all that was found is valid."""
        if answer is None:
            return self._life(tenant)
        most = min(self._life(tenant), self.unknown) if answer.is_unknown else self._life(tenant)
        ends = [passage.valid_until for passage in answer.passages if passage.valid_until]
        return min(most, min(ends) - self.clock.now()) if ends else most

    def _life(self, tenant: Tenant) -> timedelta:
        return self.life if tenant.hot_answers is None else timedelta(seconds=tenant.hot_answers)


def normalised(text: str) -> str:
    """The question as it is compared: of Chinese words alone in simplified characters, without the marks around them.

    Everything else stays as it was written: a tenant's pattern may tell capital letters, a comma parts questions, and
    a question mark is read.
    """
    folded = fold(text)
    bare = folded.strip(_EDGES)
    if not _CHINESE.fullmatch(bare):
        return text.strip()
    return f"{bare}?" if "?" in folded else bare


def _is_simplified(text: str) -> bool:
    """Whether the characters of a question that is compared as simplified ones are so written."""
    return normalised(text).removesuffix("?") in text


def _is_at_rest(tenant: Tenant, turn: Turn) -> bool:
    """Whether the dialog is after nothing that the next words may belong to."""
    state = turn.state
    if state.slots or state.asking or state.asked or state.done or acts(tenant.intent(state.intent or "")):
        return False
    return not state.takes_message(turn.began_at)


def _is_for_all(turn: Turn) -> bool:
    """Whether it is one message of words that anybody may say: no quote, no picture, no number of somebody's."""
    if len(turn.messages) != 1 or turn.uploads:
        return False
    (message,) = turn.messages
    words = message.text
    if not words.strip() or len(words) > _LONGEST or turn.text != words or _PERSONAL.search(words):
        return False
    return not (message.menu_id and turn.state.offered)  # whose words a click says depends on what was offered
