"""How good whole conversations are: what is said last, held against what should be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from wecom_bot.domain.case import Case
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.order import Order
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import InvalidInput
from wecom_bot.ports import Orders
from wecom_bot.service.evaluation.conversation import Conversation, as_read
from wecom_bot.service.evaluation.order_numbers import filled, has_place, made_up


@dataclass(frozen=True, slots=True)
class Score:
    """Of how many cases how many are right."""

    n: int
    right: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """A case that went otherwise than it should: each turn with its reply, and what is wrong with the last."""

    case: Case
    talk: tuple[tuple[str, str], ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Talked:
    """How the cases went, kinds in the order in which they came."""

    mode: str
    n: int
    right: int
    by_kind: dict[str, Score]
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class EvaluateTalk:
    """Hold every conversation with a customer of its own, who has one order; `begin` makes a customer's conversation.

    Raises InvalidInput where a case needs an order and the tenant has no place for its number.
    """

    mode: str
    tenant: Tenant
    begin: Callable[[str], Conversation]
    orders: Orders
    now: datetime

    def __call__(self, cases: Sequence[Case]) -> Talked:
        held = [(case, self._held(case)) for case in cases]
        wrong = tuple(each for _, each in held if each)
        kinds = dict.fromkeys(case.kind for case in cases)
        by_kind = {kind: _score([each for case, each in held if case.kind == kind]) for kind in kinds}
        return Talked(self.mode, len(cases), len(cases) - len(wrong), by_kind, wrong)

    def _held(self, case: Case) -> Wrong | None:
        number, conversation = self._order_of(case), self.begin(_customer(case))
        talk: list[tuple[str, str]] = []
        for text in case.said:
            said, before = filled(text, number), conversation.state
            turn = conversation.say(said)
            talk.append((said, as_read(turn)))
        flaws = tuple(self._flaws(case, number, turn, before))
        return Wrong(case, tuple(talk), flaws) if flaws else None

    def _order_of(self, case: Case) -> str:
        """The number of the customer's order, which is there now; empty where the case can do without."""
        try:
            number = made_up(self.tenant, case.case_id)
        except InvalidInput as e:
            if any(map(has_place, case.texts)):
                raise InvalidInput(f"{case.where}: {e}") from None
            return ""
        order = Order(number, _customer(case), "已发货", "顺丰 SF1 预计明天送达", self.now)
        self.orders.save(self.tenant.corp_id, [order])
        return number

    def _flaws(self, case: Case, number: str, turn: Turn, before: DialogState | None) -> Iterator[str]:
        if turn.reply is None:
            yield "机器人没有说话：前面已转人工 / the bot is silent: a human was called before"
        yield from _flaws_of_words(case, number, as_read(turn))
        if turn.reply and turn.reply.text == self.tenant.phrases.trouble:
            yield "想的时候出错了 / thinking failed"
        for what, is_so, should in (
            ("handoff", turn.handoff is not None, case.handoff),
            ("missed", is_missed(self.tenant, turn, before), case.missed),
        ):
            if should is not None and is_so is not should:
                yield f"{what} 是 / is {_word(is_so)}，应为 / should be {_word(should)}"


def _flaws_of_words(case: Case, number: str, read: str) -> Iterator[str]:
    wanted = (filled(each, number) for each in case.want)
    yield from (f"缺 / lacks “{want}”" for want in wanted if not any(each in read for each in want.split("|")))
    unwanted = (filled(each, number) for each in case.never)
    yield from (f"不该有 / has “{never}”" for never in unwanted if never in read)


def is_missed(tenant: Tenant, turn: Turn, before: DialogState | None) -> bool:
    """Whether the turn counted as one that could not be answered, or says so."""
    phrases = tenant.phrases
    says_so = {phrases.unknown, phrases.rephrase, phrases.unreadable}
    counted = before.misses if before and before.session_id == turn.state.session_id else 0
    return turn.state.misses > counted or (turn.reply is not None and turn.reply.text in says_so)


def _score(found: Sequence[Wrong | None]) -> Score:
    return Score(len(found), found.count(None))


def _customer(case: Case) -> str:
    return f"customer of {case.case_id}"


def _word(value: bool) -> str:  # noqa: FBT001 - the value is all there is
    return "true" if value else "false"
