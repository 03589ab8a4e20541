"""The furnished house: `wecom-bot serve` as an operator starts it, on real HTTP, with a simulated WeCom around it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import redis
import requests
import sqlalchemy as sa
import tomli_w

from tests.deadlines import PATIENCE
from tests.fixtures import log_scan
from tests.fixtures.actors import OWNER
from tests.fixtures.ports import free_port
from wecom_bot.bootstrap import stores
from wecom_bot.bootstrap.operation import operation
from wecom_bot.domain.draft import ArticleDraft
from wecom_bot.domain.message import CorpId
from wecom_bot.settings import load
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import AppSpec, KfSpec, Seen
from wecom_bot.simulators.wecom.server import WecomSimulator

ACME, GLOBEX = "ww_acme", "ww_globex"
KF, APP = "wk_shop", "1000002"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

ARTICLES = {
    ACME: {"几点关门": "我们晚上九点关门。", "怎么退货": "七天内可在订单页申请退货。"},
    GLOBEX: {"几点关门": "本店二十四小时营业。", "怎么退货": "请到前台办理退货。"},
}


def company(corp_id: str, **changes: object) -> dict[str, object]:
    """A tenant as its TOML file has it: one app, and one kf account that calls through it."""
    secrets = {"secret": f"secret-{corp_id}", "token": "token123", "encoding_aes_key": KEY}
    app = {"name": "shop", "agent_id": int(APP), **secrets}
    return {"corp_id": corp_id, "apps": [app], "kf_accounts": [{"open_kfid": KF, "app": "shop"}]} | changes


class Overheard(SimulatorClient):
    """Notes what its customers say, for no log may hold it; and is as patient as the tests are."""

    def wait_seen(self, *args: Any, timeout: float = PATIENCE, **kwargs: Any) -> list[Seen]:
        return super().wait_seen(*args, timeout=timeout, **kwargs)

    def say(self, *args: Any, **kwargs: Any) -> str:
        said = (*args[3:4], kwargs.get("text", ""), *(kwargs.get("fields") or {}).values())
        for words in said:
            if isinstance(words, str):  # the numbers of a place are no words: a log may hold them by chance
                log_scan.hear(words)
        return super().say(*args, **kwargs)


class Startable(Protocol):
    """A simulator, here or in a process of its own."""

    def start(self) -> str: ...

    def stop(self) -> None: ...


@dataclass
class House:
    """One `wecom-bot serve` on a folder of its own. `env` adds settings."""

    folder: Path
    tenants: list[dict[str, object]] = field(default_factory=lambda: [company(ACME), company(GLOBEX)])
    env: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    simulator: Startable = field(default_factory=WecomSimulator)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"

    def open(self) -> "House":
        """Start the simulator and the bot, register the corps, load the articles."""
        self.wecom = Overheard(self.simulator.start())
        self.write_tenants(self.folder / "tenants.toml")
        for tenant in self.tenants:
            self._register(tenant)
        self.start("--tenants", str(self.folder / "tenants.toml"))
        for tenant in self.tenants:
            self.load_articles(str(tenant["corp_id"]))
        return self

    def write_tenants(self, path: Path) -> None:
        path.write_text(tomli_w.dumps({"tenants": self.tenants}))

    def _register(self, tenant: dict[str, object]) -> None:
        corp_id, apps, accounts = tenant["corp_id"], tenant["apps"], tenant["kf_accounts"]
        assert isinstance(corp_id, str)
        assert isinstance(apps, list)
        assert isinstance(accounts, list)
        specs = [
            AppSpec(
                name=app["name"], agent_id=app["agent_id"], secret=app["secret"], token=app["token"],
                encoding_aes_key=app["encoding_aes_key"], callback_url=f"{self.url}/callback/{corp_id}/{app['name']}",
            )
            for app in apps
        ]  # fmt: skip
        kf = [KfSpec(open_kfid=account["open_kfid"], app=account["app"], servicers=("alice",)) for account in accounts]
        self.wecom.add_corp(corp_id, specs, kf)

    def load_articles(self, corp_id: str, more: Mapping[str, str] | None = None) -> None:
        """What `wecom-bot articles import` does, without a process for it: there are many houses."""
        known = ARTICLES.get(corp_id, {})
        drafts = [
            ArticleDraft(number, f"a{number}", question, answer)
            for number, (question, answer) in enumerate({**known, **(more or {})}.items())
        ]
        if not drafts:
            return
        where = {"data": self.folder / "data", "database_url": self.env.get("WECOM_BOT_DATABASE_URL")}
        settings = load(None, **{name: value for name, value in where.items() if value})
        engine = stores.sql_engine(settings)
        operation(settings, engine).import_articles(OWNER, CorpId(corp_id), drafts)
        engine.dispose()

    def environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("WECOM_BOT_")}
        return ours | {
            "WECOM_BOT_DATA": str(self.folder / "data"),
            "WECOM_BOT_PORT": str(self.port),
            "WECOM_BOT_WORKER_PORT": "0",
            "WECOM_BOT_GATEWAY_PROCESSES": "1",
            "WECOM_BOT_WECOM_BASE_URL": self.wecom.base_url,
            "WECOM_BOT_LEASE": "2",
            **self.env,
        }

    def run(self, *command: str) -> str:
        """An operator's command, on the same data; what it printed."""
        done = self.attempt(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def attempt(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """The same, however it ends."""
        done = subprocess.run(
            [sys.executable, "-m", "wecom_bot", *command],
            env=self.environment(), cwd=self.folder, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        with (self.folder / "commands.log").open("a") as log:
            log.write(done.stderr)
        return done

    def start(self, *arguments: str) -> None:
        """`wecom-bot serve`; returns when it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "wecom_bot", "serve", *arguments],
                env=self.environment(), cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        self.wait_ready()

    def wait_ready(self) -> None:
        assert self.process is not None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, f"serve ended with {self.process.returncode}:\n{self.log.read_text()}"
            try:
                if requests.get(f"{self.url}/readyz", timeout=1).status_code == requests.codes.ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.05)
        raise AssertionError(f"serve was not ready in {PATIENCE:g} s:\n{self.log.read_text()}")

    def stop(self) -> None:
        """As an operator does, by SIGTERM."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self.log.read_text()

    def pids(self, what: str) -> list[int]:
        """Our processes whose command line holds these words."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                ours = f"WECOM_BOT_DATA={self.folder / 'data'}".encode() in (entry / "environ").read_bytes()
            except OSError:
                continue
            # Valkey has no environment of ours, but shows its socket
            if what in words and (ours or str(self.folder) in words):
                found.append(int(entry.name))
        return found

    def kill(self, what: str, which: int | None = None) -> int:
        """kill -9 those, or only one: of the n oldest the one whose number `which` leaves; how many."""
        pids = sorted(self.pids(what))
        if which is not None and pids:
            pids = [pids[which % len(pids)]]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return len(pids)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.simulator.stop()

    def answers(
        self, corp_id: str, account: str, customer: str, count: int = 1, timeout: float = PATIENCE
    ) -> list[str]:
        """What the customer was answered, of which there are at least `count`.

        Messages that wait together are answered in one, a paragraph for each: these are the paragraphs.
        """
        end = time.monotonic() + timeout
        while True:
            seen = self.wecom.seen(corp_id, account, customer)
            found = [paragraph for each in seen for paragraph in each.text.split("\n\n")]
            if len(found) >= count:
                return found
            if time.monotonic() > end:
                raise TimeoutError(f"{corp_id}/{account}/{customer}: {len(found)} of {count} answers: {found}")
            time.sleep(0.05)

    def taken_up(self, corp_id: str, customer: str, account: str = KF) -> int:
        """How many messages of a kf customer the bot has pulled and not done with."""
        with redis.Redis(unix_socket_path=str(self.folder / "data" / "valkey" / "valkey.sock")) as client:
            store: Any = client
            return int(store.llen(f"wb:{{{corp_id}}}:box:kf/{account}/{customer}"))

    def recorded(self) -> set[str]:
        """The messages that belong to a turn in the record: what was answered, or deliberately not."""
        with sa.create_engine(f"sqlite:///{self.folder / 'data' / 'wecom-bot.sqlite3'}").connect() as connection:
            return set(connection.execute(sa.text("select message_id from messages")).scalars())

    def settled(self, corp_ids: Iterable[str] = (ACME, GLOBEX)) -> bool:
        """Whether every customer's message has got something to see."""
        return not any(self.wecom.unanswered(corp_id) for corp_id in corp_ids)
