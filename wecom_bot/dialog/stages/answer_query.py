"""What the tenant's own database says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from wecom_bot.dialog.handing_off import hand_off_or_listen
from wecom_bot.dialog.looked_up import numbers
from wecom_bot.dialog.pursuit import pursued
from wecom_bot.dialog.slots import missing
from wecom_bot.dialog.template import render
from wecom_bot.dialog.verification import Guess, matching
from wecom_bot.domain.business import QuerySpec, Row
from wecom_bot.domain.dialog import Answerer, DialogState, Turn
from wecom_bot.domain.intent import IntentSpec, SlotSpec
from wecom_bot.domain.message import Reply
from wecom_bot.domain.query_shape import CUSTOMER
from wecom_bot.domain.tenant import Tenant
from wecom_bot.errors import TemporaryFailure, WecomBotError
from wecom_bot.ports import BusinessQueries, Duty, Tries
from wecom_bot.telemetry import logs
from wecom_bot.text.query_template import told

log = logs.get(__name__)

Values = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class _Found:
    """What came of the look-up: the rows that may be told, the number that had the first of them, tries left or not."""

    rows: tuple[Row, ...] = ()
    number: str = ""
    used_up: bool = False


@dataclass(frozen=True, slots=True)
class AnswerQuery:
    """Tell what the intent's query finds, in the tenant's words and the database's data, which nobody words anew.

    Of several numbers that were said all that are found are told. Nothing that is said or remembered differs between
    a record that does not exist, one that is somebody else's, and a wrong answer to the second factor. With the
    database away the customer is told so, and what was said stays known.
    """

    duty: Duty
    queries: BusinessQueries | None = None
    tries: Tries | None = None

    def __call__(self, tenant: Tenant, turn: Turn) -> Turn:
        spec = pursued(tenant, turn)
        query = tenant.query(spec.query) if spec else None
        if spec is None or query is None or missing(spec, turn.state.slots):
            return turn
        try:
            found = self._looked_up(tenant, turn, spec, query)
            text = told(query.template, found.rows) if found.rows else ""
        except WecomBotError as e:
            log.warning("query.failed", corp_id=tenant.corp_id, query=query.name, error=type(e).__name__)
            return turn.say(Answerer.PHRASE, Reply(tenant.phrases.trouble), makeshift=True)
        if found.used_up and query.verify:
            return self._refused(tenant, turn, query)
        return _told(turn, spec, query, found, text) if text else _not_found(tenant, turn, query)

    def _looked_up(self, tenant: Tenant, turn: Turn, spec: IntentSpec, query: QuerySpec) -> _Found:
        """Raises TemporaryFailure, Misconfigured."""
        rows, number, key = list[Row](), "", _key(spec, query)
        for values in _asked(tenant, turn, spec, query):
            own = self._own(tenant, turn, query, values)
            if own is None:
                return _Found(tuple(rows), number, used_up=not rows)
            rows += own
            number = number or (str(values[key.name]) if own and key else "")
        return _Found(tuple(rows), number)

    def _own(self, tenant: Tenant, turn: Turn, query: QuerySpec, values: Values) -> list[Row] | None:
        """The rows that the customer may see; None where no more tries are allowed."""
        if self.queries is None:
            raise TemporaryFailure("there is no database here")
        if query.verify is None:
            return list(self.queries.run(tenant, query, values))
        if self.tries is None:
            raise TemporaryFailure("nobody counts the tries here")
        said = turn.state.slots[query.verify.slot]
        tried = Guess.of(query, query.verify, turn.conversation.customer, values, said)
        if not self.tries.begin(tenant.corp_id, tried.names, tried.guess):
            log.info("query.tries_used_up", corp_id=tenant.corp_id, query=query.name)
            return None
        proved = True  # unless it was looked at and was wrong
        try:
            found = self.queries.run(tenant, query, values)
            own = matching(query, found, said)
            proved = bool(own)
        finally:
            if proved:
                self.tries.give_back(tenant.corp_id, tried.names, tried.guess)
        return own

    def _refused(self, tenant: Tenant, turn: Turn, query: QuerySpec) -> Turn:
        turn = replace(turn, state=replace(_without_proof(turn, query), asking=None, asked=0))
        if query.verify and query.verify.handoff:
            return hand_off_or_listen(tenant, turn, "rule", self.duty)
        state = replace(turn.state, offered=())
        return turn.say(Answerer.QUERY, Reply(tenant.phrases.tries_used_up), state=state)


def _told(turn: Turn, spec: IntentSpec, query: QuerySpec, found: _Found, text: str) -> Turn:
    key = _key(spec, query)
    slots = {**turn.state.slots, key.name: found.number} if key and found.number else turn.state.slots
    state = replace(turn.state, slots=slots, offered=(), misses=0, done=True)
    return turn.say(Answerer.QUERY, Reply(text), state=state)


def _not_found(tenant: Tenant, turn: Turn, query: QuerySpec) -> Turn:
    """With a second factor it is asked for again; else the number is, when the customer comes back to it."""
    text = render(query.no_rows or tenant.phrases.nothing_found, _without_proof(turn, query).slots)
    if query.verify:
        state = replace(_without_proof(turn, query), asking=query.verify.slot, asked=1)
    else:
        slots = {name: value for name, value in turn.state.slots.items() if name not in query.slots}
        state = replace(turn.state, slots=slots, done=not query.slots)
    return turn.say(Answerer.QUERY, Reply(text), state=replace(state, offered=()))


def _without_proof(turn: Turn, query: QuerySpec) -> DialogState:
    proof = query.verify.slot if query.verify else ""
    return replace(turn.state, slots={name: value for name, value in turn.state.slots.items() if name != proof})


def _asked(tenant: Tenant, turn: Turn, spec: IntentSpec, query: QuerySpec) -> Iterator[Values]:
    """What the query binds, for the number that is known and, where it was said now, the others said with it."""
    known, slot = turn.state.slots, _key(spec, query)
    bound: dict[str, str | int] = {name: known[name] for name in query.slots}
    bound |= query.fixed
    if CUSTOMER in query.parameters:
        bound[CUSTOMER] = turn.conversation.customer  # after all else: nothing that was said stands for it
    if not slot:
        yield bound
        return
    for number in numbers(tenant, turn, spec, slot):
        yield {**bound, slot.name: number}


def _key(spec: IntentSpec, query: QuerySpec) -> SlotSpec | None:
    """The slot that names the record: the first that is bound."""
    return next((slot for slot in spec.slots if slot.name in query.slots), None)
