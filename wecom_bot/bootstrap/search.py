"""The search of one process: by words alone, or with the model by meaning too."""

from functools import cache
from pathlib import Path

import sqlalchemy as sa

from wecom_bot.adapters.search import model as model_files
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.bootstrap.stores import articles
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.errors import ConfigurationError
from wecom_bot.settings import Settings
from wecom_bot.telemetry import logs

log = logs.get(__name__)


def embedder(settings: Settings) -> Embedder | None:
    """The model that is installed; None if none is.

    One that an operator named must be there and work: ConfigurationError. One that merely lies in the data folder and
    does not work is said, and the bot answers without.
    """
    folder = model_folder(settings)
    absent = model_files.missing(folder)
    if settings.embedding_model is not None:
        if absent:
            raise ConfigurationError(
                f"WECOM_BOT_EMBEDDING_MODEL: {folder} 里缺 / lacks {'、'.join(absent)}；请先 / run:"
                " wecom-bot model install FILE"
            )
        return _loaded(folder.absolute())
    if absent:
        return None
    try:
        return _loaded(folder.absolute())
    except ConfigurationError as e:
        log.warning("model.unusable", error=str(e))
        return None


def mode(settings: Settings) -> SearchMode:
    """How this process searches, once all that a tenant wrote is embedded."""
    return SearchMode.HYBRID if embedder(settings) else SearchMode.LEXICAL


def search_index(settings: Settings, engine: sa.Engine, model: Embedder | None) -> EmbeddedSearch:
    """The search of this process's tenants, not started yet."""
    return EmbeddedSearch(settings.data / "search.sqlite", articles(settings, engine), embedder=model)


@cache
def _loaded(folder: Path) -> Embedder:
    return Embedder.load(folder)


def model_folder(settings: Settings) -> Path:
    """Where the model is looked for."""
    return settings.embedding_model or settings.data / "model"


def install_model(settings: Settings, source: Path) -> Path:
    """Check and take over the model's files; where they are now. Raises InvalidInput, OSError."""
    model_files.install(source, model_folder(settings))
    return model_folder(settings)


def damaged_model(settings: Settings) -> list[str]:
    """The files of the model that are missing, or not as they were published."""
    return model_files.damaged(model_folder(settings))
