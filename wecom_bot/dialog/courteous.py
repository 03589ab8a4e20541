"""What is said to courtesies and denials: the one place that decides it, whoever comes upon them."""

from dataclasses import replace

from wecom_bot.dialog.pursuit import SAME_WORDS
from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import WecomBotError
from wecom_bot.ports import SearchIndex
from wecom_bot.telemetry import logs
from wecom_bot.text.folding import letters
from wecom_bot.text.reading import Courtesy, Language

log = logs.get(__name__)


def courteous(tenant: Tenant, turn: Turn, kind: Courtesy) -> Turn:
    """The turn that returns the courtesy; silent where the tenant wants that. A menu that was offered stands."""
    said = tenant.courtesies.to(kind, _language(turn))
    if said:
        return turn.say(Answerer.COURTESY, Reply(said))
    return replace(turn, answerer=Answerer.COURTESY)


def acknowledged(tenant: Tenant, turn: Turn) -> Turn:
    """The turn that takes note of what the customer does not want."""
    said = tenant.courtesies.phrases(_language(turn)).denied
    return turn.say(Answerer.COURTESY, Reply(said), state=replace(turn.state, offered=()))


def _language(turn: Turn) -> Language:
    """The customer's, now or before."""
    return turn.reading.language or turn.state.language or Language.CHINESE


def has_words_for(tenant: Tenant, turn: Turn, index: SearchIndex) -> bool:
    """Whether the tenant wrote about these very words: as an article's title, or as an example of an intent."""
    said = letters(turn.text)
    if not said:
        return False
    if any(said == letters(example) for intent in tenant.intents for example in intent.examples):
        return True
    try:
        best = index.search(tenant.corp_id, turn.text, 1)
    except WecomBotError as e:  # a courtesy needs no knowledge
        log.warning("knowledge.failed", corp_id=tenant.corp_id, error=type(e).__name__)
        return False
    return bool(best) and best[0].score >= SAME_WORDS
