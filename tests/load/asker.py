"""Somebody who asks an index of made-up articles, so many questions a second: another process, as a worker is."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from multiprocessing.connection import Connection

from tests.load.figures import percentile
from tests.load.made_up import article, made_up_model
from wecom_bot.adapters.search.elastic.address import Login, SearchAddress
from wecom_bot.adapters.search.elastic.client import connect
from wecom_bot.adapters.search.elastic.names import IndexNames
from wecom_bot.adapters.search.elastic.search import ElasticSearch
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import WecomBotError
from wecom_bot.outbound.circuit import LocalCircuitBreaker

CORP = CorpId("ww_big")
_AFTERWARDS = 10  # questions
_PATIENCE = 60  # seconds


@dataclass
class Fared:
    """How questions fared: how long each took in milliseconds, how many were answered wrongly, or not at all."""

    took: list[float] = field(default_factory=list)
    wrong: int = 0
    failed: int = 0

    def note(self, took: float, found: str | None, wanted: str) -> None:
        """One that was answered."""
        self.took.append(took)
        self.wrong += found != wanted

    def figures(self) -> dict[str, float]:
        """Milliseconds, with names."""
        return {f"p{share}": percentile(self.took, share / 100) for share in (50, 95, 99)} if self.took else {}


@dataclass(frozen=True)
class Asked:
    """What is asked: a tenant of so many articles behind these names, with vectors or without, so often a second."""

    url: str
    names: IndexNames
    articles: int
    vectors: bool
    rate: float


@contextmanager
def asking(what: Asked) -> Iterator[Callable[[], Fared]]:
    """Asks meanwhile; gives what ends it, after some questions more, and tells how they fared."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_ask, args=(what, theirs), daemon=True)
    process.start()
    theirs.close()  # so that its end is noticed

    def told() -> Fared:
        ours.send("over")
        assert ours.poll(_AFTERWARDS / what.rate + _PATIENCE), "who asks did not go"
        fared: Fared = ours.recv()
        return fared

    try:
        assert ours.poll(_PATIENCE), "who asks did not come"
        ours.recv()
        yield told
    finally:
        process.join(1)
        process.kill()


def _ask(what: Asked, told: Connection) -> None:
    cluster = connect(SearchAddress.parse(what.url, Login()), timedelta(seconds=30), 4, LocalCircuitBreaker())
    search = ElasticSearch(cluster, what.names, embedder=made_up_model() if what.vectors else None)
    fared, began, last = Fared(), time.monotonic(), float("inf")
    told.send("here")
    for number in count():
        if told.poll(max(0.0, began + number / what.rate - time.monotonic())):
            told.recv()
            last = number + _AFTERWARDS
        if number >= last:
            break
        _one(search, number * 7919 % what.articles, fared)
    told.send(fared)


def _one(search: ElasticSearch, place: int, fared: Fared) -> None:
    wanted, at = article(place), time.monotonic()
    try:
        found = search.search(CORP, wanted.similar[0], 1)
    except WecomBotError as e:
        fared.failed += 1
        print(f"  a question failed: {e}")
    else:
        fared.note((time.monotonic() - at) * 1000, found[0].article_id if found else None, wanted.article_id)
