"""What customers saw, held against what they asked: pure counting, so that it can itself be tested."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import inf

Customer = tuple[str, str, str]
"""Corp, account and customer."""

_ANSWER = re.compile(r"暗号【(\d+)】")


def question(number: int) -> str:
    """One of the numbered questions."""
    return f"第{number}号的暗号是什么"


def answer(number: int) -> str:
    """Its answer, which nothing else looks like, however many of them one reply holds."""
    return f"暗号【{number}】。"


def answers_in(text: str) -> list[int]:
    """The numbers of the answers that a reply holds, in order."""
    return [int(number) for number in _ANSWER.findall(text)]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, and what WeCom knows of its delivery.

    `began` is when WeCom first brought it, `known` when we had acknowledged it; never is infinity. `fetched` is one
    that we fetch ourselves, from a list that has an order: it is owed whether or not its notification came through.
    """

    number: int
    fetched: bool
    began: float = inf
    known: float = inf

    @property
    def owed(self) -> bool:
        """Whether its customer has to get an answer."""
        return self.fetched or self.known < inf

    def precedes(self, other: "Asked") -> bool:
        """Whether it has to be answered before the other.

        What is fetched has the order of the customer's words. What WeCom brings is before another only if it was
        acknowledged before the other was first brought: who repeats a callback changes the order themselves.
        """
        return self.number < other.number and (self.fetched or self.known < other.began)


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of a run; those of several add up. `strange` are answers to what that customer never asked."""

    sent: int = 0
    acknowledged: int = 0
    answered: int = 0
    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    strange: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Tally)))

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {self.answered} answered, {self.lost} lost, {self.twice} twice, "
            f"{self.out_of_order} out of order"
        )

    def sound(self, *, twice_is_wrong: bool) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.out_of_order or self.strange or (twice_is_wrong and self.twice))


def tally(asked: Mapping[Customer, Sequence[Asked]], shown: Mapping[Customer, Sequence[int]]) -> Tally:
    """Count it all; `shown` is each customer's answers in the order in which they saw them."""
    total = Tally()
    for who in asked.keys() | shown.keys():
        total += _one(asked.get(who, ()), shown.get(who, ()))
    return total


def waiting(asked: Mapping[Customer, Sequence[Asked]], shown: Mapping[Customer, Sequence[int]]) -> list[Customer]:
    """Those who lack an answer."""
    return [who for who, mine in asked.items() if {each.number for each in mine if each.owed} - {*shown.get(who, ())}]


def _one(asked: Sequence[Asked], shown: Sequence[int]) -> Tally:
    by_number = {each.number: each for each in asked}
    times = Counter(number for number in shown if number in by_number)
    first_shown = [by_number[number] for number in dict.fromkeys(shown) if number in by_number]
    return Tally(
        sent=len(asked),
        acknowledged=sum(each.known < inf for each in asked),
        answered=len(times),
        lost=sum(each.owed and each.number not in times for each in asked),
        twice=times.total() - len(times),
        out_of_order=_late(first_shown),
        strange=len(shown) - times.total(),
    )


def _late(shown: Sequence[Asked]) -> int:
    """How many were shown after one that they had to precede."""
    return sum(any(late.precedes(early) for early in shown[:place]) for place, late in enumerate(shown))
