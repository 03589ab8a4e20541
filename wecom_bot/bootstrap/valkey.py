"""The server that comes with us, for whoever starts and stops it: who does that needs no client of it."""

from pathlib import Path

from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.settings import Settings


def embedded(settings: Settings) -> EmbeddedValkey:
    """It, on its folder; not started yet."""
    return EmbeddedValkey(folder(settings))


def folder(settings: Settings) -> Path:
    """Where it keeps what it is told."""
    return settings.data / "valkey"
