"""What an own app may send to members: message/send (WeCom page 90236); and what it is: agent/get."""

import secrets
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel

from wecom_bot.simulators.wecom import app_content
from wecom_bot.simulators.wecom.apps import SimulatedApp
from wecom_bot.simulators.wecom.caller import CallingApp
from wecom_bot.simulators.wecom.content import ScreenMessage
from wecom_bot.simulators.wecom.refusals import WecomRefusal
from wecom_bot.simulators.wecom.schema import Door

_EVERYBODY = "@all"
_MOST_USERS, _MOST_GROUPS = 1000, 100
_LONGEST_INTERVAL = 14400


class _AppSend(BaseModel):
    touser: str = ""
    toparty: str = ""
    totag: str = ""
    agentid: int | None = None
    msgtype: str = ""
    enable_duplicate_check: Literal[0, 1] = 0
    duplicate_check_interval: int = 1800


def send(caller: CallingApp, body: dict[str, Any]) -> dict[str, Any]:
    """message/send: valid members see it, the others come back as `invaliduser` and `unlicenseduser`."""
    request = _AppSend.model_validate(body)
    app = caller.app
    if request.agentid is None:
        raise WecomRefusal(40056)
    if request.agentid != app.spec.agent_id:
        raise WecomRefusal(301002)
    users = _named(app, request)
    valid = [user for user in users if app.reaches(user)]
    content = app_content.read(caller, request.msgtype, body)
    if not valid:
        raise WecomRefusal(81013)
    unlicensed = [user for user in users if user in app.spec.unlicensed]
    invalid = [user for user in users if user not in valid and user not in unlicensed]
    fields = {"invaliduser": _listed(invalid), "invalidparty": request.toparty, "invalidtag": request.totag}
    return fields | {"unlicenseduser": _listed(unlicensed), "msgid": _show(caller, request, content, valid)}


def show(caller: CallingApp, query: dict[str, Any]) -> dict[str, Any]:
    """agent/get: the caller's own app (page 90227)."""
    app = caller.app
    if not query.get("agentid", "").isdecimal():
        raise WecomRefusal(40056)
    if int(query["agentid"]) != app.spec.agent_id:
        raise WecomRefusal(301002)
    members = [{"userid": userid} for userid in app.spec.members or ()]
    return {
        "agentid": app.spec.agent_id,
        "name": app.spec.name,
        "square_logo_url": "",
        "description": "",
        "allow_userinfos": {"user": members},
        "allow_partys": {"partyid": []},
        "allow_tags": {"tagid": []},
        "close": 0,
        "redirect_domain": "",
        "report_location_flag": 0,
        "isreportenter": 1,
        "home_url": "",
    }


def _listed(users: Sequence[str]) -> str:
    return "|".join(user.lower() for user in users)


def _named(app: SimulatedApp, request: _AppSend) -> Sequence[str]:
    """The members whom the request names; there are no departments and no tags here. Raises WecomRefusal."""
    if not (request.touser or request.toparty or request.totag):
        raise WecomRefusal(82001)
    for groups, errcode in ((request.toparty, 82002), (request.totag, 82003)):
        if len(groups.split("|")) > _MOST_GROUPS:
            raise WecomRefusal(errcode)
    if request.touser == _EVERYBODY:
        if request.msgtype == "miniprogram_notice":
            raise WecomRefusal(40058, "touser")
        return sorted(app.writers) if app.spec.members is None else app.spec.members
    users = list(dict.fromkeys(filter(None, request.touser.split("|"))))
    if len(users) > _MOST_USERS:
        raise WecomRefusal(40058, "touser")
    return users


def _show(caller: CallingApp, request: _AppSend, content: ScreenMessage, members: Sequence[str]) -> str:
    """Put it on the screens, unless it is a checked duplicate or too much for a member; the msgid."""
    app, now, msgid, modes = caller.app, caller.now, secrets.token_urlsafe(36), caller.world.modes
    key = (request.touser, request.msgtype, content.text + repr(content.fields))
    interval = min(request.duplicate_check_interval, _LONGEST_INTERVAL)
    if request.enable_duplicate_check and (before := app.sent_before(key, now, interval)):
        return before
    if request.enable_duplicate_check or modes.duplicate_check == "all":
        app.sent[key] = now, msgid
    for member in members:
        if not modes.member_limit or app.may_tell(member, now):
            where = (caller.grant.corp_id, Door.APP, str(app.spec.agent_id), member)
            caller.world.screens.show(where, content, msgid)
    return msgid


def get_callback_ip(caller: CallingApp, query: dict[str, Any]) -> dict[str, Any]:
    """From where we call back; a `*` stands for any number."""
    del query
    return {"ip_list": list(caller.world.modes.callers)}
