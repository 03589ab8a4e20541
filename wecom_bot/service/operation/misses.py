"""What customers asked in vain, the most asked first: what to write about next."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wecom_bot.dialog import remarks
from wecom_bot.domain.knowledge import Passage
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import KeptTurn, SearchIndex, Turns
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission
from wecom_bot.text.folding import letters
from wecom_bot.text.privacy import mask

_MISSES = "misses"  # the reason of a handoff


@dataclass(frozen=True, slots=True)
class Missed:
    """Words that were not answered, masked as they were said last; how often, and the article that is nearest now."""

    words: str
    count: int
    newest: datetime
    trace_id: str
    nearest: Passage | None


@dataclass(frozen=True, slots=True)
class Misses:
    """Of how many turns how many were missed. `left_out`: how many other words there are."""

    turns: int
    missed: int
    said: tuple[Missed, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class ListMisses:
    """The turns that counted as misses: the bot did not know, could not read it, or had nothing that was meant.

    The same words in other letters are the same. Who picked "none of these" meant what they said before the menu.
    """

    admission: Admission
    turns: Turns
    index: SearchIndex
    session_timeout: timedelta

    def __call__(self, actor: Actor, corp_id: CorpId, since: datetime, most: int = 50) -> Misses:
        """Masked for everybody: whose words they are is not asked. Raises NotPermitted, Unknown, TemporaryFailure."""
        with self.admission(actor, Right.LOOK, "turns.misses", corp_id):
            return self._counted(corp_id, since, most)

    def _counted(self, corp_id: CorpId, since: datetime, most: int) -> Misses:
        counts, newest, turns = Counter[str](), dict[str, KeptTurn](), 0
        words = dict[str, str]()
        for turn, before in self._of(corp_id, since):
            turns += turn.answered
            if not _is_missed(turn, before):
                continue
            meant = before.words if before and _refuses(turn, before) else turn.words
            key = _same(meant)
            counts[key] += 1
            if key not in newest or turn.began_at > newest[key].began_at:
                newest[key], words[key] = turn, meant
        ranked = sorted(counts, key=lambda key: (counts[key], newest[key].began_at), reverse=True)
        said = (self._missed(newest[key], words[key], counts[key]) for key in ranked[:most])
        return Misses(turns, counts.total(), tuple(said), max(0, len(ranked) - most))

    def _of(self, corp_id: CorpId, since: datetime) -> Iterator[tuple[KeptTurn, KeptTurn | None]]:
        """Each turn, and the one before it in the same session: that began less than a session's silence earlier."""
        before: KeptTurn | None = None
        for turn in self.turns.since(corp_id, since - self.session_timeout):
            if before and (before.conversation, before.session_id) != (turn.conversation, turn.session_id):
                before = None
            if turn.began_at >= since:
                yield turn, before
            before = turn

    def _missed(self, turn: KeptTurn, words: str, count: int) -> Missed:
        found: Sequence[Passage] = self.index.search(turn.conversation.corp_id, words, 1)
        return Missed(mask(words), count, turn.began_at, turn.trace_id, found[0] if found else None)


def _is_missed(turn: KeptTurn, before: KeptTurn | None) -> bool:
    """By how the turn was counted: a handoff for misses counts anew, and whatever else keeps the count is no miss."""
    if not turn.answered:
        return False
    return turn.misses > (before.misses if before else 0) or _MISSES in (turn.handoff, turn.request)


def _refuses(turn: KeptTurn, before: KeptTurn) -> bool:
    """Whether the words refuse all that was offered, by title, by number or otherwise."""
    if not before.offered:
        return False
    said = letters(turn.words)
    return said in {letters(before.offered[-1]), str(len(before.offered))} or remarks.is_none_of_these(turn.words)


def _same(words: str) -> str:
    masked = mask(words)
    return letters(masked) or masked
