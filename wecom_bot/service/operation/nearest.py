"""Which article of before is the nearest to a new one: perhaps it asks the same in other words."""

from collections.abc import Sequence
from dataclasses import dataclass

from wecom_bot.domain.knowledge import Article, Passage
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure
from wecom_bot.ports import SearchIndex

MOST_ASKED = 200
"""New articles of one import whose questions are looked up."""

MOST_ARTICLES = 10_000
"""That a tenant has: beyond, an import would wait too long for its index."""


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """A new article, and another one with which its question would be answered."""

    article_id: str
    question: str
    passage: Passage


def nearest(index: SearchIndex, tenant: Tenant, articles: Sequence[Article]) -> tuple[NearDuplicate, ...]:
    """Of those new articles for which there is one; none while the search is away."""
    found: list[NearDuplicate] = []
    for article in articles[:MOST_ASKED]:
        try:
            passages = index.search(tenant.corp_id, article.question, 1)
        except TemporaryFailure:
            break
        if passages and passages[0].score >= tenant.thresholds.answer:
            found.append(NearDuplicate(article.article_id, article.question, passages[0]))
    return tuple(found)
