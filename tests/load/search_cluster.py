"""An Elasticsearch of two nodes for a drill, each of which can be killed and brought back, with a relay before it."""

import os
import signal
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.fixtures.elasticsearch_servers import SCRIPT
from tests.load.relay import Relay
from wecom_bot.adapters.search.elastic.address import Login, SearchAddress
from wecom_bot.adapters.search.elastic.client import connect
from wecom_bot.adapters.search.elastic.mapping import IndexShape
from wecom_bot.adapters.search.elastic.names import IndexNames
from wecom_bot.adapters.search.elastic.places import IndexPlaces
from wecom_bot.adapters.search.elastic.writing import IndexWriter
from wecom_bot.adapters.sql.articles import SqlArticles
from wecom_bot.adapters.sql.engine import connect as connect_sql
from wecom_bot.domain.knowledge import ArticleChange
from wecom_bot.domain.message import CorpId
from wecom_bot.outbound.circuit import LocalCircuitBreaker

PREFIX = "wb-outage"
_START = 300.0  # seconds


@dataclass
class SearchCluster:
    """Two nodes, as deploy/services/elasticsearch.sh starts them, in a folder of their own."""

    folder: Path
    relays: list[Relay] = field(default_factory=list)
    _leaving: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        """For WECOM_BOT_SEARCH_URL: through the relays."""
        return ",".join(relay.url for relay in self.relays)

    def open(self) -> None:
        """Start both, and a relay before each."""
        self.folder.parent.chmod(0o755)  # it does not run as root, and has to get there
        self._leaving.callback(self._script, "stop")
        self._script("start", "2")
        for url in self._script("urls").strip().split(","):
            self.relays.append(self._leaving.enter_context(Relay(int(url.rpartition(":")[2]))))

    def close(self) -> None:
        """Stop them, and remove what they held."""
        self._leaving.close()

    def kill(self, *numbers: int) -> None:
        """kill -9 these nodes."""
        for number in numbers:
            os.kill(int((self.folder / f"node-{number}" / "pid").read_text()), signal.SIGKILL)

    def revive(self) -> None:
        """Start those that were killed, and wait until no shard is missing.

        Each stands for a machine of its own: what its start takes, some 25 CPU seconds, is to take none of the bot's.
        """
        self._script("start", before=("nice", "-n", "15"))

    def answers(self, wrong: str) -> None:
        """From now on both answer so; "" is as they do."""
        for relay in self.relays:
            relay.wrong = wrong

    def index(self, database_url: str, corp_ids: list[str]) -> None:
        """Write all that the tenants wrote, as an indexer does."""
        patience = timedelta(seconds=60)
        cluster = connect(SearchAddress.parse(self.url, Login()), patience, 4, LocalCircuitBreaker())
        places = IndexPlaces(cluster, IndexNames(PREFIX), IndexShape(shards=2, replicas=1))
        articles = SqlArticles(connect_sql(database_url, pool_size=1))
        for corp_id in map(CorpId, corp_ids):
            revision = articles.revision(corp_id)
            changes = [ArticleChange(each.article_id, revision, each) for each in articles.load(corp_id)]
            assert not IndexWriter(cluster).put(corp_id, places.ready(corp_id), changes)
        cluster.ask(lambda es: es.indices.refresh(index=f"{PREFIX}*"), patience)

    def _script(self, *words: str, before: tuple[str, ...] = ()) -> str:
        env = {**os.environ, "ELASTICSEARCH_FOLDER": str(self.folder)}
        command = [*before, str(SCRIPT), *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=_START, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout
