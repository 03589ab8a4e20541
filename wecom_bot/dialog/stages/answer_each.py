"""Several questions in one message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wecom_bot.dialog.pursuit import asked, is_sure
from wecom_bot.dialog.several import merged, part_of
from wecom_bot.dialog.slots import Whose, is_open
from wecom_bot.dialog.stages.compose_reply import ComposeReply
from wecom_bot.dialog.stages.find_knowledge import FindKnowledge
from wecom_bot.domain.dialog import Left, Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text.reading.sentences import stands_alone

_MOST = 4  # clauses
_NEARLY_SAME = 0.9

Stage = Callable[[Tenant, Turn], Turn]


@dataclass(frozen=True, slots=True)
class AnswerEach:
    """Answer each question of a message, in its order, in one reply.

    Each is thought over by itself with what the house knows: intents by example, articles, orders. Coze is told all
    that are left, in one call. Where none has an answer the message is left to the next stages as a whole: perhaps it
    is one matter in several sentences. A mere 要多久 after a question that is answered is a part of it.
    """

    think: tuple[Stage, ...]
    find: FindKnowledge
    compose: ComposeReply

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        questions = self._questions(tenant, turn)
        if not questions:
            return turn
        parts = self._thought(tenant, turn, questions)
        if any(self.compose.is_to_be_worded(tenant, part) for part in _left(parts)):
            if self.compose.puts_off:
                return _put_off(turn, parts)
            parts = self._worded(tenant, turn, parts)
        return self._merged(tenant, turn, parts)

    def _merged(self, tenant: Tenant, turn: Turn, parts: Sequence[Turn]) -> Turn:
        """One reply of all parts; the turn as it was where none is known, or somebody else may know the unknown."""
        unknown = [part for part in parts if not _is_known(tenant, part)]
        if len(unknown) == len(parts) or (unknown and _asks_elsewhere(tenant)):
            return replace(turn, makeshift=True) if any(part.makeshift for part in parts) else turn
        told = [part for part in parts if part not in unknown or stands_alone(part.text)]
        return merged(tenant, turn, [self.compose.as_written(tenant, part) for part in told])

    def _questions(self, tenant: Tenant, turn: Turn) -> tuple[str, ...]:
        """Two questions or more; none where the message is to be thought over as one."""
        if not _may_be_parted(tenant, turn):
            return ()
        questions = turn.reading.questions
        return questions if len(questions) > 1 else self._titles(tenant, turn)

    def _thought(self, tenant: Tenant, turn: Turn, questions: Sequence[str]) -> list[Turn]:
        """Each question, thought over after the one before it; not yet settled where the house does not act on it.

        None, if one of them is for a human: then the message is, as a whole.
        """
        here = tenant.model_copy(update={"recognizers": ("rules",)})
        parts, state = list[Turn](), turn.state
        for question in questions:
            part = part_of(replace(turn, state=state), question)
            for stage in self.think:
                if not part.settled:
                    part = stage(here, part)
            if part.handoff or part.request:
                return []
            parts.append(part)
            state = part.state
        return parts

    def _titles(self, tenant: Tenant, turn: Turn) -> tuple[str, ...]:
        """The clauses, where each is as good as an article's title, and of another one: 忘记密码，收不到验证码."""
        clauses, articles = turn.reading.clauses, set[str]()
        if not 1 < len(clauses) <= _MOST:
            return ()
        for clause in clauses:
            part = self.find(tenant, part_of(turn, clause))
            if not _is_title(part):
                return ()  # as most are: the others need not be looked for
            articles.add(part.passages[0].article_id)
        return clauses if len(articles) == len(clauses) else ()

    def _worded(self, tenant: Tenant, turn: Turn, parts: list[Turn]) -> list[Turn]:
        """The parts, with one in Coze's words for all that are left, where Coze can."""
        left = _left(parts)
        worded = self.compose.worded(tenant, _together(turn, parts, left))
        if worded is None:
            return [replace(part, makeshift=True) for part in parts]
        stays = [part for part in parts if part.settled or part is left[0]]
        return [worded if part is left[0] else part for part in stays]


def _left(parts: Sequence[Turn]) -> list[Turn]:
    return [part for part in parts if not part.settled]


def _put_off(turn: Turn, parts: Sequence[Turn]) -> Turn:
    """The draft; whatever Coze will say, something was answered."""
    left = _left(parts)
    if len(left) == len(parts):
        return _together(turn, parts, left).put_off(Left.WHOLE, 0)
    return replace(turn, state=parts[-1].state).put_off(Left.PARTS, 0)


def _together(turn: Turn, parts: Sequence[Turn], left: Sequence[Turn]) -> Turn:
    """The turn of all that are left, each with what was found for it."""
    whole = turn if len(left) == len(parts) else part_of(turn, "\n".join(part.text for part in left))
    passages = tuple(dict.fromkeys(passage for part in left for passage in part.passages[:1]))
    return replace(whole, passages=passages, state=parts[-1].state)


def _is_known(tenant: Tenant, part: Turn) -> bool:
    return part.settled or is_sure(tenant, part)


def _is_title(part: Turn) -> bool:
    return bool(part.passages) and part.passages[0].score >= _NEARLY_SAME


def _may_be_parted(tenant: Tenant, turn: Turn) -> bool:
    """Not what is the answer to a question of ours that any words answer, nor a message to humans or a picture."""
    if turn.uploads or turn.state.takes_message(turn.began_at):
        return False
    question = asked(tenant, turn.state)
    return question is None or not is_open(question, Whose(tenant.corp_id, turn.state.intent))


def _asks_elsewhere(tenant: Tenant) -> bool:
    """Whether somebody else knows intents that the house does not."""
    return bool(tenant.nlu.base_url or tenant.coze.workflow_id)
