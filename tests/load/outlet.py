"""What calls out, as a worker has it, but for Redis: tokens and limits that cost nothing to ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.fakes import FixedTenants, SettableClock
from tests.load.canned import OPEN_KFID, USERID
from wecom_bot.adapters.sharing import FreshToken, Most, TokenKey
from wecom_bot.adapters.wecom.api.client import Clients
from wecom_bot.adapters.wecom.speaking.app import AppSpeaker
from wecom_bot.adapters.wecom.speaking.kf import KfSpeaker
from wecom_bot.adapters.wecom.speaking.media import Pictures
from wecom_bot.adapters.wecom.speaking.speakers import Speakers
from wecom_bot.domain.message import Channel, ConversationId, CorpId
from wecom_bot.domain.tenant import App, KfAccount, Tenant

CORP, AGENT_ID = CorpId("ww00000000000000aa"), 1000002
MEMBER = ConversationId(CORP, Channel.APP, str(AGENT_ID), USERID)
TIMEOUT = timedelta(seconds=10)


class _Tokens:
    """The one token that is always good."""

    def get(self, _key: TokenKey) -> FreshToken:
        return FreshToken("token" * 20, timedelta(hours=1))

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)  # nothing else is asked for while that is so


class _NoLimit:
    """An Allowance that always allows."""

    def take(self, _corp_id: CorpId, _what: str, _most: Sequence[Most]) -> timedelta:
        return timedelta(0)

    def close(self, _corp_id: CorpId, what: str, _length: timedelta, _longest: timedelta | None = None) -> timedelta:
        raise AssertionError(what)


@dataclass(frozen=True)
class Outlet:
    """The clients of WeCom's API, and the way back to customers over them."""

    clients: Clients
    speakers: Speakers


def outlet(url: str) -> Outlet:
    """To a WeCom at this URL."""
    fields = {
        "corp_id": CORP,
        "apps": [App(name="shop", agent_id=AGENT_ID)],
        "kf_accounts": [KfAccount(open_kfid=OPEN_KFID, app="shop")],
    }
    tenants, clock, limits = FixedTenants({CORP: Tenant.model_validate(fields)}), SettableClock(), _NoLimit()
    clients = Clients(tenants, _Tokens(), limits, clock, base_url=url, timeout=TIMEOUT, pool=8)
    pictures = Pictures(Path("/nowhere"), None)  # type: ignore[arg-type]  # nobody is shown one
    kf = KfSpeaker(clients, tenants, {}, pictures)
    app = AppSpeaker(clients, tenants, clock, timedelta(hours=1), limits, pictures)
    return Outlet(clients, Speakers(kf, app))
