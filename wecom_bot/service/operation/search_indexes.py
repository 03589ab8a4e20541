"""The search indexes of an engine apart: what people see of them and do to them while customers are answered."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from wecom_bot.domain.indexing import IndexStanding, PoisonArticle, StandingIndex
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import InvalidInput, TemporaryFailure
from wecom_bot.service.knowledge.alone import Still
from wecom_bot.service.knowledge.build_index import Built
from wecom_bot.service.knowledge.works import Survey, Works
from wecom_bot.service.operation.actor import Actor, Right
from wecom_bot.service.operation.admission import Admission


@dataclass(frozen=True, slots=True)
class ShownIndex:
    """How a tenant stands in an index: whether that answers it, with how many articles, and which it refused.

    Where the engine does not say, `away` is why, and all but the standing and what was refused is unknown.
    """

    standing: IndexStanding
    index: StandingIndex | None
    answers: bool
    articles: int
    refused: tuple[PoisonArticle, ...]
    away: str = ""


@dataclass(frozen=True, slots=True)
class ShowSearch:
    """How the tenants stand in each index that follows them."""

    admission: Admission
    works: Callable[[], Works]

    def __call__(self, actor: Actor, corp_ids: Collection[CorpId] = ()) -> Sequence[ShownIndex]:
        """These tenants, or all of the actor's, by corp ID and index.

        Raises NotPermitted, Unknown, ConfigurationError; TemporaryFailure where SQL is away.
        """
        with self.admission.to_many(actor, Right.LOOK, "search.status", corp_ids):
            _find(self.admission, corp_ids)
            works = self.works()
            written = [each for each in works.standings.all() if not corp_ids or each.corp_id in corp_ids]
            theirs = [each for each in written if each.corp_id in actor.tenants]
            theirs.sort(key=lambda each: (each.corp_id, each.index))
            refused = {each: _refused(works, each) for each in theirs}
            try:
                survey = works.survey(corp_ids)
                return [_shown(works, survey, each, refused[each]) for each in theirs]
            except TemporaryFailure as e:  # what SQL says is known nevertheless
                return [
                    ShownIndex(each, None, answers=False, articles=0, refused=refused[each], away=str(e))
                    for each in theirs
                ]


@dataclass(frozen=True, slots=True)
class RebuildSearch:
    """Build indexes anew beside those that answer, and switch at one moment (blue-green); the old ones are kept."""

    admission: Admission
    works: Callable[[], Works]

    def __call__(self, actor: Actor, corp_ids: Collection[CorpId] = ()) -> Sequence[Built]:
        """Those of these tenants, or all. Who lives in a shared index is rebuilt with all who live there.

        Raises NotPermitted, Unknown; Occupied, which says who is at it; IndexUnproved, with nothing switched;
        ConfigurationError, TemporaryFailure.
        """
        with _at_work(self.admission, self.works, actor, "search.rebuild", corp_ids) as (works, still):
            survey = works.survey(corp_ids)
            scopes = survey.scopes(corp_ids or survey.tenants)
            for scope in scopes:
                self.admission.permit(actor, Right.REPAIR, "search.rebuild", *scope.corp_ids)
            return [works.rebuild(scope, still) for scope in scopes]


@dataclass(frozen=True, slots=True)
class MoveTenant:
    """Move a tenant into an index of its own, or into the shared one, while its customers are answered."""

    admission: Admission
    works: Callable[[], Works]

    def __call__(self, actor: Actor, corp_id: CorpId, *, own: bool) -> Built | None:
        """None where it lives there already. Raises as RebuildSearch."""
        with _at_work(self.admission, self.works, actor, "search.move", [corp_id]) as (works, still):
            survey = works.survey([corp_id])
            if own == survey.has_own(corp_id) and corp_id in survey.live:
                return None
            if own or survey.shared is None:
                return works.build(corp_id if own else None, [corp_id], still)
            return works.build.into(corp_id, survey.shared, still)


@dataclass(frozen=True, slots=True)
class RollBackSearch:
    """Point tenants' questions at the index that answered before, which was kept up to date."""

    admission: Admission
    works: Callable[[], Works]

    def __call__(self, actor: Actor, corp_ids: Collection[CorpId] = ()) -> Sequence[tuple[CorpId, str]]:
        """Of these tenants, or of all who have one: each with the index that answers it now.

        Raises InvalidInput where there is none to go back to; as RebuildSearch.
        """
        with _at_work(self.admission, self.works, actor, "search.rollback", corp_ids) as (works, still):
            survey = works.survey(corp_ids)
            kept = survey.all_kept(corp_ids or survey.tenants)
            lacking = sorted({*corp_ids} - kept.keys())
            if lacking or not kept:
                raise InvalidInput(
                    "没有留着可以退回的索引（别的版本建的读不了，不算）"
                    f" / no index is kept to go back to, of this version's making: {', '.join(lacking) or '-'}"
                )
            self.admission.permit(actor, Right.REPAIR, "search.rollback", *kept)
            works.go_back(kept, survey, still, everybody=not corp_ids)
            return [(corp_id, standing.index) for corp_id, standing in kept.items()]


@dataclass(frozen=True, slots=True)
class DropOldIndexes:
    """Take away what is only kept for a rollback, and what broke off; it cannot be gone back to then."""

    admission: Admission
    works: Callable[[], Works]

    def __call__(self, actor: Actor, corp_ids: Collection[CorpId] = ()) -> Sequence[str]:
        """What these tenants, or all, have in indexes that do not answer them; which indexes are gone altogether.

        Raises as RebuildSearch.
        """
        with _at_work(self.admission, self.works, actor, "search.drop_old", corp_ids) as (works, still):
            survey = works.survey(corp_ids)
            asked = set(corp_ids) or survey.tenants
            old, gone = survey.old(asked), survey.idle_of(asked)
            if not corp_ids:
                gone += [each.name for each in survey.indexes.values() if each.unfinished]
            self.admission.permit(actor, Right.REPAIR, "search.drop_old", *(each.corp_id for each in old))
            works.take_away(gone, old, still)
            return gone


@contextmanager
def _at_work(
    admission: Admission, open_works: Callable[[], Works], actor: Actor, verb: str, corp_ids: Collection[CorpId]
) -> Iterator[tuple[Works, Still]]:
    """Let them in, alone."""
    with admission.to_many(actor, Right.REPAIR, verb, corp_ids):
        _find(admission, corp_ids)
        works = open_works()
        with works.alone(actor.name) as still:
            yield works, still


def _find(admission: Admission, corp_ids: Collection[CorpId]) -> None:
    for each in corp_ids:
        admission.find(each)


def _refused(works: Works, standing: IndexStanding) -> tuple[PoisonArticle, ...]:
    return tuple(each for where, each in works.poison.of(standing.corp_id) if where == standing.index)


def _shown(works: Works, survey: Survey, standing: IndexStanding, refused: tuple[PoisonArticle, ...]) -> ShownIndex:
    index = survey.indexes.get(standing.index)
    articles = works.probe.count(standing.corp_id, standing.index) if index else 0
    answers = bool(standing.index) and survey.live.get(standing.corp_id) == standing.index
    return ShownIndex(standing, index, answers, articles, refused)
