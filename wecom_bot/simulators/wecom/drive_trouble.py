"""Drives the trouble of a simulated WeCom: faults, failing deliveries, lost tokens, modes and time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from wecom_bot.simulators.wecom.driver import Driver
from wecom_bot.simulators.wecom.modes import Modes
from wecom_bot.simulators.wecom.schema import WecomFault

_LONG = timedelta(days=365)


class TroubleDriver(Driver):
    """Everything that goes wrong, or otherwise than usual."""

    def mode(self, **changes: str | float | bool | Sequence[str] | None) -> Modes:
        """Switch some of the `Modes`; all of them then."""
        return self._ask(Modes, "POST", "switch", changes)

    def age(self, length: timedelta) -> None:
        """Make everything that happened so far that much older, but not the access tokens."""
        self._tell("age", {"seconds": length.total_seconds()})

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
        """Trouble for the next calls of an API; see `WecomFault`. For one call, without `times` or `lasting`."""
        seconds = None if lasting is None else lasting.total_seconds()
        fault = WecomFault(
            api=api, kind=kind, value=value, corp_id=corp_id, times=times, for_seconds=seconds, performed=performed
        )
        self._tell("fault", fault)

    def clear_faults(self) -> None:
        """No more trouble; calls that hang are broken off."""
        self._tell("clear_faults", {})

    def fail_delivery(
        self, corp_id: str, account: str, customer: str | None = None, fail_type: int = 0, times: int = 1
    ) -> None:
        """The next messages of kf/send_msg, to one customer or to anybody, are accepted and never seen.

        A msg_send_fail with that `fail_type` follows each, `fail_after` seconds (a mode) later.
        """
        order = {"corp_id": corp_id, "account": account, "customer": customer or ""}
        self._tell("fail_delivery", order | {"fail_type": fail_type, "times": times})

    def expire_tokens(self, corp_id: str = "") -> None:
        """All access tokens so far get 42001, of one corp or of all."""
        self._tell("expire_tokens", {"corp_id": corp_id})

    def forget_tokens(self, corp_id: str = "") -> None:
        """All access tokens so far get 40014, of one corp or of all."""
        self._tell("forget_tokens", {"corp_id": corp_id})

    def refuse_tokens(self, corp_id: str = "") -> None:
        """Every access token gets 40014, new ones too, until the faults are cleared."""
        self.fault("*", "errcode", 40014, corp_id=corp_id, lasting=_LONG)
