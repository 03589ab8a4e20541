"""The dead letters of a tenant: what was given up, and giving it another chance."""

from dataclasses import dataclass
from datetime import datetime

from wecom_bot.domain.job import DeadLetter
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import DeadLetters
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.page import Page, paged

_ALL = 10_000  # the inbox keeps no more of a tenant's


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """A dead letter without what it quotes of customers: what kind of work, for which mailbox; empty if unreadable."""

    letter_id: str
    kind: str
    mailbox: str
    reason: str
    attempts: int
    buried_at: datetime


@dataclass(frozen=True, slots=True)
class ListDeadLetters:
    """The dead letters, the newest first; with `after`, those that are older than the one of this id."""

    admission: Admission
    letters: DeadLetters

    def __call__(
        self, actor: Actor, corp_id: CorpId, *, most: int = 100, after: str | None = None
    ) -> Page[ShownLetter]:
        """Raises NotPermitted; Unknown for no such letter, or where there is neither a tenant nor what it left.

        TemporaryFailure.
        """
        with self.admission(actor, Right.LOOK, "dead_letters.list", corp_id, left=True) as visit:
            found = self.letters.dead_letters(corp_id, most + 1 if after is None else _ALL)
            if not found:
                self.admission.find(corp_id)
            page = paged([_shown(each) for each in found], lambda each: each.letter_id, most, after)
            visit.note([each.letter_id for each in page.items])
            return page


@dataclass(frozen=True, slots=True)
class ReplayDeadLetter:
    """Put a dead letter back into its conversation's mailbox."""

    admission: Admission
    letters: DeadLetters

    def __call__(self, actor: Actor, corp_id: CorpId, letter_id: str) -> None:
        """Raises NotPermitted; Unknown for no such tenant or letter; TemporaryFailure."""
        with self.admission(actor, Right.REPAIR, "dead_letters.replay", corp_id, [letter_id]):
            self.letters.replay(corp_id, letter_id)


@dataclass(frozen=True, slots=True)
class DropDeadLetter:
    """Forget a dead letter, also one of a tenant that is gone."""

    admission: Admission
    letters: DeadLetters

    def __call__(self, actor: Actor, corp_id: CorpId, letter_id: str) -> None:
        """Raises NotPermitted; Unknown for no such letter; TemporaryFailure."""
        with self.admission(actor, Right.REPAIR, "dead_letters.drop", corp_id, [letter_id], left=True):
            self.letters.drop(corp_id, letter_id)


def _shown(letter: DeadLetter) -> ShownLetter:
    kind, mailbox = (letter.job.kind, letter.job.mailbox) if letter.job else ("", "")
    return ShownLetter(letter.letter_id, kind, mailbox, letter.reason, letter.attempts, letter.buried_at)
