"""All that the simulator knows, behind one lock: corps and their people, tokens, screens, modes and counters."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from wecom_bot.errors import InvalidInput, Unknown
from wecom_bot.simulators.wecom.apps import SimulatedApp
from wecom_bot.simulators.wecom.clock import StampClock
from wecom_bot.simulators.wecom.codes import EventCodes
from wecom_bot.simulators.wecom.customers import SimulatedCustomer
from wecom_bot.simulators.wecom.frequency import Crowd, Frequency
from wecom_bot.simulators.wecom.kf import SimulatedKfAccount
from wecom_bot.simulators.wecom.media import MediaStore
from wecom_bot.simulators.wecom.modes import Modes
from wecom_bot.simulators.wecom.schema import ApiCalls, CorpSpec, Door, UnansweredMessage
from wecom_bot.simulators.wecom.screens import Screens
from wecom_bot.simulators.wecom.tokens import IssuedTokens

NOTIFICATION_LIFE = 600.0


@dataclass(slots=True)
class Corp:
    """One company. `notices` are the tokens of its kf notifications, with the end of their life."""

    corp_id: str
    apps: dict[str, SimulatedApp] = field(default_factory=dict)
    accounts: dict[str, SimulatedKfAccount] = field(default_factory=dict)
    customers: dict[str, SimulatedCustomer] = field(default_factory=dict)
    notices: dict[str, float] = field(default_factory=dict)
    codes: EventCodes = field(default_factory=EventCodes)

    def notified(self, token: str, now: float) -> bool:
        """Whether a notification carried the token within the last ten minutes."""
        return self.notices.get(token, 0.0) > now

    def customer(self, external_userid: str) -> SimulatedCustomer:
        """The WeChat user, who is known from now on."""
        return self.customers.setdefault(external_userid, SimulatedCustomer(external_userid))

    def app(self, name: str) -> SimulatedApp:
        """The app of that name. Raises Unknown."""
        if name not in self.apps:
            raise Unknown(f"corp {self.corp_id} has no app {name!r}")
        return self.apps[name]

    def app_of_agent(self, agent_id: str) -> SimulatedApp:
        """The app with that AgentID. Raises Unknown."""
        for app in self.apps.values():
            if str(app.spec.agent_id) == agent_id:
                return app
        raise Unknown(f"corp {self.corp_id} has no app with AgentID {agent_id}")

    def app_called(self, name_or_agent_id: str) -> SimulatedApp:
        """The app of that name or AgentID. Raises Unknown."""
        return self.apps.get(name_or_agent_id) or self.app_of_agent(name_or_agent_id)

    def account(self, open_kfid: str) -> SimulatedKfAccount:
        """The kf account. Raises Unknown."""
        if open_kfid not in self.accounts:
            raise Unknown(f"corp {self.corp_id} has no kf account {open_kfid!r}")
        return self.accounts[open_kfid]


class WecomWorld:
    """The simulated world. Whoever reads or changes it holds `lock`; nothing done under it waits for a network."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything, corps and modes included."""
        with self.lock:
            self.clock = StampClock()
            self.modes = Modes()
            self.tokens = IssuedTokens()
            self.corps: dict[str, Corp] = {}
            self.media = MediaStore()
            self.frequency = Frequency()
            self.wrong_secrets = Frequency()
            self.crowd = Crowd()
            self.screens = Screens(self.lock)
            self.calls: Counter[tuple[str, str, str]] = Counter()

    def corp(self, corp_id: str) -> Corp:
        """The corp. Raises Unknown."""
        if corp_id not in self.corps:
            raise Unknown(f"there is no corp {corp_id!r}")
        return self.corps[corp_id]

    def add(self, spec: CorpSpec) -> None:
        """Add a corp, or add to one. Raises InvalidInput."""
        corp = self.corps.get(spec.corp_id) or Corp(spec.corp_id)
        names = corp.apps.keys() | {app.name for app in spec.apps}
        for account in spec.kf_accounts:
            if account.app not in names:
                raise InvalidInput(f"kf account {account.open_kfid} names app {account.app!r}, which the corp has not")
        for app in spec.apps:
            if app.name in corp.apps:
                corp.apps[app.name].spec = app
            else:
                corp.apps[app.name] = SimulatedApp(app)
        for account in spec.kf_accounts:
            corp.accounts.setdefault(account.open_kfid, SimulatedKfAccount(account)).become(account)
        self.corps[spec.corp_id] = corp

    def switch(self, changes: dict[str, Any]) -> Modes:
        """Change some modes; all of them then. Raises pydantic's ValidationError."""
        self.modes = Modes.model_validate(self.modes.model_dump() | changes)
        return self.modes

    def counts(self) -> list[ApiCalls]:
        """How often each API was called."""
        return [
            ApiCalls(api=api, corp_id=corp_id, outcome=outcome, count=count)
            for (api, corp_id, outcome), count in sorted(self.calls.items())
        ]

    def unanswered(self) -> list[UnansweredMessage]:
        """The messages after which their customers saw nothing."""
        now, found = self.clock.now(), []
        for (corp_id, channel, account, customer), msgid, at in self.screens.waiting():
            state = None
            if channel is Door.KF:
                state = int(self.corps[corp_id].accounts[account].conversation(customer).state(now))
            found.append(
                UnansweredMessage(
                    corp_id=corp_id,
                    channel=channel,
                    account=account,
                    customer=customer,
                    msgid=msgid,
                    at=at,
                    service_state=state,
                )
            )
        return found
