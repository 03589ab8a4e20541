"""`make bench`: what an acknowledgement and a turn cost, beside the least that could be.

Both gateways run in this one run, one after the other, under the same gunicorn settings with one process: ours with
every callback checked, decrypted and synced to disk before its 200, and a bare Flask app that does nothing.
CPU per turn is that of all our processes; the simulated WeCom and Coze run in processes of their own, not counted.
What customers wait for beside somebody else's load is in `fairness.py`, and is measured last.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import requests

from tests.e2e.house import ACME, APP, KEY, House, company, free_port
from tests.load import fairness
from tests.load.apart import Apart
from tests.load.hammer import Result, hammer, request
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.wecom.crypto import CallbackCrypto
from wecom_bot.simulators.coze.client import CozeSimulatorClient

CONF = Path(__file__).parents[2] / "deploy" / "gunicorn.conf.py"
CALLBACKS = 6000
CONNECTIONS = 16
TURNS = 600
COZE = {"bot_id": "7379462189365198898", "workflow_id": "7398402931415662602", "token": "pat_" + "a" * 40}
CUSTOMERS = 100


def sealed_callbacks(count: int) -> list[bytes]:
    """Different texts of many members, as WeCom would post them."""
    crypto = CallbackCrypto("token123", KEY)
    made = []
    for number in range(count):
        plain = (
            f"<xml><ToUserName><![CDATA[{ACME}]]></ToUserName>"
            f"<FromUserName><![CDATA[u{number % CUSTOMERS}]]></FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[我想问一下第 {number} 个订单什么时候能到]]></Content>"
            f"<MsgId>{10**15 + number}</MsgId><AgentID>{APP}</AgentID></xml>"
        )
        sealed = crypto.seal(plain, ACME, "1700000000", "nonce")
        body = f"<xml><ToUserName>{ACME}</ToUserName><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt></xml>"
        query = f"msg_signature={sealed.signature}&timestamp=1700000000&nonce=nonce"
        made.append(request(f"/callback/{ACME}/shop?{query}", body.encode()))
    return made


def gateway(app: str, env: dict[str, str], work: list[bytes]) -> Result:
    """Start gunicorn with our settings on this app, hammer it, stop it."""
    port = free_port()
    environment = os.environ | env | {"WECOM_BOT_PORT": str(port), "WECOM_BOT_GATEWAY_PROCESSES": "1"}
    command = [sys.executable, "-m", "gunicorn", "-c", str(CONF), app]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_ready(port)
            hammer(port, work[:200], CONNECTIONS)  # warm
            return hammer(port, work[200:], CONNECTIONS)
        finally:
            process.terminate()


def wait_until_ready(port: int) -> None:
    """Until /readyz says 200."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise TimeoutError("the gateway was not ready in 30 s")


def acknowledgements() -> None:
    """Durable acknowledgements a second, beside a no-op."""
    work = sealed_callbacks(CALLBACKS)
    with tempfile.TemporaryDirectory() as folder, EmbeddedValkey(Path(folder) / "valkey") as valkey:
        env = {"WECOM_BOT_DATA": folder, "WECOM_BOT_REDIS_URL": valkey.url, "WECOM_BOT_MAX_WAITING": "1000000"}
        path = Path(folder) / "tenants.toml"
        House(Path(folder), [company(ACME)]).write_tenants(path)
        subprocess.run(
            [sys.executable, "-m", "wecom_bot", "tenants", "import", str(path)],
            env=os.environ | env, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        ours = gateway("wecom_bot.wsgi:create()", env, work)
        bare = gateway("tests.load.noop:create()", env, work)
    for name, result in (("durable acks", ours), ("bare no-op", bare)):
        print(
            f"{name:14} {result.rate:8.0f}/s   p50 {result.percentile(0.5):6.1f} ms   "
            f"p99 {result.percentile(0.99):6.1f} ms   {result.accepted} accepted"
        )
    print(f"ratio          {ours.rate / bare.rate:8.2f}    of the no-op's rate, {CONNECTIONS} connections, 1 process")


def cpu_seconds(house: House) -> float:
    """CPU time of all processes of the house so far."""
    ticks = 0
    for pid in house.pids(""):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def turns(name: str, questions: tuple[str, ...], tenant: dict[str, object], env: dict[str, str]) -> None:
    """CPU milliseconds of all our processes for one turn, from the callback to the answer shown."""
    with tempfile.TemporaryDirectory() as folder:
        quiet = {"WECOM_BOT_LOG_LEVEL": "warning"}
        simulator = Apart("wecom_bot.simulators.wecom")
        house = House(Path(folder), [tenant], env=quiet | env, simulator=simulator).open()
        try:
            house.wecom.say(ACME, APP, "warm", questions[0], "app")
            house.wecom.wait_seen(ACME, APP, "warm", timeout=30)
            time.sleep(2)
            idle_before = cpu_seconds(house)
            time.sleep(3)
            idle = (cpu_seconds(house) - idle_before) / 3
            before, began = cpu_seconds(house), time.perf_counter()
            for number in range(TURNS):
                # each of a customer of its own: what one says in a row may become one turn
                house.wecom.say(ACME, APP, f"u{number}", questions[number % len(questions)], "app")
            house.wecom.wait_seen(ACME, APP, count=TURNS + 1, timeout=120)
            took = time.perf_counter() - began
            used = cpu_seconds(house) - before - idle * took
        finally:
            house.close()
    each = 1000 * used / TURNS
    print(f"{name:14} {each:8.2f} ms of CPU in all our processes ({TURNS} turns, {TURNS / took:.0f}/s)")
    print(f"  idle         {1000 * idle:8.2f} ms of CPU a second in all our processes")


def full_turns() -> None:
    """A turn whose intent a Coze workflow recognises and whose reply a Coze bot words."""
    coze = Apart("wecom_bot.simulators.coze")
    url = coze.start()
    try:
        client = CozeSimulatorClient(url)
        client.add_token(COZE["token"])
        client.add_bot(COZE["bot_id"], [{"match": "", "answer": "关于“{question}”，请看这里。"}])
        client.add_workflow(
            COZE["workflow_id"], predictions=[{"match": "", "intents": [{"name": "offers", "score": 0.9}]}]
        )
        tenant = company(ACME, coze=COZE)
        turns("turn with Coze", ("有什么优惠", "会员有啥好处"), tenant, {"WECOM_BOT_COZE_BASE_URL": url})
    finally:
        coze.stop()


def main() -> int:
    """Print where and when, then the figures; 1 if one tenant's crowd delays another's messages too much."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    print(f"{datetime.now(UTC):%Y-%m-%d}  {os.cpu_count()} × {cpu}, Python {platform.python_version()}")
    acknowledgements()
    turns("turn by article", ("几点关门", "怎么退货"), company(ACME), {})
    full_turns()
    return 0 if fairness.measure() else 1


if __name__ == "__main__":
    sys.exit(main())
