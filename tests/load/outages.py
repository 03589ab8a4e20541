"""What may go wrong with what a house stands on, and how it is brought about."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.load.engines import MariaDb, Redis
from tests.load.search_cluster import PREFIX, SearchCluster


@dataclass(frozen=True)
class Outage:
    """What goes wrong, how it is brought about and mended, and which engine /readyz has to name meanwhile, if any.

    `stops` is whether nobody can be answered while it lasts; `falls_back` whether the articles' copy has to answer.
    """

    name: str
    engine: str
    begin: Callable[[], None]
    end: Callable[[], None]
    stops: bool = False
    falls_back: bool = False


SEARCH = ("elasticsearch-one-killed", "elasticsearch-both-killed")
SEARCH_WRONG = {f"elasticsearch-{wrong}": wrong for wrong in ("garbage", "nonsense", "429", "503", "silence")}
OTHERS = ("mariadb-killed", "mariadb-hangs", "redis-killed", "redis-hangs")
NAMES = (*OTHERS, *SEARCH, *SEARCH_WRONG)


@dataclass
class Engines:
    """What the house stands on; without a search cluster where no outage of it is asked for."""

    folder: Path
    wanted: tuple[str, ...] = NAMES
    redis: Redis = field(init=False)
    sql: MariaDb = field(init=False)
    search: SearchCluster | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.redis, self.sql = Redis(self.folder / "redis"), MariaDb(self.folder / "sql")
        if {*self.wanted} - {*OTHERS}:
            self.search = SearchCluster(self.folder / "search")

    def open(self) -> dict[str, str]:
        """Start them; the settings that lead to them."""
        self.redis.start()
        self.sql.install()
        settings = {"WECOM_BOT_REDIS_URL": self.redis.url, "WECOM_BOT_DATABASE_URL": self.sql.url}
        if self.search:
            self.search.open()
            settings |= {"WECOM_BOT_SEARCH_URL": self.search.url, "WECOM_BOT_SEARCH_PREFIX": PREFIX}
        return settings

    def close(self) -> None:
        """End all."""
        if self.search:
            self.search.close()
        self.sql.close()
        self.redis.close()

    def outages(self) -> list[Outage]:
        """All that are wanted, in this order."""
        found = [
            Outage("mariadb-killed", "sql", self.sql.kill, self.sql.start),
            Outage("mariadb-hangs", "sql", self.sql.hang, self.sql.go_on),
            Outage("redis-killed", "redis", self.redis.kill, self.redis.start, stops=True),
            Outage("redis-hangs", "redis", self.redis.hang, self.redis.go_on, stops=True),
            *(_of_search(self.search) if self.search else ()),
        ]
        return [each for each in found if each.name in self.wanted]


def _of_search(search: SearchCluster) -> list[Outage]:
    one, both = SEARCH
    mended = partial(search.answers, "")
    return [
        Outage(one, "", partial(search.kill, 2), search.revive),
        Outage(both, "search", partial(search.kill, 1, 2), search.revive, falls_back=True),
        *(
            Outage(name, "search", partial(search.answers, wrong), mended, falls_back=True)
            for name, wrong in SEARCH_WRONG.items()
        ),
    ]
