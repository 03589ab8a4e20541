"""Looks at many things side by side, and comes back with a finding for each, whatever happens to the looking."""

import re
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote, quote_plus

from wecom_bot.domain.finding import Finding, failed
from wecom_bot.errors import WecomBotError
from wecom_bot.telemetry import logs

_MASK = "******"
_SHORT = 6  # characters: a shorter secret may stand within an innocent word


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at: its name and whose it is, for the finding if the looking fails, and what looks."""

    name: str
    look: Callable[[], Iterable[Finding]]
    about: str = ""


@dataclass(frozen=True, slots=True)
class CheckUp:
    """Does the checks, `most` at once, each such part within `deadline`. Never raises: what is raised is a finding."""

    deadline: timedelta = timedelta(seconds=20)
    most: int = 16
    clock: Callable[[], float] = time.monotonic

    def __call__(self, checks: Sequence[Check]) -> list[Finding]:
        """The findings in the order of the checks."""
        found: list[Finding] = []
        for some in _parts(checks, self.most):
            running = [(check, _started(check)) for check in some]
            end = self.clock() + self.deadline.total_seconds()  # of all: they began together
            for check, looking in running:
                found += self._came(check, looking, end)
        return found

    def _came(self, check: Check, looking: "Future[list[Finding]]", end: float) -> list[Finding]:
        try:
            return looking.result(max(0.0, end - self.clock()))
        except TimeoutError:
            return [
                failed(
                    check.name,
                    f"{self.deadline.total_seconds():g} 秒内没有查完 / it took longer than that many seconds",
                    "多半是网络不通或对方卡住：查防火墙、路由、DNS，再试一次"
                    " / most likely the network or the other side hangs: look at firewall, routes and DNS, then again",
                    check.about,
                )
            ]


def without(findings: Iterable[Finding], secrets: Collection[str]) -> list[Finding]:
    """The findings with stars in the place of every secret, however a neighbour quoted it."""
    known = sorted(_spellings(secrets), key=len, reverse=True)

    def hidden(text: str) -> str:
        for secret in known:
            if secret in text:  # of a thousand tenants' secrets hardly any is
                text = re.sub(_pattern(secret), _MASK, text)
        return text

    return [replace(each, seen=hidden(each.seen), mend=hidden(each.mend)) for each in findings]


def _spellings(secrets: Collection[str]) -> set[str]:
    known = {each.strip() for each in secrets if each.strip()}
    return known | {quote(each, safe="") for each in known} | {quote_plus(each) for each in known}


def _pattern(secret: str) -> str:
    escaped = re.escape(secret)
    return escaped if len(secret) >= _SHORT else rf"(?<![0-9A-Za-z]){escaped}(?![0-9A-Za-z])"


def _started(check: Check) -> "Future[list[Finding]]":
    """A thread of its own: one that hangs is left behind, and does not keep the process."""
    looking: Future[list[Finding]] = Future()
    threading.Thread(target=_look, args=(check, looking), daemon=True, name=f"check-{check.name}").start()
    return looking


def _look(check: Check, looking: "Future[list[Finding]]") -> None:
    found: list[Finding] = []
    try:
        for each in check.look():  # what was found before it failed counts
            found.append(each)  # noqa: PERF402
    except WecomBotError as e:
        found.append(failed(check.name, str(e), _AS_IT_SAYS, check.about))
    except PermissionError as e:
        found.append(failed(check.name, f"没有权限 / permission denied: {e.filename}", _AS_THE_SERVICE, check.about))
    except Exception as e:  # noqa: BLE001 - a check-up that ends at its first surprise would hide all the rest
        found.append(failed(check.name, _surprise(e), _REPORT, check.about))
    looking.set_result(found)


_AS_IT_SAYS = "照上面说的改 / do as it says above"
_AS_THE_SERVICE = (
    "以服务的用户运行；还不行就看它的属主和权限 / run it as the service's user; else see its owner and mode"
)
_REPORT = "这是检查本身的缺陷，请报告这一行 / this is a bug of the check itself: please report this line"


def _surprise(error: Exception) -> str:
    """What was raised and where, without its words: nobody knows what they quote."""
    return f"没有查成 / the check broke off: {type(error).__name__}, {logs.place(error)}"


def _parts(checks: Sequence[Check], most: int) -> Iterator[Sequence[Check]]:
    return (checks[start : start + most] for start in range(0, len(checks), most))
