"""Where messages are fetched that a notification of 微信客服 only announced (page 94670)."""

from wecom_bot.adapters.wecom import kf_api
from wecom_bot.adapters.wecom.client import Clients, WecomClient
from wecom_bot.adapters.wecom.kf_api import SyncPage
from wecom_bot.adapters.wecom.messages import kf_message
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import Rejected
from wecom_bot.ports import Page
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_TOKEN_EXPIRED = 95007


class KfSource:
    """Implements ports.MessageSource by kf/sync_msg."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def fetch(self, job_app: str, corp_id: CorpId, account: str, cursor: str, token: str) -> Page:
        found = _sync(self._clients.of(corp_id, job_app), account, cursor, token)
        # an answer without a cursor must not send us back to the beginning, three days ago
        after = found.next_cursor or cursor
        if found.has_more and after == cursor:
            log.error("sync.stuck", corp_id=corp_id, account=account, items=len(found.msg_list))
        messages = (kf_message(corp_id, job_app, account, item) for item in found.msg_list)
        return Page(
            messages=tuple(message for message in messages if message is not None),
            cursor=after,
            has_more=found.has_more and after != cursor,
        )


def _sync(client: WecomClient, account: str, cursor: str, token: str) -> SyncPage:
    try:
        return kf_api.sync(client, account, cursor, token)
    except Rejected as e:
        if e.code != _TOKEN_EXPIRED or not token:
            raise
    # the token only lifts the rate limit, and after ten minutes it no longer does
    return kf_api.sync(client, account, cursor, "")
