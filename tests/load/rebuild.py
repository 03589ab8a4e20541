"""Building an index of very many articles anew: as one would at first, and as the bot does, on two nodes.

At first: one thread, a replica from the beginning, the default refresh, 500 documents a request. The bot: `BuildIndex`,
with its counting and asking, until the tenant's questions go to the new index and each shard has its replica. All the
while another process asks questions that have one right answer: how long they took, and how many were answered wrongly.

With vectors, too, which were made before: making them is the same work either way.
"""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.load.asker import Asked, Fared, asking
from tests.load.builder import Builder, builder
from tests.load.made_up import made_up_model
from wecom_bot.adapters.search.embedding import Embedder

KEYS = ("rebuild_s", "rebuild_ratio", "rebuild_asked_ms", "rebuild_wrong")
ARTICLES, VECTORS, RATE = 200_000, 20_000, 5.0
SCRIPT = Path(__file__).parents[2] / "deploy" / "services" / "elasticsearch.sh"


def compared(url: str, made: Builder, rate: float) -> tuple[float, float, Fared]:
    """Seconds as at first and as we do, and how questions fared during both and over both switches."""
    made.as_we_do()  # what answers meanwhile; the server has run for a while then, too
    with asking(Asked(url, made.names, made.number, made.model is not None, rate)) as told:
        first = made.at_first()
        ours = made.as_we_do()
        return first, ours, told()


def measured(url: str, number: int, vectors: int, rate: float) -> dict[str, Any]:
    """The figures of KEYS, said as they come."""
    found: dict[str, dict[str, Any]] = {key: {} for key in KEYS}
    kinds: dict[str, tuple[int, Callable[[], Embedder | None]]] = {"text": (number, lambda: None)}
    if vectors:
        kinds["vectors"] = (vectors, made_up_model)
    for name, (many, model) in kinds.items():
        with builder(url, many, model()) as made:
            first, ours, fared = compared(url, made, rate)
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
