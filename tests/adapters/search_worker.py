"""A process that writes and searches a shared index over and over: `python -m tests.adapters.search_worker FILE GO`.

It answers "ready", waits until the file GO is there, and ends with "whole" if it never saw half an index.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.adapters.search.index_file import IndexBusy
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId

CORP = CorpId("ww_shared")
SIZE = 120


@dataclass
class CountingArticles:
    """Every edition says its number in every answer."""

    edition: int

    def load(self, corp_id: CorpId) -> Sequence[Article]:  # noqa: ARG002 - there is one tenant
        return [Article(f"a{n:03}", f"第{n}个问题", f"{self.edition}") for n in range(SIZE)]

    def revision(self, corp_id: CorpId) -> int:  # noqa: ARG002
        return self.edition

    def save(self, *_: Any) -> int:
        raise NotImplementedError

    remove = save


def editions_seen(search: EmbeddedSearch) -> set[str]:
    passages = search.search(CORP, "第 问题", SIZE)
    return {passage.answer for passage in passages}


def main(path: Path, go: Path) -> None:
    articles = CountingArticles(1)
    search = EmbeddedSearch(path, articles, recheck=timedelta(milliseconds=5))
    search.start()
    print("ready", flush=True)  # noqa: T201 - our parent reads it
    while not go.exists():
        sleep(0.005)
    for edition in range(1, 16):
        articles.edition = edition
        seen: set[str] = set()
        while seen != {str(edition)}:
            try:
                seen = editions_seen(search)
            except IndexBusy:  # on a slow machine the other one may write for longer than a customer waits
                continue
            if len(seen) != 1:
                print(f"half an index: {seen}")  # noqa: T201
                return
    search.stop()  # it logs to the same place, and would end its line behind ours
    print("whole")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
