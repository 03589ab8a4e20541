"""The order of thinking: stages that decide, until one has, and stages that finish whatever was decided."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

from wecom_bot.dialog.stages.address_by_name import AddressByName
from wecom_bot.dialog.stages.answer_courtesy import AnswerCourtesy
from wecom_bot.dialog.stages.answer_each import AnswerEach
from wecom_bot.dialog.stages.answer_order import AnswerOrder
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
from wecom_bot.dialog.stages.keep_promise import KeepPromise
from wecom_bot.dialog.stages.mark_as_ai import MarkAsAi
from wecom_bot.dialog.stages.mask_personal_data import MaskPersonalData
from wecom_bot.dialog.stages.read_media import ReadMedia
from wecom_bot.dialog.stages.recognize_intent import RecognizeIntent
from wecom_bot.dialog.stages.resolve_choice import ResolveChoice
from wecom_bot.dialog.stages.screen_words import ScreenWords
from wecom_bot.dialog.stages.speak_plainly import SpeakPlainly
from wecom_bot.dialog.stages.take_message import TakeMessage
from wecom_bot.dialog.stages.track_state import TrackState
from wecom_bot.dialog.wished import Wished
from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.tenant import Tenant
from wecom_bot.ports import Contacts, Duty, IntentRecognizer, Likeness, MediaReader, Orders, ReplyWriter, SearchIndex

Stage = Callable[[Tenant, Turn], Turn]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Makes a turn of a message: `decide` stages until one settles it, then every `finish` stage.

    The seconds that each stage took are in `turn.spent`, under the stage's name.
    """

    decide: tuple[Stage, ...]
    finish: tuple[Stage, ...] = ()

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        """The finished turn. Raises what a stage's port raises."""
        for stage in self.decide:
            if turn.settled:
                break
            turn = _timed(stage, tenant, turn)
        for stage in self.finish:
            turn = _timed(stage, tenant, turn)
        return turn


def standard(
    index: SearchIndex,
    recognizer: IntentRecognizer,
    orders: Orders,
    duty: Duty,
    writer: ReplyWriter | None = None,
    media: MediaReader | None = None,
    contacts: Contacts | None = None,
    likeness: Likeness | None = None,
) -> Pipeline:
    """The pipeline that every tenant has."""
    wished = Wished(likeness)
    find, compose = FindKnowledge(index), ComposeReply(writer)
    think: tuple[Stage, ...] = (
        RecognizeIntent(recognizer),
        HandOffIntent(duty),
        find,  # before the slots: a sure article answers a question in between
        HearWish(duty, index, wished),  # after the knowledge: what the tenant wrote about complaints goes first
        TakeMessage(wished),  # after the knowledge: what the bot can answer is no message for humans
        TrackState(wished),  # after the intent: it says which slots to listen for
        AskForSlot(),  # before acting: an intent is acted on when it knows all it has to
        AnswerOrder(orders),
        FillTemplate(),
    )
    return Pipeline(
        decide=(
            ReadMedia(media),  # what is said in a voice message are words to all that follow
            GoOn(),  # the end of the last reply is no turn of its own
            HandOffTopic(duty, index),  # before declining: a tenant may want its people to see what we cannot read
            DeclineUnreadable(),  # without words there is nothing to think about
            AskForHuman(duty, index, wished),  # before the screening: see there
            ScreenWords(),  # before anything is looked up or leaves the house
            ResolveChoice(index, duty),  # our own menu's numbers are no slot's and no intent's
            AnswerCourtesy(find),  # before anybody is asked what it means
            AnswerEach(think, find, compose),  # before the message is thought over as one
            *think,
            compose,  # whatever is left; it always says something
        ),
        finish=(  # whatever was decided: safety is not a matter of order
            CallAfterMisses(duty),  # first: it says something else, and so does the next
            KeepPromise(duty),
            SpeakPlainly(),
            MarkAsAi(),
            AddressByName(contacts),  # after the plain words: a customer's name takes no part in our Markdown
            MaskPersonalData(),  # last: a number that Markdown broke up is whole by then
        ),
    )


def _timed(stage: Stage, tenant: Tenant, turn: Turn) -> Turn:
    began = perf_counter()
    fuller = stage(tenant, turn)
    name = getattr(stage, "__name__", type(stage).__name__)
    return replace(fuller, spent={**fuller.spent, name: perf_counter() - began})
