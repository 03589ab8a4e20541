"""`make front`: what a genuine callback waits for behind nginx, as deploy/nginx has it, while strangers besiege it.

nginx does TLS before two gateways of a served bot. The callbacks come one after the other, each on a connection of its
own, handshake included; what is counted is from the first byte of the connection to the 200.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.e2e.house import ACME, House, company
from tests.fixtures.callers import Target
from tests.fixtures.front_proxy import LIST_OF_ONE, SHIPPED, FrontProxy, front_proxy, status
from tests.fixtures.ports import free_ports
from tests.load.apart import Apart
from tests.load.flood import GIVES_UP, Waited
from tests.load.gateways import beside
from tests.load.sieges import SIEGES, Place, Siege, besieging

SHOP = Target(ACME, "shop", "token123")
A_SECOND = 50
MOST = 1000.0  # milliseconds of the slowest


def call(front: FrontProxy, seconds: float) -> Waited:
    """One callback after the other, until the time is over; at most so many a second that nginx limits none."""
    times, accepted, first = list[float](), 0, time.monotonic()
    while (now := time.monotonic()) < first + seconds:
        time.sleep(max(0.0, first + len(times) / A_SECOND - now))
        work, began = SHOP.posted(len(times)), time.perf_counter()
        try:
            accepted += status(front.say(work, patience=GIVES_UP)) == 200
        except OSError as e:
            print("  a callback failed:", repr(e))
        times.append(1000 * (time.perf_counter() - began))
    return Waited(sorted(times), accepted)


def report(name: str, waited: Waited, answers: Counter[str]) -> None:
    """One line of the table."""
    told = " ".join(f"{answer}:{count}" for answer, count in answers.most_common(4))
    print(
        f"{name:30} {waited.percentile(0.5):7.1f} {waited.percentile(0.99):7.1f} {waited.times[-1]:7.1f}"
        f"  {waited.accepted:5} of {len(waited.times):5}  {told}",
        flush=True,
    )


def held(siege: Siege, waited: Waited) -> bool:
    """Beside slow ones p99 within a second; in a flood every one."""
    return waited.holds and (not siege.rate or waited.times[-1] <= MOST)


def measure(front: FrontProxy, sieges: list[Siege], seconds: float) -> bool:
    """Each in its turn; whether all callbacks got through in time."""
    print(f"{'':30} {'p50 ms':>7} {'p99 ms':>7} {'worst':>7}  {'200':>5}    {'':5}  strangers were told")
    call(front, 1)  # warm
    good = []
    for siege in sieges:
        front.write("callers.conf", LIST_OF_ONE if siege.listed else (SHIPPED / "callers.conf").read_text("utf-8"))
        front.reload()
        place = Place(front.port, SHOP.path, str(front.folder / "tls" / "fullchain.pem"), seconds)
        with besieging(siege, place) as told:
            waited = call(front, seconds)
            answers = told()
        report(siege.name, waited, answers)
        good.append(held(siege, waited))
    return all(good)


def main() -> int:
    """Print the table; 1 if a genuine callback was not taken, or waited for more than a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each siege")
    parser.add_argument("--only", default="", help="sieges whose name holds this")
    options = parser.parse_args()
    sieges = [siege for siege in SIEGES if options.only in siege.name]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "house").mkdir()
        (folder / "nginx").mkdir()
        env = {"WECOM_BOT_MAX_WAITING": "1000000"}
        house = House(folder / "house", [company(ACME)], env=env, simulator=Apart("wecom_bot.simulators.wecom"))
        second, gray = free_ports(2)
        try:
            house.open()
            with beside(house, second), front_proxy(folder / "nginx", [house.port, second], gray) as front:
                good = measure(front, sieges, options.seconds)
        finally:
            house.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
