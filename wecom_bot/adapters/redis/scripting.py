"""Loads the Lua scripts and runs them; every failure of Redis leaves here as one of our errors."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha1
from importlib.resources import files
from itertools import islice
from typing import Any

import redis

from wecom_bot.adapters.redis import keys
from wecom_bot.adapters.redis.connection import Client, said_by, translated
from wecom_bot.adapters.redis.direct import Direct
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.telemetry import logs

Arg = str | int | bytes

_AT_ONCE = 200  # tenants in one trip: some 200 KB, and 3 ms of the server
_INCLUDE = "-- include "
_IN_TWO_SLOTS = "#!lua flags=no-writes\nreturn 1"
_SOMEBODY = CorpId("somebody")

log = logs.get(__name__)


@cache
def _source(name: str, *, tenant: bool) -> str:
    text = _text(name)
    if not tenant:
        return text
    first, _, rest = text.partition("\n")
    # a shebang must stay the first line
    return f"{first}\n{_text('_prologue')}\n{rest}" if first.startswith("#!") else f"{_text('_prologue')}\n{text}"


def _text(name: str) -> str:
    """The script, with what it includes in the place of the line that says so."""
    lines = (files("wecom_bot.adapters.redis.scripts") / f"{name}.lua").read_text().splitlines()
    return "\n".join(_text(line.removeprefix(_INCLUDE)) if line.startswith(_INCLUDE) else line for line in lines)


@cache
def _digest(name: str, *, tenant: bool) -> str:
    """The name under which a server remembers the script."""
    return sha1(_source(name, tenant=tenant).encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """A script with what it is told, and the keys that it lies with."""

    name: str
    keys: tuple[str, ...]
    args: tuple[Arg, ...]
    tenant: bool

    def by_digest(self) -> tuple[Arg, ...]:
        """As a command for a server that knows the script."""
        return ("EVALSHA", _digest(self.name, tenant=self.tenant), len(self.keys), *self.keys, *self.args)

    def in_full(self) -> tuple[Arg, ...]:
        """As a command for any server."""
        return ("EVAL", _source(self.name, tenant=self.tenant), len(self.keys), *self.keys, *self.args)


def for_tenant(name: str, corp_id: CorpId, *args: Arg) -> ScriptCall:
    """A script in a tenant's slot."""
    prefix = keys.tenant(corp_id)
    return ScriptCall(name, (prefix + "ready",), (prefix, *args), tenant=True)


def for_all(name: str, *args: Arg) -> ScriptCall:
    """A script on what all tenants share."""
    return ScriptCall(name, (keys.DUE, keys.PUTS, keys.WAKE, keys.SERVED), args, tenant=False)


class Scripts:
    """The scripts on one server; each is sent once and then called by its hash."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._shared = [keys.DUE, keys.PUTS, keys.WAKE, keys.SERVED]

    @cached_property
    def one_server(self) -> bool:
        """Whether a script may look at all slots. Those of a cluster lie on several servers, also behind a proxy.

        Who hides a cluster behind one address is found out by asking. Raises TemporaryFailure.
        """
        client: Any = self._client
        if not isinstance(self._client, redis.Redis):
            return False
        with translated():
            try:
                client.execute_command("EVAL", _IN_TWO_SLOTS, 2, keys.DUE, keys.tenant(_SOMEBODY) + "ready")
            except redis.ResponseError as e:
                if "slot" not in said_by(e).lower():
                    raise
                log.info("redis.slots_apart", reason=said_by(e))
                return False
        return True

    def _run(self, name: str, script_keys: Sequence[str], args: Sequence[Arg], *, tenant: bool) -> Any:  # noqa: ANN401 - a script answers what it likes
        given = (len(script_keys), *script_keys, *args)
        with translated():
            try:
                return self._sent("EVALSHA", _digest(name, tenant=tenant), *given)
            except redis.exceptions.NoScriptError:
                # the server is new to us, or has forgotten; what it is told in full it remembers
                return self._sent("EVAL", _source(name, tenant=tenant), *given)

    def _sent(self, *command: Arg) -> Any:  # noqa: ANN401 - as above
        """What the server replies, in a trip that is shared where the client can. Raises as redis-py does."""
        if not isinstance(self._client, Direct):
            client: Any = self._client
            return client.execute_command(*command)
        reply = self._client.trips(command)
        if isinstance(reply, redis.ResponseError):
            raise reply
        return reply

    def tenant(self, name: str, corp_id: CorpId, *args: Arg) -> Any:  # noqa: ANN401 - as above
        """Run a script in a tenant's slot; with what all tenants share beside it, on one server."""
        prefix = keys.tenant(corp_id)
        return self._run(
            name, [prefix + "ready", *(self._shared if self.one_server else ())], [prefix, *args], tenant=True
        )

    def any_tenant(self, name: str, *args: Arg) -> Any:  # noqa: ANN401 - as above
        """Run a script that picks its tenant itself: on one server only."""
        return self._run(name, self._shared, ["", *args], tenant=True)

    def each(self, name: str, corp_ids: Collection[CorpId], *args: Arg) -> Iterator[tuple[CorpId, Any]]:
        """Run a script, one without the prologue, in the slot of each of many tenants; some hundred in one trip.

        What fails for one of them is its answer. Raises TemporaryFailure when the server, or a node, is away.
        """
        left = iter(corp_ids)
        while some := list(islice(left, _AT_ONCE)):
            with translated():
                # the pipeline of a cluster takes no EVALSHA, and EVAL only so
                pipeline: Any = self._client.pipeline(transaction=False)
                for corp_id in some:
                    prefix = keys.tenant(corp_id)
                    key = prefix + "ready"
                    text = _source(name, tenant=False)
                    pipeline.execute_command("EVAL", text, 1, key, prefix, *args, **self._route(key))
                answers: list[Any] = pipeline.execute(raise_on_error=False)
            for corp_id, answer in zip(some, answers, strict=True):
                yield corp_id, _failure(answer) if isinstance(answer, Exception) else answer

    def place(self, corp_id: CorpId) -> str:
        """Which server of a cluster a tenant's slot lies on now; empty where there is but one."""
        client: Any = self._client
        return "" if isinstance(client, redis.Redis) else str(client.get_node_from_key(keys.tenant(corp_id)).name)

    def together(self, calls: Sequence[ScriptCall], then: Sequence[ScriptCall]) -> list[Any]:
        """The answers to `calls`, all for one server and in one trip; what fails for one of them is its answer.

        `then` are run after all of them, perhaps more than once, and may be lost: in the same trip, unless it is a
        cluster. Raises TemporaryFailure when the server is away.
        """
        with translated():
            answers = self._direct(calls, then) if isinstance(self._client, Direct) else self._piped(calls)
        if not isinstance(self._client, Direct):
            with suppress(TemporaryFailure), translated():  # they may lie on a server that is away
                self._piped(then)
        return [_failure(answer) if isinstance(answer, Exception) else answer for answer in answers]

    def _direct(self, calls: Sequence[ScriptCall], then: Sequence[ScriptCall]) -> list[Any]:
        client: Any = self._client
        answers = client.together([call.by_digest() for call in (*calls, *then)])
        unknown = [place for place, each in enumerate(answers) if isinstance(each, redis.exceptions.NoScriptError)]
        if unknown:  # the server is new to us, or has forgotten; what it is told in full it remembers
            missed = [place for place in unknown if place < len(calls)]
            again = client.together([call.in_full() for call in (*(calls[place] for place in missed), *then)])
            for place, answer in zip(missed, again, strict=False):
                answers[place] = answer
        return list(answers[: len(calls)])

    def _piped(self, calls: Sequence[ScriptCall]) -> list[Any]:
        """The pipeline of a cluster takes no EVALSHA, and EVAL only so."""
        client: Any = self._client
        pipeline = client.pipeline(transaction=False)
        for call in calls:
            pipeline.execute_command(*call.in_full(), **self._route(call.keys[0]))
        answers: list[Any] = pipeline.execute(raise_on_error=False)
        return answers

    def _route(self, key: str) -> Mapping[str, Any]:
        """The node of a cluster: the pipeline would ask the server of each command which of its words is a key."""
        client: Any = self._client
        return {} if isinstance(client, redis.Redis) else {"target_nodes": client.get_node_from_key(key)}

    def shared(self, name: str, *args: Arg) -> Any:  # noqa: ANN401 - as above
        """Run a script on what all tenants share."""
        return self._run(name, self._shared, args, tenant=False)


def _failure(error: Exception) -> TemporaryFailure:
    try:
        with translated():
            raise error
    except TemporaryFailure as e:
        return e
