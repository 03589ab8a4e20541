"""The server that comes with us, for whoever starts and stops it: who does that needs no client of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from wecom_bot.adapters.redis.embedded import EmbeddedValkey

if TYPE_CHECKING:
    from wecom_bot.settings import Settings


def embedded_in(data: Path) -> EmbeddedValkey:
    """It, on its folder within this data folder; not started yet."""
    return EmbeddedValkey(data / _FOLDER)


def folder(settings: "Settings") -> Path:
    """Where it keeps what it is told."""
    return settings.data / _FOLDER


_FOLDER = "valkey"
