"""Who would take a handoff: the servicers of an account, as WeCom lists them or as an app's settings name them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from wecom_bot.adapters.wecom.api import kf_api
from wecom_bot.adapters.wecom.api.client import Clients
from wecom_bot.adapters.wecom.api.kf_api import Listed
from wecom_bot.domain.message import Channel, ConversationId, CorpId
from wecom_bot.domain.tenant import KfAccount
from wecom_bot.errors import Unknown
from wecom_bot.ports import Clock, Tenants

_RECEIVING = 0
_KEEP = timedelta(seconds=15)


def account_of(tenants: Tenants, conversation: ConversationId) -> KfAccount:
    """The kf account of a conversation. Raises Unknown."""
    account = tenants.get(conversation.corp_id).kf_account(conversation.account)
    if account is None:
        raise Unknown(f"tenant {conversation.corp_id} has no kf account {conversation.account!r}")
    return account


def receivers(chosen: Sequence[str], listed: Sequence[Listed]) -> list[str]:
    """Those of the chosen who may receive now, in order.

    WeCom names a department's members nowhere: where one is listed, a chosen one who is not may be in it.
    """
    receiving = {each.userid.lower(): each.status == _RECEIVING for each in listed if each.userid}
    perhaps = any(not each.userid for each in listed)
    return [userid for userid in chosen if receiving.get(userid.lower(), perhaps)]


def anyone(listed: Sequence[Listed]) -> bool:
    """Whether somebody of them receives now, or a department may."""
    return any(not each.userid or each.status == _RECEIVING for each in listed)


class WecomDuty:
    """Implements ports.Duty: kf by kf/servicer/list, asked at most every 15 seconds an account; apps by settings."""

    def __init__(self, clients: Clients, tenants: Tenants, clock: Clock) -> None:
        self._clients = clients
        self._tenants = tenants
        self._clock = clock
        self._kept: dict[tuple[CorpId, str], tuple[Sequence[Listed], datetime]] = {}

    def anyone(self, conversation: ConversationId) -> bool:
        if conversation.channel is Channel.APP:
            tenant = self._tenants.get(conversation.corp_id)
            return bool(tenant.app_of(Channel.APP, conversation.account).servicers)
        account = account_of(self._tenants, conversation)
        listed = self._listed(conversation.corp_id, account)
        if account.servicers:
            return bool(receivers(account.servicers, listed))
        return anyone(listed)

    def _listed(self, corp_id: CorpId, account: KfAccount) -> Sequence[Listed]:
        now = self._clock.now()
        listed, until = self._kept.get((corp_id, account.open_kfid), ((), None))
        if until is None or until <= now:
            listed = kf_api.servicers(self._clients.of(corp_id, account.app), account.open_kfid)
            self._kept[corp_id, account.open_kfid] = (listed, now + _KEEP)
        return listed
