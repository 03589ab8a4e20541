"""What single verbs promise: pages, masks, and what is left of a tenant that is gone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fixtures.actors import OPERATOR, OWNER, READER, SYSTEM, of
from tests.service.operation.floor import ACME, COUNT, GLOBEX, PHONE, SECRETS, furnish, furnished
from wecom_bot.domain.draft import ArticleDraft
from wecom_bot.errors import InvalidInput, NotPermitted, Unknown
from wecom_bot.service.operation.operation import Operation
from wecom_bot.service.operation.page import Page

MASKED = "138****5678"
LISTS: dict[str, Callable[..., Callable[..., Page[Any]]]] = {
    "tenants": lambda do: lambda **page: do.list_tenants(OWNER, **page),
    "articles": lambda do: lambda **page: do.list_articles(OWNER, ACME, **page),
    "orders": lambda do: lambda **page: do.list_orders(OWNER, ACME, **page),
    "an article's versions": lambda do: lambda **page: versions(do, **page),
    "tickets": lambda do: lambda **page: do.list_tickets(OWNER, ACME, **page),
    "turns": lambda do: lambda **page: do.list_turns(OWNER, ACME, **page),
    "a customer's turns": lambda do: lambda **page: do.list_customer_turns(OWNER, ACME, "wm1", **page),
    "dead letters": lambda do: lambda **page: do.list_dead_letters(OWNER, ACME, **page),
}


def versions(do: Operation, **page: Any) -> Page[Any]:
    """Those of an article that has as many as there is of everything."""
    if do.show_article(OWNER, ACME, "a0").revision == 1:
        for number in range(1, COUNT):
            do.save_article(OWNER, ACME, ArticleDraft(1, "a0", "几点关门0", f"{number} 点"))
    return do.list_article_versions(OWNER, ACME, "a0", **page)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("floor")
    furnish(folder)
    return folder


@pytest.fixture
def do(template: Path, tmp_path: Path) -> Iterator[Operation]:
    with furnished(template, tmp_path / "data") as verbs:
        yield verbs


@pytest.mark.parametrize("noun", LISTS)
def test_a_list_is_read_to_its_end_page_by_page(do: Operation, noun: str) -> None:
    listed = LISTS[noun](do)
    everything = listed(most=COUNT + 1)
    assert everything.after is None
    pieces: list[Any] = []
    page = listed(most=1)
    while page.after:
        assert len(page.items) == 1
        pieces += page.items
        page = listed(most=1, after=page.after)
    assert (*pieces, *page.items) == everything.items
    assert len(everything.items) == (2 if noun == "tenants" else COUNT)
    assert listed(most=len(everything.items)).after is None


@pytest.mark.parametrize("noun", LISTS)
def test_another_s_cursor_is_refused(do: Operation, noun: str) -> None:
    with pytest.raises(Unknown):
        LISTS[noun](do)(most=1, after="kf/wk1/none")


def test_customers_words_are_whole_for_who_asks_so_and_may(do: Operation) -> None:
    for actor, asked, seen in (
        (OWNER, True, PHONE),
        (SYSTEM, True, PHONE),
        (OWNER, False, MASKED),
        (READER, True, MASKED),
        (READER, False, MASKED),
    ):
        ticket = do.list_tickets(actor, ACME, whole=asked).items[0]
        turn = do.list_turns(actor, ACME, whole=asked).items[0]
        own = do.list_customer_turns(actor, ACME, "wm1", whole=asked).items[0]
        tried = do.try_query(actor, ACME, "stock", {"sku": "A1"}, whole=asked)
        for words in (ticket.words, turn.words, turn.reply, own.words, own.reply, tried.text):
            assert seen in words


def test_whose_turns_were_looked_at_is_noted_and_who_never_wrote_has_none(do: Operation) -> None:
    with capture_logs() as lines:
        assert len(do.list_customer_turns(READER, ACME, "wm1").items) == COUNT
        assert do.list_customer_turns(READER, ACME, "wm9").items == ()
    assert [(line["verb"], line["ids"]) for line in lines] == [("turns.customer", ["wm1"]), ("turns.customer", ["wm9"])]


def test_orders_are_whole_for_who_may_read_what_names_people(do: Operation) -> None:
    assert PHONE in do.list_orders(OPERATOR, ACME).items[0].logistics
    assert MASKED in do.list_orders(READER, ACME).items[0].logistics


def test_what_is_removed_is_there_or_nothing_is(do: Operation) -> None:
    for remove, listed in ((do.remove_articles, do.list_articles), (do.remove_orders, do.list_orders)):
        before = [*listed(OWNER, ACME).items]
        with pytest.raises(Unknown, match="none"):
            remove(OWNER, ACME, ["a0", "o0", "none"])
        assert remove(OWNER, ACME, []) == 0
        assert [*listed(OWNER, ACME).items] == before
        assert [*listed(OWNER, GLOBEX).items] == before


def test_what_is_left_of_a_tenant_that_is_gone_can_be_seen_and_removed(do: Operation) -> None:
    do.remove_tenant(OWNER, ACME)
    articles = [each.article_id for each in do.list_articles(OWNER, ACME).items]
    orders = [each.order_id for each in do.list_orders(OWNER, ACME).items]
    letters = [each.letter_id for each in do.list_dead_letters(OWNER, ACME).items]
    assert (do.remove_articles(OWNER, ACME, articles), do.remove_orders(OWNER, ACME, orders)) == (COUNT, COUNT)
    for letter_id in letters:
        do.drop_dead_letter(OWNER, ACME, letter_id)
    for listed in (do.list_articles, do.list_orders, do.list_dead_letters, do.list_tickets, do.list_turns):
        with pytest.raises(Unknown):
            listed(OWNER, ACME)
    for change in (lambda: do.replay_dead_letter(OWNER, ACME, "d0"), lambda: do.import_articles(OWNER, ACME, [])):
        with pytest.raises(Unknown):
            change()


def test_a_file_with_somebody_else_s_tenant_in_it_is_refused_whole(do: Operation) -> None:
    document = {"tenants": [{"corp_id": GLOBEX}, {"corp_id": ACME, "name": "改名"}]}
    with pytest.raises(NotPermitted, match=ACME):
        do.import_tenants(of(GLOBEX), document)
    assert do.show_tenant(OWNER, ACME).tenant.name == "爱克米"


@pytest.mark.parametrize("document", [{}, {"tenants": 3}, {"tenants": ["x"]}, {"tenants": [{"corp_id": 7}]}])
def test_what_is_no_document_is_told_to_who_may_import(do: Operation, document: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        do.import_tenants(OWNER, document)


def test_a_tenant_is_shown_with_what_is_sealed_of_it(do: Operation) -> None:
    shown = do.show_tenant(READER, ACME)
    sealed = (shown.sealed_apps, shown.sealed_tables, shown.trouble)
    assert sealed == (frozenset({"shop", "help"}), frozenset({"coze", "nlu", "business"}), "")


def test_a_threshold_is_written_and_the_menu_s_kept_below_it(do: Operation) -> None:
    assert do.set_threshold(OPERATOR, ACME, 0.1) == 0.7
    bars = do.show_tenant(OWNER, ACME).tenant.thresholds
    assert (bars.answer, bars.suggest) == (0.1, 0.1)
    assert SECRETS[0] in repr(do.export_tenants(OWNER, [ACME], with_secrets=True))


def test_of_a_long_import_some_ids_are_noted_and_the_count(do: Operation) -> None:
    drafts = [ArticleDraft(n, "b" * 90 + str(n), f"问题{n}", "答") for n in range(100)]
    with capture_logs() as lines:
        do.import_articles(OWNER, ACME, drafts)
    (line,) = (each for each in lines if each["event"] == "operation.done")
    assert (line["verb"], line["count"], len(line["ids"])) == ("articles.import", 100, 20)
    assert max(map(len, line["ids"])) == 64
