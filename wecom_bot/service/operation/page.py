"""A piece of a list, and where to go on."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from wecom_bot.errors import Unknown

Item_co = TypeVar("Item_co", covariant=True)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item_co]):
    """Some of a list, in order; `after` is the cursor to ask for the rest with (keyset pagination), None at the end."""

    items: tuple[Item_co, ...]
    after: str | None = None


def cut(found: Sequence[Item], most: int, key: Callable[[Item], str]) -> Page[Item]:
    """The page of a store that was asked for one more than `most`, so that it is known whether there is more."""
    shown = tuple(found[:most])
    return Page(shown, key(shown[-1]) if shown and len(found) > most else None)


def paged(
    everything: Sequence[Item], key: Callable[[Item], str], most: int | None = None, after: str | None = None
) -> Page[Item]:
    """The page of a list that is there whole, without `most` all the rest. Raises Unknown for another's cursor."""
    start = 0
    if after is not None:
        keys = [key(each) for each in everything]
        if after not in keys:
            raise Unknown(f"没有 {after}，不能接着它往下列 / there is no {after} to go on from")
        start = keys.index(after) + 1
    return cut(everything[start:], len(everything) if most is None else most, key)


def named(everything: Sequence[Item], key: Callable[[Item], str], ids: Collection[str], what: str) -> list[Item]:
    """Those of these ids, none without any. Raises Unknown with what is not there; `what` says it in two languages."""
    wanted, (chinese, english) = set(ids), what.split(" / ")
    if missing := sorted(wanted - {key(each) for each in everything}):
        raise Unknown(f"没有这些{chinese}，什么都没有做 / there are no such {english}: {', '.join(missing)}")
    return [each for each in everything if key(each) in wanted]
