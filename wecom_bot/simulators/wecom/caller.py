"""Who calls the API, as the token proves it."""

from dataclasses import dataclass

from wecom_bot.simulators.wecom.apps import SimulatedApp
from wecom_bot.simulators.wecom.kf import SimulatedKfAccount
from wecom_bot.simulators.wecom.news import News
from wecom_bot.simulators.wecom.refusals import WecomRefusal
from wecom_bot.simulators.wecom.tokens import Grant
from wecom_bot.simulators.wecom.world import Corp, WecomWorld


@dataclass(frozen=True, slots=True)
class CallingApp:
    """An app of a corp in its world, whose lock is held during the call."""

    world: WecomWorld
    news: News
    grant: Grant

    @property
    def now(self) -> float:
        """A stamp of the present."""
        return self.world.clock.now()

    @property
    def corp(self) -> Corp:
        """The corp."""
        return self.world.corps[self.grant.corp_id]

    @property
    def app(self) -> SimulatedApp:
        """The app whose secret it was."""
        return self.corp.apps[self.grant.app]

    def account(self, open_kfid: str) -> SimulatedKfAccount:
        """A kf account that the app may call for. Raises WecomRefusal."""
        account = self.corp.accounts.get(open_kfid)
        if account is None:
            raise WecomRefusal(95004 if open_kfid.startswith("wk") else 95000)
        if account.app != self.grant.app or not account.spec.managed:
            raise WecomRefusal(48007)
        return account

    def knows(self, customer: str) -> None:
        """Raises WecomRefusal for a customer whom the corp never met."""
        if customer not in self.corp.customers:
            raise WecomRefusal(40096)
