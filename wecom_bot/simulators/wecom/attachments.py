"""Messages that are a file, or come with one: media_ids as both sending APIs take them."""

from collections.abc import Mapping
from typing import Any

from wecom_bot.simulators.wecom.caller import CallingApp
from wecom_bot.simulators.wecom.content import ScreenMessage
from wecom_bot.simulators.wecom.refusals import WecomRefusal

LABELS = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "file": "[文件]"}
"""The kinds that are a file, with what WeChat's list of chats says for them."""


def attached(caller: CallingApp, given: Mapping[str, Any], key: str, kind: str) -> dict[str, Any]:
    """The fields, and the file of that kind which one of them names by its media_id. Raises WecomRefusal."""
    media_id = given.get(key)
    if not isinstance(media_id, str) or not media_id:
        raise WecomRefusal(40058, key)
    medium = caller.world.media.get(caller.grant.corp_id, media_id, caller.now)
    if medium.kind != kind:
        raise WecomRefusal(40004, f"{medium.kind} as {kind}")
    return {**given, "media": {"name": medium.name, "sha256": medium.sha256, "size": len(medium.content)}}


def attachment(caller: CallingApp, msgtype: str, given: Mapping[str, Any]) -> ScreenMessage:
    """A message that is a file. Raises WecomRefusal."""
    fields = attached(caller, given, "media_id", msgtype)
    label = LABELS[msgtype]
    return ScreenMessage(msgtype, f"{label} {fields['media']['name']}" if msgtype == "file" else label, fields=fields)
