"""What happens in a kf account goes onto its list, and a callback tells the app that there is something to pull."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from wecom_bot.simulators.wecom import notices
from wecom_bot.simulators.wecom.kf import SimulatedKfAccount
from wecom_bot.simulators.wecom.sender import Notice, Sender
from wecom_bot.simulators.wecom.world import NOTIFICATION_LIFE, Corp, WecomWorld

CUSTOMER, EVENT, SERVICER = 3, 4, 5  # the `origin` of an item


class News:
    """The news of a world; whoever has some holds its lock."""

    def __init__(self, world: WecomWorld, sender: Sender) -> None:
        self._world = world
        self._sender = sender

    def append(
        self,
        corp: Corp,
        kf: SimulatedKfAccount,
        origin: int,
        body: Mapping[str, Any],
        copies: int | None = None,
        *,
        swallow: bool | None = None,
    ) -> str:
        """Put it on the account's list and notify the app; the item's msgid."""
        now = self._world.clock.now()
        item = kf.append(now, origin, body)
        token = "ENC" + secrets.token_urlsafe(33)
        corp.notices[token] = now + NOTIFICATION_LIFE
        about = {"ToUserName": corp.corp_id, "CreateTime": self._world.clock.shown(now), "MsgType": "event"}
        about |= {"Event": "kf_msg_or_event", "Token": token, "OpenKfId": kf.open_kfid}
        notice = Notice(item.msgid, corp.corp_id, corp.app(kf.app).spec, notices.xml(about))
        self._sender.submit(notice, copies, swallow=swallow)
        return item.msgid

    def event(self, corp: Corp, kf: SimulatedKfAccount, kind: str, customer: str = "", **fields: object) -> str:
        """An event of the account, and of the customer if one is named; its id."""
        about = {"event_type": kind, "open_kfid": kf.open_kfid} | ({"external_userid": customer} if customer else {})
        return self.append(corp, kf, EVENT, {"msgtype": "event", "event": about | fields})

    def later(self, seconds: float, tell: Callable[[], object]) -> None:
        """Tell of something after a while, under the world's lock."""

        def do() -> None:
            with self._world.lock:
                tell()

        self._sender.later(do, seconds)
