"""Writing articles to an index: idempotent, in any order, by as many writers as there are.

The version of a document is the tenant's revision at which its article was changed (external versioning): a write that
is older than what is there is refused by Elasticsearch, so that a replay, or a second writer that lags behind, changes
nothing. It goes for removals, too, for as long as the index keeps their tombstones.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

from elastic_transport import ObjectApiResponse
from elasticsearch import Elasticsearch

from wecom_bot.adapters.search.elastic.cluster import Cluster
from wecom_bot.adapters.search.elastic.document import document
from wecom_bot.adapters.search.elastic.lines import line
from wecom_bot.adapters.search.elastic.names import article_id, document_id
from wecom_bot.adapters.search.elastic.refusals import failure, kind
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.pace import unhurried
from wecom_bot.domain.knowledge import ArticleChange
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Rejected

_MOST_BYTES = 4 * 1024 * 1024  # of a request; several of them are under way where somebody writes in parallel
_PATIENCE = timedelta(seconds=60)  # for one: nobody waits for it but who indexes
_ALREADY = HTTPStatus.CONFLICT  # as new as this, or newer, is there
_OF_WHAT_IT_SAYS = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


@dataclass(frozen=True, slots=True)
class RefusedArticle:
    """One that the index takes in no way, and the class of its error: the others were written."""

    article_id: str
    why: str


class _Operation(NamedTuple):
    article_id: str
    lines: bytes


@dataclass(frozen=True, slots=True)
class IndexWriter:
    """Puts what changed into an index, with vectors where there is a `model`."""

    cluster: Cluster
    model: Embedder | None = None
    analyzed: bool = False
    unhurried: bool = False
    """Lets others go on: in a worker, whose one thread is for all customers."""

    def put(self, corp_id: CorpId, target: str, changes: Sequence[ArticleChange]) -> Sequence[RefusedArticle]:
        """Write and remove them in the index or alias, in one bulk or several; what was refused for good.

        Of an article that is refused nothing stays there: what it said before is no answer any more. The same again
        does no harm, after any failure. Raises what Cluster.ask does.
        """
        refused = self._put(corp_id, target, changes)
        names = {each.article_id for each in refused}
        self._put(corp_id, target, [replace(each, article=None) for each in changes if each.article_id in names])
        return refused

    def _put(self, corp_id: CorpId, target: str, changes: Sequence[ArticleChange]) -> list[RefusedArticle]:
        parts = _parts(self._operations(corp_id, changes))
        return [refused for part in parts for refused in self._sent(corp_id, target, part)]

    def _operations(self, corp_id: CorpId, changes: Sequence[ArticleChange]) -> Iterator[_Operation]:
        for change in unhurried(changes) if self.unhurried else changes:
            where = {
                "_id": document_id(corp_id, change.article_id),
                "routing": corp_id,
                "version": change.revision,
                "version_type": "external_gte",  # a tenant comes back to an index that it left at this version
            }
            if change.article is None:
                yield _Operation(change.article_id, line({"delete": where}))
            else:
                written = document(corp_id, change.article, change.revision, self.model, analyzed=self.analyzed)
                yield _Operation(change.article_id, line({"index": where}) + line(written))

    def _sent(self, corp_id: CorpId, target: str, part: Sequence[_Operation]) -> list[RefusedArticle]:
        def send(es: Elasticsearch) -> list[RefusedArticle]:
            body: Any = b"".join(each.lines for each in part)  # the lines as they are
            return refusals_of(corp_id, es.bulk(index=target, operations=body))

        try:
            return self.cluster.ask(send, _PATIENCE)
        except Rejected as e:  # all of it, for the sake of one
            if e.code not in _OF_WHAT_IT_SAYS:
                raise  # a login, a permission, a proxy: nothing ails the articles
            if len(part) == 1:
                return [RefusedArticle(part[0].article_id, str(e.code))]
        half = len(part) // 2
        return [*self._sent(corp_id, target, part[:half]), *self._sent(corp_id, target, part[half:])]


def refusals_of(corp_id: CorpId, answer: ObjectApiResponse[Any]) -> list[RefusedArticle]:
    """Of a bulk, what will never be taken. Raises for what may be taken later, or by another login."""
    refused: list[RefusedArticle] = []
    for item in answer["items"] if answer["errors"] else ():
        (done,) = item.values()
        status = done["status"]
        if "error" not in done or status == _ALREADY:
            continue
        problem = failure(status, done)
        if not (isinstance(problem, Rejected) and problem.code in _OF_WHAT_IT_SAYS):
            raise problem
        refused.append(RefusedArticle(article_id(corp_id, done["_id"]), kind(done) or str(status)))
    return refused


def _parts(operations: Iterable[_Operation]) -> Iterator[Sequence[_Operation]]:
    """The operations, as many together as are welcome in one request."""
    part: list[_Operation] = []
    size = 0
    for each in operations:
        if part and size + len(each.lines) > _MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(each)
        size += len(each.lines)
    if part:
        yield part
