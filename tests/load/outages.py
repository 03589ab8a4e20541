"""What may go wrong with what a house stands on, and how it is brought about."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.load.engines import MariaDb, Redis


@dataclass(frozen=True)
class Outage:
    """What goes wrong, how it is brought about and mended, and which engine /readyz has to name meanwhile.

    `stops` is whether nobody can be answered while it lasts.
    """

    name: str
    engine: str
    begin: Callable[[], None]
    end: Callable[[], None]
    stops: bool = False


@dataclass
class Engines:
    """What the house stands on."""

    redis: Redis
    sql: MariaDb

    @classmethod
    def on(cls, folder: Path) -> "Engines":
        """All of them, in this folder and its like: the path of a socket has at most 107 bytes."""
        return cls(Redis(folder / "redis"), MariaDb(folder / "sql"))

    def open(self) -> dict[str, str]:
        """Start them; the settings that lead to them."""
        self.redis.start()
        self.sql.install()
        return {"WECOM_BOT_REDIS_URL": self.redis.url, "WECOM_BOT_DATABASE_URL": self.sql.url}

    def close(self) -> None:
        """End all."""
        self.sql.close()
        self.redis.close()

    def outages(self) -> list[Outage]:
        """All that may be tried, in this order."""
        return [
            Outage("mariadb-killed", "sql", self.sql.kill, self.sql.start),
            Outage("mariadb-hangs", "sql", self.sql.hang, self.sql.go_on),
            Outage("redis-killed", "redis", self.redis.kill, self.redis.start, stops=True),
            Outage("redis-hangs", "redis", self.redis.hang, self.redis.go_on, stops=True),
        ]
