"""The one way in to the operators' floor: here permission is asked, the deed noted, and what customers said masked."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from wecom_bot.domain.message import CorpId
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import NotPermitted
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.telemetry import logs
from wecom_bot.text.privacy import mask

log = logs.get(__name__)

_MOST_NOTED, _LONGEST_NOTED = 20, 64  # ids, and characters of one


@dataclass(slots=True)
class Visit:
    """An actor who was let in, for as long as the verb takes."""

    actor: Actor
    ids: list[str] = field(default_factory=list)

    def note(self, ids: Collection[str]) -> None:
        """What the deed is about, for the log: the ids that were asked for, else those shown; never words."""
        self.ids += ids

    def words(self, text: str, *, whole: bool) -> str:
        """What a customer said, as this actor may read it: masked, unless it is asked for whole by who may."""
        return text if whole and self.actor.may(Right.READ_WORDS) else mask(text)


@dataclass(frozen=True, slots=True)
class Admission:
    """Lets an actor in, or refuses: every verb begins with it, and has done nothing before.

    `find` gives a tenant by its corp ID, or raises Unknown.
    """

    find: Callable[[CorpId], Tenant]

    @contextmanager
    def __call__(
        self, actor: Actor, right: Right, verb: str, corp_id: CorpId, ids: Collection[str] = (), *, left: bool = False
    ) -> Iterator[Visit]:
        """Let them do this to a tenant; when it was done without an error, one line says so.

        With `left` the tenant may be gone: what is left of it can be dealt with, and where that is nothing the
        verb asks `find`. Raises NotPermitted, also for a tenant of others that there may not be; Unknown.
        """
        self.permit(actor, right, verb, corp_id)
        if not left:
            self.find(corp_id)
        visit = Visit(actor, list(ids))
        yield visit
        _note(actor, verb, visit.ids, corp_id)

    @contextmanager
    def to_many(self, actor: Actor, right: Right, verb: str, corp_ids: Collection[CorpId] = ()) -> Iterator[Visit]:
        """Let them do this to several tenants, whose corp IDs are what is noted. Raises NotPermitted."""
        self.permit(actor, right, verb, *corp_ids)
        visit = Visit(actor, list(corp_ids))
        yield visit
        _note(actor, verb, visit.ids)

    def permit(self, actor: Actor, right: Right, verb: str, *corp_ids: CorpId) -> None:
        """Ask for these tenants too, whom a verb turns out to touch. Raises NotPermitted."""
        others = [corp_id for corp_id in corp_ids if corp_id not in actor.tenants]
        if actor.may(right) and not others:
            return
        log.warning("operation.refused", actor=actor.name, role=actor.role, verb=verb, ids=_short(corp_ids))
        raise NotPermitted(
            f"{actor.name}（{actor.role}）无权对 {others[0]} 做 {verb} / may not do {verb} to {others[0]}"
            if others
            else f"{actor.name}（{actor.role}）无权做 {verb} / may not do {verb}: it takes the right to {right}"
        )


def _note(actor: Actor, verb: str, ids: Collection[str], corp_id: CorpId | None = None) -> None:
    whose = {"corp_id": corp_id} if corp_id else {}
    log.info("operation.done", actor=actor.name, role=actor.role, verb=verb, **whose, ids=_short(ids), count=len(ids))


def _short(ids: Collection[str]) -> list[str]:
    """As many as somebody reads: an import has ten thousand, and a stranger's may be long."""
    return [each[:_LONGEST_NOTED] for _, each in zip(range(_MOST_NOTED), ids, strict=False)]
