"""`wecom-bot demo`: two sample companies, served for real amid a simulated WeCom and Coze, and a window on them."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from wecom_bot import processes
from wecom_bot.bootstrap import search, shared, stores
from wecom_bot.bootstrap.operation import operation
from wecom_bot.cli import play
from wecom_bot.cli.machine_user import me
from wecom_bot.cli.stage import Stage, companies
from wecom_bot.domain.knowledge import SearchMode
from wecom_bot.domain.message import CorpId
from wecom_bot.environment import PREFIX
from wecom_bot.errors import TemporaryFailure
from wecom_bot.settings import Settings, load
from wecom_bot.simulators import samples
from wecom_bot.simulators.window.server import WindowServer
from wecom_bot.simulators.window.simulated import SimulatedDesk


@click.command()
@click.option("--once", is_flag=True, help="演完即退，有一句答错则退出码非零 / end after the conversation")
@click.option("--port", default=8088, show_default=True, help="聊天窗口的端口，0 为任选 / port of the chat window")
def demo(*, once: bool, port: int) -> None:
    """两个示例租户，全链路真实运行，只有企业微信和扣子是模拟的 / The whole bot; only WeCom and Coze are simulated."""
    for name in [name for name in os.environ if name.upper().startswith(PREFIX) or name == "COZE_TOKEN"]:
        del os.environ[name]  # a world of its own: no setting of the person at the keyboard reaches the demo
    model = _model()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is also ended
    with tempfile.TemporaryDirectory(prefix="wecom-bot-demo-") as folder, Stage() as stage:
        right = _play(Path(folder), stage, model, port=0 if once else port, once=once)
    sys.exit(0 if right else 1)


def _play(folder: Path, stage: Stage, model: Path | None, *, port: int, once: bool) -> bool:
    document = samples.tenants()
    settings = load(None, data=folder, embedding_model=model)
    _furnish(settings, document)
    stage.introduce(document)
    click.echo("正在启动：内置 Valkey、网关、worker …… / starting …")
    with ExitStack() as leaving:
        url = leaving.enter_context(_served(_environment(folder, stage, model), folder / "serve.log"))
        stage.connect(document, url)
        ledger = shared.ledger(settings)
        desk = SimulatedDesk(stage.wecom, companies(document), ledger.turn, ledger.dialog)
        window = WindowServer(desk)
        shown = window.start(port=port)
        leaving.callback(window.stop)
        click.echo(f"网关 / gateway {url}　企业微信与扣子（模拟）/ simulated {stage.wecom.base_url} {stage.coze_url}")
        click.secho(f"聊天窗口 / chat window {shown}\n", bold=True)
        right = play.perform(desk, stage, samples.conversation(with_model=model is not None))
        if not once:
            click.secho(f"请打开 {shown} 当一回客户；Ctrl-C 退出 / be a customer there; Ctrl-C ends it", bold=True)
            click.echo("试试 / try: 查一下我的订单 → 202611200008；转人工；我的快递怎么一直不动啊")
            _wait()
    return right


def _model() -> Path | None:
    """The embedding model of this folder, if one is installed and works."""
    settings = load(None)
    if search.mode(settings) is SearchMode.HYBRID:
        return search.model_folder(settings).absolute()
    click.echo("没有语义模型，这次只按字词搜索；想看语义搜索：make model / words alone, for meaning run: make model")
    return None


def _wait() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        click.echo()


def _environment(folder: Path, stage: Stage, model: Path | None) -> dict[str, str]:
    said = {
        "DATA": str(folder),
        "WECOM_BASE_URL": stage.wecom.base_url,
        "COZE_BASE_URL": stage.coze_url,
        "WORKER_PORT": "0",
        "PORT": "0",
        "GATEWAY_PROCESSES": "1",
        **({"EMBEDDING_MODEL": str(model)} if model else {}),
    }
    return dict(os.environ) | {PREFIX + name: value for name, value in said.items()}


def _furnish(settings: Settings, document: dict[str, Any]) -> None:
    stores.migrate(settings)
    verbs = operation(settings)
    verbs.import_tenants(me(), document)
    for tenant in document["tenants"]:
        corp_id = CorpId(tenant["corp_id"])
        for path in samples.faq(corp_id):
            verbs.import_articles(me(), corp_id, stores.read_articles(path, lambda _bytes: None))
        verbs.import_orders(me(), corp_id, stores.read_orders(samples.orders(corp_id), lambda _bytes: None))


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
        if found := re.search(r"http://\S+", line.decode(errors="replace")):
            return found.group()
    raise TemporaryFailure(f"启动失败 / it did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")
