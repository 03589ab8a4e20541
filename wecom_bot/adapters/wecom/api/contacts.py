"""Who customers are in WeChat (kf/customer/batchget, page 95159)."""

from collections.abc import Iterable, Mapping

from wecom_bot.adapters.wecom.api import kf_api, limits
from wecom_bot.adapters.wecom.api.client import Clients
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Contact


class WecomNames:
    """Asks WeCom for customers' names; what is asked for twice is for its caller to know."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def fetch(self, corp_id: CorpId, app: str, external_userids: Iterable[str]) -> Mapping[str, Contact]:
        """What WeCom knows, by external_userid; whom it does not know is not in it.

        Raises TemporaryFailure, RateLimited, Misconfigured, Rejected.
        """
        asked = list(dict.fromkeys(external_userids))
        client = self._clients.of(corp_id, app)
        found: dict[str, Contact] = {}
        for start in range(0, len(asked), limits.CONTACTS):
            for each in kf_api.customers(client, asked[start : start + limits.CONTACTS]):
                found[each.external_userid] = Contact(each.nickname)
        return found
