"""Fair scheduling of leases: one trip where one server holds all slots, three in a cluster."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from wecom_bot.adapters.redis import codec
from wecom_bot.adapters.redis.scripting import Arg, Scripts
from wecom_bot.domain.job import Lease
from wecom_bot.domain.message import CorpId
from wecom_bot.ports import Onward

_LATER = 1.0  # seconds; where nothing is due


@dataclass(frozen=True, slots=True)
class Lent:
    """A lease, or none; and in how many seconds something else is due, as far as anybody knows now."""

    lease: Lease | None
    soon: float = 0.0


class Lending:
    """Asks for what is next, of whichever tenant waited longest."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def next(self, worker: str, length: timedelta, without: Collection[CorpId]) -> Lent:
        """What is due now."""
        token = _token(worker)
        if self._scripts.one_server:
            return lent(token, self._scripts.any_tenant("lease_next", token, codec.milliseconds(length), *without))
        return self._in_cluster(token, length, without)

    def _in_cluster(self, token: str, length: timedelta, without: Collection[CorpId]) -> Lent:
        """The hint and the tenant's work lie in two slots."""
        while True:
            picked = self._scripts.shared("next_tenant", *without)
            if len(picked) == 1:
                return Lent(None, _seconds(picked[0]))
            corp_id = CorpId(picked[0].decode())
            next_due, *got = self._scripts.tenant("lease", corp_id, token, codec.milliseconds(length))
            self._scripts.shared("rest", corp_id, picked[1], next_due)
            if got:
                return Lent(_lease(corp_id, token, got))


def asked(onward: Onward | None) -> tuple[str, list[Arg]]:
    """The token of who goes on, and the arguments that ask a script for its next lease."""
    if onward is None:
        return "", ["", 0]
    token = _token(onward.worker)
    return token, [token, codec.milliseconds(onward.length)]


def lent(token: str, answer: Sequence[Any]) -> Lent:
    """What lend_next answered."""
    if len(answer) <= 1:
        return Lent(None, _seconds(answer[0]) if answer else 0.0)
    corp_id, *got, soon = answer
    return Lent(_lease(CorpId(corp_id.decode()), token, got), _seconds(soon))


def _lease(corp_id: CorpId, token: str, got: Sequence[Any]) -> Lease:
    """What lend answered; without a job where that cannot be read."""
    mailbox, payload, tries, failures, born, head, accused, behind, place, turn, dialog = got
    lease = Lease(
        corp_id, mailbox.decode(), token, (), int(tries), codec.moment(born), int(failures), head.decode(),
        int(accused), int(behind), place.decode() if place else "", (turn, dialog),
    )  # fmt: skip
    job = codec.job(payload)
    return replace(lease, jobs=(job,)) if job else lease


def _token(worker: str) -> str:
    return f"{worker}-{uuid4().hex}"


def _seconds(milliseconds: int) -> float:
    return milliseconds / 1000 if milliseconds >= 0 else _LATER
