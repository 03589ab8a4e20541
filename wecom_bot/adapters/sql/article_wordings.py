"""In which words each article is asked, so that who saves one need not read all the others.

Derived from the articles in the transaction that changes them, and whole up to a counter of its own: what a program
that knows nothing of this changed is told by that, and derived anew.
"""

from collections.abc import Collection, Iterable
from hashlib import blake2b
from itertools import chain
from json import loads

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.removal import chunks, remove
from wecom_bot.adapters.sql.revisions import Revised, put, revision
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId
from wecom_bot.text.folding import letters

_TABLE, _ARTICLES, _LOG = schema.article_wordings, schema.articles, schema.article_versions
_AT_ONCE = 500  # rows

Row = dict[str, str]


def rows_of(corp_id: CorpId, articles: Iterable[Article]) -> list[Row]:
    """The rows that say how these are asked: it takes a while for many, and no transaction."""
    return [row for each in articles for row in _rows(corp_id, each.article_id, (each.question, *each.similar))]


def write(connection: sa.Connection, corp_id: CorpId, article_ids: Collection[str], rows: list[Row]) -> None:
    """Let these articles be asked as the rows say, and no longer as before."""
    remove(connection, _TABLE.c.article_id, corp_id, article_ids)
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(sa.insert(_TABLE), rows[start : start + _AT_ONCE])


def catch_up(connection: sa.Connection, corp_id: CorpId, number: int) -> None:
    """Derive anew those of what was changed without them until this revision, whose row the caller holds.

    The log is whole by then. A removal that it has forgotten is no matter: the article is not found.
    """
    known = revision(connection, Revised.WORDINGS, corp_id)
    if known >= number:
        return
    if not known:
        connection.execute(sa.delete(_TABLE).where(_TABLE.c.corp_id == corp_id))
        write(connection, corp_id, (), _derived(connection, corp_id, _ARTICLES.c.corp_id == corp_id))
    else:
        later = sa.select(_LOG.c.article_id).where(_LOG.c.corp_id == corp_id, _LOG.c.revision > known)
        ids = set(connection.scalars(later))
        parts = [_derived(connection, corp_id, these) for these in chunks(_ARTICLES.c.article_id, corp_id, ids)]
        write(connection, corp_id, ids, list(chain.from_iterable(parts)))
    put(connection, Revised.WORDINGS, number, corp_id)


def asked_so(connection: sa.Connection, corp_id: CorpId, texts: Iterable[str]) -> set[str]:
    """The ids of the articles that are asked in the words of one of these texts."""
    wanted = chunks(_TABLE.c.wording, corp_id, _keys(texts))
    return {found for these in wanted for found in connection.scalars(sa.select(_TABLE.c.article_id).where(these))}


def _derived(connection: sa.Connection, corp_id: CorpId, these: sa.ColumnElement[bool]) -> list[Row]:
    asked = sa.select(_ARTICLES.c.article_id, _ARTICLES.c.question, _ARTICLES.c.similar).where(these)
    texts = ((each.article_id, (each.question, *loads(each.similar))) for each in connection.execute(asked))
    return [row for each in texts for row in _rows(corp_id, *each)]


def _rows(corp_id: CorpId, article_id: str, texts: Iterable[str]) -> list[Row]:
    return [{"corp_id": corp_id, "wording": key, "article_id": article_id} for key in _keys(texts)]


def _keys(texts: Iterable[str]) -> list[str]:
    """Digests of the words, each once: a question may be longer than what an index takes."""
    words = dict.fromkeys(filter(None, map(letters, texts)))
    return [blake2b(each.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() for each in words]
