"""The search of one process: by words alone, or with the model by meaning too; here or in Elasticsearch.

What speaks to Elasticsearch is imported where its address is set, and nowhere else.
"""
# ruff: noqa: PLC0415 - see above

from collections.abc import Iterator
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from wecom_bot.adapters.search import model as model_files
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.fallback import BoundedArticles, FallbackSearch
from wecom_bot.adapters.sql.article_count import count_articles
from wecom_bot.adapters.sql.checkup import indexed_tenants
from wecom_bot.bootstrap.neighbours import Neighbours
from wecom_bot.bootstrap.stores import articles
from wecom_bot.domain.finding import Finding
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import ConfigurationError
from wecom_bot.outbound.circuit import LocalCircuitBreaker
from wecom_bot.ports import CircuitBreaker, SearchIndex, Tenants
from wecom_bot.settings import Settings
from wecom_bot.telemetry import logs

if TYPE_CHECKING:
    from wecom_bot.adapters.search.elastic.cluster import Cluster
    from wecom_bot.adapters.search.elastic.names import IndexNames
    from wecom_bot.adapters.search.elastic.places import IndexPlaces
    from wecom_bot.adapters.search.elastic.search import ElasticSearch

log = logs.get(__name__)

_PATIENCE = timedelta(seconds=5)  # of a doctor, who may find it slow

_COPY_RECHECK = timedelta(seconds=30)  # a statement for each tenant: how old a copy may be


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


class SearchEngine(SearchIndex, Protocol):
    """A search as a process runs it."""

    def start(self) -> None:
        """Follow what the tenants write, until `stop`; after a fork."""

    def stop(self) -> None:
        """End it."""

    def prepare(self, corp_id: CorpId) -> None:
        """Wait until all that the tenant wrote can be found, where that is this process's to do."""


def search_index(
    settings: Settings, engine: sa.Engine, model: Embedder | None, breaker: CircuitBreaker | None = None
) -> SearchEngine:
    """The search of this process's tenants, not started yet: Elasticsearch where its address is set."""
    if not settings.search_url:
        return EmbeddedSearch(settings.data / "search.sqlite", articles(settings, engine), embedder=model)
    breaker = breaker or LocalCircuitBreaker()
    return with_copy(settings, engine, model, elastic_search(settings, model, breaker), breaker)


def with_copy(
    settings: Settings, engine: sa.Engine, model: Embedder | None, found: SearchIndex, breaker: CircuitBreaker
) -> FallbackSearch:
    """That search engine, and behind it the copy of the articles on this machine."""
    few = BoundedArticles(articles(settings, engine), partial(count_articles, engine), settings.search_copy)
    copy = EmbeddedSearch(settings.data / "search.sqlite", few, recheck=_COPY_RECHECK, embedder=model)
    return FallbackSearch(found, copy, few.holds, breaker, settings.search_timeout / 2)


def watched_search(
    settings: Settings, engine: sa.Engine, model: Embedder | None, tenants: Tenants, neighbours: Neighbours
) -> SearchEngine:
    """The search of a worker: its engine is watched, and every tenant's copy is kept at hand. Not started yet."""
    if not settings.search_url:
        return search_index(settings, engine, model)
    found = elastic_search(settings, model, neighbours.breaker)
    neighbours.add("elasticsearch", found.cluster.usage)
    neighbours.stands_on("search", partial(found.cluster.ping, found.names.tenants))
    made = with_copy(settings, engine, model, found, neighbours.breaker)

    def keep_copies() -> None:
        for tenant in tenants.all():
            if tenant.active:
                made.follow(tenant.corp_id)

    neighbours.chores.append((_COPY_RECHECK, keep_copies))
    return made


def elastic_search(settings: Settings, model: Embedder | None, breaker: CircuitBreaker) -> "ElasticSearch":
    """The search of the cluster alone. Raises ConfigurationError; nothing is called yet."""
    from wecom_bot.adapters.search.elastic.asking import CandidateWeights
    from wecom_bot.adapters.search.elastic.search import ElasticSearch

    weights = CandidateWeights(
        settings.search_question_weight,
        settings.search_similar_weight,
        settings.search_answer_weight,
        settings.search_question_weight if settings.search_analyzer else 0.0,
    )
    return ElasticSearch(cluster(settings, breaker), index_names(settings), weights=weights, embedder=model)


def cluster(settings: Settings, breaker: CircuitBreaker, timeout: timedelta | None = None) -> "Cluster":
    """The cluster of WECOM_BOT_SEARCH_URL. Raises ConfigurationError; nothing is called yet."""
    from wecom_bot.adapters.search.elastic.address import Login, SearchAddress
    from wecom_bot.adapters.search.elastic.client import connect

    login = Login(
        settings.search_user, settings.search_password.get_secret_value(), settings.search_api_key.get_secret_value()
    )
    address = SearchAddress.parse(settings.search_url, login, settings.search_ca)
    return connect(address, timeout or settings.search_timeout, settings.concurrency, breaker)


def index_places(settings: Settings, breaker: CircuitBreaker) -> "IndexPlaces":
    """Where the tenants' articles lie in the cluster, for who writes them there. Raises ConfigurationError."""
    from wecom_bot.adapters.search.elastic.mapping import IndexShape
    from wecom_bot.adapters.search.elastic.places import IndexPlaces

    shape = IndexShape(settings.search_shards, settings.search_replicas, settings.search_analyzer)
    return IndexPlaces(cluster(settings, breaker), index_names(settings), shape)


def index_names(settings: Settings) -> "IndexNames":
    """What indexes and aliases of this installation are called."""
    from wecom_bot.adapters.search.elastic.names import IndexNames

    return IndexNames(settings.search_prefix)


def look_at_engine(settings: Settings, database: str | sa.URL) -> "Iterator[Finding]":
    """What the doctor finds of the cluster, and of whom the database says that they are in it.

    Raises ConfigurationError.
    """
    from wecom_bot.adapters.search.elastic import checkup

    found = cluster(settings, LocalCircuitBreaker(), _PATIENCE)
    return checkup.look(found, index_names(settings), settings.search_analyzer, indexed_tenants(database))


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
