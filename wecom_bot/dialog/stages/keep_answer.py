"""What all who ask the same will be answered for a while."""

from dataclasses import dataclass, replace
from datetime import timedelta

from wecom_bot.dialog.hot_questions import HotPath
from wecom_bot.dialog.wished import Wished
from wecom_bot.domain.dialog import Answerer, Turn, Uncached
from wecom_bot.domain.hot_answer import HotAnswer
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.tenant import Tenant
from wecom_bot.telemetry import metrics

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class KeepAnswer:
    """Keep the answer of a turn that RecallAnswer marked, where it is for all who ask the same.

    A finishing stage, and the first: the others look at the misses in a row, at the hours and at the customer's name.
    What Coze worded is kept only where the tenant wants that. Nothing is kept that is of this moment alone: what a
    neighbour's failure made the next best, or what was found while the knowledge changed.
    """

    wished: Wished
    hot: HotPath | None = None

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if self.hot is None or turn.uncached is None:
            return turn
        asked, turn = turn.uncached, replace(turn, uncached=None)
        answer, life = self._kept(tenant, turn, asked)
        self.hot.answers.keep(tenant.corp_id, asked.key, answer, life)
        if answer:
            metrics.HOT_ANSWERS.labels("kept_unknown" if answer.is_unknown else "kept").inc()
        return turn

    def _kept(self, tenant: Tenant, turn: Turn, asked: Uncached) -> tuple[HotAnswer | None, timedelta]:
        """The answer, or that there is none for others, and for how long that holds; for no time where nobody knows."""
        if turn.makeshift or not self.wished.is_ready(tenant) or self.hot is None:
            return None, _NONE
        if self.hot.falls_back(tenant.corp_id):
            return None, _NONE
        if not self._is_still(tenant, replace(turn, state=asked.state), asked.key):
            return None, _NONE
        is_own = turn.answerer is Answerer.COZE and not tenant.coze.cache
        answer = None if is_own else HotAnswer.of(asked.state, turn)
        life = self.hot.life_of(tenant, answer)
        return (answer, life) if life > _NONE else (None, _NONE)

    def _is_still(self, tenant: Tenant, asked: Turn, key: str) -> bool:
        """Whether the question depends on what it did, and was searched for as it said."""
        question = self.hot.questions.of(tenant, asked) if self.hot else None
        if question is None or question.key != key:
            return False
        return all(mode is question.knowledge.mode for mode in _modes(asked))


def _modes(turn: Turn) -> set[SearchMode]:
    return {passage.mode for passage in turn.passages if passage.mode}
