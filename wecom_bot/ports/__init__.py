"""The sockets: what the house needs of the outside, said as promises. Adapters add no docstrings of their own.

Whatever holds a tenant's data takes the corp ID first, or within an ID. Unless said otherwise a method raises
TemporaryFailure when the neighbour is away, and nothing else.
"""

from wecom_bot.ports.channel import CallbackGate, MessageSource, Page, Refusal, SharedTokens, Speaker, TokenKey
from wecom_bot.ports.inbox import Inbox
from wecom_bot.ports.ledger import Attempt, Batch, Ledger, Outbox, Records, Step, TurnRecord
from wecom_bot.ports.mind import Articles, IntentRecognizer, Orders, ReplyWriter, SearchIndex, Written
from wecom_bot.ports.tenants import Clock, StoredTenant, Tenants, TenantStore, TimeLimit

__all__ = [
    "Articles",
    "Attempt",
    "Batch",
    "CallbackGate",
    "Clock",
    "Inbox",
    "IntentRecognizer",
    "Ledger",
    "MessageSource",
    "Orders",
    "Outbox",
    "Page",
    "Records",
    "Refusal",
    "ReplyWriter",
    "SearchIndex",
    "SharedTokens",
    "Speaker",
    "Step",
    "StoredTenant",
    "TenantStore",
    "Tenants",
    "TimeLimit",
    "TokenKey",
    "TurnRecord",
    "Written",
]
