"""What the same question was answered a moment ago."""

from dataclasses import dataclass, replace

from wecom_bot.dialog.hot_questions import HotPath
from wecom_bot.domain.dialog import Turn, Uncached
from wecom_bot.domain.hot_answer import Unkept
from wecom_bot.domain.tenant import Tenant
from wecom_bot.telemetry import metrics


@dataclass(frozen=True, slots=True)
class RecallAnswer:
    """Give a hot answer, where one is kept for the question; where it is missing mark the turn as one to be kept.

    This stands after whatever looks at blocked words, at menus of ours and at courtesies, which need nobody else, and
    before anybody is asked what is meant. A message with several questions is looked up as a whole, which is one trip.
    """

    hot: HotPath | None = None

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        if self.hot is None or not self.hot.is_on(tenant):
            return turn
        question = self.hot.questions.of(tenant, turn)
        if question is None:
            return turn
        answer = self.hot.answers.recall(tenant.corp_id, question.key)
        if isinstance(answer, Unkept):
            metrics.HOT_ANSWERS.labels("miss").inc()
            missing = answer is Unkept.MISSING
            return replace(turn, uncached=Uncached(question.key, turn.state)) if missing else turn
        metrics.HOT_ANSWERS.labels("hit_unknown" if answer.is_unknown else "hit").inc()
        return replace(answer.given(turn), hot=True)
