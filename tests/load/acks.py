"""Durable acknowledgements a second: every callback checked, decrypted and synced to disk before its 200.

Beside it the least that a Flask app can do with a POST, under the same gunicorn settings with one process, in rounds
that take turns. Every callback is a new one: known ones would be cheaper.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.house import ACME, APP, KEY, House, company
from tests.load.figures import median_by_name
from tests.load.gateways import gateway
from tests.load.hammer import hammer, request
from wecom_bot.adapters.redis.embedded import EmbeddedValkey
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto

KEYS = (
    *("ack_per_s", "ack_ratio_to_noop", "ack_p99_ms", "noop_per_s", "noop_p99_ms"),
    *("ack_per_s_16", "ack_ratio_to_noop_16", "ack_p99_ms_16", "noop_per_s_16", "noop_p99_ms_16"),
)
CONNECTIONS = {"": 64, "_16": 16}
"""How many there are, by what their figures' names end with."""
ROUNDS = 3
CALLBACKS = 2500
WARM = 200
_CUSTOMERS = 100
_OURS, _BARE = "wecom_bot.wsgi:create()", "tests.load.noop:create()"


def measure() -> dict[str, Any]:
    """The figures of KEYS: the median of the rounds; the ratio is that of each round's two."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedValkey(Path(folder) / "valkey") as valkey:
        env = {"WECOM_BOT_DATA": folder, "WECOM_BOT_REDIS_URL": valkey.url, "WECOM_BOT_MAX_WAITING": "1000000"}
        _import_tenant(Path(folder), env)
        rounds = [_round(number, env) for number in range(ROUNDS)]
    found = median_by_name(rounds)
    for name, connections in CONNECTIONS.items():
        for who, title in (("ack", "durable acks"), ("noop", "bare no-op")):
            print(
                f"  {title}  {connections:3} connections  {found[f'{who}_per_s{name}']:8.0f}/s"
                f"   p99 {found[f'{who}_p99_ms{name}']:7.1f} ms"
            )
        print(f"  ratio to the no-op's rate         {found[f'ack_ratio_to_noop{name}']:8.2f}")
    return found


def _round(number: int, env: Mapping[str, str]) -> dict[str, float]:
    figures: dict[str, float] = {}
    first = number * len(CONNECTIONS) * (CALLBACKS + WARM)
    work = sealed_callbacks(first, len(CONNECTIONS) * CALLBACKS + WARM)
    for who, app in (("ack", _OURS), ("noop", _BARE)):
        with gateway(app, env) as (port, _):
            hammer(port, work[:WARM], max(CONNECTIONS.values()))
            for place, (name, connections) in enumerate(CONNECTIONS.items()):
                start = WARM + place * CALLBACKS
                result = hammer(port, work[start : start + CALLBACKS], connections)
                if result.accepted < CALLBACKS:
                    raise RuntimeError(f"{app}: {result.accepted} of {CALLBACKS} were answered with 200")
                figures[f"{who}_per_s{name}"] = result.rate
                figures[f"{who}_p99_ms{name}"] = result.percentile(0.99)
    for name in CONNECTIONS:
        figures[f"ack_ratio_to_noop{name}"] = figures[f"ack_per_s{name}"] / figures[f"noop_per_s{name}"]
    return figures


def _import_tenant(folder: Path, env: Mapping[str, str]) -> None:
    path = folder / "tenants.toml"
    House(folder, [company(ACME)]).write_tenants(path)
    command = [sys.executable, "-m", "wecom_bot", "tenants", "import", str(path)]
    subprocess.run(command, env=os.environ | env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sealed_callbacks(first: int, count: int) -> list[bytes]:
    """Different texts of many members, as WeCom would post them; the first has that number."""
    crypto = CallbackCrypto("token123", KEY)
    made = []
    for number in range(first, first + count):
        plain = (
            f"<xml><ToUserName><![CDATA[{ACME}]]></ToUserName>"
            f"<FromUserName><![CDATA[u{number % _CUSTOMERS}]]></FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[我想问一下第 {number} 个订单什么时候能到]]></Content>"
            f"<MsgId>{10**15 + number}</MsgId><AgentID>{APP}</AgentID></xml>"
        )
        sealed = crypto.seal(plain, ACME, "1700000000", "nonce")
        body = f"<xml><ToUserName>{ACME}</ToUserName><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt></xml>"
        query = f"msg_signature={sealed.signature}&timestamp=1700000000&nonce=nonce"
        made.append(request(f"/callback/{ACME}/shop?{query}", body.encode()))
    return made
