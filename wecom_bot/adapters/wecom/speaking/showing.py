"""Shows an attachment as the channel can, or says in words what cannot be shown."""

from collections.abc import Callable

from wecom_bot.adapters.wecom.api.client import WecomClient
from wecom_bot.adapters.wecom.speaking import content
from wecom_bot.adapters.wecom.speaking.content import Body, Forms
from wecom_bot.adapters.wecom.speaking.media import Pictures
from wecom_bot.domain.message import Attachment
from wecom_bot.errors import Rejected
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_MEDIA_GONE = 40007


def show(
    attachment: Attachment, forms: Forms, client: WecomClient, pictures: Pictures, send: Callable[[Body], None]
) -> None:
    """Send it once; a picture that WeCom has lost is uploaded again, once. Raises like `send` and Pictures.media_id."""
    body, picture = _body(attachment, forms, client, pictures)
    if body is None:
        return
    try:
        send(body)
    except Rejected as e:
        if e.code != _MEDIA_GONE or not picture:
            raise
    else:
        return
    body, _ = _body(attachment, forms, client, pictures, lost=picture)
    if body is not None:
        send(body)


def _body(
    attachment: Attachment, forms: Forms, client: WecomClient, pictures: Pictures, lost: str = ""
) -> tuple[Body | None, str]:
    """What to send, None for nothing; and the media_id of the picture in it, another than the lost one."""
    form = forms[attachment.kind]
    picture = pictures.media_id(client, attachment.picture, lost) if form.needs_picture else ""
    body = None if picture is None else form.body(attachment, picture)
    if body is not None:
        return body, picture or ""
    words = content.in_words(attachment)
    where = {"corp_id": client.key.corp_id, "app": client.key.app, "kind": attachment.kind}
    log.warning("attachment.in_words" if words else "attachment.left_out", **where)
    return (content.plain(words) if words else None), ""
