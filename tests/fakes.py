"""Stand-ins for the neighbours, each with a real memory: what the service layer is tested against."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from wecom_bot.adapters.sharing import Most
from wecom_bot.domain.dialog import Attendant, DialogState, Turn
from wecom_bot.domain.hot_answer import HotAnswer, Unkept
from wecom_bot.domain.knowledge import KnowledgeState, SearchMode
from wecom_bot.domain.message import Channel, ConversationId, CorpId, InboundMessage, MessageId, MessageKind, Reply
from wecom_bot.domain.secrets import Credentials, TenantSecrets
from wecom_bot.domain.tenant import App, KfAccount, Tenant
from wecom_bot.errors import MustWait, Unknown
from wecom_bot.ports import Contact, Cut, Entry, HandedOff, Line, PulledPage, Repeat, StoredTenant

ACME = CorpId("ww_acme")
KF = "wk1"


def tenant(corp_id: CorpId = ACME, **changes: object) -> Tenant:
    """A tenant with one app and one kf account."""
    fields: dict[str, object] = {
        "corp_id": corp_id,
        "apps": [App(name="shop", agent_id=1000002)],
        "kf_accounts": [KfAccount(open_kfid=KF, app="shop")],
    }
    return Tenant.model_validate(fields | changes)


def message(
    text: str = "你好", number: int = 1, customer: str = "wm1", sent_at: datetime | None = None
) -> InboundMessage:
    where = ConversationId(ACME, Channel.KF, KF, customer)
    return InboundMessage(MessageId(f"m{number}"), where, "shop", MessageKind.TEXT, sent_at or datetime.now(UTC), text)


@contextmanager
def no_limit(_span: timedelta) -> Iterator[None]:
    """A TimeLimit that never strikes."""
    yield


@dataclass
class WithoutWriter:
    """A Mind that leaves nothing to a reply writer: every draft is settled."""

    think: Callable[[Tenant, Turn], Turn]

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        return self.think(tenant, turn)

    draft = __call__

    def word(self, tenant: Tenant, drafts: Sequence[Turn]) -> Turn | None:
        raise AssertionError((tenant.corp_id, drafts))


@dataclass
class SettableClock:
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Seconds:
    """A monotonic clock that a test sets."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FixedTenants:
    tenants: dict[CorpId, Tenant]
    tokens: dict[CorpId, TenantSecrets] = field(default_factory=dict)

    @classmethod
    def of(cls, *tenants: Tenant) -> "FixedTenants":
        return cls({each.corp_id: each for each in tenants})

    def get(self, corp_id: CorpId) -> Tenant:
        try:
            return self.tenants[corp_id]
        except KeyError:
            raise Unknown(f"no tenant {corp_id}") from None

    def credentials(self, corp_id: CorpId, app: str) -> Credentials:
        self.get(corp_id).app(app)
        return Credentials(secret=SecretStr("s"), token=SecretStr("t"), encoding_aes_key=SecretStr("a" * 43))

    def secrets(self, corp_id: CorpId) -> TenantSecrets:
        self.get(corp_id)
        return self.tokens.get(corp_id, TenantSecrets())

    def all(self) -> Sequence[Tenant]:
        return sorted(self.tenants.values(), key=lambda each: each.corp_id)


@dataclass
class MemoryTenantStore:
    """Implements ports.TenantStore."""

    stored: dict[CorpId, StoredTenant] = field(default_factory=dict)
    changes: int = 0

    @classmethod
    def of(cls, *tenants: Tenant) -> "MemoryTenantStore":
        return cls({each.corp_id: StoredTenant(each, {}) for each in tenants})

    def load_all(self) -> Sequence[StoredTenant]:
        return [self.stored[corp_id] for corp_id in sorted(self.stored)]

    def load(self, corp_id: CorpId) -> StoredTenant:
        if corp_id not in self.stored:
            raise Unknown(f"no tenant {corp_id}")
        return self.stored[corp_id]

    def save_all(self, tenants: Iterable[StoredTenant]) -> None:
        self.stored |= {each.tenant.corp_id: each for each in tenants}
        self.changes += 1

    def remove(self, corp_id: CorpId) -> None:
        self.load(corp_id)
        del self.stored[corp_id]
        self.changes += 1

    def set_active(self, corp_id: CorpId, *, active: bool) -> None:
        before = self.load(corp_id)
        self.save_all([replace(before, tenant=before.tenant.model_copy(update={"active": active}))])

    def revision(self) -> int:
        return self.changes


@dataclass
class Said:
    conversation: ConversationId
    text: str
    delivery_id: str
    repeat: Repeat | None


@dataclass
class ScriptedSpeaker:
    """Shows what it is told to; `trouble` is raised, in order, by the next sends, and None lets one pass."""

    attendant: Attendant | None = Attendant.BOT  # None: the conversation has ended
    trouble: list[Exception | None] = field(default_factory=list)
    before_send: Callable[[], None] = lambda: None
    said: list[Said] = field(default_factory=list)
    handed_off: list[str] = field(default_factory=list)
    asked_for_certain: int = 0
    said_by_code: list[tuple[str, str]] = field(default_factory=list)
    handed: HandedOff = field(default_factory=lambda: HandedOff(Attendant.QUEUE))
    lines: list[Line] = field(default_factory=list)
    most: int = 0

    def split(self, _conversation: ConversationId, reply: Reply) -> Cut:
        words, _, rest = reply.text.partition("~")
        parts = [Reply(text) for text in words.split("|")]
        return Cut((*parts, *(Reply("", attachments=(each,)) for each in reply.attachments)), rest)

    def budget(self, _conversation: ConversationId) -> int:
        return self.most

    def attend(self, _conversation: ConversationId, known: DialogState | None) -> Attendant:
        self.asked_for_certain += known is None
        if self.attendant is None:
            raise MustWait("it has ended")
        return self.attendant

    def send(self, conversation: ConversationId, part: Reply, delivery_id: str, repeat: Repeat | None) -> None:
        self.before_send()
        if self.trouble and (error := self.trouble.pop(0)):
            raise error
        self.said.append(Said(conversation, part.text, delivery_id, repeat))

    def say_by_code(self, conversation: ConversationId, code: str, part: Reply, delivery_id: str) -> None:
        if self.trouble and (error := self.trouble.pop(0)):
            raise error
        self.said_by_code.append((code, part.text))
        self.said.append(Said(conversation, part.text, delivery_id, None))

    def hand_off(self, _conversation: ConversationId, reason: str, lines: Sequence[Line]) -> HandedOff:
        self.handed_off.append(reason)
        self.lines = list(lines)
        return self.handed

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.said]


@dataclass
class MemoryRecords:
    kept: list[Entry] = field(default_factory=list)
    known: set[tuple[ConversationId, MessageId]] = field(default_factory=set)
    cursors: dict[tuple[CorpId, str], str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    asked: int = 0

    def write(self, entries: Sequence[Entry]) -> None:
        self.kept += entries

    def dealt_with(self, conversation: ConversationId, message_id: MessageId) -> bool:
        self.asked += 1
        return (conversation, message_id) in self.known

    def cursor(self, corp_id: CorpId, account: str) -> str | None:
        known = any((where.corp_id, where.account) == (corp_id, account) for where, _ in self.known)
        return self.cursors.get((corp_id, account), "" if known else None)

    def recent(self, _conversation: ConversationId, most: int) -> Sequence[Line]:
        return self.lines[-most:]


@dataclass
class MemoryHotAnswers:
    """Implements ports.HotAnswers for one who asks; `asked` and `done` are the keys that were."""

    kept: dict[tuple[CorpId, str], HotAnswer] = field(default_factory=dict)
    lives: dict[tuple[CorpId, str], timedelta] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def recall(self, corp_id: CorpId, key: str) -> HotAnswer | Unkept:
        self.asked.append(key)
        return self.kept.get((corp_id, key), Unkept.MISSING)

    def keep(self, corp_id: CorpId, key: str, answer: HotAnswer | None, life: timedelta) -> None:
        self.done.append(key)
        if answer is not None:
            self.kept[corp_id, key] = answer
        self.lives[corp_id, key] = life


@dataclass
class FixedKnowledge:
    """Implements ports.KnowledgeStates: what every tenant's searches are answered from."""

    known: KnowledgeState | None = field(default_factory=lambda: KnowledgeState("r1", SearchMode.LEXICAL))

    def state(self, _corp_id: CorpId) -> KnowledgeState | None:
        return self.known


class NoContacts:
    """Nobody has a name."""

    def get(self, _conversation: ConversationId) -> Contact | None:
        return None

    look_up = find_out = get


@dataclass
class ListSource:
    """Pages by their cursor; what was asked for is kept."""

    pages: dict[str, PulledPage]
    asked: list[tuple[str, str]] = field(default_factory=list)

    def fetch(self, _corp_id: CorpId, _app: str, _account: str, cursor: str, token: str) -> PulledPage:
        self.asked.append((cursor, token))
        return self.pages[cursor]


@dataclass
class RememberedAllowance:
    """An Allowance by a clock that a test sets."""

    clock: SettableClock
    taken: dict[tuple[CorpId, str], list[datetime]] = field(default_factory=dict)
    closed: dict[tuple[CorpId, str], tuple[datetime, timedelta]] = field(default_factory=dict)

    def take(self, corp_id: CorpId, what: str, most: Sequence[Most]) -> timedelta:
        now, before = self.clock.now(), self.taken.setdefault((corp_id, what), [])
        until, _ = self.closed.get((corp_id, what), (now, timedelta(0)))
        free = [before[-each.count] + each.span for each in most if len(before) >= each.count]
        wait = max([until, *free]) - now
        if wait <= timedelta(0):
            before.append(now)
        return max(wait, timedelta(0))

    def close(self, corp_id: CorpId, what: str, length: timedelta, longest: timedelta | None = None) -> timedelta:
        now = self.clock.now()
        until, last = self.closed.get((corp_id, what), (now, timedelta(0)))
        if now < until:
            until, last = max(until, now + length), max(last, length)
        else:
            last = max(length, min(2 * last, longest or length)) if now < until + last else length
            until = now + last
        self.closed[corp_id, what] = until, last
        return until - now
