"""The page and what it asks: a blueprint over a desk, for people at this machine only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json
from werkzeug.exceptions import Forbidden

from wecom_bot.domain.dialog import Turn
from wecom_bot.domain.message import Channel, ConversationId, CorpId, MessageId
from wecom_bot.errors import InvalidInput, TemporaryFailure, Unknown
from wecom_bot.simulators.actions import from_here_only
from wecom_bot.simulators.wecom.schema import Seen
from wecom_bot.simulators.window import views
from wecom_bot.simulators.window.desk import Desk, Said
from wecom_bot.simulators.window.timeline import Leg, answers, legs

_LONGEST_WAIT = 25.0
_NAMES_OF_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class _ShownWhere(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    corp_id: str = Field(min_length=1, max_length=64)
    channel: Channel
    account: str = Field(min_length=1, max_length=64)
    customer: str = Field(min_length=1, max_length=64)

    @property
    def conversation(self) -> ConversationId:
        return ConversationId(CorpId(self.corp_id), self.channel, self.account, self.customer)


class _Words(_ShownWhere):
    text: str = Field(min_length=1, max_length=2000)


class _Click(_ShownWhere):
    choice_id: str = Field(min_length=1, max_length=128)


class _Since(_ShownWhere):
    after: int = Field(0, ge=0)
    wait: float = Field(0.0, ge=0, le=_LONGEST_WAIT)


class _Message(_ShownWhere):
    message_id: str = Field(min_length=1, max_length=128)


@dataclass(frozen=True, slots=True)
class _Window:
    """What the page asks, answered from the desk."""

    desk: Desk

    def world(self) -> views.View:
        places = [views.listed(where, self.desk.said(where)) for where in self.desk.conversations()]
        return {"companies": [views.company(one) for one in self.desk.companies()], "conversations": places}

    def say(self, asked: _Words) -> views.View:
        return {"id": self.desk.say(asked.conversation, asked.text)}

    def click(self, asked: _Click) -> views.View:
        return {"id": self.desk.click(asked.conversation, asked.choice_id)}

    def timeline(self, asked: _Since) -> views.View:
        """Waits for something new, and then tells all."""
        where = asked.conversation
        if asked.wait:
            self.desk.seen(where, asked.after, timedelta(seconds=asked.wait))
        seen = self.desk.seen(where)
        said = self.desk.said(where)
        turns, state = self._turns(where, said), self.desk.state(where)
        return {
            "seq": seen[-1].seq if seen else 0,
            "attendant": state.attendant if state else None,
            "entries": views.entries(said, seen, answers(said, seen, turns), turns),
        }

    def turn(self, asked: _Message) -> views.View:
        where = asked.conversation
        seen = self.desk.seen(where)
        said = self.desk.said(where)
        meant = next((one for one in said if one.message_id == asked.message_id), None)
        if meant is None:
            raise Unknown("nothing of that id was said in this conversation")
        turns, report = self._turns(where, said), self.desk.delivery(meant.message_id)
        turn = turns.get(meant.message_id)
        return {
            "callback": views.callback(report) if report else None,
            "turn": views.turn(turn, self._way(turn, said, seen, turns)) if turn else None,
        }

    def _way(
        self, turn: Turn, said: Sequence[Said], seen: Sequence[Seen], turns: Mapping[MessageId, Turn]
    ) -> Sequence[Leg]:
        """From the first of the turn's messages to the first one shown."""
        answered = answers(said, seen, turns)
        began = next(one for one in said if one.message_id == turn.turn_id)
        shown = next((one.at for one in seen if answered.get(one.seq) is began), None)
        return legs(began.at, self.desk.delivery(began.message_id), turn, shown)

    def _turns(self, where: ConversationId, said: Iterable[Said]) -> dict[MessageId, Turn]:
        """Each message's turn. The desk knows it by the first of its messages."""
        found = (self.desk.turn(where, one.message_id) for one in said)
        return {each.message_id: turn for turn in found if turn is not None for each in turn.messages}


def blueprint(desk: Desk) -> Blueprint:
    """The page of this desk at the blueprint's root, and its questions under `api/`."""
    window = _Window(desk)
    pages = Blueprint("window", __name__, static_folder="static", template_folder="templates")
    pages.before_request(from_here_only)
    pages.before_request(_by_a_name_of_this_machine)
    pages.after_request(_sealed)
    for kind, status in ((Unknown, 404), (InvalidInput, 400), (ValidationError, 400), (TemporaryFailure, 503)):
        pages.register_error_handler(kind, lambda _error, status=status: _answer({"error": status}, status))

    @pages.get("/")
    def page() -> str:
        return render_template("window.html")

    @pages.get("/api/world")
    def world() -> Response:
        return _answer(window.world())

    @pages.get("/api/timeline")
    def timeline() -> Response:
        return _answer(window.timeline(_Since.model_validate(request.args.to_dict())))

    @pages.get("/api/turn")
    def turn() -> Response:
        return _answer(window.turn(_Message.model_validate(request.args.to_dict())))

    @pages.post("/api/say")
    def say() -> Response:
        return _answer(window.say(_Words.model_validate(request.get_json())))

    @pages.post("/api/click")
    def click() -> Response:
        return _answer(window.click(_Click.model_validate(request.get_json())))

    return pages


def create_app(desk: Desk) -> Flask:
    """The blueprint as an app of its own."""
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(blueprint(desk))
    return app


def _by_a_name_of_this_machine() -> None:
    """A page elsewhere whose name was made to point here may not read along (DNS rebinding)."""
    name = request.host if request.host.endswith("]") else request.host.rpartition(":")[0] or request.host
    if name not in _NAMES_OF_THIS_MACHINE:
        raise Forbidden


def _sealed(answer: Response) -> Response:
    """Nothing from elsewhere is loaded, and nobody else may frame it."""
    answer.headers.update(_HEADERS)
    return answer


def _answer(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(to_json(body), status, content_type="application/json; charset=UTF-8")
