"""What a check-up found: one thing that was looked at, how it is, and what to do where it is not well."""

from dataclasses import dataclass
from enum import StrEnum

_DOCS = "docs/operations.md"


class State(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"  # it works today, and somebody should look
    FAILED = "failed"  # customers lose something until it is put right
    SKIPPED = "skipped"  # it could not be looked at, or there is nothing to look at


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    `check` is its fixed name, as redis.eviction; `about` is whose it is (a corp ID, or corp ID/app), empty for all.
    `seen` and `mend` are for operators, Chinese and English; what is well needs no mend.
    """

    check: str
    state: State
    seen: str
    mend: str = ""
    about: str = ""

    @property
    def anchor(self) -> str:
        """Where the documentation says more."""
        return f"{_DOCS}#doctor-{self.check.replace('.', '-').replace('_', '-')}"


def well(check: str, seen: str, about: str = "") -> Finding:
    """It is as it should be."""
    return Finding(check, State.OK, seen, about=about)


def doubtful(check: str, seen: str, mend: str, about: str = "") -> Finding:
    """It works, and somebody should look."""
    return Finding(check, State.WARNING, seen, mend, about)


def failed(check: str, seen: str, mend: str, about: str = "") -> Finding:
    """It does not work."""
    return Finding(check, State.FAILED, seen, mend, about)


def skipped(check: str, seen: str, mend: str = "", about: str = "") -> Finding:
    """It was not looked at, and why."""
    return Finding(check, State.SKIPPED, seen, mend, about)
