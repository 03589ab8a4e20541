"""In which words each article is asked, so that who saves one need not read all the others.

Derived from the articles in the transaction that changes them, and whole up to a counter of its own: what a program
that knows nothing of this changed is told by that, and the tenant's are derived anew.
"""

from collections.abc import Collection, Iterable
from hashlib import blake2b
from json import loads

import sqlalchemy as sa

from wecom_bot.adapters.sql import schema
from wecom_bot.adapters.sql.removal import chunks, remove
from wecom_bot.adapters.sql.revisions import Revised, put, revision
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId
from wecom_bot.text.folding import letters

_TABLE, _ARTICLES = schema.article_wordings, schema.articles
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
    """Derive them anew, if they do not say all that was written up to this revision, whose row the caller holds."""
    if revision(connection, Revised.WORDINGS, corp_id) >= number:
        return
    connection.execute(sa.delete(_TABLE).where(_TABLE.c.corp_id == corp_id))
    asked = sa.select(_ARTICLES.c.article_id, _ARTICLES.c.question, _ARTICLES.c.similar)
    found = connection.execute(asked.where(_ARTICLES.c.corp_id == corp_id)).all()
    texts = ((article_id, (question, *loads(similar))) for article_id, question, similar in found)
    write(connection, corp_id, (), [row for each in texts for row in _rows(corp_id, *each)])
    put(connection, Revised.WORDINGS, number, corp_id)


def asked_so(connection: sa.Connection, corp_id: CorpId, texts: Iterable[str]) -> set[str]:
    """The ids of the articles that are asked in the words of one of these texts."""
    wanted = chunks(_TABLE.c.wording, corp_id, _keys(texts))
    return {found for these in wanted for found in connection.scalars(sa.select(_TABLE.c.article_id).where(these))}


def _rows(corp_id: CorpId, article_id: str, texts: Iterable[str]) -> list[Row]:
    return [{"corp_id": corp_id, "wording": key, "article_id": article_id} for key in _keys(texts)]


def _keys(texts: Iterable[str]) -> list[str]:
    """Digests of the words, each once: a question may be longer than what an index takes."""
    words = dict.fromkeys(filter(None, map(letters, texts)))
    return [blake2b(each.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() for each in words]
