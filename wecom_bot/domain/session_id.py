"""What a session is called."""

from datetime import datetime
from hashlib import sha256

SESSION_ID_MOST = 128
"""How long a session id is at most, in characters: whoever stores it may rely on that."""

_DIGEST = 32


def session_id(customer: str, start: datetime) -> str:
    """Customer and start; of a customer's id that leaves no room for the start, its head and a hash of the whole."""
    stamp = f"-{int(start.timestamp() * 1000)}"
    room = SESSION_ID_MOST - len(stamp)
    if len(customer) > room:
        digest = sha256(customer.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
        customer = f"{customer[: room - _DIGEST - 1]}~{digest}"
    return customer + stamp
