"""Where messages are fetched that a notification of 微信客服 only announced (page 94670)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from wecom_bot.adapters.wecom.api import kf_api
from wecom_bot.adapters.wecom.api.client import Clients, WecomClient
from wecom_bot.adapters.wecom.api.kf_api import SyncPage
from wecom_bot.adapters.wecom.inbound import kf_items, values
from wecom_bot.domain.event import InboundEvent
from wecom_bot.domain.message import CorpId, InboundMessage
from wecom_bot.errors import Rejected
from wecom_bot.ports import PulledPage
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_TOKEN_EXPIRED = 95007
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class KfSource:
    """Implements ports.MessageSource by kf/sync_msg."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def fetch(self, corp_id: CorpId, app: str, account: str, cursor: str, token: str) -> PulledPage:
        client, asked = self._clients.of(corp_id, app), cursor
        try:
            found = _sync(client, account, asked, token)
        except Rejected as e:
            if not cursor or not _means_cursor(e):
                raise
            # whatever it was, no later call with it can succeed; what was dealt with before is known downstream
            log.error("sync.cursor_refused", corp_id=corp_id, account=account, code=e.code)
            asked = ""
            found = _sync(client, account, asked, token)
        # an answer without a cursor must not send us back to the beginning, three days ago
        after = found.next_cursor or asked
        stuck = after in {asked, cursor}
        if found.has_more and stuck:
            log.error("sync.stuck", corp_id=corp_id, account=account, items=len(found.msg_list))
        return PulledPage(
            messages=tuple(_read(corp_id, app, account, found.msg_list)),
            cursor=after,
            has_more=found.has_more and not stuck,
        )


def _read(corp_id: CorpId, app: str, account: str, items: list[object]) -> Iterator[InboundMessage | InboundEvent]:
    """The items in WeCom's order. One whose time cannot be read has that of the one before it, or of the next."""
    moments = [values.moment(item.get("send_time")) if isinstance(item, Mapping) else None for item in items]
    about = next((moment for moment in moments if moment), _LONG_AGO)
    for item, moment in zip(items, moments, strict=True):
        about = moment or about
        found = kf_items.read(corp_id, app, account, item, undated=about)
        if found is not None:
            yield found


def _sync(client: WecomClient, account: str, cursor: str, token: str) -> SyncPage:
    try:
        return kf_api.sync(client, account, cursor, token)
    except Rejected as e:
        if e.code != _TOKEN_EXPIRED or not token:
            raise
    # the token only lifts the rate limit, and after ten minutes it no longer does
    return kf_api.sync(client, account, cursor, "")


def _means_cursor(error: Rejected) -> bool:
    """Whether WeCom's words name the cursor (40058 "invalid parameter: cursor"); its code for an old one is unknown."""
    return type(error) is Rejected and "cursor" in str(error).lower()
