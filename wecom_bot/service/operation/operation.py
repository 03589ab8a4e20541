"""Every verb of the operators' floor, for all doors: the folder's table of contents."""

from dataclasses import dataclass

from wecom_bot.service.operation.article_versions import (
    ListArticleVersions,
    ListDuplicates,
    RollBackArticle,
    SaveArticle,
    ShowArticle,
)
from wecom_bot.service.operation.articles import ImportArticles, ListArticles, RemoveArticles, TryQuestion
from wecom_bot.service.operation.callers import FindCallers
from wecom_bot.service.operation.dead_letters import DropDeadLetter, ListDeadLetters, ReplayDeadLetter
from wecom_bot.service.operation.misses import ListMisses
from wecom_bot.service.operation.orders import ImportOrders, ListOrders, RemoveOrders
from wecom_bot.service.operation.queries import TryQuery
from wecom_bot.service.operation.search_indexes import (
    DropOldIndexes,
    MoveTenant,
    RebuildSearch,
    RollBackSearch,
    ShowSearch,
)
from wecom_bot.service.operation.tenants import (
    ExportTenants,
    ImportTenants,
    ListTenants,
    RemoveTenant,
    SetThreshold,
    ShowTenant,
    SwitchTenant,
)
from wecom_bot.service.operation.tickets import CloseTicket, ListTickets
from wecom_bot.service.operation.turns import ListCustomerTurns, ListTurns


@dataclass(frozen=True, slots=True)
class Operation:
    """What a person may do to the bot; `bootstrap/operation.py` gives each verb its ports."""

    import_tenants: ImportTenants
    export_tenants: ExportTenants
    list_tenants: ListTenants
    show_tenant: ShowTenant
    switch_tenant: SwitchTenant
    remove_tenant: RemoveTenant
    set_threshold: SetThreshold
    import_articles: ImportArticles
    list_articles: ListArticles
    show_article: ShowArticle
    save_article: SaveArticle
    remove_articles: RemoveArticles
    list_article_versions: ListArticleVersions
    roll_back_article: RollBackArticle
    list_duplicates: ListDuplicates
    try_question: TryQuestion
    import_orders: ImportOrders
    list_orders: ListOrders
    remove_orders: RemoveOrders
    try_query: TryQuery
    list_tickets: ListTickets
    close_ticket: CloseTicket
    list_turns: ListTurns
    list_customer_turns: ListCustomerTurns
    list_misses: ListMisses
    list_dead_letters: ListDeadLetters
    replay_dead_letter: ReplayDeadLetter
    drop_dead_letter: DropDeadLetter
    find_callers: FindCallers
    show_search: ShowSearch
    rebuild_search: RebuildSearch
    move_tenant: MoveTenant
    roll_back_search: RollBackSearch
    drop_old_indexes: DropOldIndexes
