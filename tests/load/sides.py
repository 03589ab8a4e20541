"""Who answers in `make bench`, ours or the floor, and one round of turns on it, with what they cost."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from tests.e2e.house import ACME, APP, ARTICLES, KEY, KF
from tests.fixtures.ports import free_port
from tests.load import tree
from tests.load.floor import SETTING, Place
from tests.load.gateways import gateway
from tests.load.scene import COZE, Scene, paced
from wecom_bot.simulators.wecom.schema import AppSpec, Door, KfSpec

_IDLE = 4.0  # seconds
_PATIENCE = 180.0
_FLOOR = "ww_floor"


@dataclass(frozen=True)
class Kind:
    """A kind of turn: what a customer says in which account, what the reply holds, and the chats of a turn."""

    account: str
    text: Callable[[int], str]
    reply: str
    chats: int


@dataclass(frozen=True)
class Round:
    """CPU milliseconds of a turn by kind of process, and the milliseconds from each callback to its reply."""

    cpu: dict[str, float]
    took: list[float]

    @property
    def all_cpu(self) -> float:
        return tree.total(self.cpu)


@dataclass(frozen=True)
class Side:
    """The corp that is served, and the first of the processes that serve it."""

    scene: Scene
    corp_id: str
    root: int

    def idle(self) -> dict[str, float]:
        """CPU seconds a second while nothing is said, by kind of process."""
        before = tree.cpu_by_kind(self.root)
        time.sleep(_IDLE)
        return {name: (had - before.get(name, 0)) / _IDLE for name, had in tree.cpu_by_kind(self.root).items()}

    def round(self, kind: Kind, customers: int, rate: float, idle: Mapping[str, float]) -> Round:
        """So many customers write once, `rate` a second. Raises RuntimeError where a reply is not what it should be."""
        wecom, sent = self.scene.house.wecom, list[str]()
        last = max((each.seq for each in wecom.seen(self.corp_id, kind.account)), default=0)
        door = Door.APP if kind.account == APP else Door.KF

        def say(number: int) -> None:
            sent.append(wecom.say(self.corp_id, kind.account, f"u{number}", kind.text(number), door))

        before, chats, began = tree.cpu_by_kind(self.root), self.scene.chats(), time.perf_counter()
        paced(rate, customers, say)
        seen = wecom.wait_seen(self.corp_id, kind.account, after=last, count=customers, timeout=_PATIENCE)
        took, after = time.perf_counter() - began, tree.cpu_by_kind(self.root)
        wrong = [each.text for each in seen if kind.reply not in each.text]
        asked = self.scene.chats() - chats
        if wrong or len(seen) != customers or asked != kind.chats * customers:
            raise RuntimeError(f"{len(seen)} replies of {customers}, wrong are {wrong[:1]}; {asked} chats")
        reports = wecom.deliveries(sent, "settled", 30)
        posted = {customer: each.attempts[0].at for customer, each in zip(_names(customers), reports, strict=True)}
        used = {name: had - before.get(name, 0) - idle.get(name, 0) * took for name, had in after.items()}
        return Round(
            {name: 1000 * seconds / customers for name, seconds in used.items()},
            [1000 * (each.at - posted[each.customer]).total_seconds() for each in seen],
        )


def ours(made: Scene, corp_id: str = ACME) -> Side:
    """The house of the scene."""
    assert made.house.process is not None
    return Side(made, corp_id, made.house.process.pid)


@contextmanager
def floor(made: Scene) -> Iterator[Side]:
    """The floor, at the same WeCom and the same Coze, as a corp of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/callback/{_FLOOR}/shop"
    app = AppSpec(
        name="shop", agent_id=int(APP), secret="floor", token="token123", encoding_aes_key=KEY, callback_url=url
    )
    made.house.wecom.add_corp(_FLOOR, [app], [KfSpec(open_kfid=KF, app="shop", servicers=("alice",))])
    neighbours = {"wecom_url": made.house.wecom.base_url, "coze_url": made.coze.base_url}
    asked = {"coze_token": COZE["token"], "bot_id": COZE["bot_id"]}
    place = Place(_FLOOR, app.agent_id, app.secret, app.token, KEY, **neighbours, **asked, known=ARTICLES[ACME])
    with tempfile.TemporaryDirectory() as folder:
        env = {"WECOM_BOT_DATA": folder, "WECOM_BOT_LOG_LEVEL": "warning", SETTING: json.dumps(asdict(place))}
        with gateway("tests.load.floor:create()", env, port) as (_, root):
            yield Side(made, _FLOOR, root)


def _names(customers: int) -> Iterator[str]:
    return (f"u{number}" for number in range(customers))
