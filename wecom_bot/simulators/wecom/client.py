"""Drives a simulated WeCom over its control API; for tests, demo and benchmarks. Threads may share one."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal

from wecom_bot.simulators.wecom.schema import (
    AppSpec,
    CallCount,
    CorpSpec,
    DeliveryReport,
    DeliveryState,
    Door,
    Fault,
    KfSpec,
    Modes,
    Saying,
    Seen,
    ServiceState,
    Unanswered,
    Verification,
)
from wecom_bot.simulators.wire import ControlWire

_LONG = timedelta(days=365)


class SimulatorClient:
    """Everything that the people in the simulated world do and see. Every call may raise Unknown or InvalidInput."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        wire = ControlWire(self.base_url)
        self._tell, self._ask, self.close = wire.tell, wire.ask, wire.close

    def add_corp(self, corp_id: str, apps: Iterable[AppSpec], kf_accounts: Iterable[KfSpec] = ()) -> None:
        """Add a corp; again, to replace apps and accounts of the same name."""
        self._tell("add_corp", CorpSpec(corp_id=corp_id, apps=tuple(apps), kf_accounts=tuple(kf_accounts)))

    def set_callback(self, corp_id: str, app: str, url: str) -> None:
        """Send the app's callbacks there from now on."""
        self._tell("set_callback", {"corp_id": corp_id, "app": app, "url": url})

    def verify(self, corp_id: str, app: str) -> Verification:
        """Prove the app's callback URL, as saving it in the admin console does."""
        return self._ask(Verification, "POST", "verify", {"corp_id": corp_id, "app": app})

    def mode(self, **changes: str | float | bool) -> Modes:
        """Switch some of the `Modes`; all of them then."""
        return self._ask(Modes, "POST", "switch", changes)

    def age(self, length: timedelta) -> None:
        """Make everything that happened so far that much older, but not the access tokens."""
        self._tell("age", {"seconds": length.total_seconds()})

    def reset(self) -> None:
        """Forget everything: corps, modes, faults, messages."""
        self._tell("reset", {})

    def say(
        self,
        corp_id: str,
        account: str,
        customer: str,
        text: str = "",
        channel: Door | Literal["kf", "app"] = Door.KF,
        *,
        msgtype: str = "text",
        fields: Mapping[str, str | float] | None = None,
        copies: int | None = None,
        swallow: bool | None = None,
    ) -> str:
        """A customer writes to an open_kfid or an AgentID; the message's id.

        Another `msgtype` has its `fields` as WeCom names them. `copies` and `swallow` are of this callback alone.
        """
        saying = Saying(
            corp_id=corp_id,
            account=account,
            customer=customer,
            text=text,
            channel=Door(channel),
            msgtype=msgtype,
            fields=dict(fields or {}),
            copies=copies,
            swallow=swallow,
        )
        return self._ask(str, "POST", "say", saying)

    def click(self, corp_id: str, account: str, customer: str, choice_id: str) -> str:
        """The customer clicks an entry of a menu that was shown; the id of the message that comes of it."""
        return self._ask(str, "POST", "click", _where(corp_id, account, customer) | {"choice_id": choice_id})

    def take(self, corp_id: str, account: str, customer: str, servicer: str) -> ServiceState:
        """A servicer takes the conversation."""
        return self._ask(ServiceState, "POST", "take", _where(corp_id, account, customer) | {"servicer": servicer})

    def end(self, corp_id: str, account: str, customer: str) -> ServiceState:
        """A servicer ends the conversation."""
        return self._ask(ServiceState, "POST", "end", _where(corp_id, account, customer))

    def servicer_says(self, corp_id: str, account: str, customer: str, servicer: str, text: str) -> str:
        """A servicer writes to the customer, taking the conversation if it is not theirs; the message's id."""
        words = {"servicer": servicer, "text": text}
        return self._ask(str, "POST", "servicer_says", _where(corp_id, account, customer) | words)

    def set_receiving(self, corp_id: str, account: str, servicer: str, *, receiving: bool) -> None:
        """A servicer starts or stops receiving customers."""
        order = {"corp_id": corp_id, "account": account, "servicer": servicer, "receiving": receiving}
        self._tell("receiving", order)

    def event(self, corp_id: str, account: str, fields: Mapping[str, Any]) -> str:
        """Something else happens in a kf account, with fields as WeCom names them; the event's id."""
        return self._ask(str, "POST", "event", {"corp_id": corp_id, "account": account, "event": dict(fields)})

    def state(self, corp_id: str, account: str, customer: str) -> ServiceState:
        """Who has a kf conversation."""
        return self._ask(ServiceState, "GET", "state", _where(corp_id, account, customer))

    def seen(
        self,
        corp_id: str = "",
        account: str = "",
        customer: str = "",
        *,
        channel: str = "",
        after: int = 0,
        count: int = 0,
        timeout: float = 0.0,
    ) -> list[Seen]:
        """What the bot showed there, in order, later than the seq `after`; what is empty does not matter.

        Waits until it is `count` messages, but not longer than `timeout` seconds.
        """
        query = _where(corp_id, account, customer) | {"channel": channel, "after": after, "count": count}
        return self._ask(list[Seen], "GET", "seen", query | {"timeout": timeout}, timeout)

    def wait_seen(
        self,
        corp_id: str = "",
        account: str = "",
        customer: str = "",
        *,
        channel: str = "",
        after: int = 0,
        count: int = 1,
        timeout: float = 10.0,
    ) -> list[Seen]:
        """`seen`, of which there are at least `count`. Raises TimeoutError, which lists those that there were."""
        found = self.seen(corp_id, account, customer, channel=channel, after=after, count=count, timeout=timeout)
        if len(found) >= count:
            return found
        place = "/".join(filter(None, (corp_id, channel, account, customer))) or "all customers"
        listed = "".join(f"\n  {one.seq}. {one.customer} saw {one.msgtype}: {one.text!r}" for one in found)
        raise TimeoutError(f"{place}: {len(found)} of {count} messages were seen in {timeout} s{listed}")

    def unanswered(self, corp_id: str = "") -> list[Unanswered]:
        """The customers' messages after which the bot showed those customers nothing."""
        return self._ask(list[Unanswered], "GET", "unanswered", {"corp_id": corp_id})

    def call_counts(self) -> list[CallCount]:
        """How often each API was called, by corp and outcome."""
        return self._ask(list[CallCount], "GET", "calls", {})

    def calls(self, api: str, corp_id: str | None = None, outcome: str | None = None) -> int:
        """How often one API was called, in all or with one outcome."""
        return sum(
            one.count
            for one in self.call_counts()
            if one.api == api and corp_id in {None, one.corp_id} and outcome in {None, one.outcome}
        )

    def fault(
        self,
        api: str,
        kind: Literal["errcode", "status", "delay", "hang", "reset", "garbage"],
        value: float = 0,
        *,
        corp_id: str = "",
        times: int | None = None,
        lasting: timedelta | None = None,
        performed: bool = False,
    ) -> None:
        """Trouble for the next calls of an API; see `Fault`. For one call, unless `times` or `lasting` is given."""
        seconds = None if lasting is None else lasting.total_seconds()
        fault = Fault(
            api=api, kind=kind, value=value, corp_id=corp_id, times=times, for_seconds=seconds, performed=performed
        )
        self._tell("fault", fault)

    def clear_faults(self) -> None:
        """No more trouble; calls that hang are broken off."""
        self._tell("clear_faults", {})

    def expire_tokens(self, corp_id: str = "") -> None:
        """All access tokens so far get 42001, of one corp or of all."""
        self._tell("expire_tokens", {"corp_id": corp_id})

    def forget_tokens(self, corp_id: str = "") -> None:
        """All access tokens so far get 40014, of one corp or of all."""
        self._tell("forget_tokens", {"corp_id": corp_id})

    def refuse_tokens(self, corp_id: str = "") -> None:
        """Every access token gets 40014, new ones too, until the faults are cleared."""
        self.fault("*", "errcode", 40014, corp_id=corp_id, lasting=_LONG)

    def deliveries(
        self,
        message_ids: Iterable[str],
        until: Literal["now", "acknowledged", "settled"] = "now",
        timeout: float = 0.0,
    ) -> list[DeliveryReport]:
        """How the callbacks of these messages fared; waits until all have come so far, at most `timeout` seconds."""
        query = {"message_ids": list(message_ids), "until": until, "timeout": timeout}
        return self._ask(list[DeliveryReport], "POST", "deliveries", query, timeout)

    def acknowledged(self, message_ids: Collection[str], timeout: float = 0.0) -> set[str]:
        """Those of the messages whose callback the bot answered with 200; waits for all, at most `timeout` seconds."""
        found = self.deliveries(message_ids, "acknowledged", timeout)
        return {one.message_id for one in found if one.state is DeliveryState.ACKNOWLEDGED}

    def release(self, order: Literal["as_said", "reversed"] = "as_said") -> int:
        """Send the callbacks that the mode `hold` kept back, one after the other; how many."""
        return self._ask(int, "POST", "release", {"order": order})


def _where(corp_id: str, account: str, customer: str) -> dict[str, Any]:
    return {"corp_id": corp_id, "account": account, "customer": customer}
