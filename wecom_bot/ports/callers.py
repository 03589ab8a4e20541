"""Who calls us."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from wecom_bot.domain.message import CorpId

Network = IPv4Network | IPv6Network


class CallerSource(Protocol):
    """Where WeCom says from which addresses it calls back."""

    def fetch(self, corp_id: CorpId, app: str) -> Sequence[Network]:
        """The networks, asked for as that app: at least one, sorted, none within another.

        Raises TemporaryFailure, also for an answer that cannot be read whole; RateLimited, Misconfigured, Rejected,
        Unknown.
        """
