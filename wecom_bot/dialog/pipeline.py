"""The order of thinking: stages that decide, until one has, and stages that finish whatever was decided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

from wecom_bot.dialog.hot_questions import HotPath
from wecom_bot.dialog.pursuit import pursued
from wecom_bot.dialog.several import together
from wecom_bot.dialog.stages.address_by_name import AddressByName
from wecom_bot.dialog.stages.answer_courtesy import AnswerCourtesy
from wecom_bot.dialog.stages.answer_each import AnswerEach
from wecom_bot.dialog.stages.answer_order import AnswerOrder
from wecom_bot.dialog.stages.answer_query import AnswerQuery
from wecom_bot.dialog.stages.ask_for_human import AskForHuman
from wecom_bot.dialog.stages.ask_for_slot import AskForSlot
from wecom_bot.dialog.stages.call_after_misses import CallAfterMisses
from wecom_bot.dialog.stages.compose_reply import ComposeReply
from wecom_bot.dialog.stages.decline_unreadable import DeclineUnreadable
from wecom_bot.dialog.stages.fill_template import FillTemplate
from wecom_bot.dialog.stages.find_knowledge import FindKnowledge
from wecom_bot.dialog.stages.go_on import GoOn
from wecom_bot.dialog.stages.hand_off_intent import HandOffIntent
from wecom_bot.dialog.stages.hand_off_topic import HandOffTopic
from wecom_bot.dialog.stages.hear_wish import HearWish
from wecom_bot.dialog.stages.keep_answer import KeepAnswer
from wecom_bot.dialog.stages.keep_promise import KeepPromise
from wecom_bot.dialog.stages.mark_as_ai import MarkAsAi
from wecom_bot.dialog.stages.mask_personal_data import MaskPersonalData
from wecom_bot.dialog.stages.read_media import ReadMedia
from wecom_bot.dialog.stages.recall_answer import RecallAnswer
from wecom_bot.dialog.stages.recognize_intent import RecognizeIntent
from wecom_bot.dialog.stages.resolve_choice import ResolveChoice
from wecom_bot.dialog.stages.screen_words import ScreenWords
from wecom_bot.dialog.stages.speak_plainly import SpeakPlainly
from wecom_bot.dialog.stages.take_message import TakeMessage
from wecom_bot.dialog.stages.track_state import TrackState
from wecom_bot.dialog.wished import Wished
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import (
    BusinessQueries,
    Contacts,
    Duty,
    IntentRecognizer,
    Likeness,
    MediaReader,
    Orders,
    ReplyWriter,
    SearchIndex,
    Tries,
)

Stage = Callable[[Tenant, Turn], Turn]


@dataclass(frozen=True, slots=True)
class Pursuing:
    """Stages that act on the intent which the dialog is after: where it is after none, which is often, none is run."""

    stages: tuple[Stage, ...]

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        """The turn, settled by one of them or as it was. Raises what a stage's port raises."""
        return self.timed(tenant, turn, {})

    def timed(self, tenant: Tenant, turn: Turn, spent: dict[str, float]) -> Turn:
        """The same; the seconds that each took go to `spent`."""
        return turn if pursued(tenant, turn) is None else _decided(self.stages, tenant, turn, spent)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Makes a turn of a message: `decide` stages until one settles it, then every `finish` stage.

    `drafting` is `decide` for a turn whose words can wait: it asks no writer. `compose` is who words it then.
    The seconds that each stage took are in `turn.spent`, under the stage's name.
    """

    decide: tuple[Stage, ...]
    finish: tuple[Stage, ...] = ()
    drafting: tuple[Stage, ...] = ()
    compose: ComposeReply = field(default_factory=ComposeReply)

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        """The finished turn. Raises what a stage's port raises."""
        spent: dict[str, float] = {}
        return self._finished(tenant, _decided(self.decide, tenant, turn, spent), spent)

    def draft(self, tenant: Tenant, turn: Turn) -> Turn:
        """The finished turn; or one that is not, where the reply writer is to word it. Raises what the ports raise."""
        spent: dict[str, float] = {}
        turn = _decided(self.drafting, tenant, turn, spent)
        return _with(turn, spent) if turn.left else self._finished(tenant, turn, spent)

    def word(self, tenant: Tenant, drafts: Sequence[Turn]) -> Turn | None:
        """One finished turn over drafts that were left to the writer as wholes; None where it fails.

        Raises what a stage's port raises.
        """
        began = perf_counter()
        worded = self.compose.worded(tenant, together(drafts))
        if worded is None:
            return None
        return self._finished(tenant, worded, {type(self.compose).__name__: perf_counter() - began})

    def _finished(self, tenant: Tenant, turn: Turn, spent: dict[str, float]) -> Turn:
        for stage in self.finish:
            turn = _timed(stage, tenant, turn, spent)
        return _with(turn, spent)


def standard(
    index: SearchIndex,
    recognizer: IntentRecognizer,
    orders: Orders,
    duty: Duty,
    writer: ReplyWriter | None = None,
    media: MediaReader | None = None,
    contacts: Contacts | None = None,
    likeness: Likeness | None = None,
    queries: BusinessQueries | None = None,
    tries: Tries | None = None,
    hot: HotPath | None = None,
) -> Pipeline:
    """The pipeline that every tenant has."""
    wished = Wished(likeness)
    find, compose = FindKnowledge(index), ComposeReply(writer)
    put_off = ComposeReply(writer, puts_off=True)
    think: tuple[Stage, ...] = (
        RecognizeIntent(recognizer),
        HandOffIntent(duty),
        find,  # before the slots: a sure article answers a question in between
        HearWish(duty, index, wished),  # after the knowledge: what the tenant wrote about complaints goes first
        TakeMessage(wished),  # after the knowledge: what the bot can answer is no message for humans
        TrackState(wished),  # after the intent: it says which slots to listen for
        Pursuing(
            (
                AskForSlot(),  # before acting: an intent is acted on when it knows all it has to
                AnswerOrder(orders),
                AnswerQuery(duty, queries, tries),
                FillTemplate(),
            )
        ),
    )
    before: tuple[Stage, ...] = (
        ReadMedia(media),  # what is said in a voice message are words to all that follow
        GoOn(),  # the end of the last reply is no turn of its own
        HandOffTopic(duty, index),  # before declining: a tenant may want its people to see what we cannot read
        DeclineUnreadable(),  # without words there is nothing to think about
        AskForHuman(duty, index, wished),  # before the screening: see there
        ScreenWords(),  # before anything is looked up or leaves the house
        ResolveChoice(index, duty),  # our own menu's numbers are no slot's and no intent's
        AnswerCourtesy(find),  # before anybody is asked what it means
    )
    return Pipeline(
        decide=(
            *before,
            RecallAnswer(hot),  # after all that needs nobody else, before all that does
            AnswerEach(think, find, compose),  # before the message is thought over as one
            *think,
            compose,  # whatever is left; it always says something
        ),
        drafting=(*before, AnswerEach(think, find, put_off), *think, put_off),
        compose=compose,
        finish=(  # whatever was decided: safety is not a matter of order
            KeepAnswer(wished, hot),  # first: what follows depends on the customer, the misses and the hours
            CallAfterMisses(duty),  # it says something else, and so does the next
            KeepPromise(duty),
            SpeakPlainly(),
            MarkAsAi(),
            AddressByName(contacts),  # after the plain words: a customer's name takes no part in our Markdown
            MaskPersonalData(),  # last: a number that Markdown broke up is whole by then
        ),
    )


def _decided(stages: Sequence[Stage], tenant: Tenant, turn: Turn, spent: dict[str, float]) -> Turn:
    for stage in () if turn.settled else stages:
        before, turn = turn, _timed(stage, tenant, turn, spent)
        if turn is not before and turn.settled:
            break
    return turn


def _with(turn: Turn, spent: dict[str, float]) -> Turn:
    return replace(turn, spent={**turn.spent, **spent})


def _timed(stage: Stage, tenant: Tenant, turn: Turn, spent: dict[str, float]) -> Turn:
    if isinstance(stage, Pursuing):
        return stage.timed(tenant, turn, spent)
    began = perf_counter()
    fuller = stage(tenant, turn)
    spent[getattr(stage, "__name__", type(stage).__name__)] = round(perf_counter() - began, 6)  # it is stored
    return fuller
