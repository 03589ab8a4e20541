"""The delivery log (ledger) on Redis: dialog states, turns under way and their steps, in the tenant's slot."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.redis.scripting import Arg, Scripts
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import ConversationId, CorpId, MessageId
from wecom_bot.errors import LeaseLost, MustWait
from wecom_bot.ports import Attempt, Begun, Entry, Sending, Sent, Step, Stored
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_KEEP = timedelta(hours=72)  # a turn under way, and a conversation's state: longer than any reply window (48 h)
_MORE = 2  # store.lua's word for it


class RedisLedger:
    """Implements ports.Ledger."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._scripts = Scripts(client)

    def begin(self, lease: Lease) -> Begun:
        turn, dialog = lease.known
        return Begun(codec.TURN.validate_json(turn) if turn else None, _dialog(lease.corp_id, dialog))

    def dialog(self, conversation: ConversationId) -> DialogState | None:
        with translated():
            found: Any = self._client.get(keys.dialog(conversation))
        return _dialog(conversation.corp_id, found)

    def turn(self, conversation: ConversationId, turn_id: MessageId) -> Turn | None:
        with translated():
            found: Any = self._client.hget(keys.turn(conversation, turn_id), "turn")
        return codec.TURN.validate_json(found) if found else None

    def store(
        self,
        lease: Lease,
        turn: Turn,
        first: Sending | None = None,
        entries: Sequence[Entry] = (),
        *,
        unless_more: bool = False,
    ) -> Stored:
        where, noted = turn.conversation, [codec.ENTRY.dump_json(each) for each in entries]
        ids = [each.message_id for each in turn.messages] if unless_more else []
        answer = self._step(
            "store", lease,
            keys.turn(where, turn.turn_id), codec.TURN.dump_json(turn),
            keys.dialog(where), codec.DIALOG.dump_json(turn.state), codec.milliseconds(_KEEP),
            len(turn.messages), len(ids), *ids, len(noted), *noted,
            *(("part-1", *_said(turn, first)) if first else ("",)),
        )  # fmt: skip
        if answer[0] == 0:
            return Stored(codec.TURN.validate_json(answer[1]))
        if answer[0] == _MORE:
            return Stored(turn, more=True)
        return Stored(turn, _leave(answer[1]) if first and answer[1] != [-2] else None)

    def attempt(self, lease: Lease, turn: Turn, step: str, sending: Sending | None = None, taken: str = "") -> Step:
        said = _said(turn, sending) if sending else ()
        answer = self._step("step", lease, keys.turn(turn.conversation, turn.turn_id), step, "attempt", taken, *said)
        if answer == [-2]:
            raise MustWait("as many messages as the customer's last one allows were sent")
        return _leave(answer)

    def not_sent(self, lease: Lease, turn: Turn, step: str) -> None:
        self._step("step", lease, keys.turn(turn.conversation, turn.turn_id), step, "not_sent", "")

    def mark(self, lease: Lease, turn: Turn, step: str) -> None:
        self._step("step", lease, keys.turn(turn.conversation, turn.turn_id), step, "mark", "")

    def sent(self, conversation: ConversationId, delivery_id: str) -> Sent | None:
        with translated():
            found: Any = self._client.get(keys.sent(conversation, delivery_id))
        return codec.SENT.validate_json(found) if found else None

    def recall(self, conversation: ConversationId, message_id: MessageId) -> None:
        with translated():
            self._client.set(keys.recalled(conversation, message_id), "1", px=_KEEP)

    def recalled(self, conversation: ConversationId, message_ids: Collection[MessageId]) -> Collection[MessageId]:
        ids = list(message_ids)
        with translated():
            found: Any = self._client.mget([keys.recalled(conversation, each) for each in ids]) if ids else []
        return [each for each, mark in zip(ids, found, strict=True) if mark]

    def remember(self, lease: Lease, conversation: ConversationId, state: DialogState) -> None:
        kept = codec.DIALOG.dump_json(state)
        self._step("remember", lease, keys.dialog(conversation), kept, codec.milliseconds(_KEEP))

    def note(self, lease: Lease, entry: Entry) -> None:
        self._step("note", lease, codec.ENTRY.dump_json(entry))

    def _step(self, script: str, lease: Lease, *args: Arg) -> Any:  # noqa: ANN401 - a script answers what it likes
        answer = self._scripts.tenant(script, lease.corp_id, lease.mailbox, lease.token, *args)
        if answer in (-1, [-1]):
            raise LeaseLost(lease.mailbox)
        return answer


def _said(turn: Turn, sending: Sending) -> tuple[Arg, ...]:
    """What attempt.lua wants of what is said."""
    sent = codec.SENT.dump_json(Sent(turn.turn_id, sending.part, sending.attempt))
    words = sha256(sending.words.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return sending.delivery_id, sent, words, sending.budget, codec.milliseconds(_KEEP)


def _leave(answer: Sequence[Any]) -> Step:
    """What attempt.lua answered."""
    _, known, since, same = answer
    return Step(Attempt(known.decode()), codec.moment(since), codec.moment(same) if same else None)


def _dialog(corp_id: CorpId, found: bytes) -> DialogState | None:
    try:
        return codec.DIALOG.validate_json(found) if found else None
    except ValidationError as e:
        # written by a version that thought otherwise: the customer starts a new session, and is answered
        log.error("ledger.dialog_unreadable", corp_id=corp_id, problems=e.error_count())
        return None
