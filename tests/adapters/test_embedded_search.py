import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from tests.adapters.search_worker import CORP, SIZE, CountingArticles, editions_seen
from tests.deadlines import PATIENCE, wait_until
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure

SOON = timedelta(milliseconds=5)


@pytest.fixture
def articles() -> CountingArticles:
    return CountingArticles(1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "search.sqlite"


@pytest.fixture
def begin(path: Path) -> Iterator[Callable[[CountingArticles], EmbeddedSearch]]:
    """Starts an index on the file, as a process does."""
    begun: list[EmbeddedSearch] = []

    def begin(articles: CountingArticles) -> EmbeddedSearch:
        begun.append(EmbeddedSearch(path, articles, recheck=SOON))
        begun[-1].start()
        return begun[-1]

    yield begin
    for each in begun:
        each.stop()


Begin = Callable[[CountingArticles], EmbeddedSearch]


@pytest.fixture
def search(begin: Begin, articles: CountingArticles) -> EmbeddedSearch:
    return begin(articles)


def test_a_deleted_file_is_written_again(search: EmbeddedSearch, path: Path) -> None:
    assert editions_seen(search) == {"1"}
    path.unlink()
    assert editions_seen(search) == {"1"}
    assert path.exists()


@pytest.mark.parametrize("damage", [b"not a database at all" * 400, b"", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_written_again(path: Path, articles: CountingArticles, damage: bytes) -> None:
    assert editions_seen(EmbeddedSearch(path, articles)) == {"1"}
    for each in path.parent.iterdir():
        each.unlink()
    path.write_bytes(damage)
    assert editions_seen(EmbeddedSearch(path, articles)) == {"1"}


def test_damage_under_an_open_index_is_noticed(search: EmbeddedSearch, path: Path) -> None:
    assert editions_seen(search) == {"1"}
    path.write_bytes(b"\xff" * path.stat().st_size)
    path.with_name(path.name + "-wal").write_bytes(b"")
    assert editions_seen(search) == {"1"}


def test_a_file_of_another_version_is_thrown_away(
    search: EmbeddedSearch, path: Path, articles: CountingArticles
) -> None:
    assert editions_seen(search) == {"1"}
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 4711")
    connection.close()
    assert editions_seen(EmbeddedSearch(path, articles)) == {"1"}


def test_an_index_is_proved_at_the_start_even_if_the_revision_says_it_is_current(
    begin: Begin, articles: CountingArticles
) -> None:
    assert editions_seen(begin(articles)) == {"1"}

    class Restored(CountingArticles):
        def revision(self, corp_id: str) -> int:  # noqa: ARG002 - a database that counts anew
            return 1

    assert editions_seen(begin(Restored(7))) == {"7"}


def test_what_changed_while_nobody_looked_is_seen_by_the_first_question(begin: Begin) -> None:
    first = begin(CountingArticles(1))
    assert editions_seen(first) == {"1"}
    first.stop()
    assert editions_seen(begin(CountingArticles(2))) == {"2"}


def test_the_revision_is_asked_for_no_more_often_than_said(path: Path, articles: CountingArticles) -> None:
    search = EmbeddedSearch(path, articles, recheck=timedelta(hours=1))
    search.start()
    assert editions_seen(search) == {"1"}
    articles.edition = 2
    assert editions_seen(search) == {"1"}
    search.stop()


def test_articles_that_hang_keep_nobody_waiting_who_was_indexed(begin: Begin) -> None:
    class Hanging(CountingArticles):
        def revision(self, corp_id: str) -> int:
            if hangs.is_set():
                hung.set()
                goes_on.wait(60)
            return super().revision(CorpId(corp_id))

    hangs, hung, goes_on = Event(), Event(), Event()
    articles = Hanging(1)
    search = begin(articles)
    assert editions_seen(search) == {"1"}
    hangs.set()
    articles.edition = 2
    assert hung.wait(PATIENCE)
    assert editions_seen(search) == {"1"}  # the hang ends only below
    hangs.clear()
    goes_on.set()
    wait_until(lambda: editions_seen(search) == {"2"})


def test_a_place_that_cannot_be_written_is_a_failure_for_now(tmp_path: Path, articles: CountingArticles) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with pytest.raises(TemporaryFailure):
        EmbeddedSearch(blocked / "search.sqlite", articles).search(CORP, "问题", 1)


def test_threads_share_an_index(search: EmbeddedSearch, articles: CountingArticles) -> None:
    def ask(edition: int) -> set[str]:
        articles.edition = edition
        return editions_seen(search)

    with ThreadPoolExecutor(8) as threads:
        assert all(len(seen) == 1 for seen in threads.map(ask, range(1, 60)))
    wait_until(lambda: editions_seen(search) == {str(articles.edition)})


def test_processes_that_write_at_once_never_show_half_an_index(path: Path, tmp_path: Path, begin: Begin) -> None:
    go = tmp_path / "go"
    command = [sys.executable, "-m", "tests.adapters.search_worker", str(path), str(go)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [worker.stdout and worker.stdout.readline() for worker in workers] == ["ready\n", "ready\n"]
    go.touch()
    assert [worker.communicate(timeout=60)[0].splitlines()[-1] for worker in workers] == ["whole", "whole"]
    assert editions_seen(begin(CountingArticles(16))) == {"16"}


def test_greenlets_share_an_index(path: Path) -> None:
    script = f"""
from wecom_bot import startup; startup.patch_all()
import gevent
from datetime import timedelta
from pathlib import Path
from time import sleep
from tests.adapters.search_worker import CountingArticles, editions_seen
from wecom_bot.adapters.search.embedded import EmbeddedSearch

class Slow(CountingArticles):
    def revision(self, corp_id):
        sleep(0.002)
        return super().revision(corp_id)

articles = Slow(1)
search = EmbeddedSearch(Path({str(path)!r}), articles, recheck=timedelta(milliseconds=5))
search.start()
def ask(edition):
    articles.edition = edition
    return editions_seen(search)
asked = [gevent.spawn(ask, edition) for edition in range(1, 60)]
gevent.joinall(asked, raise_error=True)
print(all(len(each.value) == 1 for each in asked))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "True"


def test_under_gevent_the_old_index_answers_while_a_big_one_is_written(path: Path) -> None:
    script = f"""
from wecom_bot import startup; startup.patch_all()
import sqlite3
from datetime import timedelta
from pathlib import Path
from time import sleep
from tests.adapters.search_worker import CORP, CountingArticles
from wecom_bot.adapters.search.embedded import EmbeddedSearch
from wecom_bot.domain.knowledge import Article

SIZE = 500
taken = [0]  # how many articles the background has looked at

class Counted(list):
    def __iter__(self):
        taken[0] = 0
        for each in super().__iter__():
            taken[0] += 1
            yield each

class Big(CountingArticles):
    def load(self, corp_id):
        return Counted(
            Article(f"a{{n}}", f"第{{n}}个问题", str(self.edition), (f"{{n}}号是什么",)) for n in range(SIZE)
        )

articles = Big(1)
search = EmbeddedSearch(Path({str(path)!r}), articles, recheck=timedelta(milliseconds=5))
search.start()
def stage():
    # what the background does at this moment, at which it pauses
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return "writes"
    return "reads" if 0 < taken[0] < SIZE else "rests"
def ask():
    at = stage()
    passages = search.search(CORP, "第7个问题", 20)
    assert len(passages) == 20
    (answer,) = {{each.answer for each in passages}}
    sleep(0)
    return answer, at
search.search(CORP, "第7个问题", 20)
other = sqlite3.connect(search.path, timeout=0, isolation_level=None)
assert ask()[0] == "1"
articles.edition = 2
seen = [ask()]
while seen[-1][0] != "2":
    seen.append(ask())
print(*sorted({{at for answer, at in seen if answer == "1"}} - {{"rests"}}))
"""
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.splitlines()[-1] == "reads writes"


def test_every_article_can_be_found(search: EmbeddedSearch) -> None:
    found = {search.search(CORP, f"第{n}个问题", 1)[0].article_id for n in range(SIZE)}
    assert len(found) == SIZE
