"""kill -9 at random moments, under load, and count what customers saw.

Gateway, worker and Valkey are killed in turn while customers of two tenants write through both channels. Every
customer asks numbered questions, each with an answer of its own, so that what is lost, doubled or out of order shows.
The last line says it; the exit status is 1 if anything acknowledged was lost, anything came out of order, or
anything was shown twice although WeCom refuses message ids that it knows.

Order is the order of a customer's words on kf, where we fetch them. On an app WeCom brings them: there one is before
another if it was acknowledged before the other was first brought. A kf customer may be told five things for each that
they say, so who was silent during an outage that they filled with questions has to write again to hear the rest.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from pathlib import Path

from tests.e2e.house import ACME, APP, GLOBEX, KF, House
from wecom_bot.simulators.wecom.schema import DeliveryReport, Door

QUESTIONS = 400
OK = 200
VICTIMS = {"gateway": "gunicorn", "worker": "wecom_bot worker", "valkey": "valkey-server"}
WHO = tuple((corp, account, door) for corp in (ACME, GLOBEX) for account, door in ((KF, Door.KF), (APP, Door.APP)))

Customer = tuple[str, str, str]


@dataclass
class Said:
    """What was said: each customer's message ids, in order, with the number of the question."""

    by: dict[Customer, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))

    def ask(self, house: House, who: Customer, door: Door) -> None:
        """The customer asks the next question."""
        corp_id, account, customer = who
        mine = self.by[who]
        number = len(mine) % QUESTIONS
        mine.append((house.wecom.say(corp_id, account, customer, question(number), door), number))


def furnish(folder: Path, mode: str) -> House:
    """A house whose tenants know the answer to every numbered question."""
    house = House(folder, env={"WECOM_BOT_GATEWAY_PROCESSES": "2", "WECOM_BOT_WORKER_PROCESSES": "2"}).open()
    house.wecom.mode(repeated_msgid=mode)
    lines = [
        json.dumps({"id": f"q{n}", "question": question(n), "answer": f"暗号 {n}"}, ensure_ascii=False)
        for n in range(QUESTIONS)
    ]
    path = folder / "numbered.jsonl"
    path.write_text("\n".join(lines))
    for corp_id in (ACME, GLOBEX):
        house.run("articles", "import", corp_id, str(path))
        house.wecom.say(corp_id, KF, "wm_warm", question(0))
        house.wecom.wait_seen(corp_id, KF, "wm_warm", timeout=30)
    return house


def question(number: int) -> str:
    """One of the numbered questions."""
    return f"第{number}号的暗号是什么"


def talk(house: House, said: Said, rate: float, customers: int, over: threading.Event) -> None:
    """Customers write, in turn, until it is over."""
    number = 0
    while not over.is_set():
        corp_id, account, door = WHO[number % len(WHO)]
        customer = f"c{number // len(WHO) % customers}"
        said.ask(house, (corp_id, account, customer), door)
        number += 1
        over.wait(random.expovariate(rate))


def kill_at_random(house: House, kills: int, pause: float) -> dict[str, int]:
    """Kill one kind after the other, at random moments; how many processes of each."""
    killed: dict[str, int] = defaultdict(int)
    for number in range(kills):
        time.sleep(random.uniform(0.2, 2 * pause))  # noqa: S311 - not a secret
        name, words = list(VICTIMS.items())[number % len(VICTIMS)]
        killed[name] += house.kill(words)
        assert killed[name], f"no {name} was there to be killed: the run proves nothing"
    return dict(killed)


def settle(house: House, said: Said, patience: float) -> None:
    """Wait until nothing is missing, or nothing comes any more; who still waits on kf writes again."""
    house.wait_ready()
    end = time.monotonic() + patience
    while time.monotonic() < end and (waiting := Count(house, said).waiting):
        for corp_id, account, customer in waiting:
            if account == KF:
                said.ask(house, (corp_id, account, customer), Door.KF)
        time.sleep(5)


class Count:
    """What customers saw, held against what they said."""

    def __init__(self, house: House, said: Said) -> None:
        ids = [message_id for mine in said.by.values() for message_id, _ in mine]
        reports = house.wecom.deliveries(ids, until="settled", timeout=30)
        self._brought = {report.message_id: _brought(report) for report in reports}
        self.sent = len(ids)
        self.acknowledged = sum(1 for _, known in self._brought.values() if known < inf)
        self.answered = self.lost = self.twice = self.out_of_order = 0
        self.waiting: list[Customer] = []
        shown: dict[Customer, list[int]] = defaultdict(list)
        for seen in house.wecom.seen():
            if seen.text.startswith("暗号 "):
                shown[seen.corp_id, seen.account, seen.customer].append(int(seen.text.split()[1]))
        for who, mine in said.by.items():
            self._one(who, shown[who], {number: message_id for message_id, number in mine})

    def _one(self, who: Customer, shown: list[int], said: dict[int, str]) -> None:
        once = list(dict.fromkeys(shown))
        self.twice += len(shown) - len(once)
        self.answered += len(once)
        lost = sum(
            1 for number, message_id in said.items() if self._brought[message_id][1] < inf and number not in once
        )
        self.lost += lost
        if lost:
            self.waiting.append(who)
        for first, second in pairwise(once):
            on_kf = who[1] == KF
            began, known = self._brought[said[first]][0], self._brought[said[second]][1]
            self.out_of_order += second < first and (on_kf or known < began)

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {self.answered} answered, {self.lost} lost, {self.twice} twice, "
            f"{self.out_of_order} out of order"
        )


def explain(house: House) -> None:
    """What the bot says of the work that is left."""
    for corp_id in (ACME, GLOBEX):
        print(house.run("dead-letters", "list", corp_id))
    print(*house.log.read_text().splitlines()[-20:], sep="\n")


def _brought(report: DeliveryReport) -> tuple[float, float]:
    """When WeCom first brought the message, and when we had acknowledged it (never: infinity)."""
    began = min((each.at.timestamp() for each in report.attempts), default=inf)
    known = min((each.at.timestamp() + each.took for each in report.attempts if each.status == OK), default=inf)
    return began, known


def torture(mode: str, kills: int, rate: float, pause: float, customers: int) -> bool:
    """One run; whether it went well."""
    with tempfile.TemporaryDirectory() as folder:
        house = furnish(Path(folder), mode)
        said, over = Said(), threading.Event()
        talker = threading.Thread(target=talk, args=(house, said, rate, customers, over), daemon=True)
        try:
            talker.start()
            killed = kill_at_random(house, kills, pause)
            over.set()
            talker.join()
            settle(house, said, patience=90)
            count = Count(house, said)
            if count.lost:
                explain(house)
        finally:
            over.set()
            house.close()
        print(f"{mode}: {sum(killed.values())} processes killed at {kills} moments: {killed}")
        print(f"{mode}: {count.acknowledged} of {count.sent} acknowledged")
        print(count)
        return not (count.lost or count.out_of_order or (count.twice and mode == "refused"))


def main() -> None:
    """`make torture`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=["refused", "shown"], nargs="*", default=["shown", "refused"])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--rate", type=float, default=20, help="messages a second, in all")
    parser.add_argument("--pause", type=float, default=1.5, help="seconds between two kills, on average")
    parser.add_argument("--customers", type=int, default=20, help="of each account")
    options = parser.parse_args()
    went_well = [torture(mode, options.kills, options.rate, options.pause, options.customers) for mode in options.mode]
    sys.exit(0 if all(went_well) else 1)


if __name__ == "__main__":
    main()
