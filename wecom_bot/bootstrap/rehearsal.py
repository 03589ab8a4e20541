"""The mind without Coze and without customers: somebody is on duty, and what is said is neither sent nor kept."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from wecom_bot.adapters.files import cases
from wecom_bot.adapters.search.embedding import Embedder
from wecom_bot.adapters.search.likeness import PhraseLikeness
from wecom_bot.adapters.search.rules import RulesRecognizer
from wecom_bot.adapters.search.synonyms import SynonymSearch
from wecom_bot.adapters.system import SystemClock
from wecom_bot.adapters.wecom.api import limits
from wecom_bot.adapters.wecom.speaking import parts
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.workbench import bench
from wecom_bot.dialog.pipeline import Pipeline, standard
from wecom_bot.dialog.wished import wish_phrases
from wecom_bot.domain.case import Case
from wecom_bot.domain.knowledge import Article, SearchMode
from wecom_bot.domain.message import Channel, ConversationId, CorpId, Reply
from wecom_bot.domain.order import Order
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import InvalidInput
from wecom_bot.ports import Cut, Orders, SearchIndex
from wecom_bot.service.conversation.think import Think
from wecom_bot.service.evaluation.conversation import Conversation
from wecom_bot.service.evaluation.order_numbers import unknown_form
from wecom_bot.service.operation.tenant_profile import prove_profile
from wecom_bot.settings import Settings

_ACCOUNT = "rehearsal"  # none of the tenant's: it knows no hours, so that somebody is always there
_SHOWN = 40  # characters of what is strange


@dataclass(frozen=True, slots=True)
class Somebody:
    """A Duty."""

    def anyone(self, conversation: ConversationId) -> bool:  # noqa: ARG002
        return True


@dataclass(frozen=True, slots=True)
class Drawer:
    """Orders in memory: of one tenant, whichever is asked for."""

    held: dict[tuple[str, str], Order] = field(default_factory=dict)

    def find(self, corp_id: CorpId, customer: str, order_id: str) -> Order | None:  # noqa: ARG002
        return self.held.get((customer, order_id))

    def save(self, corp_id: CorpId, orders: Iterable[Order]) -> int:  # noqa: ARG002
        more = {(each.customer, each.order_id): each for each in orders}
        self.held.update(more)
        return len(more)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A tenant's bot, for customers who are made up."""

    mode: SearchMode
    tenant: Tenant
    think: Think
    orders: Drawer
    clock: SystemClock
    session_timeout: timedelta

    def begin(self, customer: str) -> Conversation:
        """A conversation with somebody who has said nothing yet."""
        where = ConversationId(self.tenant.corp_id, Channel.KF, _ACCOUNT, customer)
        return Conversation(self.tenant, where, self.think, self._split, self.clock, self.session_timeout)

    def _split(self, conversation: ConversationId, reply: Reply) -> Cut:
        return parts.cut(conversation, reply, self.tenant.phrases, limits.KF_PARTS, limits.MENU_HEAD)


def without_coze(tenant: Tenant, index: SearchIndex, orders: Orders, model: Embedder | None) -> Pipeline:
    """The stages, with all that they have to learn learnt."""
    recognizer = RulesRecognizer(model)
    recognizer.prepare(tenant)
    likeness = PhraseLikeness(model) if model else None
    if likeness:
        likeness.prepare(wish_phrases(tenant))
    asked = SynonymSearch(index, lambda _: tenant)
    return standard(asked, recognizer, orders, Somebody(), likeness=likeness)


@contextmanager
def rehearsal(
    settings: Settings, tenant: Tenant, articles: Sequence[Article], mode: SearchMode | None
) -> Iterator[Rehearsal]:
    """The tenant's bot over these articles; the mode is by default what is installed. Raises ConfigurationError."""
    with bench(settings, mode) as made:
        made.shelf.save(tenant.corp_id, articles)
        made.search.prepare(tenant.corp_id)
        orders, clock = Drawer(), SystemClock()
        pipeline = without_coze(tenant, made.search, orders, made.model)
        think = Think(pipeline, lambda _: nullcontext(), settings.think_deadline)
        yield Rehearsal(made.mode, tenant, think, orders, clock, settings.session_timeout)


def read_tenant(path: Path) -> Tenant:
    """The one tenant of a file, with its secrets or without. Raises InvalidInput."""
    return prove_profile(stores.read_tenants(path), path.name)


def read_cases(path: Path) -> list[Case]:
    """A file of cases. Raises InvalidInput."""
    read = list(cases.read_cases(path))
    for case in read:
        if strange := next(filter(None, map(unknown_form, case.texts)), None):
            raise InvalidInput(f"{case.where}: 不认识的写法 / unknown form: {strange[:_SHOWN]}")
    if not read:
        raise InvalidInput(f"{path.name} 里一条也没有 / there is no case in it")
    return read
