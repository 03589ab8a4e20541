"""Orders, as the tenant's shop system tells us of them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Order:
    """One order. `customer` is the external_userid or userid whose it is; nobody else is told of it."""

    order_id: str
    customer: str
    status: str
    logistics: str
    updated_at: datetime
