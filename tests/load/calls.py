"""What a hot call costs us in CPU, beside the same by urllib3 alone: `python -m tests.load.calls`.

Each call is made of ours and by urllib3 alone, in rounds that take turns, to a neighbour that answers at once from a
process of its own; in greenlets, as in a worker. Redis is left out: tokens and limits cost nothing here.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from statistics import median
from typing import Any

KEYS = ("call_cpu_ms", "call_cpu_floor_ms", "call_cpu_ratio")
ROUNDS, CALLS = 5, 120
_WHOLE = {"Content-Type": "application/json"}


def _ours(url: str) -> dict[str, Callable[[], object]]:
    from tests.load.canned import BOT, CUSTOMER, OPEN_KFID  # noqa: PLC0415 - gevent comes first
    from tests.load.outlet import CORP, MEMBER, outlet  # noqa: PLC0415
    from wecom_bot.adapters.coze.client import CozeClient  # noqa: PLC0415
    from wecom_bot.adapters.wecom.api import kf_api  # noqa: PLC0415
    from wecom_bot.domain.message import Channel, ConversationId, Reply  # noqa: PLC0415

    way, coze = outlet(url), CozeClient(url, 8)
    kf, reply = ConversationId(CORP, Channel.KF, OPEN_KFID, CUSTOMER), Reply("晚上九点关门")

    def chat() -> object:
        deadline = timedelta(seconds=10)
        return coze.chat("pat_token", bot_id=BOT, user_id="u", messages=["几点关门"], meta={}, deadline=deadline)

    return {
        "kf/send_msg": lambda: way.speakers.send(kf, reply, "0" * 32, None),
        "message/send": lambda: way.speakers.send(MEMBER, reply, "0" * 32, None),
        "kf/sync_msg": lambda: kf_api.sync(way.clients.of(CORP, "shop"), OPEN_KFID, "cursor", "token"),
        "kf/service_state/get": lambda: kf_api.standing(way.clients.of(CORP, "shop"), kf),
        "/v3/chat": chat,
    }


def _least(url: str) -> dict[str, Callable[[], object]]:
    from urllib.parse import urlsplit  # noqa: PLC0415 - as above

    import urllib3  # noqa: PLC0415

    parts = urlsplit(url)
    pool = urllib3.HTTPConnectionPool(str(parts.hostname), parts.port, maxsize=8, block=True, retries=False)
    body = json.dumps(
        {"touser": "x" * 32, "open_kfid": "x" * 32, "msgtype": "text", "text": {"content": "晚上九点关门"}}
    )

    def call(api: str) -> object:
        return json.loads(pool.urlopen("POST", f"/cgi-bin/{api}?access_token={'x' * 100}", body, _WHOLE).data)

    def chat() -> bytes:
        answer = pool.urlopen("POST", "/v3/chat", body, _WHOLE, preload_content=False)
        heard = b"".join(iter(lambda: answer.read1(65536), b""))
        answer.release_conn()
        return heard

    apis = ("kf/send_msg", "message/send", "kf/sync_msg", "kf/service_state/get")
    return {api: lambda api=api: call(api) for api in apis} | {"/v3/chat": chat}


def _cost(act: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(CALLS):
        act()
    return 1000 * (time.process_time() - began) / CALLS


def _measured() -> dict[str, dict[str, float]]:
    from tests.load.canned import canned  # noqa: PLC0415 - as above

    with canned() as url:
        sides = {"call_cpu_ms": _ours(url), "call_cpu_floor_ms": _least(url)}
        took: dict[str, dict[str, list[float]]] = {side: {} for side in sides}
        for _ in range(ROUNDS + 1):
            for side, acts in sides.items():
                for name, act in acts.items():
                    took[side].setdefault(name, []).append(_cost(act))
    return {side: {name: median(costs[1:]) for name, costs in each.items()} for side, each in took.items()}


def measure() -> dict[str, Any]:
    """The figures of KEYS."""
    made = subprocess.run([sys.executable, "-m", "tests.load.calls", "--json"], check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(made.stdout)
    ours, least = found["call_cpu_ms"], found["call_cpu_floor_ms"]
    found["call_cpu_ratio"] = {name: ours[name] / least[name] for name in ours}
    _tell(found)
    return found


def _tell(found: Mapping[str, Any]) -> None:
    for name, cost in found["call_cpu_ms"].items():
        least, ratio = found["call_cpu_floor_ms"][name], found["call_cpu_ratio"][name]
        print(f"  {name:21} {cost:.3f} ms of CPU a call   urllib3 alone {least:.3f}, ratio {ratio:.2f}")


if __name__ == "__main__":
    if "--json" in sys.argv:
        from gevent import monkey

        monkey.patch_all()
        print(json.dumps(_measured()))
    else:
        measure()
