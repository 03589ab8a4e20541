"""The sockets: what the house needs of the outside, said as promises. Adapters add no docstrings of their own.

Whatever holds a tenant's data takes the corp ID first, or within an ID. Unless said otherwise a method raises
TemporaryFailure when the neighbour is away, and nothing else.
"""

from wecom_bot.ports.allowance import Allowance, Most
from wecom_bot.ports.channel import (
    CallbackGate,
    Contact,
    Contacts,
    ContactStore,
    Cut,
    Duty,
    HandedOff,
    MessageSource,
    Page,
    Refusal,
    Repeat,
    SharedTokens,
    Speaker,
    TokenKey,
)
from wecom_bot.ports.inbox import Inbox
from wecom_bot.ports.ledger import Attempt, Ledger, Sending, Sent, Step
from wecom_bot.ports.mind import (
    Articles,
    IntentRecognizer,
    MediaReader,
    Orders,
    Reading,
    ReplyWriter,
    SearchIndex,
    Written,
)
from wecom_bot.ports.record import (
    Batch,
    CursorRecord,
    Entry,
    EventRecord,
    Line,
    MessageRecord,
    Outbox,
    Records,
    RequestRecord,
    Requests,
    TurnRecord,
)
from wecom_bot.ports.tenants import Clock, StoredTenant, Tenants, TenantStore, TimeLimit

__all__ = [
    "Allowance",
    "Articles",
    "Attempt",
    "Batch",
    "CallbackGate",
    "Clock",
    "Contact",
    "ContactStore",
    "Contacts",
    "CursorRecord",
    "Cut",
    "Duty",
    "Entry",
    "EventRecord",
    "HandedOff",
    "Inbox",
    "IntentRecognizer",
    "Ledger",
    "Line",
    "MediaReader",
    "MessageRecord",
    "MessageSource",
    "Most",
    "Orders",
    "Outbox",
    "Page",
    "Reading",
    "Records",
    "Refusal",
    "Repeat",
    "ReplyWriter",
    "RequestRecord",
    "Requests",
    "SearchIndex",
    "Sending",
    "Sent",
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
