"""Posts the callbacks as WeCom does: five seconds, three tries, and only HTTP 200 is success (WeCom page 90238)."""

import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

import requests

from wecom_bot.simulators.wecom import notices
from wecom_bot.simulators.wecom.crew import Crew
from wecom_bot.simulators.wecom.modes import Modes
from wecom_bot.simulators.wecom.schema import AppSpec, CallbackTry, DeliveryReport, DeliveryState, Verification

_MOST_AT_ONCE = 64
_VERIFICATION_DEADLINE = 1.0


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for an app's callback. First tries of one `lane` go one after the other, in order; "" has no order."""

    message_id: str
    corp_id: str
    app: AppSpec
    message: str
    named_agent: bool = False
    lane: str = ""


@dataclass(slots=True)
class _Record:
    corp_id: str
    app: str
    state: DeliveryState
    open_copies: int = 0
    attempts: list[CallbackTry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Try:
    notice: Notice
    record: _Record
    copy_number: int
    number: int = 1


class Sender:
    """Delivers in the background; who submits never waits. `modes` gives the modes of the moment."""

    def __init__(self, modes: Callable[[], Modes]) -> None:
        self._modes = modes
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._crew = Crew(_MOST_AT_ONCE)
        self._records: dict[str, _Record] = {}
        self._lanes: dict[str, deque[_Try]] = {}
        self._held: list[_Try] = []
        self._releases = itertools.count()

    def submit(self, notice: Notice, copies: int | None = None, *, swallow: bool | None = None) -> None:
        """Deliver the notice, in copies sent at once; `copies` and `swallow` are as the modes say unless given."""
        modes = self._modes()
        copies = copies or modes.copies
        record = _Record(notice.corp_id, notice.app.name, DeliveryState.PENDING, copies)
        if (modes.swallow if swallow is None else swallow) or not notice.app.callback_url:
            record.state = DeliveryState.SWALLOWED
        elif modes.hold:
            record.state = DeliveryState.HELD
        tries = [_Try(notice, record, number) for number in range(1, copies + 1)]
        with self._lock:
            self._records[notice.message_id] = record
            if record.state is DeliveryState.HELD:
                self._held += tries
            elif record.state is DeliveryState.PENDING:
                self._enter_lane(tries[0])
                for further in tries[1:]:
                    self._crew.put(lambda it=further: self._attempt(it))  # type: ignore[misc]

    def later(self, do: Callable[[], None], seconds: float) -> None:
        """Do something else in the background, unless everything is forgotten before."""
        self._crew.put(do, seconds)

    def release(self, order: Literal["as_said", "reversed"]) -> int:
        """Send what was held, one after the other in that order; how many."""
        with self._lock:
            held, self._held = self._held, []
            lane = f"release {next(self._releases)}"
            for one in held if order == "as_said" else reversed(held):
                one.record.state = DeliveryState.PENDING
                self._enter_lane(replace(one, notice=replace(one.notice, lane=lane)))
        return len(held)

    def reports(
        self, message_ids: Iterable[str], until: Callable[[DeliveryState], bool], timeout: float
    ) -> list[DeliveryReport]:
        """How the callbacks of these messages fared, once each is as wanted or `timeout` seconds have passed."""
        wanted = list(message_ids)
        pending = wanted.copy()
        deadline = time.monotonic() + timeout
        with self._lock:
            while True:
                while pending and pending[-1] in self._records and until(self._records[pending[-1]].state):
                    pending.pop()
                left = deadline - time.monotonic()
                if not pending or left <= 0:
                    return [self._report(known) for known in wanted if known in self._records]
                self._changed.wait(left)

    def verify(self, corp_id: str, app: AppSpec) -> Verification:
        """Prove the app's callback URL as the admin console does when it is saved."""
        echo = notices.new_message_id()
        post = notices.sealed_echo(app, corp_id, echo, int(time.time()))
        began = time.monotonic()
        status, body, error = _requested("GET", post, _VERIFICATION_DEADLINE)
        took = time.monotonic() - began
        ok = status == requests.codes.ok and body == echo.encode() and took <= _VERIFICATION_DEADLINE
        return Verification(ok=ok, status=status, body=body.decode(errors="replace"), took=took, error=error)

    def clear(self) -> None:
        """Forget every delivery, done or not."""
        self._crew.clear()
        with self._lock:
            self._records, self._lanes, self._held = {}, {}, []

    def close(self) -> None:
        """Send nothing until `open`."""
        self._crew.close()

    def open(self) -> None:
        """Send."""
        self._crew.open()

    def _report(self, message_id: str) -> DeliveryReport:
        record = self._records[message_id]
        return DeliveryReport(
            message_id=message_id,
            corp_id=record.corp_id,
            app=record.app,
            state=record.state,
            attempts=tuple(record.attempts),
        )

    def _enter_lane(self, one: _Try) -> None:
        """Send it when the lane is free; the lock is held."""
        lane = one.notice.lane
        if lane in self._lanes:
            self._lanes[lane].append(one)
            return
        if lane:
            self._lanes[lane] = deque()
        self._crew.put(lambda: self._attempt(one))

    def _leave_lane(self, lane: str) -> None:
        """A first try is over: let the lane's next one go; the lock is held."""
        waiting = self._lanes.get(lane)
        if waiting:
            following = waiting.popleft()
            self._crew.put(lambda: self._attempt(following))
        else:
            self._lanes.pop(lane, None)

    def _attempt(self, one: _Try) -> None:
        """Post it once, and note what came of it."""
        modes, notice = self._modes(), one.notice
        post = notices.sealed(
            notice.app, notice.corp_id, notice.message, int(time.time()), named_agent=notice.named_agent
        )
        at, began = datetime.now(UTC), time.monotonic()
        status, _, error = _requested("POST", post, modes.deadline)
        took = time.monotonic() - began
        attempt = CallbackTry(copy_number=one.copy_number, at=at, took=took, status=status, error=error)
        with self._lock:
            if self._records.get(notice.message_id) is not one.record:
                return  # it was forgotten meanwhile
            one.record.attempts.append(attempt)
            self._judge(one, modes, acknowledged=status == requests.codes.ok)
            if one.number == 1:
                self._leave_lane(notice.lane)
            self._changed.notify_all()

    def _judge(self, one: _Try, modes: Modes, *, acknowledged: bool) -> None:
        record = one.record
        if acknowledged:
            record.state = DeliveryState.ACKNOWLEDGED
        elif one.number < modes.attempts:
            again = replace(one, number=one.number + 1)
            self._crew.put(lambda: self._attempt(again), modes.spacing)
        else:
            record.open_copies -= 1
            if record.open_copies == 0 and record.state is DeliveryState.PENDING:
                record.state = DeliveryState.GIVEN_UP


def _requested(method: str, post: notices.Post, deadline: float) -> tuple[int | None, bytes, str]:
    """The status and body, or the class of what went wrong. Every request has a connection of its own."""
    with requests.Session() as session:
        session.trust_env = False  # no proxy stands between us
        session.verify = os.environ.get("SSL_CERT_FILE") or True
        headers = {"Content-Type": "text/xml", "Connection": "close"}
        try:
            answer = session.request(
                method,
                post.url,
                params=post.query,
                data=post.body or None,
                headers=headers,
                timeout=deadline,
                allow_redirects=False,
            )
        except requests.RequestException as e:
            return None, b"", type(e).__name__
        return answer.status_code, answer.content, ""
