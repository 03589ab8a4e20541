"""What is said to courtesies and denials: the one place that decides it, whoever comes upon them."""

from dataclasses import replace
from functools import lru_cache

from wecom_bot.domain.dialog import Answerer, Turn
from wecom_bot.domain.intent import IntentSpec
from wecom_bot.domain.message import Reply
from wecom_bot.domain.tenant import Tenant
from wecom_bot.text.folding import letters
from wecom_bot.text.reading import Courtesy, Language


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


def has_example_of(tenant: Tenant, text: str) -> bool:
    """Whether these very words are an example of an intent of the tenant's."""
    return letters(text) in _examples(tenant.intents)


@lru_cache(maxsize=1024)
def _examples(intents: tuple[IntentSpec, ...]) -> frozenset[str]:
    return frozenset(letters(example) for intent in intents for example in intent.examples)
