"""What people in WeChat and in the client say, as an item of kf/sync_msg has it (WeCom page 94670)."""

import json
from collections.abc import Mapping
from typing import Any

from wecom_bot.simulators.wecom.media import MEGABYTE, MediaStore

_MOST_BYTES = {"image": 2 * MEGABYTE, "voice": 2 * MEGABYTE, "video": 10 * MEGABYTE, "file": 20 * MEGABYTE}
_TOO_LARGE = "[该消息的文件过大，请在企业微信客户端查看]"


def item_body(media: MediaStore, msgtype: str, text: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The kind and the object named like it; kinds without fields have none.

    A file that is too large for the API comes as a text that says so.
    """
    if msgtype == "text":
        return _text(text, fields)
    if media.size(str(fields.get("media_id", ""))) > _MOST_BYTES.get(msgtype, float("inf")):
        return _text(_TOO_LARGE, {})
    if msgtype == "merged_msg":
        fields = {**fields, "item": [_merged(one) for one in fields.get("item", ())]}
    return {"msgtype": msgtype, msgtype: dict(fields)} if fields else {"msgtype": msgtype}


def _text(content: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": content, **fields}}


def _merged(item: Mapping[str, Any]) -> dict[str, Any]:
    """A message within a merged one: WeCom writes its content as JSON in a string."""
    content = item.get("msg_content", "")
    return {**item, "msg_content": content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)}
