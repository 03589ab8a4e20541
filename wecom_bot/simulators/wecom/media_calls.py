"""media/upload and media/get (WeCom pages 90253 and 90254)."""

import mimetypes
from typing import Any

from flask import Response
from werkzeug.http import parse_range_header

from wecom_bot.simulators.wecom.caller import CallingApp
from wecom_bot.simulators.wecom.media import ENDINGS, MEGABYTE
from wecom_bot.simulators.wecom.refusals import WecomRefusal

_SMALLEST = 6
_LARGEST_ANSWER = 20 * MEGABYTE
_MOST_BYTES = {"image": 10 * MEGABYTE, "voice": 2 * MEGABYTE, "video": 10 * MEGABYTE, "file": 20 * MEGABYTE}
_TOO_LARGE = {"image": 40009, "voice": 45001, "video": 40011, "file": 45001}


def upload(caller: CallingApp, body: dict[str, Any]) -> dict[str, Any]:
    """Keep a file of the bot's for three days, for all apps of the corp."""
    kind, posted = body["type"], body["media"]
    if kind not in ENDINGS:
        raise WecomRefusal(40004, kind)
    if posted is None:
        raise WecomRefusal(44001, "media")
    name, content = posted.filename or "", posted.read()
    if not name.lower().endswith(ENDINGS[kind]):
        raise WecomRefusal(40005)
    if len(content) < _SMALLEST:
        raise WecomRefusal(40006)
    if len(content) > _MOST_BYTES[kind]:
        raise WecomRefusal(_TOO_LARGE[kind])
    media_id = caller.world.media.put(caller.grant.corp_id, kind, name, content, caller.now)
    created = caller.world.clock.shown(caller.now)
    return {"errmsg": "", "type": kind, "media_id": media_id, "created_at": str(created)}


def download(caller: CallingApp, query: dict[str, Any]) -> Response:
    """The file, or a part of it; of more than 20 MB only parts."""
    medium = caller.world.media.get(caller.grant.corp_id, query.get("media_id", ""), caller.now)
    content, size = medium.content, len(medium.content)
    wanted = parse_range_header(query["range"])
    part = wanted.range_for_length(size) if wanted else None
    if part is not None:
        content = content[part[0] : part[1]]
    if len(content) > _LARGEST_ANSWER:
        raise WecomRefusal(830002)
    kind = mimetypes.guess_type(medium.name)[0] or "application/octet-stream"
    answer = Response(content, 200 if part is None else 206, content_type=kind)
    if part is not None:
        answer.headers["Content-Range"] = f"bytes {part[0]}-{part[1] - 1}/{size}"
    safe = medium.name.translate({ord(sign): None for sign in '"\r\n'})
    # WeCom writes the name in UTF-8, which a header line of ours carries as Latin-1
    answer.headers["Content-disposition"] = f'attachment; filename="{safe}"'.encode().decode("latin-1")
    return answer
