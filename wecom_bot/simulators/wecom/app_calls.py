"""What an own app may send to members: message/send for text and markdown (WeCom page 90236)."""

import secrets
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel

from wecom_bot.simulators.wecom.apps import App
from wecom_bot.simulators.wecom.refusals import ApiError
from wecom_bot.simulators.wecom.schema import Door
from wecom_bot.simulators.wecom.tokens import Grant
from wecom_bot.simulators.wecom.world import World

_TEXT_BYTES = 2048
_MOST_USERS = 1000
_LONGEST_INTERVAL = 14400


class _Content(BaseModel):
    content: str = ""


class _Send(BaseModel):
    touser: str = ""
    toparty: str = ""
    totag: str = ""
    agentid: int | None = None
    msgtype: str = ""
    text: _Content | None = None
    markdown: _Content | None = None
    enable_duplicate_check: Literal[0, 1] = 0
    duplicate_check_interval: int = 1800

    def content(self) -> str:
        """The words, cut to what WeCom carries. Raises ApiError."""
        if self.msgtype not in {"text", "markdown"}:
            raise ApiError(40008, self.msgtype)
        body = self.text if self.msgtype == "text" else self.markdown
        if body is None or not body.content:
            raise ApiError(44004)
        return body.content.encode()[:_TEXT_BYTES].decode(errors="ignore")


def send(world: World, grant: Grant, body: dict[str, Any]) -> dict[str, Any]:
    """message/send for text and markdown: valid members see it, the others come back as `invaliduser`."""
    request = _Send.model_validate(body)
    app = world.corps[grant.corp_id].apps[grant.app]
    if request.agentid is None:
        raise ApiError(40056)
    if request.agentid != app.spec.agent_id:
        raise ApiError(301002)
    valid, invalid = _recipients(app, request)
    fields: dict[str, Any] = {"invaliduser": "|".join(user.lower() for user in invalid)}
    fields |= {"invalidparty": request.toparty, "invalidtag": request.totag}
    if not valid:
        raise ApiError(81013)
    return fields | {"msgid": _show(world, app, request, valid, grant.corp_id)}


def _recipients(app: App, request: _Send) -> tuple[Sequence[str], Sequence[str]]:
    """Who can be written to, and who cannot; there are no departments and no tags here."""
    if not (request.touser or request.toparty or request.totag):
        raise ApiError(82001)
    members = app.spec.members
    if request.touser == "@all":
        return members or sorted(app.writers), ()
    users = list(dict.fromkeys(filter(None, request.touser.split("|"))))
    if len(users) > _MOST_USERS:
        raise ApiError(40058, "touser")
    if members is None:
        return users, ()
    return [user for user in users if user in members], [user for user in users if user not in members]


def _show(world: World, app: App, request: _Send, members: Sequence[str], corp_id: str) -> str:
    """Put it on the screens, unless it is a checked duplicate or too much for a member; the msgid."""
    now, msgid, content = world.clock.now(), secrets.token_urlsafe(36), request.content()
    key = (request.touser, request.msgtype, content)
    interval = min(request.duplicate_check_interval, _LONGEST_INTERVAL)
    if request.enable_duplicate_check and (before := app.sent_before(key, now, interval)):
        return before
    if request.enable_duplicate_check or world.modes.duplicate_check == "all":
        app.sent[key] = now, msgid
    for member in members:
        if not world.modes.member_limit or app.may_tell(member, now):
            where = (corp_id, Door.APP, str(app.spec.agent_id), member)
            world.screens.show(where, request.msgtype, content, msgid)
    return msgid
