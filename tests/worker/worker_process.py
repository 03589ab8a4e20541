"""A worker whose verbs are told by the messages: `python -m tests.worker.worker_process URL FOLDER PACE [SECRET]`.

A message's text says what becomes of each try, one word each: hang (until the file `go-ID` is in the folder), die,
stall (the whole worker), crash (by a signal of the machine), fail, limited, or several of them, as in hang+stall; a try
without a word is done at once. With the file `stall` in the folder a chore stalls. Every pull is refused. What happens
is written, a line each, to the file `events` of the folder. PACE is JSON: concurrency, lease and grace in seconds,
max_attempts, and the tenants; and whether there is an errand, which never ends.
With a SECRET the first leases and the first record fail, with errors that nobody promised and that hold it.
"""

from wecom_bot import startup

startup.patch_all()

with startup.importing():
    import json
    import os
    import signal
    import sys
    import time
    from collections.abc import Callable, Collection, Iterable, Sequence
    from dataclasses import dataclass
    from datetime import timedelta
    from pathlib import Path
    from typing import Any

    import gevent
    import gevent.event

    from tests.fixtures.whole_inbox import WholeInbox
    from wecom_bot.adapters.redis.connection import connect
    from wecom_bot.domain.job import AnswerMessage, HandOff, Lease, PullMessages
    from wecom_bot.domain.message import CorpId
    from wecom_bot.errors import LeaseLost, RateLimited, Rejected, TemporaryFailure
    from wecom_bot.telemetry import logs
    from wecom_bot.worker.black_box import BlackBox
    from wecom_bot.worker.loop import Worker
    from wecom_bot.worker.pace import Pace
    from wecom_bot.worker.takeover import TakeOver


@dataclass
class Verbs:
    """They do as they are told, and say so."""

    folder: Path

    def say(self, event: str) -> None:
        with (self.folder / "events").open("a") as file:
            file.write(f"{event}\n")

    def answer(self, _lease: Lease, job: AnswerMessage) -> None:
        name = job.message.message_id
        self.say(f"began {name}")
        tries = (self.folder / "events").read_text().splitlines().count(f"began {name}")
        for word in dict(enumerate(job.message.text.split(), 1)).get(tries, "").split("+"):
            self.suffer(word, name)
        self.say(f"did {name}")

    def suffer(self, word: str, name: str) -> None:
        match word:
            case "hang":
                while not (self.folder / f"go-{name}").exists():
                    time.sleep(0.01)
            case "stall":
                self.stall()
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "fail":
                raise TemporaryFailure("as told")
            case "limited":
                raise RateLimited("as told", timedelta(0))

    def stall(self) -> None:
        while True:  # a hub cannot interrupt what computes
            pass

    def hang(self) -> None:
        self.say("began an errand")
        gevent.event.Event().wait()  # for what never comes

    def pull(self, _lease: Lease, job: PullMessages) -> None:
        self.say(f"pulled {job.open_kfid}")
        raise Rejected("a code that nobody wrote down", 99999)

    def hand_off(self, _lease: Lease, job: HandOff) -> None:
        self.say(f"called a human for {job.conversation.customer}")


class Stumbling(WholeInbox):
    """An inbox whose first leases fail."""

    failures: Sequence[Exception] = ()

    def lease(self, worker: str, length: timedelta, wait: timedelta, without: Collection[CorpId] = ()) -> Lease | None:
        if self.failures:
            error, *self.failures = self.failures
            raise error
        return super().lease(worker, length, wait, without)


def record(verbs: Verbs, failures: list[Exception]) -> Callable[[Iterable[CorpId]], int]:
    def write(_: Iterable[CorpId]) -> int:
        if failures:
            verbs.say("stumbled over the record")
            raise failures.pop()
        if (verbs.folder / "stall").exists():
            verbs.stall()
        verbs.say("wrote the record")
        return 0

    return write


def main(url: str, folder: Path, told: dict[str, Any], secret: str) -> None:
    logs.configure("json", "info")
    client = connect(url, timeout=timedelta(seconds=5), most=32)
    verbs, inbox = Verbs(folder), Stumbling(client, 1000)
    inbox.failures = [LeaseLost("as told"), OSError(secret)] if secret else []
    box = BlackBox(folder / "workers", timedelta(seconds=told.get("stall", 60)))

    def corp_ids() -> list[CorpId]:
        return [CorpId(each) for each in told["tenants"]]

    worker = Worker(
        box.life,
        inbox,
        {"answer": verbs.answer, "handoff": verbs.hand_off, "pull": verbs.pull},
        record(verbs, [OSError(secret)] if secret else []),
        corp_ids,
        Pace(
            told["concurrency"],
            timedelta(seconds=told["lease"]),
            told["max_attempts"],
            timedelta(seconds=told["grace"]),
        ),
        errands=[(timedelta(seconds=1), verbs.hang)] if told.get("errand") else (),
        box=box,
        take_over=TakeOver(folder / "workers", inbox, corp_ids),
    )
    gevent.signal_handler(signal.SIGTERM, worker.stop)
    worker.run()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]), "".join(sys.argv[4:]))
