"""How long a look-up takes, by words and meaning: here among 2,500 articles, in Elasticsearch among as many and 50,000.

Each question is asked once, so that none is remembered; of what the engines remember of articles the first fifty make a
beginning. The server was asked others before, by somebody else: a Java program is slow until it has compiled itself,
which takes some four thousand questions.
The same questions go to both engines, and the retail questions too: how many have the same first article.
Vectors of the 50,000 are made up: it takes as long to look among them. Nothing is measured where no server runs
(`deploy/services/elasticsearch.sh start`) or no model is (`make model`).
"""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4
from zlib import crc32

from tests.fixtures.elasticsearch_servers import SCRIPT
from tests.load.figures import percentile
from tests.quality.look_up import made_up
from tests.quality.questions import DATA, articles, questions
from wecom_bot.adapters.search import model as model_files
from wecom_bot.adapters.search.elastic.address import Login, SearchAddress
from wecom_bot.adapters.search.elastic.client import connect
from wecom_bot.adapters.search.elastic.mapping import IndexShape
from wecom_bot.adapters.search.elastic.names import IndexNames
from wecom_bot.adapters.search.elastic.places import IndexPlaces
from wecom_bot.adapters.search.elastic.search import ElasticSearch
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.embedding import SIZE, Embedder
from wecom_bot.adapters.search.text import tokens
from wecom_bot.bootstrap.workbench import Shelf
from wecom_bot.domain.knowledge import Article, ArticleChange, Passage
from wecom_bot.domain.message import CorpId
from wecom_bot.outbound.circuit import LocalCircuitBreaker

KEYS = ("search_ms", "search_agreement")
MODEL = Path(__file__).parents[2] / "data" / "model"
MANY, ASKED, WARM, BEFORE = 50_000, 300, 50, 4_000
_BRANDS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
_BATCH = 500
_PATIENT = timedelta(seconds=60)
_RETAIL = ("retail_queries.jsonl", "retail_out_of_scope.jsonl", "far_questions.jsonl")

WAYS = ("你们家的{}啊", "{}，怎么说", "麻烦问问{}谢谢", "我想了解{}")
_OTHERS = ("请教一下{}", "想问{}哦", "{}能讲讲吗")

Ask = Callable[[str], Sequence[Passage]]


def many(count: int) -> list[Article]:
    """Articles of one phrasing each, no two the same."""
    base = made_up(10_000)
    found = (
        replace(each, article_id=f"{brand}{each.article_id}", question=f"{brand}牌{each.question}", similar=())
        for brand, each in product(_BRANDS, base)
    )
    return [each for each, _ in zip(found, range(count), strict=False)]


def asked(count: int, ways: Sequence[str] = WAYS) -> list[str]:
    """Questions about them, in other words; no two the same."""
    base = made_up(10_000)
    step = max(1, len(base) // max(1, count))
    chosen = [base[place * step % len(base)] for place in range(count)]
    return [ways[place % len(ways)].format(each.question) for place, each in enumerate(chosen)]


def agreement(one: Sequence[Sequence[Passage]], other: Sequence[Sequence[Passage]]) -> dict[str, float]:
    """The share of questions for which both found the same first, and the same first three."""

    def share(first: int) -> float:
        pairs = [
            [[each.article_id for each in found[:first]] for found in pair] for pair in zip(one, other, strict=True)
        ]
        return sum(here == there for here, there in pairs) / len(pairs)

    return {"first": share(1), "three": share(3)}


def _ids(passages: Sequence[Passage]) -> list[str]:
    return [each.article_id for each in passages]


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    url = _server()
    if not url or model_files.missing(MODEL):
        print("  not measured: no Elasticsearch runs, or there is no model")
        return {key: {} for key in KEYS}
    model, took, agreed = Embedder.load(MODEL), {}, {}
    with tempfile.TemporaryDirectory() as folder, _places(url) as places:
        some, retail = made_up(10_000), articles()
        here, there = _here(Path(folder) / "some", some, model), _there(places, "some", some, model, BEFORE)
        took["embedded"], one = _timed(here)
        took["elasticsearch"], other = _timed(there)
        agreed["made_up"] = agreement(one, other)
        of_shop = [each.text for name in _RETAIL for each in questions(DATA / name)]
        here, there = _here(Path(folder) / "retail", retail, model), _there(places, "retail", retail, model)
        agreed["retail"] = agreement([here(text) for text in of_shop], [there(text) for text in of_shop])
        took["elasticsearch_many"], _ = _timed(_there(places, "many", many(MANY), _made_up_model(), BEFORE))
    for name, each in took.items():
        print(f"  {name}: p50 {each['p50']:.1f}  p95 {each['p95']:.1f} ms")
    for name, shares in agreed.items():
        print(f"  {name}: the same first article {shares['first']:.1%}, first three {shares['three']:.1%}")
    return {"search_ms": took, "search_agreement": agreed}


def _timed(ask: Ask) -> tuple[dict[str, float], list[Sequence[Passage]]]:
    """Milliseconds, and what was found."""
    found, taken = [], []
    for question in asked(ASKED + WARM):
        began = perf_counter()
        found.append(ask(question))
        taken.append(1000 * (perf_counter() - began))
    return {f"p{share}": percentile(taken[WARM:], share / 100) for share in (50, 95)}, found


def _here(path: Path, written: Sequence[Article], model: Embedder) -> Ask:
    corp_id, shelf = CorpId("ww_bench"), Shelf()
    shelf.save(corp_id, written)
    path.mkdir()
    index = EmbeddedSearch(path / "search.sqlite", shelf, embedder=model)
    index.prepare(corp_id)
    return lambda text: index.search(corp_id, text, 3)


def _there(places: IndexPlaces, name: str, written: Sequence[Article], model: Embedder, before: int = 0) -> Ask:
    """In an index of its own, which so many questions were asked before."""
    corp_id = CorpId(f"ww_{name}")
    index = f"{places.names.own(corp_id)}-000001"
    places.make(index, settings={"refresh_interval": "-1"})
    places.cluster.ask(lambda es: es.indices.update_aliases(actions=[places.pointing(corp_id, index)]), _PATIENT)
    writer = IndexWriter(places.cluster, model)
    changes = [ArticleChange(each.article_id, 1, each) for each in written]
    parts = [changes[start : start + _BATCH] for start in range(0, len(changes), _BATCH)]
    with ThreadPoolExecutor(2) as pool:
        assert not any(pool.map(lambda part: writer.put(corp_id, index, part), parts))
    places.cluster.ask(lambda es: es.indices.refresh(index=index), _PATIENT)
    other, search = (ElasticSearch(places.cluster, places.names, embedder=model) for _ in range(2))
    for question in asked(before, _OTHERS):
        other.search(corp_id, question, 3)
    return lambda text: search.search(corp_id, text, 3)


@contextmanager
def _places(url: str) -> Iterator[IndexPlaces]:
    names = IndexNames(f"bench-{uuid4().hex[:12]}")
    cluster = connect(SearchAddress.parse(url, Login()), _PATIENT, 8, LocalCircuitBreaker())
    try:
        yield IndexPlaces(cluster, names, IndexShape(0, 0))
    finally:
        made = cluster.ask(lambda es: list(es.indices.get(index=names.pattern).body))
        if made:
            cluster.ask(lambda es: es.indices.delete(index=made), _PATIENT)


def _server() -> str:
    if given := os.environ.get("TEST_ELASTICSEARCH_URL"):
        return given
    found = subprocess.run([SCRIPT, "urls"], capture_output=True, text=True, check=False, timeout=60)
    return found.stdout.strip()


def _made_up_model() -> Embedder:
    """Vectors of a text's tokens: texts that share some are close, as with a real model."""
    import numpy as np  # noqa: PLC0415 - comes with the model's runtime

    drawn = np.random.default_rng(7).standard_normal((4096, SIZE), np.float32)

    def embed(text: str, _most: int) -> Any:
        vector = drawn[[crc32(token.encode()) % len(drawn) for token in tokens(text)]].sum(axis=0)
        return vector / np.linalg.norm(vector)

    return Embedder("made up", embed)
