"""Drives a simulated WeCom over its control API; for tests, demo and benchmarks. Threads may share one."""

from collections.abc import Collection, Iterable
from typing import Literal

from wecom_bot.simulators.wecom.drive_people import PeopleDriver
from wecom_bot.simulators.wecom.drive_trouble import TroubleDriver
from wecom_bot.simulators.wecom.driver import where
from wecom_bot.simulators.wecom.schema import (
    ApiCalls,
    AppSpec,
    CorpSpec,
    DeliveryReport,
    DeliveryState,
    KfSpec,
    Seen,
    UnansweredMessage,
    Verification,
)


class SimulatorClient(PeopleDriver, TroubleDriver):
    """Everything that the people in the simulated world do and see. Every call may raise Unknown or InvalidInput."""

    def add_corp(self, corp_id: str, apps: Iterable[AppSpec], kf_accounts: Iterable[KfSpec] = ()) -> None:
        """Add a corp; again, to replace apps and accounts of the same name."""
        self._tell("add_corp", CorpSpec(corp_id=corp_id, apps=tuple(apps), kf_accounts=tuple(kf_accounts)))

    def set_callback(self, corp_id: str, app: str, url: str) -> None:
        """Send the app's callbacks there from now on."""
        self._tell("set_callback", {"corp_id": corp_id, "app": app, "url": url})

    def verify(self, corp_id: str, app: str) -> Verification:
        """Prove the app's callback URL, as saving it in the admin console does."""
        return self._ask(Verification, "POST", "verify", {"corp_id": corp_id, "app": app})

    def reset(self) -> None:
        """Forget everything: corps, modes, faults, messages."""
        self._tell("reset", {})

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
        query = where(corp_id, account, customer) | {"channel": channel, "after": after, "count": count}
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
        timeout: float = 60.0,
    ) -> list[Seen]:
        """`seen`, of which there are at least `count`. Raises TimeoutError, which lists those that there were."""
        found = self.seen(corp_id, account, customer, channel=channel, after=after, count=count, timeout=timeout)
        if len(found) >= count:
            return found
        place = "/".join(filter(None, (corp_id, channel, account, customer))) or "all customers"
        listed = "".join(f"\n  {one.seq}. {one.customer} saw {one.msgtype}: {one.text!r}" for one in found)
        raise TimeoutError(f"{place}: {len(found)} of {count} messages were seen in {timeout} s{listed}")

    def unanswered(self, corp_id: str = "") -> list[UnansweredMessage]:
        """The customers' messages after which the bot showed those customers nothing."""
        return self._ask(list[UnansweredMessage], "GET", "unanswered", {"corp_id": corp_id})

    def call_counts(self) -> list[ApiCalls]:
        """How often each API was called, by corp and outcome."""
        return self._ask(list[ApiCalls], "GET", "calls", {})

    def calls(self, api: str, corp_id: str | None = None, outcome: str | None = None) -> int:
        """How often one API was called, in all or with one outcome."""
        return sum(
            one.count
            for one in self.call_counts()
            if one.api == api and corp_id in {None, one.corp_id} and outcome in {None, one.outcome}
        )

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
