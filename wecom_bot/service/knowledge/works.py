"""What those who look after search indexes work with: which there are, whose, and the doing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from wecom_bot.domain.indexing import IndexStanding, StandingIndex
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import IndexProbe, IndexShelf, IndexStandings, PoisonList
from wecom_bot.service.knowledge.alone import Alone, Still
from wecom_bot.service.knowledge.build_index import BuildIndex, Built
from wecom_bot.service.knowledge.drop_index import DropIndex


@dataclass(frozen=True, slots=True)
class Scope:
    """What is rebuilt in one go: one tenant's own index, or the shared one with all its tenants."""

    own: CorpId | None
    corp_ids: tuple[CorpId, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """Which indexes there are, which answers whom, and how far each has followed; as of one look."""

    indexes: Mapping[str, StandingIndex]
    live: Mapping[CorpId, str]
    shared: str | None
    standings: tuple[IndexStanding, ...]

    @property
    def tenants(self) -> frozenset[CorpId]:
        """Who ever wrote anything."""
        return frozenset(each.corp_id for each in self.standings)

    @property
    def lost(self) -> frozenset[str]:
        """The indexes that have followed somebody and are not there: deleted by hand, or lost with a node."""
        return frozenset(each.index for each in self.standings if each.index) - self.indexes.keys()

    @property
    def idle(self) -> list[StandingIndex]:
        """The finished indexes that answer nobody: kept for a rollback."""
        busy = {*self.live.values(), self.shared}
        return [each for each in self.indexes.values() if not each.unfinished and each.name not in busy]

    def has_own(self, corp_id: CorpId) -> bool:
        """Whether an index of its own answers the tenant."""
        index = self.indexes.get(self.live.get(corp_id, ""))
        return index is not None and index.own == corp_id

    def sharing(self, corp_ids: Collection[CorpId] = ()) -> set[CorpId]:
        """Who has no index of its own, of these and of all who ever wrote anything."""
        return {each for each in self.tenants.union(corp_ids) if not self.has_own(each)}

    def scopes(self, corp_ids: Collection[CorpId]) -> list[Scope]:
        """What has to be rebuilt, so that these are. A shared index is rebuilt for all who live in it."""
        wanted = sorted(corp_ids)
        scopes = [Scope(corp_id, (corp_id,)) for corp_id in wanted if self.has_own(corp_id)]
        if len(scopes) < len(wanted):
            scopes.append(Scope(None, tuple(sorted(self.sharing(wanted)))))
        return scopes

    def old(self, corp_ids: Collection[CorpId]) -> list[IndexStanding]:
        """What of these tenants lies in indexes that do not answer them."""
        theirs = [each for each in self.standings if each.corp_id in corp_ids and each.index]
        return [each for each in theirs if self.live.get(each.corp_id) != each.index]

    def idle_of(self, corp_ids: Collection[CorpId]) -> list[str]:
        """The indexes that answer nobody, and in which nobody else has anything."""
        others = {each.index for each in self.standings if each.corp_id not in corp_ids}
        return [each.name for each in self.idle if each.name not in others]

    def all_kept(self, corp_ids: Collection[CorpId]) -> dict[CorpId, IndexStanding]:
        """`kept`, of those of these tenants who have one."""
        found = ((corp_id, self.kept(corp_id)) for corp_id in sorted(corp_ids))
        return {corp_id: standing for corp_id, standing in found if standing}

    def kept(self, corp_id: CorpId) -> IndexStanding | None:
        """How far the newest index follows that does not answer the tenant and could; None if there is none."""
        usable = [
            each
            for each in self.standings
            if each.corp_id == corp_id
            and each.index in self.indexes
            and each.index != self.live.get(corp_id)
            and not self.indexes[each.index].unfinished
            and not self.indexes[each.index].foreign
        ]
        return max(usable, key=lambda each: self.indexes[each.index].made_at, default=None)


@dataclass(frozen=True, slots=True)
class Works:
    """The ports, and the deeds, of who changes indexes."""

    standings: IndexStandings
    shelf: IndexShelf
    probe: IndexProbe
    poison: PoisonList
    build: BuildIndex
    drop: DropIndex
    alone: Alone

    def survey(self, corp_ids: Collection[CorpId] = ()) -> Survey:
        """Look at all of it; `corp_ids` count too, though they may have written nothing yet."""
        standings = tuple(self.standings.all())
        tenants = {each.corp_id for each in standings}.union(corp_ids)
        indexes = {each.name: each for each in self.shelf.all()}
        return Survey(indexes, self.shelf.live(tenants), self.shelf.shared(), standings)

    def rebuild(self, scope: Scope, still: Still) -> Built:
        """Build it anew and switch to it; what it replaces is kept, what was kept before goes."""
        old = self.survey(scope.corp_ids)
        self._clear(each for each in old.indexes.values() if each.unfinished)
        built = self.build(scope.own, scope.corp_ids, still)
        now = self.survey(scope.corp_ids)
        # who wrote for the first time meanwhile was placed in the index before
        for late in now.sharing() - {*scope.corp_ids} if scope.own is None else ():
            self.build.into(late, built.index, still)
        still()
        kept_before = [each for each in old.idle if each.own == scope.own and each.name not in built.replaced]
        self._clear(each for each in kept_before if each in now.idle)
        for index in old.lost:
            self.drop.unfollow(index)
        return built

    def go_back(self, kept: Mapping[CorpId, IndexStanding], survey: Survey, still: Still, *, everybody: bool) -> None:
        """Point these tenants' questions at what was kept for them, once that has all that they wrote.

        Raises IndexUnproved where it has not.
        """
        for corp_id, standing in kept.items():
            still()
            self.build.catch_up(corp_id, standing.index, standing.position)
            self.build.count(corp_id, standing.index, standing.position)
        targets = {corp_id: standing.index for corp_id, standing in kept.items()}
        shared = {index for index in targets.values() if survey.indexes[index].own is None}
        # who gets a place later gets it there, too
        self.shelf.point(targets, shared.pop() if everybody and len(shared) == 1 else None)

    def take_away(self, indexes: Collection[str], old: Collection[IndexStanding], still: Still) -> None:
        """Whole indexes, and what tenants have in others."""
        for index in indexes:
            still()
            self.drop(index)
        for each in old:
            if each.index not in indexes:
                still()
                self.drop(each.index, each.corp_id)

    def _clear(self, indexes: Iterable[StandingIndex]) -> None:
        for each in indexes:
            self.drop(each.name)
