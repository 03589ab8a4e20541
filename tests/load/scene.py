"""What most sections of `make bench` are played on: a house in lexical mode; WeCom and Coze in their own processes."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.house import ACME, APP, GLOBEX, House, company
from tests.load.apart import Apart
from wecom_bot.simulators.coze.client import CozeSimulatorClient
from wecom_bot.simulators.wecom.schema import Door

COZE = {"bot_id": "7379462189365198898", "token": "pat_" + "a" * 40}
ASIDE = "你们有什么优惠"
"""What no article says, so that Coze words the reply."""
USUAL = {"WECOM_BOT_LEASE": "15"}
"""What a house sets for tests, set back to what it is by default."""
_POLL = 0.02


@dataclass(frozen=True)
class Scene:
    """A house, and the Coze it asks."""

    house: House
    coze: CozeSimulatorClient

    def chats(self) -> int:
        """How many chats were begun so far."""
        return self.coze.calls("/v3/chat")

    def thinks(self, seconds: float) -> None:
        """How long Coze thinks from now on before its first word."""
        self.coze.add_bot(COZE["bot_id"], [{"match": "", "answer": "关于“{question}”，请看这里。"}], seconds=seconds)

    def say(self, account: str, customer: str, text: str) -> str:
        """A customer of the channel that the account is of writes; the message's id."""
        return self.house.wecom.say(ACME, account, customer, text, Door.APP if account == APP else Door.KF)


@contextmanager
def scene(env: Mapping[str, str], seconds: float = 0.0, **tenant: object) -> Iterator[Scene]:
    """The house, open and warm on no customer; Coze thinks so many seconds. `tenant` says more of the tenant.

    A second company is the same, but that it has hot answers whatever is said of the first.
    """
    with tempfile.TemporaryDirectory() as folder, coze_apart() as coze:
        settings = {**USUAL, "WECOM_BOT_COZE_BASE_URL": coze.base_url, **env}
        usual = {"coze": COZE, "handoff": {"misses": 0}, **tenant}
        tenants = [company(ACME, **usual), company(GLOBEX, **{**usual, "hot_answers": 300})]
        house = House(Path(folder), tenants, env=settings, simulator=Apart("wecom_bot.simulators.wecom"))
        made = Scene(house, coze)
        made.thinks(seconds)
        try:
            house.open()
            yield made
        finally:
            house.close()


@contextmanager
def coze_apart() -> Iterator[CozeSimulatorClient]:
    """A Coze in a process of its own that knows our token."""
    coze = Apart("wecom_bot.simulators.coze")
    client = CozeSimulatorClient(coze.start())
    try:
        client.add_token(COZE["token"])
        yield client
    finally:
        coze.stop()


def paced(rate: float, count: int, say: Callable[[int], object]) -> None:
    """Call `say` with each number, so many a second, without waiting for what comes of it."""
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        say(number)


def until(done: Callable[[], bool], patience: float = 60.0) -> None:
    """Wait for it. Raises TimeoutError."""
    end = time.monotonic() + patience
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"it did not come in {patience:g} s")
        time.sleep(_POLL)
