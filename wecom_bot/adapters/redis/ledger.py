"""The ledger on Redis: dialog states, turns under way and their steps, in the same slot as the tenant's inbox."""

from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from wecom_bot.adapters.redis import codec, keys
from wecom_bot.adapters.redis.connection import Client, translated
from wecom_bot.adapters.redis.scripting import Arg, Scripts
from wecom_bot.domain.dialog import DialogState, Turn
from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import ConversationId, MessageId
from wecom_bot.errors import LeaseLost, MustWait
from wecom_bot.ports import Attempt, Clock, Entry, Sending, Sent, Step, TurnRecord
from wecom_bot.telemetry import logs

log = logs.get(__name__)

_KEEP = timedelta(hours=72)  # a turn under way, and a conversation's state: longer than any reply window (48 h)
_KEEP_CLOSED = timedelta(hours=24)  # as long as message ids are remembered


class RedisLedger:
    """Implements ports.Ledger."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._scripts = Scripts(client)
        self._clock = clock

    def dialog(self, conversation: ConversationId) -> DialogState | None:
        with translated():
            found: Any = self._client.get(keys.dialog(conversation))
        try:
            return codec.DIALOG.validate_json(found) if found else None
        except ValidationError as e:
            # written by a version that thought otherwise: the customer starts a new session, and is answered
            log.error("ledger.dialog_unreadable", corp_id=conversation.corp_id, problems=e.error_count())
            return None

    def turn(self, conversation: ConversationId, turn_id: MessageId) -> Turn | None:
        with translated():
            found: Any = self._client.hget(keys.turn(conversation, turn_id), "turn")
        return codec.TURN.validate_json(found) if found else None

    def store(self, lease: Lease, turn: Turn) -> Turn:
        where = turn.conversation
        answer = self._step(
            "store", lease,
            keys.turn(where, turn.turn_id), codec.TURN.dump_json(turn),
            keys.dialog(where), codec.DIALOG.dump_json(turn.state), codec.milliseconds(_KEEP),
        )  # fmt: skip
        return turn if answer[0] == 1 else codec.TURN.validate_json(answer[1])

    def attempt(self, lease: Lease, turn: Turn, step: str, sending: Sending | None = None) -> Step:
        said: tuple[Arg, ...] = ()
        if sending:
            sent = codec.SENT.dump_json(Sent(turn.turn_id, sending.part, sending.attempt))
            words = sha256(sending.words.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            said = (sending.delivery_id, sent, words, sending.budget, codec.milliseconds(_KEEP))
        key = keys.turn(turn.conversation, turn.turn_id)
        answer = self._step("step", lease, key, step, "attempt", *said)
        if answer == [-2]:
            raise MustWait("as many messages as the customer's last one allows were sent")
        _, known, since, same = answer
        return Step(Attempt(known.decode()), codec.moment(since), codec.moment(same) if same else None)

    def not_sent(self, lease: Lease, turn: Turn, step: str) -> None:
        self._step("step", lease, keys.turn(turn.conversation, turn.turn_id), step, "not_sent")

    def mark(self, lease: Lease, turn: Turn, step: str) -> None:
        self._step("step", lease, keys.turn(turn.conversation, turn.turn_id), step, "mark")

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

    def close(self, lease: Lease, turn: Turn, *, answered: bool) -> None:
        record = codec.ENTRY.dump_json(TurnRecord(turn, answered, self._clock.now()))
        self._step("close", lease, keys.turn(turn.conversation, turn.turn_id), codec.milliseconds(_KEEP_CLOSED), record)

    def _step(self, script: str, lease: Lease, *args: Arg) -> Any:  # noqa: ANN401 - a script answers what it likes
        answer = self._scripts.tenant(script, lease.corp_id, lease.mailbox, lease.token, *args)
        if answer in (-1, [-1]):
            raise LeaseLost(lease.mailbox)
        return answer
