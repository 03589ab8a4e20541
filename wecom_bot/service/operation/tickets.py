"""The tickets of a tenant: who waits for a human, and what they left for us to know."""

from dataclasses import dataclass, replace

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.ticket import Ticket
from wecom_bot.ports import Tickets
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission
from wecom_bot.service.operation.page import Page, cut


@dataclass(frozen=True, slots=True)
class ListTickets:
    """The tickets, the newest or the oldest first; with `after`, what follows the ticket of this id in that order."""

    admission: Admission
    tickets: Tickets

    def __call__(
        self,
        actor: Actor,
        corp_id: CorpId,
        *,
        open_only: bool = True,
        most: int = 100,
        oldest_first: bool = False,
        after: str | None = None,
        whole: bool = False,
    ) -> Page[Ticket]:
        """With the customers' words masked, unless they are asked for `whole` by who may read them.

        Raises NotPermitted; Unknown for no such tenant or ticket; TemporaryFailure.
        """
        with self.admission(actor, Right.LOOK, "tickets.list", corp_id) as visit:
            found = self.tickets.list(
                corp_id, open_only=open_only, most=most + 1, oldest_first=oldest_first, after=after
            )
            page = cut(found, most, lambda each: each.request_id)
            visit.note([each.request_id for each in page.items])
            shown = (replace(each, words=visit.words(each.words, whole=whole)) for each in page.items)
            return Page(tuple(shown), page.after)


@dataclass(frozen=True, slots=True)
class CloseTicket:
    """Say that somebody has seen to a ticket."""

    admission: Admission
    tickets: Tickets

    def __call__(self, actor: Actor, corp_id: CorpId, ticket_id: str) -> None:
        """Raises NotPermitted; Unknown for no such tenant or ticket; TemporaryFailure."""
        with self.admission(actor, Right.SEE_TO_TICKETS, "tickets.close", corp_id, [ticket_id]):
            self.tickets.close(corp_id, ticket_id)
