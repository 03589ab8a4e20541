"""Search indexes apart from SQL: which there are, how far each has followed, and what it would not take."""

from dataclasses import dataclass
from datetime import datetime

from wecom_bot.domain.knowledge import Position
from wecom_bot.domain.message import CorpId


@dataclass(frozen=True, slots=True)
class IndexStanding:
    """How far one index has followed the articles of one tenant; `index` is empty where none has begun to.

    `revision` is the tenant's now. `behind_since`: when the oldest change was saved that is not in the index; None
    when it has everything, and where nobody asked.
    """

    corp_id: CorpId
    index: str
    position: Position
    revision: int
    behind_since: datetime | None = None

    @property
    def behind(self) -> int:
        """How many revisions it has not read to their end."""
        return self.revision - self.position.revision + (self.position.article_id is not None)

    @property
    def of_another_database(self) -> bool:
        """Whether it has read what SQL does not know: SQL was brought back from a backup. Only a rebuild helps."""
        return self.position.revision > self.revision


@dataclass(frozen=True, slots=True)
class PoisonArticle:
    """A poison message: an article as of a revision that an index did not take, and will not; `reason` quotes nothing.

    The rest goes on without it. A rebuild tries it again.
    """

    article_id: str
    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class StandingIndex:
    """An index of the engine: shared by tenants, or one tenant's own. While it is filled it is `unfinished`.

    One that is `foreign` was made by another version of the program: it answers nobody here, and is not written to.
    """

    name: str
    own: CorpId | None
    made_at: datetime
    unfinished: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Lock:
    """A lease on what one process does at a time (mutual exclusion that expires), as it stands now."""

    name: str
    token: str
    holder: str
    taken_at: datetime
