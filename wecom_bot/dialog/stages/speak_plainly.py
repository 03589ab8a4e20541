"""Markdown, thoughts and citations in what we are about to say."""

from dataclasses import dataclass, replace

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.telemetry import logs
from wecom_bot.text.plain import cut, plain
from wecom_bot.text.showable import says_something

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class SpeakPlainly:
    """Make the reply and its choices plain text, whoever wrote them: no channel shows Markdown.

    A reply of which nothing is left becomes the tenant's phrase for trouble; one that only shows something needs no
    words. This stands before the masking, which then sees the numbers as the customer will.
    """

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        reply = turn.reply
        if reply is None:
            return turn
        text = cut(plain(reply.text))
        if not says_something(text) and (reply.text or not reply.attachments):
            log.warning("reply.nothing_plain", corp_id=tenant.corp_id, answerer=turn.answerer.value)
            text = tenant.phrases.trouble
        choices = tuple(replace(choice, text=plain(choice.text) or choice.text) for choice in reply.choices)
        return replace(turn, reply=replace(reply, text=text, choices=choices))
