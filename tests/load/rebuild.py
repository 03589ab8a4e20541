"""Building an index of very many articles anew: as one would at first, and as the bot does, on two nodes.

At first: one thread, a replica from the beginning, the default refresh, 500 documents a request. The bot: `BuildIndex`,
with its counting and asking, until the tenant's questions go to the new index and each shard has its replica. All the
while somebody asks questions that have one right answer: how long they took, and how many were answered wrongly.

With vectors, too, which were made before: making them is the same work either way.
"""

import argparse
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from tests.load.builder import CORP, Builder, builder
from tests.load.figures import percentile
from tests.load.made_up import article, made_up_model
from tests.load.scene import until
from wecom_bot.adapters.search.elastic.search import ElasticSearch
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.errors import WecomBotError

KEYS = ("rebuild_s", "rebuild_ratio", "rebuild_asked_ms", "rebuild_wrong")
ARTICLES, VECTORS, RATE = 200_000, 20_000, 5.0
_AFTERWARDS = 10  # questions after the switch
SCRIPT = Path(__file__).parents[2] / "deploy" / "services" / "elasticsearch.sh"


@dataclass
class Fared:
    """How questions fared: how long each took in milliseconds, how many were answered wrongly, or not at all."""

    took: list[float] = field(default_factory=list)
    wrong: int = 0
    failed: int = 0

    @property
    def asked(self) -> int:
        """How many there were."""
        return len(self.took) + self.failed

    def note(self, took: float, found: str | None, wanted: str) -> None:
        """One that was answered."""
        self.took.append(took)
        self.wrong += found != wanted

    def figures(self) -> dict[str, float]:
        """Milliseconds, with names."""
        return {f"p{share}": percentile(self.took, share / 100) for share in (50, 95, 99)} if self.took else {}


@contextmanager
def asking(search: ElasticSearch, among: int, rate: float) -> Iterator[Fared]:
    """Somebody asks, so many questions a second, until the end of the block."""
    fared, over = Fared(), threading.Event()

    def go_on() -> None:
        began = time.monotonic()
        for number in count():
            if over.wait(max(0.0, began + number / rate - time.monotonic())):
                return
            wanted, at = article(number * 7919 % among), time.monotonic()
            try:
                found = search.search(CORP, wanted.similar[0], 1)
            except WecomBotError as e:
                fared.failed += 1
                print(f"  a question failed: {e}")
            else:
                first = found[0].article_id if found else None
                fared.note((time.monotonic() - at) * 1000, first, wanted.article_id)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield fared
    finally:
        over.set()
        thread.join()


def compared(made: Builder, rate: float) -> tuple[float, float, Fared]:
    """Seconds as at first and as we do, and how questions fared during both and over both switches."""
    made.as_we_do()  # what answers meanwhile; the server has run for a while then, too
    with asking(ElasticSearch(made.cluster, made.names, embedder=made.model), made.number, rate) as fared:
        first = made.at_first()
        ours = made.as_we_do()
        switched = fared.asked
        until(lambda: fared.asked >= switched + _AFTERWARDS)
    return first, ours, fared


def measured(url: str, number: int, vectors: int, rate: float) -> dict[str, Any]:
    """The figures of KEYS, said as they come."""
    found: dict[str, dict[str, Any]] = {key: {} for key in KEYS}
    kinds: dict[str, tuple[int, Callable[[], Embedder | None]]] = {"text": (number, lambda: None)}
    if vectors:
        kinds["vectors"] = (vectors, made_up_model)
    for name, (many, model) in kinds.items():
        with builder(url, many, model()) as made:
            first, ours, fared = compared(made, rate)
        found["rebuild_s"] |= {f"{name}_first": first, f"{name}_ours": ours}
        found["rebuild_ratio"][name] = first / ours
        found["rebuild_asked_ms"][name] = fared.figures()
        found["rebuild_wrong"][name] = fared.wrong + fared.failed
        print(f"  {name}: {many} articles, at first {first:.1f} s, ours {ours:.1f} s: {first / ours:.2f} times as fast")
        asked = ", ".join(f"{share} {each:.0f} ms" for share, each in fared.figures().items())
        print(
            f"  {len(fared.took)} questions meanwhile: {asked}; {fared.wrong} wrong, {fared.failed} failed", flush=True
        )
    return found


@contextmanager
def two_nodes() -> Iterator[str]:
    """A cluster of our own; its URL."""
    with tempfile.TemporaryDirectory(prefix="wb-es-") as folder:
        Path(folder).chmod(0o755)  # its user looks in
        run = partial(subprocess.run, check=True, env={**os.environ, "ELASTICSEARCH_FOLDER": f"{folder}/es"})
        run([SCRIPT, "start", "2"])
        try:
            yield run([SCRIPT, "urls"], capture_output=True, text=True).stdout.strip()
        finally:
            run([SCRIPT, "stop"])


def measure() -> dict[str, Any]:
    """The figures of KEYS, on two nodes."""
    with two_nodes() as url:
        return measured(url, ARTICLES, VECTORS, RATE)


def main() -> None:
    """Measure as the command says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--vectors", type=int, default=VECTORS, help="articles of the run with vectors; 0 for none")
    parser.add_argument("--rate", type=float, default=RATE, help="questions a second")
    parser.add_argument("--url", help="a cluster that runs already")
    given = parser.parse_args()
    if given.url:
        measured(given.url, given.articles, given.vectors, given.rate)
        return
    with two_nodes() as url:
        measured(url, given.articles, given.vectors, given.rate)


if __name__ == "__main__":
    main()
