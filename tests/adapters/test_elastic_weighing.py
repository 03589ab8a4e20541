"""How rare words are is counted once for as long as nobody changes what the tenant wrote."""

from collections.abc import Mapping, Sequence

from wecom_bot.adapters.search.elastic.asking import TenantQuestion
from wecom_bot.adapters.search.elastic.document import FoundDocument, document
from wecom_bot.adapters.search.elastic.found import Collection, FoundArticles
from wecom_bot.adapters.search.elastic.known_documents import KnownDocuments
from wecom_bot.adapters.search.elastic.weighing import Weighing
from wecom_bot.adapters.system import SystemClock
from wecom_bot.domain.knowledge import Article
from wecom_bot.domain.message import CorpId

ACME, GLOBEX = CorpId("ww_acme"), CorpId("ww_globex")
SHOWN = ("几点关门", "九点。", "[]", "", False, None)
DOCUMENT = FoundDocument("a", "wb-1/1", (("几点关门", ("几", "点")),), frozenset("九"), SHOWN)


def question(corp_id: CorpId = ACME) -> TenantQuestion:
    return TenantQuestion(corp_id, SystemClock().now(), "点菜", ("点", "菜"))


def found(newest: int, counts: Mapping[str, int] = {}) -> FoundArticles:
    return FoundArticles(Collection(10, newest, 0.0, 0, counts), {}, {"a": {"_index": "wb-1", "_version": 1}}, None)


def test_words_are_counted_once_for_each_state_of_the_articles() -> None:
    counted: list[Sequence[str]] = []

    def count(_corp_id: CorpId, tokens: Sequence[str]) -> Mapping[str, int]:
        counted.append(tokens)
        return dict.fromkeys(tokens, 3)

    weighing = Weighing(count)
    assert weighing.uncounted(ACME, ("点", "菜")) == ["点", "菜"], "of a tenant that nobody asked before"
    vocabulary, (meant,) = weighing(question(), found(1, {"点": 5, "菜": 1}), [DOCUMENT])
    assert (vocabulary.counts, meant.phrasings[0].text) == ({"点": 5, "菜": 1}, "几点关门")
    assert counted == [["几"]], "the trip told of the others"
    assert weighing.uncounted(ACME, ("点", "菜", "几", "汤")) == ["汤"]
    assert weighing.uncounted(GLOBEX, ("点",)) == ["点"], "another tenant's"
    weighing(question(), found(1), [DOCUMENT])
    assert counted == [["几"]]
    again, _ = weighing(question(), found(2), [DOCUMENT])
    assert again.counts == {"点": 3, "菜": 3}, "what is counted of another state is not what it was"
    assert sorted(counted[1]) == ["几", "点", "菜"], "in one trip"


def test_long_articles_are_forgotten_sooner_than_short_ones() -> None:
    """The longest that may be written takes half a megabyte when it is read."""
    known = KnownDocuments()

    def read(number: int, answer: str) -> FoundDocument:
        name = f"a{number}"
        written = document(ACME, Article(name, "几点关门", answer), 1)["article"]
        hit = {"_index": "wb-1", "_version": len(answer), "fields": {"article_id": [name], "article": [written]}}
        return known.read(ACME, {name: hit})[name]

    def is_known_after(count: int, answer: str) -> bool:
        before = read(0, "九点")
        for number in range(1, count):
            read(number, answer)
        return read(0, "九点") is before

    assert is_known_after(200, "九点")
    assert not is_known_after(200, "".join(map(chr, range(0x4E00, 0x4E00 + 2600))))
