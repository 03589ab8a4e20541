"""`make flood`: what a genuine callback waits for beside strangers, in each form of a flood.

The bot is served as an operator does, with two gateway processes. While strangers do their worst in a process of their
own, a tenant's callbacks come one after the other, each on a connection of its own, as WeCom makes them.
"""

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.house import ACME, APP, KEY, House, company
from tests.fixtures.ports import free_port
from tests.load.apart import Apart
from tests.load.strangers import Form, flooding, forms, posted
from wecom_bot.adapters.wecom.inbound.crypto import CallbackCrypto

PATH = f"/callback/{ACME}/shop"
GIVES_UP = 5.0  # seconds; WeCom does
MOST = 1000.0  # milliseconds of p99

NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream bot {{ server 127.0.0.1:{port}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{own};
    location /callback/ {{ proxy_pass http://bot; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


def genuine(number: int) -> bytes:
    """A text of a member of its own, as WeCom would post it."""
    plain = (
        f"<xml><ToUserName><![CDATA[{ACME}]]></ToUserName><FromUserName><![CDATA[u{number}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[几点关门]]></Content><MsgId>{time.time_ns()}</MsgId><AgentID>{APP}</AgentID></xml>"
    )
    sealed = CallbackCrypto("token123", KEY).seal(plain, ACME, "1700000000", "nonce")
    body = f"<xml><ToUserName>{ACME}</ToUserName><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt></xml>"
    return posted(f"{PATH}?msg_signature={sealed.signature}&timestamp=1700000000&nonce=nonce", body.encode())


@dataclass(frozen=True)
class Waited:
    """What callbacks waited, in milliseconds, sorted; and how many of them got their 200."""

    times: list[float]
    accepted: int

    def percentile(self, share: float) -> float:
        """Within which that share was answered."""
        return self.times[min(len(self.times) - 1, int(share * len(self.times)))]

    @property
    def holds(self) -> bool:
        """Whether each was taken, and hardly any waited long."""
        return self.accepted == len(self.times) > 0 and self.percentile(0.99) <= MOST


def call(port: int, seconds: float, patience: float = GIVES_UP) -> Waited:
    """One callback after the other, until the time is over; `patience` is how long each waits for its answer."""
    times, accepted, until = list[float](), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        work, began = genuine(len(times)), time.perf_counter()
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=patience) as wire:
                wire.settimeout(patience)
                wire.sendall(work)
                accepted += wire.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError as e:
            print("  a callback failed:", repr(e))
        times.append(1000 * (time.perf_counter() - began))
    return Waited(sorted(times), accepted)


@contextmanager
def nginx(port: int) -> Iterator[int | None]:
    """A stock nginx before that port, with connections kept alive; None where there is none."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        own = free_port()
        config = Path(folder) / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, port=port, own=own))
        with subprocess.Popen([program, "-c", str(config), "-p", folder], stderr=subprocess.DEVNULL) as process:
            try:
                _wait_open(own)
                yield own
            finally:
                process.terminate()


def _wait_open(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as wire:
            if wire.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("nginx did not start")


def report(name: str, waited: Waited, answers: Counter[str], log: float) -> None:
    """One line of the table."""
    told = " ".join(f"{answer}:{count}" for answer, count in answers.most_common(4))
    print(
        f"{name:24} {waited.percentile(0.5):7.1f} {waited.percentile(0.99):7.1f} {waited.times[-1]:7.1f}"
        f"  {waited.accepted:5} of {len(waited.times):5}  {log:7.1f}  {told}",
        flush=True,
    )


def measure(house: House, chosen: list[Form], seconds: float) -> bool:
    """Each form in its turn; whether all callbacks got through in time."""
    print(
        f"{'':24} {'p50 ms':>7} {'p99 ms':>7} {'worst':>7}  {'200':>5}    {'':5}  {'log kB/s':>7}  strangers were told"
    )
    call(house.port, 1)  # warm
    report("nobody", quiet := call(house.port, seconds), Counter(), 0)
    held = [quiet.holds]
    with nginx(house.port) as proxy:
        for form in chosen:
            if form.through_nginx and proxy is None:
                print(f"{form.name:24} there is no nginx here")
                continue
            port = proxy if form.through_nginx and proxy else house.port
            before = house.log.stat().st_size
            with flooding(form, port, seconds) as told:
                waited = call(port, seconds)
                answers = told()
            report(form.name, waited, answers, (house.log.stat().st_size - before) / seconds / 1000)
            held.append(waited.holds)
    return all(held)


def main() -> int:
    """Print the table; 1 if a genuine callback was not taken, or one in a hundred waited for more than a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each form")
    parser.add_argument("--only", default="", help="forms whose name holds this")
    options = parser.parse_args()
    chosen = [form for form in forms(PATH) if options.only in form.name]
    with tempfile.TemporaryDirectory() as folder:
        env = {"WECOM_BOT_GATEWAY_PROCESSES": "2", "WECOM_BOT_MAX_WAITING": "1000000"}
        house = House(Path(folder), [company(ACME)], env=env, simulator=Apart("wecom_bot.simulators.wecom"))
        try:
            held = measure(house.open(), chosen, options.seconds)
        finally:
            house.close()
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
