"""The desk of a simulated WeCom, with the bot's own memory beside it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import requests

from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.message import ConversationId, MessageId
from wecom_bot.errors import InvalidInput, TemporaryFailure
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import DeliveryReport, Seen
from wecom_bot.simulators.window.desk import Company, Said

TurnOf = Callable[[ConversationId, MessageId], Turn | None]
StateOf = Callable[[ConversationId], DialogState | None]


class SimulatedDesk:
    """Implements `Desk`: people write through the simulator, and `turn_of` and `state_of` are the bot's ledger.

    It remembers what was said through it, so whoever else plays a customer should speak here to be seen in the window.
    """

    def __init__(
        self,
        wecom: SimulatorClient,
        companies: Sequence[Company],
        turn_of: TurnOf,
        state_of: StateOf = lambda _where: None,
    ) -> None:
        self._wecom = wecom
        self._companies = tuple(companies)
        self._turn_of = turn_of
        self._state_of = state_of
        self._lock = threading.Lock()
        self._said: dict[ConversationId, list[Said]] = {}
        self._turns: dict[tuple[ConversationId, MessageId], Turn] = {}

    def companies(self) -> Sequence[Company]:
        return self._companies

    def conversations(self) -> Sequence[ConversationId]:
        with self._lock:
            return sorted(self._said, key=lambda where: self._said[where][-1].at, reverse=True)

    def say(self, where: ConversationId, text: str) -> MessageId:
        return self._told(
            where,
            text,
            lambda: self._wecom.say(where.corp_id, where.account, where.customer, text, where.channel.value),
        )

    def click(self, where: ConversationId, choice_id: str) -> MessageId:
        shown = {option.id: option.text for one in self.seen(where) for option in one.choices}
        if choice_id not in shown:
            raise InvalidInput("no menu of this conversation has such an entry")
        return self._told(
            where,
            shown[choice_id],
            lambda: self._wecom.click(where.corp_id, where.account, where.customer, choice_id),
        )

    def said(self, where: ConversationId) -> Sequence[Said]:
        with self._lock:
            return tuple(self._said.get(where, ()))

    def seen(self, where: ConversationId, after: int = 0, wait: timedelta = timedelta()) -> Sequence[Seen]:
        with _reached():
            return self._wecom.seen(
                where.corp_id,
                where.account,
                where.customer,
                channel=where.channel.value,
                after=after,
                count=1,
                timeout=wait.total_seconds(),
            )

    def delivery(self, message_id: MessageId) -> DeliveryReport | None:
        with _reached():
            return next(iter(self._wecom.deliveries([message_id])), None)

    def turn(self, where: ConversationId, message_id: MessageId) -> Turn | None:
        known = self._turns.get((where, message_id)) or self._turn_of(where, message_id)
        if known is not None:
            self._turns[where, message_id] = known  # a turn that is stored does not change
        return known

    def state(self, where: ConversationId) -> DialogState | None:
        return self._state_of(where)

    def _told(self, where: ConversationId, text: str, tell: Callable[[], str]) -> MessageId:
        with self._lock:  # held meanwhile, so that no answer is known before what it answers
            at = datetime.now(UTC)
            with _reached():
                message_id = MessageId(tell())
            self._said.setdefault(where, []).append(Said(message_id, text, at))
        return message_id


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except requests.RequestException as e:
        raise TemporaryFailure("the simulated WeCom did not answer") from e
