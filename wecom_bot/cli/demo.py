"""`wecom-bot demo`: two sample companies, served for real, with a simulated WeCom around them and a conversation."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from wecom_bot import processes
from wecom_bot.bootstrap import stores
from wecom_bot.cli import play
from wecom_bot.domain.message import CorpId
from wecom_bot.errors import TemporaryFailure
from wecom_bot.service.library import ImportArticles
from wecom_bot.service.onboarding import ImportTenants
from wecom_bot.settings import PREFIX, Settings, load
from wecom_bot.simulators import samples
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import AppSpec, KfSpec
from wecom_bot.simulators.wecom.server import WecomSimulator


@click.command()
@click.option("--once", is_flag=True, help="演完即退，有一句答错则退出码非零 / end after the conversation")
def demo(*, once: bool) -> None:
    """两个示例租户，全链路真实运行，只有企业微信是模拟的 / The whole bot, with a simulated WeCom."""
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        del os.environ[name]  # a world of its own: no setting of the person at the keyboard reaches the demo
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is also ended
    with tempfile.TemporaryDirectory(prefix="wecom-bot-demo-") as folder:
        simulator = WecomSimulator()
        wecom = SimulatorClient(simulator.start())
        try:
            right = _play(Path(folder), wecom, once=once)
        finally:
            simulator.stop()
    sys.exit(0 if right else 1)


def _play(folder: Path, wecom: SimulatorClient, *, once: bool) -> bool:
    document = samples.tenants()
    _furnish(load(None, data=folder), document)
    click.echo("正在启动：内置 Valkey、网关、worker …… / starting …")
    with _served(_environment(folder, wecom.base_url), folder / "serve.log") as url:
        _introduce(wecom, document, url)
        click.echo(f"网关 / gateway {url}　企业微信（模拟）/ simulated WeCom {wecom.base_url}\n")
        names = {tenant["corp_id"]: tenant["name"] for tenant in document["tenants"]}
        right = play.perform(wecom, document, names)
        if not once:
            play.chat(wecom, document["tenants"][0])
    return right


def _environment(folder: Path, wecom_url: str) -> dict[str, str]:
    said = {"DATA": str(folder), "WECOM_BASE_URL": wecom_url, "WORKER_PORT": "0", "PORT": "0", "GATEWAY_PROCESSES": "1"}
    return dict(os.environ) | {PREFIX + name: value for name, value in said.items()}


def _furnish(settings: Settings, document: dict[str, Any]) -> None:
    stores.migrate(settings)
    ImportTenants(stores.tenant_store(settings))(document)
    library = ImportArticles(stores.articles(settings))
    for tenant in document["tenants"]:
        for path in samples.faq(tenant["corp_id"]):
            library(CorpId(tenant["corp_id"]), stores.read_articles(path, lambda _bytes: None))


@contextmanager
def _served(env: dict[str, str], log: Path) -> Iterator[str]:
    """`wecom-bot serve` as a child that does not outlive us; its address."""
    with log.open("wb") as lines:
        command = [sys.executable, "-m", "wecom_bot", "serve"]
        child = subprocess.Popen(  # noqa: S603 - our own program
            command,
            env=env,
            cwd=log.parent,
            stdout=subprocess.PIPE,
            stderr=lines,
            preexec_fn=processes.before_exec(),  # noqa: PLW1509 - made for it: only system calls
        )
    try:
        yield _address(child, log)
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=30)
        except subprocess.TimeoutExpired:
            child.kill()


def _address(child: "subprocess.Popen[bytes]", log: Path) -> str:
    assert child.stdout is not None  # noqa: S101 - it was asked for
    for line in child.stdout:
        if found := re.search(r"http://\S+", line.decode()):
            return found.group()
    raise TemporaryFailure(f"启动失败 / it did not start:\n{log.read_text()[-4000:]}")


def _introduce(wecom: SimulatorClient, document: dict[str, Any], url: str) -> None:
    """Tell the simulated WeCom of the companies, and let it prove each callback URL as the console does."""
    for tenant in document["tenants"]:
        corp_id = tenant["corp_id"]
        apps = [
            AppSpec(callback_url=f"{url}/callback/{corp_id}/{app['name']}", **_secrets(app)) for app in tenant["apps"]
        ]
        accounts = [KfSpec(open_kfid=kf["open_kfid"], app=kf["app"]) for kf in tenant["kf_accounts"]]
        wecom.add_corp(corp_id, apps, accounts)
        for app in apps:
            verified = wecom.verify(corp_id, app.name)
            if not verified.ok:
                raise TemporaryFailure(f"回调地址验证失败 / the callback URL was not verified: {verified.error}")


def _secrets(app: dict[str, Any]) -> dict[str, Any]:
    return {name: app[name] for name in ("name", "agent_id", "secret", "token", "encoding_aes_key")}
