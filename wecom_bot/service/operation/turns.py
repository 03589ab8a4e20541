"""The turns of a tenant, as people read them."""

from dataclasses import dataclass, replace

from wecom_bot.domain.message import CorpId
from wecom_bot.ports import ToldTurn, Turns
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission, Visit
from wecom_bot.service.operation.page import Page, cut


@dataclass(frozen=True, slots=True)
class ListTurns:
    """The turns of all customers, the newest first; with `after`, those that are older than the turn of this id."""

    admission: Admission
    turns: Turns

    def __call__(
        self, actor: Actor, corp_id: CorpId, *, most: int = 100, after: str | None = None, whole: bool = False
    ) -> Page[ToldTurn]:
        """With what was said masked, unless it is asked for `whole` by who may read it.

        Raises NotPermitted; Unknown for no such tenant or turn; TemporaryFailure.
        """
        with self.admission(actor, Right.LOOK, "turns.list", corp_id) as visit:
            page = cut(self.turns.newest(corp_id, most=most + 1, after=after), most, lambda each: each.turn_id)
            visit.note([each.trace_id for each in page.items])
            return _as_read(page, visit, whole=whole)


@dataclass(frozen=True, slots=True)
class ListCustomerTurns:
    """The turns of one customer, whomever they talked to, the newest first; `after` as above."""

    admission: Admission
    turns: Turns

    def __call__(
        self,
        actor: Actor,
        corp_id: CorpId,
        customer: str,
        *,
        most: int = 20,
        after: str | None = None,
        whole: bool = False,
    ) -> Page[ToldTurn]:
        """With what was said masked, unless it is asked for `whole` by who may read it; none of who never wrote.

        Raises NotPermitted; Unknown for no such tenant or turn; TemporaryFailure.
        """
        with self.admission(actor, Right.LOOK, "turns.customer", corp_id, [customer]) as visit:
            found = self.turns.newest(corp_id, customer=customer, most=most + 1, after=after)
            return _as_read(cut(found, most, lambda each: each.turn_id), visit, whole=whole)


def _as_read(page: Page[ToldTurn], visit: Visit, *, whole: bool) -> Page[ToldTurn]:
    """The page with what was said as the visitor may read it."""
    shown = (
        replace(each, words=visit.words(each.words, whole=whole), reply=visit.words(each.reply, whole=whole))
        for each in page.items
    )
    return Page(tuple(shown), page.after)
