"""Who follows the page into production: does its blocks in one shell, and writes the files that it asks for."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import tomli_w

from tests.deadlines import PATIENCE
from tests.deploy.clean_room import Room
from tests.deploy.production_page import Step
from tests.deploy.whole_machine import HOST, Machine, simulated_wecom, switched_on
from wecom_bot.simulators.wecom.client import SimulatorClient
from wecom_bot.simulators.wecom.schema import AppSpec, KfSpec

CORP, KF = "ww1234567890abcdef", "wk_shop"
QUESTION, ANSWER = "几点关门", "我们晚上九点关门。"
APP = AppSpec(
    name="service",
    agent_id=1000002,
    secret="the-secret-of-the-app",
    token="thetokenoftheapp",
    encoding_aes_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    callback_url=f"https://{HOST}/callback/{CORP}/service",
)
SECRETS = (APP.secret, APP.token, APP.encoding_aes_key)
T = TypeVar("T")


@dataclass
class Reader:
    """At the machine, with the simulated WeCom beside it."""

    machine: Machine
    going: ExitStack
    done: list[Step] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    _wecom: SimulatorClient | None = None

    def do(self, step: Step) -> None:
        """Its blocks, after the files that it asks for; what they said is kept under the step's number."""
        number = step.heading.partition(".")[0]
        if number == "6":
            self.write("tenants.toml", tenants())
        elif number == "8":
            self.write("faq.jsonl", json.dumps({"id": "a1", "question": QUESTION, "answer": ANSWER}))
        self.said[number] = "".join(self.machine.read_on(block) for block in step.blocks)
        self.done.append(step)
        if number == "3":
            self._meet_wecom()

    def _meet_wecom(self) -> None:
        """The simulator is started, and the settings name it."""
        wecom = self.going.enter_context(simulated_wecom(self.machine))
        self._wecom = wecom
        self.wecom(lambda it: it.add_corp(CORP, [APP], [KfSpec(open_kfid=KF, app=APP.name, servicers=("ZhangSan",))]))
        with self.machine.room.inside("/etc/wecom-bot/env").open("a") as env:
            env.write(f"WECOM_BOT_WECOM_BASE_URL={wecom.base_url}\n")

    def wecom(self, act: Callable[[SimulatorClient], T]) -> T:
        """What is done to the simulator or seen in it."""
        wecom = self._wecom
        assert wecom is not None
        return self.machine.there(lambda: act(wecom))

    def seen(self, customer: str, account: str = str(APP.agent_id)) -> list[str]:
        """What the bot showed a customer, once there is something."""
        shown = self.wecom(lambda wecom: wecom.wait_seen(CORP, account, customer, timeout=PATIENCE))
        return [each.text for each in shown]

    def write(self, name: str, text: str) -> None:
        """A file beside the settings, as root's umask of 077 would have it."""
        path = self.machine.room.inside(f"/etc/wecom-bot/{name}")
        path.touch(0o600)
        path.write_text(text, "utf-8")

    def passwords(self) -> list[str]:
        """Those that the reader's shell made up, and the master key."""
        said = self.machine.read_on('printf "%s\\n" "$REDIS_PASSWORD" "$SQL_PASSWORD"\n').split()
        env = self.machine.room.inside("/etc/wecom-bot/env").read_text("utf-8")
        keys = [line.partition("=")[2] for line in env.splitlines() if line.startswith("WECOM_BOT_MASTER_KEY=")]
        assert [len(each) for each in said + keys] == [48, 48, 44]
        return said + keys


def tenants(secret: str = APP.secret) -> str:
    """The tenants' file, in the form of docs/howto/first-tenant.md."""
    app = {
        "name": APP.name,
        "agent_id": APP.agent_id,
        "secret": secret,
        "token": APP.token,
        "encoding_aes_key": APP.encoding_aes_key,
        "servicers": ["ZhangSan"],
    }
    accounts = [{"open_kfid": KF, "app": APP.name}]
    return tomli_w.dumps({"tenants": [{"corp_id": CORP, "name": "花猫百货", "apps": [app], "kf_accounts": accounts}]})


@contextmanager
def reading(room: Room, wheels: Path) -> Iterator[Reader]:
    """At a machine that has just been switched on."""
    with switched_on(room, wheels) as machine, ExitStack() as going:
        yield Reader(machine, going)
