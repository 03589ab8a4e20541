"""Where a dialog stands when a turn comes: what was asked, what is meant now, and which slots the words name."""

from dataclasses import dataclass, replace

from wecom_bot.dialog.pursuit import acts, asked, is_exact, is_sure, recognised
from wecom_bot.dialog.slots import Whose, find, is_bare, is_open, readable, unlabelled
from wecom_bot.dialog.wished import Wished
from wecom_bot.domain.dialog import FALLBACK, DialogState, Turn
from wecom_bot.domain.intent import IntentSpec, SlotSpec
from wecom_bot.domain.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Moment:
    """A turn beside the state before it. `active` is the intent that the dialog is after from now on.

    `question` is the slot of our open question; `heard` what the words name: the recogniser's slots, then the one that
    we asked for, then whatever else of the intent the text has.
    """

    tenant: Tenant
    turn: Turn
    wished: Wished
    question: SlotSpec | None
    active: str | None
    heard: dict[str, str]

    @classmethod
    def of(cls, tenant: Tenant, turn: Turn, wished: Wished) -> "Moment":
        """The moment in which this turn comes."""
        turn = _without_doubt(turn)
        question, active = asked(tenant, turn.state), _active(tenant, turn)
        return cls(tenant, turn, wished, question, active, _heard(tenant, turn, active, question))

    @property
    def before(self) -> DialogState:
        """The state that the turn came upon."""
        return self.turn.state

    @property
    def text(self) -> str:
        """What was said, as patterns read it."""
        return readable(self.turn.text)

    @property
    def spec(self) -> IntentSpec | None:
        """The intent before this turn, as the tenant defines it."""
        return self.tenant.intent(self.before.intent or "")

    @property
    def whose(self) -> Whose:
        """Whose patterns are read for our question."""
        return Whose(self.tenant.corp_id, self.before.intent)

    @property
    def is_same(self) -> bool:
        """Whether the dialog is still after what it was."""
        return self.active == self.before.intent

    @property
    def is_for_article(self) -> bool:
        """Whether an article is meant rather than a value in the midst of its title, or any words at all."""
        if self.question and is_open(self.question, self.whose):
            return is_sure(self.tenant, self.turn)
        return is_exact(self.turn) and not (self.question and is_bare(self.question, self.text, self.whose))


def _without_doubt(turn: Turn) -> Turn:
    """The turn without an intent by example that an article is likelier than: both scores mean the same risk."""
    doubtful = turn.recognizer == "rules" and turn.passages and turn.passages[0].score > turn.intent.score
    return replace(turn, intent=FALLBACK) if doubtful else turn


def _active(tenant: Tenant, turn: Turn) -> str | None:
    if turn.intent.name == FALLBACK.name:
        return turn.state.intent
    holds = acts(tenant.intent(turn.state.intent or ""))
    return turn.intent.name if acts(recognised(tenant, turn)) or not holds else turn.state.intent


def _heard(tenant: Tenant, turn: Turn, active: str | None, question: SlotSpec | None) -> dict[str, str]:
    whose, heard = Whose(tenant.corp_id, active), dict(turn.heard)
    for slot in _wanted(tenant, turn, active, question):
        if slot.name not in heard and (value := _value(tenant, turn, slot, whose, heard, question)):
            heard[slot.name] = value
    return heard


def _wanted(tenant: Tenant, turn: Turn, active: str | None, question: SlotSpec | None) -> list[SlotSpec]:
    """The slots to listen for: our question's first. Any words fit an open one, so that it needs its question."""
    spec, whose = tenant.intent(active or ""), Whose(tenant.corp_id, active)
    wanted = [slot for slot in (spec.slots if spec else ()) if not is_open(slot, whose)]
    if question and not (is_open(question, whose) and _is_elsewhere(tenant, turn, active)):
        wanted.insert(0, question)
    return wanted


def _is_elsewhere(tenant: Tenant, turn: Turn, active: str | None) -> bool:
    """Whether the customer is at something else than what our question was for."""
    named = recognised(tenant, turn)
    return active != turn.state.intent or (named is not None and named.name != active)


def _value(
    tenant: Tenant, turn: Turn, slot: SlotSpec, whose: Whose, heard: dict[str, str], question: SlotSpec | None
) -> str | None:
    """A slot's value; of a look-up none that is called something else."""
    text = readable(turn.text)
    value = find(slot, text, turn.state.slots.get(slot.name, ""), heard.values(), whose)
    spec = tenant.intent(whose.intent or "")
    if value is None or spec is None or not spec.lookup:
        return value
    fitting = unlabelled(slot, text, whose, asked=question == slot or recognised(tenant, turn) == spec)
    return value if value in fitting else next(iter(fitting), None)
