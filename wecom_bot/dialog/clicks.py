"""Whose words a click says: a menu entry of the bot's stands for the bot's own, any other for what is wished."""

from dataclasses import dataclass

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.message import NONE_OF_THESE, Channel, InboundMessage
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import WecomBotError
from wecom_bot.ports import SearchIndex
from wecom_bot.telemetry import logs
from wecom_bot.text.folding import letters
from wecom_bot.text.reading import own_words

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Clicks:
    """Tells the bot's own menu entries from others: of WeCom's console, of an app's own menu.

    The bot's are what it offered last and, from menus further up, whatever shows an article's id and title.
    """

    index: SearchIndex

    def customers(self, tenant: Tenant, turn: Turn) -> list[str]:
        """What of the turn the customer said, or clicked where it means what it says."""
        theirs = (message for message in turn.messages if message.text and not self._is_ours(tenant, turn, message))
        return [words for message in theirs if (words := own_words(message.text))]

    def _is_ours(self, tenant: Tenant, turn: Turn, message: InboundMessage) -> bool:
        if not message.menu_id or turn.conversation.channel is Channel.APP:  # in an app our choices are only words
            return False
        if message.menu_id == NONE_OF_THESE or message.menu_id in {choice.choice_id for choice in turn.state.offered}:
            return True
        title = self._title(tenant, message.menu_id)
        return title.startswith(letters(message.text)) if title else False  # a menu cuts long titles

    def _title(self, tenant: Tenant, article_id: str) -> str:
        try:
            passage = self.index.get(tenant.corp_id, article_id)
        except WecomBotError as e:  # better a human called in vain than a wish unheard
            log.warning("knowledge.failed", corp_id=tenant.corp_id, error=type(e).__name__)
            return ""
        return letters(passage.question) if passage else ""
