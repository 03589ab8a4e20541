"""The demo's outside: a simulated WeCom and a simulated Coze, and who lives there."""

from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from wecom_bot.domain.message import Channel, CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.simulators import samples
from wecom_bot.simulators.coze.client import CozeSimulatorClient
from wecom_bot.simulators.coze.server import CozeSimulator
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import AppSpec, KfSpec
from wecom_bot.simulators.wecom.server import WecomSimulator
from wecom_bot.simulators.window.desk import Account, Company

_OPENERS = ("怎么查物流", "查一下我的订单", "我的快递怎么一直不动啊", "让客服给我回个电话", "转人工")


class Stage:
    """Both simulators, from entering to leaving."""

    def __init__(self) -> None:
        self._wecom, self._coze = WecomSimulator(), CozeSimulator()

    def __enter__(self) -> Self:
        self.wecom = SimulatorClient(self._wecom.start())
        self.coze_url = self._coze.start()
        coze = CozeSimulatorClient(self.coze_url)
        coze.add_token(samples.COZE_TOKEN)
        held = samples.coze()
        for bot in held["bots"]:
            coze.add_bot(**bot)
        for workflow in held["workflows"]:
            coze.add_workflow(**workflow)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._wecom.stop()
        self._coze.stop()

    def happens(self, what: str) -> None:
        """Coze dies, or returns to where it was."""
        if what == "coze_dies":
            self._coze.stop()
        elif what == "coze_returns":
            self._coze.start(port=urlsplit(self.coze_url).port or 0)

    def introduce(self, document: dict[str, Any]) -> None:
        """Tell WeCom of the companies."""
        for tenant in document["tenants"]:
            accounts = [
                KfSpec(open_kfid=kf["open_kfid"], app=kf["app"], servicers=("alice",)) for kf in tenant["kf_accounts"]
            ]
            self.wecom.add_corp(tenant["corp_id"], [AppSpec(**_spec(app)) for app in tenant["apps"]], accounts)

    def connect(self, document: dict[str, Any], url: str) -> None:
        """Register each callback URL, and let WeCom prove it as the console does. Raises TemporaryFailure."""
        for tenant in document["tenants"]:
            corp_id = tenant["corp_id"]
            for app in tenant["apps"]:
                self.wecom.set_callback(corp_id, app["name"], f"{url}/callback/{corp_id}/{app['name']}")
                verified = self.wecom.verify(corp_id, app["name"])
                if not verified.ok:
                    raise TemporaryFailure(f"回调地址验证失败 / the callback URL was not verified: {verified.error}")


def companies(document: dict[str, Any]) -> tuple[Company, ...]:
    """The companies as the window shows them."""
    return tuple(
        Company(
            CorpId(tenant["corp_id"]),
            tenant["name"],
            (
                *(Account(Channel.KF, kf["open_kfid"], kf["name"]) for kf in tenant["kf_accounts"]),
                *(Account(Channel.APP, str(app["agent_id"]), "员工服务台") for app in tenant["apps"]),
            ),
            _OPENERS,
        )
        for tenant in document["tenants"]
    )


def _spec(app: dict[str, Any]) -> dict[str, Any]:
    return {name: app[name] for name in ("name", "agent_id", "secret", "token", "encoding_aes_key")}
