"""Orders, as the tenant's shop system tells us of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""The time that shops and customers mean; Asia/Shanghai since 1991, and no list of time zones is needed for it."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order. `customer` is the external_userid or userid whose it is; nobody else is told of it."""

    order_id: str
    customer: str
    status: str
    logistics: str
    updated_at: datetime
