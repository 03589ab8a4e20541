"""What to say: the answer, a menu, or that we do not know."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Choice, Reply
from wecom_bot.domain.tenant import Tenant

_MOST_CHOICES = 3


@dataclass(frozen=True, slots=True)
class ComposeReply:
    """Answer when sure, ask "did you mean" when not, and say so when there is nothing; count the misses in a row."""

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        score = turn.passages[0].score if turn.passages else 0.0
        if turn.passages and score >= tenant.thresholds.answer:
            state = replace(turn.state, offered=(), misses=0)
            return turn.say(Answerer.ARTICLE, Reply(turn.passages[0].answer), state=state)
        if turn.passages and score >= tenant.thresholds.suggest:
            choices = tuple(Choice(passage.article_id, passage.question) for passage in turn.passages[:_MOST_CHOICES])
            state = replace(turn.state, offered=choices)
            return turn.say(Answerer.MENU, Reply(tenant.phrases.did_you_mean, choices), state=state)
        state = replace(turn.state, offered=(), misses=turn.state.misses + 1)
        return turn.say(Answerer.PHRASE, Reply(tenant.phrases.unknown), state=state)
